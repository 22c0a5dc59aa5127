"""Leases: whose turn it is to send."""

from msgspec import Struct


class Lease(Struct, frozen=True):
    """The right to send to one receiver, though not before `send_at`; `holder` tells it from a later lease.

    It is `abandoned` where whoever had it before did not give it back.
    """

    receiver: str
    holder: str
    send_at: int = 0
    abandoned: bool = False
