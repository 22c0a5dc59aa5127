"""routes.toml as pydantic models: who is notified of what, and every possible error in it."""

from collections.abc import Iterator
from typing import Annotated, Any, Self, override

from pydantic import Field as Key
from pydantic import StrictBool, model_validator

from chalicelib.config.compiled import Defaults, RoutesFile, encoded, routes_file
from chalicelib.config.fields import (
    AccountId,
    Count,
    Delay,
    Group,
    GroupInterval,
    GroupWait,
    Interval,
    Line,
    Name,
    OneOrMore,
    SeverityName,
)
from chalicelib.config.inhibit_tables import InhibitTable
from chalicelib.config.match_tables import ChoosingTable
from chalicelib.config.receivers import ReceiverTable
from chalicelib.config.rule_tables import AnnotationTable, SeverityTable
from chalicelib.config.toml_positions import KeyPath
from chalicelib.config.toml_reader import (
    Mistake,
    Table,
    Tables,
    accepted,
    doubles,
    elements,
    misplaced,
    tables_in,
    validated,
)
from chalicelib.domain.events.event import Severity
from chalicelib.domain.events.labels import MOST_LABELS
from chalicelib.domain.notifications.notification import REPORT
from chalicelib.domain.routing.routes import HOUR
from chalicelib.domain.routing.silences import FOREVER, Silence

# A transaction holds 100 items, and each receiver of an event is one of them.
MOST_RECEIVERS = 20
# An alert counts for each of them, and its item must stay small.
MOST_WINDOWS = 3
USELESS = ("minimum", "repeat_interval", "min_count", "min_count_window", "group_wait", "escalate", "ack_expires")
MOST_STEPS = 5
# What else has a name of its own.
NAMED = {"silence": "a silence", "severity": "a severity", "annotation": "an annotation", "inhibit": "an inhibition"}


class EscalationTable(Table):
    """A step of an escalation."""

    after: Delay = Key(description="How long nobody has acknowledged it since it was announced")
    receivers: OneOrMore[Name] = Key(description="Who is notified then: a receiver, or a list of receivers")


class NotifyingTable(Table):
    """Who is notified, of what and how often."""

    name: Name = Key(description="What outcomes, messages and the log call it")
    receivers: OneOrMore[Name] = Key(description="Who is notified: a receiver, or a list of receivers")
    minimum: SeverityName | None = Key(
        None, description="What is known to be less severe is kept and counted, and nobody is notified"
    )
    repeat_interval: Interval | None = Key(None, description="After how long what still fires is announced again")
    min_count: Count | None = Key(
        None, description="How often it must fire within min_count_window, in log lines or events; CRITICAL need not"
    )
    min_count_window: Interval = Key(HOUR, description="The time within which min_count must be reached")
    every_event: StrictBool = Key(default=False, description="Announces each event instead of each change of an alert")
    group_by: OneOrMore[Group] = Key((), description="The fields by which notifications are sent together")
    group_wait: GroupWait | None = Key(
        None, description="How long a new problem waits for others that are sent with it; CRITICAL waits for none"
    )
    group_interval: GroupInterval | None = Key(
        None, description="The time between two messages about a group; what is new meanwhile is sent together"
    )
    escalate: Annotated[tuple[EscalationTable, ...], Key(max_length=MOST_STEPS)] = Key(
        (), description="Who else is notified while nobody acknowledges, and after how long"
    )
    ack_expires: Interval = Key(0, description="After how long an acknowledgement lapses")

    @model_validator(mode="after")
    def _refuse_useless(self) -> Self:
        for key in USELESS:
            if self.every_event and key in self.model_fields_set:
                raise misplaced("has no effect, as every_event announces each event", key)
        if self.min_count is None and "min_count_window" in self.model_fields_set:
            raise misplaced("has no effect without min_count", "min_count_window")
        if not self.group_by and self.group_interval:
            raise misplaced("has no effect without group_by", "group_interval")
        delays = [step.after for step in self.escalate]
        if delays != sorted(set(delays)):
            raise misplaced("each step must come later than the one before it", "escalate")
        return self

    @property
    def everybody(self) -> tuple[str, ...]:
        """All receivers that it may notify, sooner or later."""
        return (*self.receivers, *(each for step in self.escalate for each in step.receivers))

    def document(self) -> dict[str, Any]:
        """Return its compiled form, without what it leaves to the settings."""
        said = {key: getattr(self, key) for key in self.model_fields_set - {"match", "except_"}}
        said |= {"escalate": [each.model_dump() for each in self.escalate]} if self.escalate else {}
        return {"name": self.name} | said | ({"minimum": Severity[self.minimum]} if self.minimum else {})


class RouteTable(ChoosingTable, NotifyingTable):
    """A route: events that fit it go to its receivers."""

    continues: StrictBool = Key(default=False, alias="continue", description="Later routes may have the event too")

    @override
    def document(self) -> dict[str, Any]:
        """Return its compiled form."""
        return super().document() | {"matchers": self.matchers}


class DefaultTable(NotifyingTable):
    """The route of all that no other route takes."""

    name: Name = Key("default", description="What outcomes, messages and the log call it")


class SilenceTable(ChoosingTable):
    """A maintenance window: what is expected, and nobody is notified of."""

    name: Name = Key(description="What outcomes call it")
    reason: Line = Key(description="Why: one line")
    everything: StrictBool = Key(default=False, description="Covers all events, in place of match and not")

    @model_validator(mode="after")
    def _cover_something(self) -> Self:
        if bool(self.matchers) == self.everything:
            raise misplaced("expected match or not, or else everything = true")
        return self

    def silence(self) -> Silence:
        """Return the silence that it declares."""
        return Silence(
            id=self.name,
            matchers=self.matchers,
            starts_at=0,
            ends_at=FOREVER,
            author="routes file",
            reason=self.reason,
        )


