"""Leases: whose turn it is to send."""

from msgspec import Struct

from chalicelib.domain.notifications.hourly_cap import NO_CAP, HourlyCap


class Lease(Struct, frozen=True):
    """The right to send to one receiver, though not before `send_at`; `holder` tells it from a later lease.

    It is `abandoned` where whoever had it before did not give it back. What has become of the receiver's `cap` is
    remembered with it, and when the receiver last took a message (`delivered_at`); all times are epoch seconds.
    """

    receiver: str
    holder: str
    send_at: int = 0
    delivered_at: int = 0
    abandoned: bool = False
    cap: HourlyCap = NO_CAP
