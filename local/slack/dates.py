"""Slack's dates: `<!date^epoch^format|fallback>` spelled out for the reader's clock.

https://docs.slack.dev/messaging/formatting-message-text#date-formatting
"""

import re
from datetime import datetime

TOKEN = re.compile(r"\{(\w+)\}")

STEPS = (("second", 60), ("minute", 60), ("hour", 24), ("day", 365))


def spell(epoch: str, template: str, now: datetime) -> str | None:
    """Fill a date template for a time in epoch seconds, seen at `now` in its zone; None when there is no such time."""
    try:
        moment = datetime.fromtimestamp(int(epoch), now.tzinfo)
    except (ValueError, OverflowError, OSError):
        return None
    return TOKEN.sub(lambda token: _token(token[1], moment, now) or token[0], template)


def _token(name: str, moment: datetime, now: datetime) -> str | None:
    day = f"{moment.day}{_ordinal(moment.day)}"
    spelled = {
        "date_num": f"{moment:%Y-%m-%d}",
        "date_slash": f"{moment:%m/%d/%Y}",
        "date": f"{moment:%B} {day}, {moment.year}",
        "date_short": f"{moment:%b} {moment.day}, {moment.year}",
        "date_long": f"{moment:%A}, {moment:%B} {day}, {moment.year}",
        "time": _clock(moment, "%I:%M %p"),
        "time_secs": _clock(moment, "%I:%M:%S %p"),
        "ago": ago((now - moment).total_seconds()),
    }
    if name.endswith("_pretty"):
        return _near(moment, now) or spelled.get(name.removesuffix("_pretty"))
    return spelled.get(name)


def _ordinal(day: int) -> str:
    return "th" if day in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


def _clock(moment: datetime, pattern: str) -> str:
    return moment.strftime(pattern).removeprefix("0")


def _near(moment: datetime, now: datetime) -> str | None:
    return {-1: "yesterday", 0: "today", 1: "tomorrow"}.get((moment.date() - now.date()).days)


def ago(seconds: float) -> str:
    """Say a distance in time in its largest whole unit; a negative distance lies ahead."""
    amount, unit = int(abs(seconds)), "year"
    for unit_name, size in STEPS:
        if amount < size:
            unit = unit_name
            break
        amount //= size
    words = f"{amount} {unit}{'' if amount == 1 else 's'}"
    return f"in {words}" if seconds < 0 else f"{words} ago"
