"""Compiled configuration: routes.toml as JSON that packaging writes, read without pydantic.

If it was not compiled, as after a bare `chalice deploy` or on one machine, the TOML file is read instead.
"""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct, field

from chalicelib.domain.accounts import NAMELESS, Account
from chalicelib.domain.events.event import Severity
from chalicelib.domain.routing.annotations import AnnotationRule
from chalicelib.domain.routing.inhibitions import InhibitRule
from chalicelib.domain.routing.matchers import HasMatchers, labels_named
from chalicelib.domain.routing.receivers import Receiver
from chalicelib.domain.routing.routes import MatchedRoutes, Route
from chalicelib.domain.routing.severities import SeverityRule
from chalicelib.domain.routing.silences import Silence

SUFFIX = ".json"
UNKNOWN = Receiver()


class Defaults(NamedTuple):
    """Values of routes that do not set them: a stage's settings, which are unknown when packaging."""

    minimum: Severity
    repeat_interval: int
    group_wait: int = 0


class RoutesFile(Struct, frozen=True):
    """The content of routes.toml: routes, the default last; silences by the hour; accounts by id.

    `severities` and `annotations` are in order: the first that matches counts.
    """

    routes: tuple[Route, ...]
    silences: tuple[Silence, ...] = ()
    accounts: Mapping[str, Account] = field(default_factory=dict)
    known_receivers: Mapping[str, Receiver] = field(default_factory=dict)
    severities: tuple[SeverityRule, ...] = ()
    annotations: tuple[AnnotationRule, ...] = ()
    inhibitions: tuple[InhibitRule, ...] = ()

    @property
    def receivers(self) -> tuple[str, ...]:
        """All receivers of routes, those of the default first."""
        return MatchedRoutes(self.routes[-1:] + self.routes).everybody

    @property
    def labels(self) -> frozenset[str]:
        """The names of the labels that any rule matches."""
        by_events: tuple[HasMatchers, ...] = (*self.routes, *self.silences, *self.severities, *self.annotations)
        equal = frozenset(name for each in self.inhibitions for name in each.labels)
        return labels_named((*by_events, *self.inhibitions)) | equal

    @property
    def status_receivers(self) -> frozenset[str]:
        """The receivers that show a problem's state, and are notified of people's actions."""
        return frozenset(name for name, each in self.known_receivers.items() if each.shows_status)

    @property
    def living(self) -> frozenset[str]:
        """The receivers with one message per problem, which is updated in place."""
        return frozenset(name for name, each in self.known_receivers.items() if each.is_living)

    def account(self, account: str) -> Account:
        """Return the account as the file describes it."""
        return self.accounts.get(account, NAMELESS)

    def receiver(self, name: str) -> Receiver:
        """Return the receiver as the file describes it."""
        return self.known_receivers.get(name, UNKNOWN)


def load(path: Path) -> bytes:
    """Return a file as compiled; Invalid where it has to be read as TOML, and has errors."""
    compiled = path.with_suffix(SUFFIX)
    if compiled.is_file():
        return compiled.read_bytes()
    document: bytes = import_module(f"chalicelib.config.{path.stem}").compiled(path.read_text("utf-8"), path.name)
    return document


def routes_file(document: bytes, defaults: Defaults) -> RoutesFile:
    """Decode a compiled routes.toml."""
    raw = msgspec.json.decode(document)
    raw["routes"] = [defaults._asdict() | each for each in raw["routes"]]
    return msgspec.convert(raw, RoutesFile)


def encoded(document: Any) -> bytes:
    """Encode the content of one of the two files; expressions as text."""
    return msgspec.json.encode(document, enc_hook=lambda expression: expression.pattern, order="sorted")
