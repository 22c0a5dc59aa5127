"""Values of the routes file: what each may be; a ValueError says what is wrong and what is allowed."""

import re
from collections.abc import Collection
from fnmatch import fnmatchcase
from typing import Any

from chalicelib.config.durations import as_text, seconds_in
from chalicelib.config.toml_reader import Read
from chalicelib.domain.events.event import DAY, Severity
from chalicelib.domain.routing.time_intervals import parsed
from chalicelib.domain.text import clean

NAME = re.compile("[a-z0-9][a-z0-9_-]{0,31}")
ACCOUNT = re.compile("[0-9]{12}")
LONGEST_PATTERN = 200
MOST_PATTERNS = 50
LONGEST_TEXT = 64
SHORTEST_INTERVAL, LONGEST_INTERVAL = 300, 7 * DAY
GROUPS = ("account", "region", "kind", "severity")
KNOWN_SEVERITIES = tuple(each.name for each in Severity if each is not Severity.UNKNOWN)


def name(value: Any) -> str:
    """Read the name of a route, silence or receiver."""
    if not (isinstance(value, str) and NAME.fullmatch(value)):
        raise ValueError(
            f"{value!r} is no name; write up to 32 small letters, digits, - and _, beginning with a letter or digit"
        )
    return value


def line(value: Any) -> str:
    """Read text of one line."""
    if not (isinstance(value, str) and value and value == clean(value, LONGEST_TEXT)):
        raise ValueError(f"must be one line of 1 to {LONGEST_TEXT} characters")
    return value


def flag(value: Any) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} must be true or false, without quotes")  # noqa: TRY004 - it is a value of a file
    return value


def severity(value: Any) -> Severity:
    """Read a severity by its name."""
    if not (isinstance(value, str) and value in KNOWN_SEVERITIES):
        raise ValueError(f"{value!r} is no severity; there is {', '.join(KNOWN_SEVERITIES)}")
    return Severity[value]


def interval(value: Any) -> int:
    """Read a repeat interval as seconds."""
    if not isinstance(value, str):
        raise ValueError(f'{value!r} is no duration; write one such as "4h", in quotes')  # noqa: TRY004 - the same
    seconds = seconds_in(value)
    if not SHORTEST_INTERVAL <= seconds <= LONGEST_INTERVAL:
        raise ValueError(f"{value!r} must lie from {as_text(SHORTEST_INTERVAL)} to {as_text(LONGEST_INTERVAL)}")
    return seconds


def receivers(value: Any) -> tuple[str, ...]:
    """Read one receiver or a list of them."""
    return each_of(value, name, "a receiver or a list of receivers")


def group_by(value: Any) -> tuple[str, ...]:
    """Read the fields by which notifications are told together."""
    return each_of(value, _group, f"a list of {', '.join(GROUPS)}")


def patterns(value: Any) -> tuple[str, ...]:
    """Read one pattern or a list of them."""
    return each_of(value, pattern, "a pattern or a list of patterns")


def hours(value: Any) -> tuple[str, ...]:
    """Read hours of the week, or a list of them."""
    return each_of(value, _hours, "hours or a list of hours")


def at_least(value: Any) -> tuple[str, ...]:
    """Read a severity as the names of all that are at least as bad; what nobody could tell may be."""
    least = severity(value)
    return tuple(each.name for each in Severity if each is Severity.UNKNOWN or each >= least)


def kinds(known: Collection[str]) -> Read:
    """Return a reader of patterns each of which fits one of the `known` kinds."""

    def read(value: Any) -> tuple[str, ...]:
        for each in (wanted := patterns(value)):
            if not any(fnmatchcase(kind, each) for kind in known):
                raise ValueError(f"{each!r} is no kind; there is {', '.join(sorted(known))}")
        return wanted

    return read


def each_of(value: Any, read: Read, what: str) -> tuple[str, ...]:
    """Read one value or a list of them, none twice; `what` says what they are."""
    values = value if isinstance(value, list) else [value]
    if not 0 < len(values) <= MOST_PATTERNS:
        raise ValueError(f"must be {what}, of 1 to {MOST_PATTERNS}")
    found = tuple(map(read, values))
    for each in found:
        if found.count(each) > 1:
            raise ValueError(f"{each!r} stands there more than once")
    return found


def pattern(value: Any) -> str:
    """Read a pattern that does not fit everything."""
    if not (isinstance(value, str) and 0 < len(value) <= LONGEST_PATTERN):
        raise ValueError(f"{value!r} is no pattern; write text of 1 to {LONGEST_PATTERN} characters, in quotes")
    if not value.strip("*"):
        raise ValueError(f"{value!r} fits everything; leave the line out, or write '[*]' for the sign itself")
    return value


def _hours(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} are no hours; write text, in quotes")  # noqa: TRY004 - the same
    parsed(value)
    return value


def _group(value: Any) -> str:
    if not (isinstance(value, str) and value in GROUPS):
        raise ValueError(f"{value!r} is nothing to group by; there is {', '.join(GROUPS)}")
    return value
