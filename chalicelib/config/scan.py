"""scan.toml as pydantic models: which logs are scanned, what is an error there, and what is redacted."""

import re
from typing import Annotated, Any, Literal

from pydantic import Field as Key
from pydantic import PlainValidator, StrictBool

from chalicelib.config.compiled import encoded
from chalicelib.config.compiled_scan import SERVICES, ScanFile, Service, scan_file
from chalicelib.config.fields import AnyNumber, AnyPattern, Name, OneOrMore, Pattern, shown
from chalicelib.config.toml_reader import Table, accepted, doubles, elements, tables_in, validated
from chalicelib.domain.logs.levels import Level
from chalicelib.domain.scanning import safe_regex
from chalicelib.domain.scanning.rules import Rule, Rules, query_filter

MOST_RULES = 50
# A query holds 10,000 characters: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/
#   API_StartQuery.html
LONGEST_FILTER = 9_000


def _expression(value: Any) -> re.Pattern[str]:
    if not isinstance(value, str):
        raise ValueError(f"invalid regular expression {shown(value)}; expected text, in quotes")  # noqa: TRY004 - pydantic collects ValueErrors
    return safe_regex.compiled(value)


type Expression = Annotated[
    re.Pattern[str],
    PlainValidator(
        _expression, json_schema_input_type=Annotated[str, Key(min_length=1, max_length=safe_regex.LONGEST)]
    ),
]


class LogGroupsTable(Table):
    """Which log groups are scanned."""

    services: AnyNumber[Service] = Key(SERVICES, description="Services whose log groups are scanned")
    include: AnyNumber[AnyPattern] = Key((), description="Further log groups, by name")
    exclude: AnyNumber[Pattern] = Key((), description="Log groups that are never scanned, by name")
    tags: dict[str, AnyNumber[AnyPattern]] = Key({}, description="Further log groups, by tag")


class IgnoreTable(Table):
    """A rule: messages in which its expression is found are no errors, whatever else is said of them."""

    name: Name = Key(description="What the log calls it")
    match: Expression = Key(description="A regular expression on the message, letter case aside")
    log_groups: OneOrMore[Pattern] = Key((), description="The log groups that it is about; all, if left out")

    def rule(self) -> Rule:
        """Return the rule that it declares."""
        return Rule(self.name, self.match, self.log_groups)


class ErrorTable(IgnoreTable):
    """A rule: messages in which its expression is found are errors."""

    level: Literal["warning", "error", "fatal"] = Key("error", description="How severe the error is")

    def rule(self) -> Rule:
        """Return the rule that it declares."""
        return Rule(self.name, self.match, self.log_groups, Level(self.level))


class RedactionTable(Table):
    """What never leaves an account."""

    emails: StrictBool = Key(default=False, description="E-mail addresses; secrets never do")


class ScanTables(Table):
    """The tables of scan.toml."""

    log_groups: LogGroupsTable = Key(LogGroupsTable(), description="Which log groups are scanned")
    error: tuple[ErrorTable, ...] = Key((), description="What else is an error")
    ignore: tuple[IgnoreTable, ...] = Key((), description="What is none; it has the last word")
    redaction: RedactionTable = Key(RedactionTable(), description="What never leaves an account")

    def file(self) -> ScanFile:
        """Return it as functions read it."""
        return ScanFile(
            **self.log_groups.model_dump(),
            errors=tuple(each.rule() for each in self.error),
            ignored=tuple(each.rule() for each in self.ignore),
            redact_emails=self.redaction.emails,
        )


def compiled(text: str, name: str) -> bytes:
    """Compile the text of the file called `name`; Invalid has each mistake, with a line such as scan.toml:12."""
    tables = tables_in(text, name)
    file, mistakes = validated(ScanTables, tables)
    for key in ("error", "ignore"):
        rules = [*elements(tables, key)]
        mistakes += doubles(f"a rule in {key}", rules)
        if len(rules) > MOST_RULES:
            mistakes.append(((key, MOST_RULES), f"{key}: there are {len(rules)} rules; there may be {MOST_RULES}"))
    size = len(query_filter(Rules(file.file().errors))) if file else 0
    if size > LONGEST_FILTER:
        mistakes.append(
            (("error",), f"error: all match together take {size} characters; there may be {LONGEST_FILTER}")
        )
    return encoded(accepted(file, mistakes, text, name).file())


def read(text: str, name: str) -> ScanFile:
    """Read the text of the file called `name` as functions would; raises what `compiled` raises."""
    return scan_file(compiled(text, name))
