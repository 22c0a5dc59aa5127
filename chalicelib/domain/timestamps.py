"""Timestamps: epoch seconds everywhere inside, read from and written as the dates that AWS and people use."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

DAY = 86_400


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
