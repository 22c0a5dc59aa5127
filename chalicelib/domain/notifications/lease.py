"""Leases: whose turn it is to send."""

from msgspec import Struct

from chalicelib.domain.notifications.hourly_cap import NO_CAP, HourlyCap


class LeaseTimes(Struct, frozen=True):
    """Until when a lease is held, unless it is given back before, and when its pause is over: epoch seconds, or 0."""

    held_until: int = 0
    send_at: int = 0

    @property
    def free_at(self) -> int:
        """When the next sender may have the lease, if it is not given back before."""
        return max(self.held_until, self.send_at)


class Lease(Struct, frozen=True):
    """The right to send to one receiver, though not before `send_at`; `holder` tells it from a later lease.

    It is `abandoned` where whoever had it before died, or gave it back because of an error. What has become of the
    receiver's `cap` is remembered with it, and when the receiver last took a message (`delivered_at`); all times are
    epoch seconds.
    """

    receiver: str
    holder: str
    send_at: int = 0
    delivered_at: int = 0
    abandoned: bool = False
    cap: HourlyCap = NO_CAP
