"""Durations: a number and a unit, such as 90s, 30m, 4h or 2d."""

import re

UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
TEXT = re.compile(r"([1-9][0-9]{0,7})([smhd])")


def seconds_in(text: str) -> int:
    """Read a duration as seconds; ValueError where it is malformed."""
    found = TEXT.fullmatch(text)
    if found is None:
        raise ValueError(f"invalid duration {text!r}; expected one such as 90s, 30m, 4h or 2d")
    number, unit = found.groups()
    return int(number) * UNITS[unit]


def as_text(seconds: int) -> str:
    """Return seconds in the largest unit that divides them."""
    unit = next(unit for unit in reversed(UNITS) if seconds % UNITS[unit] == 0)
    return f"{seconds // UNITS[unit]}{unit}"
