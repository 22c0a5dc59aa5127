"""Leases: whose turn it is to send."""

from msgspec import Struct

from chalicelib.domain.notifications.hourly_cap import NO_CAP, HourlyCap


class LeaseTimes(Struct, frozen=True):
    """When a lease lapses, unless it is released before, and when its pause ends: epoch seconds, or 0."""

    held_until: int = 0
    send_at: int = 0

    @property
    def free_at(self) -> int:
        """When the next sender can acquire the lease, unless it is released before."""
        return max(self.held_until, self.send_at)


class Lease(Struct, frozen=True):
    """The right to send to one receiver, from `send_at` on; `holder` distinguishes it from later leases.

    It is `abandoned` if the holder before died, or released it because of an error. It carries the receiver's `cap`,
    and when the receiver last took a message (`delivered_at`); times are epoch seconds.
    """

    receiver: str
    holder: str
    send_at: int = 0
    delivered_at: int = 0
    abandoned: bool = False
    cap: HourlyCap = NO_CAP