class AccountTable(Table):
    """What people know of an account."""

    name: Line = Key("", description="What people call the account")
    tags: dict[str, Line] = Key({}, description="What accounts are told apart by, for match.tags")


class RoutesTables(Table):
    """The tables of routes.toml."""

    default: DefaultTable = Key(description="the route of all that no other route takes, with its receivers")
    route: tuple[RouteTable, ...] = Key((), description="The routes, in the order in which they are tried")
    silence: tuple[SilenceTable, ...] = Key((), description="What is expected, and nobody is notified of")
    severity: tuple[SeverityTable, ...] = Key(
        (), description="How bad things are, in the order in which they are tried"
    )
    annotation: tuple[AnnotationTable, ...] = Key((), description="What messages say besides: runbook, owner, note")
    inhibit: tuple[InhibitTable, ...] = Key((), description="What explains what, so that nobody hears of both")
    accounts: dict[AccountId, AccountTable] = Key({}, description="What accounts are called, by their ids")
    receivers: dict[Name, ReceiverTable] = Key({}, description="How receivers are reached, by their names")

    def document(self) -> dict[str, Any]:
        """Return its compiled form."""
        return {
            "routes": [each.document() for each in (*self.route, self.default)],
            "silences": [each.silence() for each in self.silence],
            "severities": [each.rule() for each in self.severity],
            "annotations": [each.rule() for each in self.annotation],
            "inhibitions": [each.rule() for each in self.inhibit],
            "accounts": {number: each.model_dump() for number, each in self.accounts.items()},
            "known_receivers": {name: each.receiver() for name, each in self.receivers.items()},
        }


def compiled(text: str, name: str) -> bytes:
    """Compile the text of the file called `name`; Invalid has each mistake, with a line such as routes.toml:12."""
    tables = tables_in(text, name)
    file, mistakes = validated(RoutesTables, tables)
    mistakes += doubles("a route", [*elements(tables, "route"), *_default(tables)])
    for key, what in NAMED.items():
        mistakes += doubles(what, elements(tables, key))
    mistakes += _unreachable(tables, {path[:size] for path, _ in mistakes for size in (1, 2)})
    mistakes += (*_receivers(file), *_windows(file), *_labels(file)) if file else ()
    return encoded(accepted(file, mistakes, text, name).document())


def read(text: str, name: str, defaults: Defaults) -> RoutesFile:
    """Read the text of the file called `name` as functions would; raises what `compiled` raises."""
    return routes_file(compiled(text, name), defaults)


def _default(tables: Tables) -> Iterator[tuple[KeyPath, Tables]]:
    table = tables.get("default")
    if isinstance(table, dict):
        yield ("default",), {"name": "default"} | table


def _unreachable(tables: Tables, wrong: set[KeyPath]) -> Iterator[Mistake]:
    """Iterate over routes that get nothing as an earlier one takes it all; invalid ones are left out."""
    earlier: list[RouteTable] = []
    routes = [(path, RouteTable.model_validate(each)) for path, each in elements(tables, "route") if path not in wrong]
    default = [(path, DefaultTable.model_validate(each)) for path, each in _default(tables) if path not in wrong]
    for path, route in (*routes, *default):
        matchers = set(route.matchers) if isinstance(route, RouteTable) else set()
        by = next((each for each in earlier if set(each.matchers) <= matchers), None)
        if by:
            yield path, f"{route.name!r} is never reached, as {by.name!r} takes all of it before"
        if isinstance(route, RouteTable) and not route.continues:
            earlier.append(route)


def _receivers(file: RoutesTables) -> Iterator[Mistake]:
    named = {receiver for each in (*file.route, file.default) for receiver in each.everybody}
    if len(named) > MOST_RECEIVERS:
        yield (), f"there are {len(named)} receivers; there may be {MOST_RECEIVERS}"
    if REPORT in file.receivers and file.receivers[REPORT].type == "pagerduty":
        yield ("receivers", REPORT, "type"), "type: the daily report is no reason to page anybody"
    channels = [each.channel for each in file.receivers.values() if each.channel]
    for name, each in file.receivers.items():
        if channels.count(each.channel or "") > 1:
            yield ("receivers", name, "channel"), f"channel: {each.channel} is the channel of another receiver as well"
    for name in file.receivers.keys() - named - {REPORT}:
        yield ("receivers", name), f"{name}: no route leads to this receiver"


def _windows(file: RoutesTables) -> Iterator[Mistake]:
    counting: tuple[NotifyingTable | SeverityTable, ...] = (*file.route, file.default, *file.severity)
    windows = {each.min_count_window for each in counting if each.min_count}
    if len(windows) > MOST_WINDOWS:
        yield (), f"there are {len(windows)} different values of min_count_window; there may be {MOST_WINDOWS}"


def _labels(file: RoutesTables) -> Iterator[Mistake]:
    """Report the table that names one label more than an alert keeps."""
    names: set[str] = set()
    for array in ("route", *NAMED):
        for number, table in enumerate(getattr(file, array)):
            names |= table.labels
            if len(names) > MOST_LABELS:
                yield (array, number), f"there are more than {MOST_LABELS} different tags and paths of details in all"
                return
