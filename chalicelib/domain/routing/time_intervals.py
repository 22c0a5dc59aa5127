"""Hours: a part of the week in one time zone, such as Mon-Fri 09:00-18:00 Europe/Berlin."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import cache
from itertools import batched
from typing import TYPE_CHECKING, Self

from msgspec import Struct

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WEEK = frozenset(range(len(DAYS)))
HOUR, MIDNIGHT = 60, 24 * 60

TEXT = re.compile(r"(?:([A-Za-z,-]+) +)?(\d\d):(\d\d)-(\d\d):(\d\d) +(\S+)")
EXAMPLE = "Mon-Fri 09:00-18:00 Europe/Berlin"


class Hours(Struct, frozen=True):
    """From minute `start` until minute `end` (excluded) of each of `days` (0: Monday), by clocks in `zone`.

    Hours that end before they start, such as 22:00-06:00, end on the next day.
    """

    days: frozenset[int]
    start: int
    end: int
    zone: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read optional days, hours and a time zone; ValueError says what is wrong."""
        found = TEXT.fullmatch(text.strip())
        if found is None:
            raise ValueError(f"invalid hours {text!r}; expected some such as {EXAMPLE!r}, the days may be left out")
        days, *clock, zone = found.groups()
        start, end = (_minute(*map(int, time)) for time in batched(clock, 2))
        if start in {end, MIDNIGHT}:
            raise ValueError(f"invalid hours {text!r}: they end where they start; the whole day is 00:00-24:00")
        zone_of(zone)
        return cls(_days(days) if days else WEEK, start, end, zone)

    def include(self, now: int) -> bool:
        """Return whether `now` (epoch seconds) lies within them."""
        local = datetime.fromtimestamp(now, zone_of(self.zone))
        day, minute = local.weekday(), local.hour * HOUR + local.minute
        if self.start < self.end:
            return day in self.days and self.start <= minute < self.end
        if minute >= self.start:
            return day in self.days
        return minute < self.end and (day - 1) % len(DAYS) in self.days

    def boundaries(self, now: int) -> Iterable[int]:
        """Return when they begin and end in the week after `now` (epoch seconds), in no order.

        In a night when clocks change, hours that begin or end in the lost or doubled hour may do so up to an hour
        before or after the returned time.
        """
        zone = zone_of(self.zone)
        today = datetime.fromtimestamp(now, zone).date()
        for day in (today + timedelta(days) for days in range(-1, len(DAYS) + 1)):
            if day.weekday() in self.days:
                for minute in (self.start, self.end if self.start < self.end else self.end + MIDNIGHT):
                    yield from _times_of(day, minute, zone)


parsed = cache(Hours.parse)


@cache
def zone_of(name: str) -> ZoneInfo:
    """Return the time zone of this name; ValueError where there is none."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - most functions meet no hours

    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        raise ValueError(f"unknown time zone {name!r}; expected one such as Europe/Berlin, or UTC") from None


def _times_of(day: date, minute: int, zone: ZoneInfo) -> set[int]:
    """Return when clocks show that minute of the day; two times if a change of clocks skips or repeats it."""
    clock = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)  # noqa: DTZ001 - it gets its zone below
    return {int(clock.replace(tzinfo=zone, fold=merge).timestamp()) for merge in (0, 1)}


def _minute(hour: int, minute: int) -> int:
    time = hour * HOUR + minute
    if minute >= HOUR or time > MIDNIGHT:
        raise ValueError(f"invalid time of day {hour:02}:{minute:02}; expected 00:00 to 24:00")
    return time


def _days(text: str) -> frozenset[int]:
    return frozenset(day for part in text.split(",") for day in _span(part))


def _span(text: str) -> list[int]:
    first, dash, last = text.partition("-")
    try:
        start, end = DAYS.index(first.title()), DAYS.index((last if dash else first).title())
    except ValueError:
        raise ValueError(f"invalid days {text!r}; expected {', '.join(DAYS)}, or a span such as Mon-Fri") from None
    return [day % len(DAYS) for day in range(start, end + 1 if end >= start else end + 1 + len(DAYS))]
