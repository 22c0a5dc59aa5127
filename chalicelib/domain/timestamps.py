"""Timestamps: epoch seconds everywhere inside, read from and written as the dates that AWS and people use."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

HOUR, DAY = 3_600, 86_400
WEEK = 7 * DAY
# The first day that is counted was a Thursday.
MONDAY = 3 * DAY
# A clock of twelve hours, as Java writes it, with what it writes before the half of the day.
HALF_DAY, HALVES, NARROW_SPACE = 12, {"AM": 0, "PM": 12}, "\u202f"


def read_date(text: str) -> int | None:
    """Read `Fri, 27 Jan 2023 06:02:51 GMT`, ISO 8601, or `Jan 27, 2023, 6:02:51 PM`, as epoch seconds; else None."""
    clock, _, half = text.replace(NARROW_SPACE, " ").rpartition(" ")
    if half not in HALVES:
        return _read_date(text)
    time = _read_date(clock)
    if time is None:
        return None
    hour = time % DAY // HOUR
    return time + (hour % HALF_DAY + HALVES[half] - hour) * HOUR


def _read_date(text: str) -> int | None:
    try:
        moment = parsedate_to_datetime(text)
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        return parse_time(text)


def parse_time(value: Any) -> int | None:
    """Read ISO 8601 text (without an offset: UTC) as epoch seconds; None where it is none."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        return None


def iso(time: int) -> str:
    """Write epoch seconds as ISO 8601 in UTC."""
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def midnight_of(time: int) -> int:
    """Return when the day began, in UTC."""
    return time // DAY * DAY


def week_of(time: int) -> int:
    """Return when the week began: on Monday, 00:00 UTC."""
    return time - (time + MONDAY) % WEEK
