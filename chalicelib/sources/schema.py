"""What a source is made of: its detail model, and the declaration that registers it; imported when an event arrives."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, Self, get_args, get_origin
from urllib.parse import quote

from msgspec import Meta, Struct, ValidationError, convert
from msgspec.structs import FieldInfo, fields

from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.events.event import Summary

if TYPE_CHECKING:
    from chalicelib.domain.alerts.suspect_deploy import DeployWords

# AWS's partitions, by the prefix of their regions; everything else is the ordinary one.
CONSOLES = {
    "cn-": "console.amazonaws.cn",
    "us-gov-": "console.amazonaws-us-gov.com",
    "eusc-": "console.amazonaws-eusc.eu",
}
# Partitions that are cut off from the internet have consoles of their own, which nobody outside knows.
ISOLATED = "-iso"
CONSOLE = "console.aws.amazon.com"
# The end of the year 9999, the last that a datetime can hold.
LATEST = 253_402_300_799


class InvalidDetail(ValueError):  # noqa: N818 - "raise Unreadable" says what the detail is
    """A detail that does not fit its model; the text names the place and shows nothing of what stands there."""


class Part(Struct, frozen=True):
    """A JSON object, as far as we read it.

    Unknown fields are ignored, null is the same as left out, and what is no object is an empty one.
    """


class Detail(Part, frozen=True):
    """A whole detail; field names are AWS's, and what tells it from others has no default."""

    @classmethod
    def read(cls, detail: Any) -> Self:
        """Read any JSON value; Unreadable where it is not what it claims to be."""
        try:
            return convert(coerce(cls, detail), cls, strict=False)
        except ValidationError as error:
            raise InvalidDetail(f"The detail does not fit: {str(error).rpartition(' - at ')[2]}") from None

    @abstractmethod
    def summary(self, envelope: Envelope) -> Summary:
        """Say in our words what the source said in its own."""


class Declaration(NamedTuple):
    """What a module says of its source; `make generate` writes the index and the tables of docs/sources.md from it.

    `source` and `detail_types` are EventBridge's names; a model for whatever has none leaves both empty. Those of a
    different shape have models of their own in `others`; `filters` say which details of a type agents forward,
    and `group` on which parameter of theirs that depends. What is
    `sent_by_hub` the hub itself makes, and nobody else may send it. A problem that is `endless` is never said to be
    over: it is when nothing has been heard of it for a while. A `widespread` one may be in many accounts and regions at
    once. What is `informational` is about no problem. Where events may be deployments, `deploys` says so, in words, by
    the event's state. For the reader of the docs: what makes two events the same problem (`identity`) or the same event
    (`occurrence`), and where account, region and time are taken from (`origin`).
    """

    detail: type[Detail]
    source: str = ""
    detail_types: tuple[str, ...] = ()
    others: Mapping[str, type[Detail]] = {}
    filters: Mapping[str, Mapping[str, Any]] = {}
    group: str = "core"
    sent_by_hub: bool = False
    endless: bool = False
    widespread: bool = False
    informational: bool = False
    deploys: "DeployWords | None" = None
    identity: str = ""
    occurrence: str = ""
    origin: str = ""

    @property
    def all_types(self) -> tuple[str, ...]:
        """All detail types of the source."""
        return (*self.detail_types, *self.others)

    def model(self, detail_type: str) -> type[Detail]:
        """Return the model of a detail type."""
        return self.others.get(detail_type, self.detail)


def read_text(value: Any) -> str:
    """Return a text; a number is written out, and anything else is as good as nothing."""
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def read_number(value: Any) -> float | None:
    """Return a number, or the one that a text says; None where there is none."""
    try:
        return float(read_text(value))
    except ValueError:
        return None


def _read_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _read_object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


Name = Annotated[str, Meta(min_length=1)]
"""Text without which a detail is not what it claims to be."""

Time = Annotated[int, Meta(ge=0, le=LATEST)]
"""Epoch seconds."""

End = Annotated[int, Meta(ge=1, le=LATEST)]
"""Epoch seconds of the end of a stretch of time, which does not belong to it."""

Count = Annotated[int, Meta(ge=0)]
"""How many there are of something."""

Text = Annotated[str, read_text]
"""Text that only describes; give it the default ""."""

Flag = Annotated[bool, lambda value: read_text(value) in {"true", "1"} or value is True]
"""Whether something is so that only describes: what is neither true nor false is false."""

Number = Annotated[float, lambda value: read_number(value) or 0.0]
"""A number that only describes: what is none is 0."""

Object = Annotated[dict[str, Any], _read_object]
"""An object to look things up in: anything else is an empty one; give it an empty default."""

Many = _read_list
"""Marks a tuple of parts: anything but a list is an empty one; give it the default ()."""


def coerce(kind: Any, value: Any) -> Any:
    """Return a value as `kind` can read it: what only describes is no reason to refuse the whole detail."""
    if get_origin(kind) is Annotated:
        kind, *marks = get_args(kind)
        for mend in filter(callable, marks):
            value = mend(value)
    if get_origin(kind) is tuple and isinstance(value, list):
        return [coerce(get_args(kind)[0], each) for each in value]
    if isinstance(kind, type) and issubclass(kind, Part):
        given = _read_object(value)
        known = ((each.encode_name, each.type) for each in _fields(kind))
        return {name: coerce(of, given[name]) for name, of in known if given.get(name) is not None}
    return value


@cache
def _fields(part: type[Part]) -> Iterable[FieldInfo]:
    return fields(part)


def console(region: str, service: str, fragment: str) -> str:
    """Return a link to a place in a service's console; `fragment` is written as that console expects it."""
    return f"{page}#{fragment}" if (page := console_page(region, f"{service}/home")) else ""


def console_page(region: str, path: str) -> str:
    """Return a link to a page of the console that has an address of its own; nothing without a known region."""
    if not region or ISOLATED in region:
        return ""
    host = next((host for prefix, host in CONSOLES.items() if region.startswith(prefix)), CONSOLE)
    quoted = quote(region, safe="")
    return f"https://{quoted}.{host}/{path}?region={quoted}"
