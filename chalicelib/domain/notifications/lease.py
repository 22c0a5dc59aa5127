"""Leases: whose turn it is to send."""

from msgspec import Struct


class Lease(Struct, frozen=True):
    """The right to send to one receiver; `holder` tells it from a later lease."""

    receiver: str
    holder: str
