"""Timestamps: epoch seconds everywhere inside, read from and written as the dates that AWS and people use."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

DAY = 86_400
WEEK = 7 * DAY
# The first day that is counted was a Thursday.
MONDAY = 3 * DAY


def read_date(text: str) -> int | None:
    """Read `Fri, 27 Jan 2023 06:02:51 GMT`, or ISO 8601, as epoch seconds; None where it is neither."""
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


def week_of(time: int) -> int:
    """Return when the week began: on Monday, 00:00 UTC."""
    return time - (time + MONDAY) % WEEK
