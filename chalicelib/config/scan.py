"""The scan file: TOML that says which logs are scanned, what counts as an error there and what is redacted."""

import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from chalicelib.config import fields as values
from chalicelib.config.toml_positions import Place
from chalicelib.config.toml_reader import Read, TableReading, anything, parsed
from chalicelib.domain.logs.levels import Level
from chalicelib.domain.scanning import safe_regex
from chalicelib.domain.scanning.rules import Rule, Rules, query_filter

SERVICES = ("lambda", "ecs", "apigateway", "stepfunctions", "rds")
MOST_RULES = 50
# A query holds 10,000 characters: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/
#   API_StartQuery.html
LONGEST_FILTER = 9_000


class ScanFile(Struct, frozen=True):
    """What the file says.

    Scanned are the log groups of `services`, those whose name fits a pattern of `include`, and those that have a tag
    of `tags` with a value that fits one of its patterns; never those whose name fits a pattern of `exclude`. Patterns
    are shell style (`*`, `?`, `[abc]`) and fit the whole text, letter case included.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    services: tuple[str, ...] = SERVICES
    errors: tuple[Rule, ...] = ()
    ignored: tuple[Rule, ...] = ()
    redact_emails: bool = False

    @property
    def rules(self) -> Rules:
        """What it says about log messages."""
        return Rules(self.errors, self.ignored, self.redact_emails)


def read(text: str, name: str) -> ScanFile:
    """Read the text of the file called `name`; Invalid has a problem for each mistake, its field as scan.toml:12."""
    reading = _Reading(parsed(text, name))
    reading.refuse(text, name)
    return reading.file


def _any_of(read: Read, what: str) -> Read:
    """Return a reader of a list that may be empty."""
    return lambda value: () if value == [] else values.each_of(value, read, what)


def _open_pattern(value: Any) -> str:
    return "*" if value == "*" else values.pattern(value)


def _service(value: Any) -> str:
    if not (isinstance(value, str) and value in SERVICES):
        raise ValueError(f"{value!r} is no service; there is {', '.join(SERVICES)}")
    return value


def _match(value: Any) -> re.Pattern[str]:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no regular expression; write text, in quotes")  # noqa: TRY004 - it is a file's
    return safe_regex.compiled(value)


def _level(value: Any) -> Level:
    if not (isinstance(value, str) and value in set(Level)):
        raise ValueError(f"{value!r} is no level; there is {', '.join(Level)}")
    return Level(value)


PATTERNS = "a list of patterns"
LOG_GROUPS: Mapping[str, Read] = {
    "services": _any_of(_service, f"a list of {', '.join(SERVICES)}"),
    "include": _any_of(_open_pattern, PATTERNS),
    "exclude": _any_of(values.pattern, PATTERNS),
    "tags": anything,
}
IGNORING: Mapping[str, Read] = {"name": values.name, "match": _match, "log_groups": values.patterns}
FINDING: Mapping[str, Read] = {**IGNORING, "level": _level}
REDACTION: Mapping[str, Read] = {"emails": values.flag}
TABLES = ("log_groups", "error", "ignore", "redaction")


class _Reading(TableReading):
    """One reading of the file's tables."""

    def __init__(self, tables: Mapping[str, Any]) -> None:
        super().__init__()
        self.take((), tables, dict.fromkeys(TABLES, anything))
        chosen = self.take(("log_groups",), tables.get("log_groups", {}), LOG_GROUPS)
        place = ("log_groups", "tags")
        tags = self.table(place, chosen.pop("tags", {}))
        redaction = self.take(("redaction",), tables.get("redaction", {}), REDACTION)
        self.file = ScanFile(
            **chosen,
            tags=self.take(place, tags, dict.fromkeys(tags, _any_of(_open_pattern, PATTERNS))),
            errors=self._rules(tables, "error", FINDING),
            ignored=self._rules(tables, "ignore", IGNORING),
            redact_emails=redaction.get("emails", False),
        )
        size = len(query_filter(self.file.rules))
        if size > LONGEST_FILTER:
            self.blame(("error",), f"error: all match together take {size} characters; there may be {LONGEST_FILTER}")

    def _rules(self, tables: Mapping[str, Any], key: str, fields: Mapping[str, Read]) -> tuple[Rule, ...]:
        rules, places, names = [], list[Place](), list[str]()
        array = self.array(tables, key)
        if len(array) > MOST_RULES:
            self.blame((key, MOST_RULES), f"{key}: there are {len(array)}; there may be {MOST_RULES}")
        for number, each in enumerate(array):
            place = (key, number)
            table = self.table(place, each)
            said = self.take(place, table, fields)
            self.demand(place, table, "name", "match")
            places.append(place)
            names.append(said.get("name", ""))
            if {"name", "match"} <= said.keys():
                rules.append(Rule(**said))
        self.refuse_doubles(key, places, names)
        return tuple(rules)
