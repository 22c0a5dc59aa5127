"""What functions read of routes.toml and scan.toml: JSON that packaging makes of them, without pydantic.

Where nobody has compiled them, as after a bare `chalice deploy` or on one machine, they are read as they are.
"""

import re
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

import msgspec
from msgspec import Struct, field

from chalicelib.domain.accounts import NAMELESS, Account
from chalicelib.domain.events.event import Severity
from chalicelib.domain.routing.routes import MatchedRoutes, Route
from chalicelib.domain.routing.silences import Silence
from chalicelib.domain.scanning.rules import Rule, Rules
from chalicelib.domain.scanning.safe_regex import FLAGS

SUFFIX = ".json"
# What a receiver is of which the file says nothing more than its name.
ANY_TYPE = "slack"
type Service = Literal["lambda", "ecs", "apigateway", "stepfunctions", "rds"]
SERVICES: tuple[Service, ...] = get_args(Service.__value__)


class Defaults(NamedTuple):
    """What routes have that do not say it: a stage's settings, which are not known when a package is made."""

    minimum: Severity
    repeat_interval: int


class RoutesFile(Struct, frozen=True):
    """What routes.toml says: the routes, the default last; silences that come and go by the hour; accounts by id."""

    routes: tuple[Route, ...]
    silences: tuple[Silence, ...] = ()
    accounts: Mapping[str, Account] = field(default_factory=dict)
    receiver_types: Mapping[str, str] = field(default_factory=dict)

    @property
    def receivers(self) -> tuple[str, ...]:
        """All receivers that any route leads to, those of the default first."""
        return MatchedRoutes(self.routes[-1:] + self.routes).receivers

    def account(self, account: str) -> Account:
        """Return what the file knows of an account."""
        return self.accounts.get(account, NAMELESS)

    def type_of(self, receiver: str) -> str:
        """Return the type of a receiver."""
        return self.receiver_types.get(receiver, ANY_TYPE)


class ScanFile(Struct, frozen=True):
    """What scan.toml says.

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


def load(path: Path) -> bytes:
    """Return a file as compiled; Invalid where it has to be read as it is, and something in it is wrong."""
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


def scan_file(document: bytes) -> ScanFile:
    """Decode a compiled scan.toml."""
    return msgspec.json.decode(document, type=ScanFile, dec_hook=_expression)


def encoded(document: Any) -> bytes:
    """Encode what one of the two files says; expressions as text."""
    return msgspec.json.encode(document, enc_hook=lambda expression: expression.pattern, order="sorted")


def _expression(_type: type, text: str) -> re.Pattern[str]:
    return re.compile(text, FLAGS)
