"""Silences: suppress announcements of what is expected, for a while."""

from enum import StrEnum

from msgspec import Struct

from chalicelib.domain.routing.matchers import Field, Matcher
from chalicelib.domain.timestamps import DAY

MINUTE = 60
# More of them are not searched: each is compared with every minute, and nobody mistakes so many.
MOST_HOURS = 10

# What is to be quiet for longer is a decision, and belongs into the routes file.
LONGEST = 30 * DAY
# Silences of the routes file come and go by their hours alone.
FOREVER = 1 << 62


class SilenceStatus(StrEnum):
    """The status of a silence at some time."""

    PENDING = "pending"
    ACTIVE = "active"
    EXPIRED = "expired"


class Silence(Struct, frozen=True, kw_only=True):
    """Suppresses whatever all of `matchers` match, from `starts_at` until `ends_at` (excluded).

    `revision` counts the writes, 0 meaning never stored.
    """

    id: str
    matchers: tuple[Matcher, ...]
    starts_at: int
    ends_at: int
    author: str
    reason: str
    created_at: int = 0
    revision: int = 0

    def state(self, now: int) -> SilenceStatus:
        """Return the status of the silence."""
        if now >= self.ends_at:
            return SilenceStatus.EXPIRED
        return SilenceStatus.ACTIVE if now >= self.starts_at else SilenceStatus.PENDING

    def awaits_hours(self, now: int) -> bool:
        """Return whether it covers nothing now, or when it begins, as that is none of its hours."""
        at = max(now, self.starts_at)
        return self.state(at) is not SilenceStatus.EXPIRED and not self._allows(at)

    @property
    def comes_to_its_hours(self) -> bool:
        """Whether any minute of its hours lies between its beginning and its end, as far as it is known.

        One week is not like another: clocks lose an hour in one, and those of two zones change in different ones.
        """
        if sum(len(each.patterns) for each in self.matchers if each.field is Field.HOURS) > MOST_HOURS:
            return True
        end = min(self.ends_at, self.starts_at + LONGEST)
        return any(map(self._allows, range(self.starts_at, end, MINUTE))) or self._allows(end - 1)

    def _allows(self, at: int) -> bool:
        return all(each.allows(at) for each in self.matchers)
