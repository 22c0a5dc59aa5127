"""The hourly cap: after so many messages in an hour only CRITICAL ones are sent at once, and the rest in digests."""

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.notification import REPORTS, Notification, Reason
from chalicelib.domain.text import digest
from chalicelib.domain.timestamps import iso

HOUR = 3_600
# Seconds between digests: well below the time after which pending notifications are overdue.
BETWEEN_DIGESTS = 600
# The kind of the notice that a cap was reached.
CAP = "cap"


class HourlyCap(Struct, frozen=True):
    """The state of a receiver's cap: `per_hour` messages were sent; it holds `until` then (epoch seconds).

    The next digest is due at `digest_at`.
    """

    until: int = 0
    digest_at: int = 0
    per_hour: int = 0

    @classmethod
    def reached(cls, now: int, per_hour: int) -> "HourlyCap":
        """Return the cap as reached now; it holds until the hour is over."""
        return cls(until=(now // HOUR + 1) * HOUR, per_hour=per_hour).after_digest(now)

    def after_digest(self, now: int) -> "HourlyCap":
        """Return it after a digest."""
        return replace(self, digest_at=min(now + BETWEEN_DIGESTS, self.until))

    def at_most(self, per_hour: int) -> "HourlyCap":
        """Return it with another limit: a raised cap is not reached any more."""
        return NO_CAP if per_hour > self.per_hour else self

    def is_reached(self, now: int) -> bool:
        """Return whether the receiver has had its messages for this hour."""
        return now < self.until

    def holds_back(self, now: int) -> bool:
        """Return whether only what passes any cap is sent, as no digest is due yet."""
        return now < self.digest_at


NO_CAP = HourlyCap()


def passing(notifications: Iterable[Notification]) -> list[Notification]:
    """Return those that no cap holds back: CRITICAL ones that are not over, reports, and the notice itself."""
    return [each for each in notifications if _passes(each)]


def notice_of(receiver: str, per_hour: int, now: int) -> Notification:
    """Return the notice that a receiver's cap was reached; its id is the same all through an hour."""
    until = iso(HourlyCap.reached(now, per_hour).until)[11:16]
    held_back = f"until {until} UTC only what is CRITICAL comes at once, the rest every {BETWEEN_DIGESTS // 60} minutes"
    return Notification(
        id=digest(CAP, receiver, str(now // HOUR), str(per_hour)),
        receiver=receiver,
        kind=CAP,
        reason=Reason.CAPPED,
        severity=Severity.LOW,
        title=f"{per_hour:,} messages this hour: {held_back}",
        created_at=now,
    )


def _passes(notification: Notification) -> bool:
    is_urgent = notification.severity is Severity.CRITICAL and not notification.is_over
    return notification.kind in {*REPORTS, CAP} or is_urgent
