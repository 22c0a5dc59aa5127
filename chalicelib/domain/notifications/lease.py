"""Leases: whose turn it is to send."""

from msgspec import Struct


class Lease(Struct, frozen=True):
    """The right to send to one receiver, though not before `send_at`; `holder` tells it from a later lease."""

    receiver: str
    holder: str
    send_at: int = 0
