"""Inhibited alerts: what holds back the announcements of a problem, as it explains it."""

from msgspec import Struct


class Inhibited(Struct, frozen=True, kw_only=True):
    """Who is notified of nothing more: by the inhibition `rule`, as long as the alert of fingerprint `by` goes on.

    `at` is since when.
    """

    rule: str
    by: str
    at: int
