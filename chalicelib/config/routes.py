"""The routes file: TOML that says who hears of what; all that is wrong with it is told at once, with file and line."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from msgspec import Struct, field

from chalicelib.config import fields as values
from chalicelib.config.toml_positions import Place
from chalicelib.config.toml_reader import Read, TableReading, anything, parsed
from chalicelib.domain.accounts import NAMELESS, Account
from chalicelib.domain.events.event import Severity
from chalicelib.domain.routing.matchers import Field, Matcher
from chalicelib.domain.routing.routes import MatchedRoutes, Route
from chalicelib.domain.routing.silences import FOREVER, Silence

# A transaction holds 100 items, and each receiver of an event is one of them.
MOST_RECEIVERS = 20
# What a receiver is of which the file says nothing more than its name.
ANY_TYPE = "slack"

TABLES = ("default", "route", "silence", "accounts")
TELLING: Mapping[str, Read] = {
    "name": values.name,
    "receivers": values.receivers,
    "minimum": values.severity,
    "repeat_interval": values.interval,
    "every_event": values.flag,
    "group_by": values.group_by,
}
SILENCING: Mapping[str, Read] = {"name": values.name, "reason": values.line, "everything": values.flag}
MATCHING: Mapping[str, Read] = {
    **dict.fromkeys(("source", "account", "region", "fingerprint", "title", "resource"), values.patterns),
    "severity": values.at_least,
    "hours": values.hours,
}
CHOICE = ("match", "not")


class Defaults(NamedTuple):
    """What routes that do not say it otherwise have, and the kinds of events that there are."""

    minimum: Severity
    repeat_interval: int
    kinds: Collection[str]


class RoutesFile(Struct, frozen=True):
    """What the file says: the routes, the default last; silences that come and go by the hour; accounts by id."""

    routes: tuple[Route, ...]
    silences: tuple[Silence, ...]
    accounts: Mapping[str, Account]
    receiver_types: Mapping[str, str] = field(default_factory=dict)

    def type_of(self, receiver: str) -> str:
        """Return the type of a receiver."""
        return self.receiver_types.get(receiver, ANY_TYPE)

    @property
    def receivers(self) -> tuple[str, ...]:
        """All receivers that any route leads to, those of the default first."""
        return MatchedRoutes(self.routes[-1:] + self.routes).receivers

    def account(self, account: str) -> Account:
        """Return what the file knows of an account."""
        return self.accounts.get(account, NAMELESS)


def read(text: str, name: str, defaults: Defaults) -> RoutesFile:
    """Read the text of the file called `name`; Invalid has a problem for each mistake, its field as routes.toml:12."""
    reading = _Reading(parsed(text, name), defaults)
    reading.refuse(text, name)
    return RoutesFile(reading.routes, reading.silences, reading.accounts)


class _Reading(TableReading):
    """One reading of the file's tables."""

    def __init__(self, tables: Mapping[str, Any], defaults: Defaults) -> None:
        super().__init__()
        self._matching = {"kind": values.kinds(defaults.kinds), **MATCHING}
        self._defaults = {"minimum": defaults.minimum, "repeat_interval": defaults.repeat_interval}
        self.take((), tables, dict.fromkeys(TABLES, anything))
        places = [("route", number) for number, _ in enumerate(self.array(tables, "route"))]
        routes = [self._route(place, tables["route"][place[1]]) for place in places]
        default = self._default(tables)
        self.routes = (*routes, default)
        self.silences = tuple(
            self._silence(("silence", number), each) for number, each in enumerate(self.array(tables, "silence"))
        )
        self.accounts = self._accounts(tables.get("accounts", {}))
        self._compare([*places, ("default",)])

    # --- tables

    def _route(self, place: Place, table: Any) -> Route:
        table = self.table(place, table)
        said = self.take(place, table, {**TELLING, "continue": values.flag, **dict.fromkeys(CHOICE, anything)})
        self.demand(place, table, "name", "receivers")
        return self._telling(place, said, continues=said.pop("continue", False), matchers=self._choice(place, said))

    def _default(self, tables: Mapping[str, Any]) -> Route:
        place = ("default",)
        if "default" not in tables:
            self.blame((), "there is no [default], which takes what no route takes; it needs receivers")
            return self._telling(place, {"name": "default"})
        table = self.table(place, tables["default"])
        said = self.take(place, table, TELLING)
        self.demand(place, table, "receivers")
        return self._telling(place, {"name": "default"} | said)

    def _telling(self, place: Place, said: dict[str, Any], **more: Any) -> Route:
        for useless in ("minimum", "repeat_interval"):
            if said.get("every_event") and useless in said:
                self.blame((*place, useless), f"{useless}: has no effect, as every_event announces each event")
        return Route(**({"name": "", "receivers": ()} | self._defaults | said | more))

    def _silence(self, place: Place, table: Any) -> Silence:
        table = self.table(place, table)
        said = self.take(place, table, {**SILENCING, **dict.fromkeys(CHOICE, anything)})
        self.demand(place, table, "name", "reason")
        matchers = self._choice(place, said)
        if any(key in table for key in CHOICE) == said.get("everything", False):
            self.blame(place, "match or not is needed, or else everything = true")
        return Silence(
            id=said.get("name", ""),
            matchers=matchers,
            starts_at=0,
            ends_at=FOREVER,
            author="routes file",
            reason=said.get("reason", ""),
        )

    def _accounts(self, table: Any) -> Mapping[str, Account]:
        accounts = {}
        for number, each in self.table(("accounts",), table).items():
            place = ("accounts", number)
            if not values.ACCOUNT.fullmatch(number):
                self.blame(place, f"{number!r} is no account; write its id of 12 digits")
            said = self.take(place, each, {"name": values.line, "tags": anything})
            tags = self.table((*place, "tags"), said.get("tags", {}))
            read = self.take((*place, "tags"), tags, dict.fromkeys(tags, values.line))
            accounts[number] = Account(said.get("name", ""), read)
        return accounts

    def _choice(self, place: Place, said: dict[str, Any]) -> tuple[Matcher, ...]:
        """Take what a route or silence matches out of what it says."""
        return tuple(
            matcher
            for key in CHOICE
            if key in said
            for matcher in self._matchers((*place, key), said.pop(key), negated=key == "not")
        )

    def _matchers(self, place: Place, table: Any, *, negated: bool) -> Iterable[Matcher]:
        said = self.take(place, table, {**self._matching, "tags": anything})
        tags = self.table((*place, "tags"), said.pop("tags", {}))
        for key, patterns in self.take((*place, "tags"), tags, dict.fromkeys(tags, values.patterns)).items():
            yield Matcher(Field.TAG, patterns, key, negated)
        for key, patterns in said.items():
            yield Matcher(Field(key), patterns, negated=negated)

    def instead_of(self, key: str, fields: Mapping[str, Read]) -> str:
        """Say what to write instead of an unknown key; what an event is chosen by is easily taken for the route's."""
        is_chosen_by = "match" in fields and (key in self._matching or key == "tags")
        return f"write match.{key}" if is_chosen_by else super().instead_of(key, fields)

    # --- what routes have to do with each other

    def _compare(self, places: list[Place]) -> None:
        self.refuse_doubles("route", places, [route.name for route in self.routes])
        silences = [("silence", number) for number, _ in enumerate(self.silences)]
        self.refuse_doubles("silence", silences, [silence.id for silence in self.silences])
        # What could not be read cannot be compared.
        wrong = {place[:size] for place, _ in self.mistakes for size in (1, 2)}
        self._refuse_unreachable([each for each in zip(places, self.routes, strict=True) if each[0] not in wrong])
        receivers = MatchedRoutes(self.routes).receivers
        if len(receivers) > MOST_RECEIVERS:
            self.blame((), f"there are {len(receivers)} receivers; there may be {MOST_RECEIVERS}")

    def _refuse_unreachable(self, routes: list[tuple[Place, Route]]) -> None:
        for number, (place, route) in enumerate(routes):
            for _, earlier in routes[:number]:
                if not earlier.continues and set(earlier.matchers) <= set(route.matchers):
                    self.blame(place, f"{route.name!r} is never reached, as {earlier.name!r} takes all of it before")
                    break
