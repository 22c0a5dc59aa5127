"""Dates, in the two ways in which AWS writes them for people."""

from datetime import UTC
from email.utils import parsedate_to_datetime

from chalicelib.domain.events.event import parse_time


def read_date(text: str) -> int | None:
    """Read `Fri, 27 Jan 2023 06:02:51 GMT`, or ISO 8601, as epoch seconds; None where it is neither."""
    try:
        moment = parsedate_to_datetime(text)
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        return parse_time(text)
