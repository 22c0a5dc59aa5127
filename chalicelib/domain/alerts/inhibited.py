"""Inhibited alerts: what inhibits a problem, as it explains it."""

from msgspec import Struct


class Inhibited(Struct, frozen=True, kw_only=True):
    """An alert is not announced, by the inhibition `rule`, while the alert with the fingerprint `by` goes on.

    `at` is since when.
    """

    rule: str
    by: str
    at: int
