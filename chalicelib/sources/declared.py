"""Declared sources: kinds that say in a few lines of TOML where in a detail stands what, and which state means what.

Those that come with the hub are in catalogue/, a team's own in config/sources.toml; docs/extending.md has the
form. `make generate` compiles both into catalogue.json, of which a function reads the one kind that it meets.

A place is keys with dots between them, `0` or `*` for one or all elements of a list: `detail.attempts.0.reason`. It
begins in the detail, or with `$` in the envelope: `$resources.0`. Behind it may stand `@name`, the last part of an ARN,
`@parent`, an ARN without its last two parts, `@words`, a state in small letters, or `@subject`, a detail type without
how it went; one may follow another. `a | b` is the first of both that is there.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from msgspec import Raw, Struct, json

from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.events.event import Event, Severity, Signal, Summary
from chalicelib.domain.events.lifecycle import Lifecycle
from chalicelib.domain.timestamps import DAY, read_date
from chalicelib.sources.schema import InvalidDetail, console, console_page, read_number, read_text

CATALOGUE = Path(__file__).parent / "catalogue.json"
# So many values of a place count: a list may be as long as a detail.
MOST_VALUES = 50
LONGEST_VALUE = 200
DETAIL_TYPE = "$detail-type"

_PLACE = r"\{([^{}]+)\}"
_OPTIONAL = r"\[([^\[\]]*)\]"
# The number of a job definition; a function may be named with a version or an alias behind it.
_REVISION = r":\d+$"
_FUNCTION = "function:"
# A region, perhaps with the letter of a zone behind it; `-` and the like are none.
_REGION = r"[a-z]{2,4}(?:-[a-z]{1,12}){1,3}-\d{1,2}(?!\d)"
_LETTER = r"[^\W\d_]"
# How it went, at the end of a detail type, or that it says how something goes.
_OUTCOME = r"( Auto Rollback)? (Successful|Succeeded|Unsuccessful|Failed|State Change)$"


class Grading(Struct, frozen=True, kw_only=True):
    """How bad it is: by what stands at a place, or by the number there, or else `default`."""

    place: str = ""
    values: dict[str, str] = {}
    at_least: tuple[tuple[float, str], ...] = ()
    at_most: tuple[tuple[float, str], ...] = ()
    default: str = Severity.UNKNOWN.name


class DeclaredSource(Struct, frozen=True, kw_only=True):
    """A kind of event, as its declaration says.

    The states at `state` decide: one of `ends` resolves, then one of `problems` fires, and anything else is a notice;
    what has no state where it should fires, as nobody says that it is over. Without a `state` all fires, or is a
    `notice`. What has anything at `unless`, such as an error, is a notice.
    What is the same at `identity` is the same problem, in an account and
    region, and what is the same at `occurrence` the same event. An event whose detail has a list at `each` holds a
    problem for each of its elements. `title` and `link` have places in braces, and leave out what stands in brackets
    where one is empty; there may be a link, or a lifecycle, for each detail type. What has anything at `rechecked` is
    found again each day for as long as it is there, whatever its lifecycle. A problem that is `everywhere` is the
    same in all regions.
    """

    kind: str
    source: str
    detail_types: tuple[str, ...]
    title: str
    about: str = ""
    group: str = ""
    state: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    ends_always: bool = False
    forward_all: bool = False
    notice: bool = False
    unless: str = ""
    rechecked: str = ""
    everywhere: bool = False
    quiet: bool = False
    severity: Grading = Grading()
    identity: tuple[str, ...] = ()
    occurrence: tuple[str, ...] = ()
    each: str = ""
    resource: str = ""
    account: str = ""
    region: str = ""
    at: str = ""
    due_at: str = ""
    due_in_days: str = ""
    revision: str = ""
    link: str | dict[str, str] = ""
    description: str = ""
    facts: dict[str, str] = {}
    lifecycle: Lifecycle | dict[str, Lifecycle] = Lifecycle.POINT
    filter: dict[str, Any] = {}
    problem_filter: dict[str, Any] = {}
    ends_filter: dict[str, Any] = {}

    @property
    def telling(self) -> tuple[str, ...]:
        """The places in a detail without any of which it is not of this kind."""
        named = (*self.identity, *self.state, self.severity.place, self.resource)
        places = (each.strip() for place in named for each in place.split("|"))
        return tuple(each for each in places if each and not each.startswith("$"))

    def lifecycle_of(self, detail_type: str) -> Lifecycle:
        """Return how long what events of a detail type say lasts."""
        lifecycles = self.lifecycle
        return lifecycles if isinstance(lifecycles, Lifecycle) else lifecycles.get(detail_type, Lifecycle.POINT)


@cache
def _compiled() -> dict[str, Raw]:
    return json.decode(CATALOGUE.read_bytes(), type=dict[str, Raw])


@cache
def source_called(kind: str) -> DeclaredSource:
    """Return the declaration of a kind; KeyError where there is none."""
    return json.decode(_compiled()[kind], type=DeclaredSource)


def parts(kind: str, detail: Any) -> list[Any]:
    """Return the details of an event's problems, each with one element of the list that it has them in."""
    each = source_called(kind).each
    elements = _at(detail, each.split(".")) if each else None
    if not isinstance(elements, list) or len(elements) < 2:  # noqa: PLR2004 - one is as it is
        return [detail]
    return [_with(detail, each.split("."), [element]) for element in elements]


def summary_of(kind: str, envelope: Envelope) -> Summary:
    """Say in our words what an event says; InvalidDetail where its detail is no object, or has nothing of its kind."""
    source, reader = source_called(kind), EventReader(envelope)
    if not any(reader.text(place) for place in source.telling):
        raise InvalidDetail("The detail does not fit: nothing in it says what it is about, or its state")
    identity = [reader.text(each) for each in source.identity]
    signal = _signal(source, reader)
    account = reader.text(source.account) or envelope.account
    named = re.match(_REGION, reader.text(source.region))
    region = named[0] if named else envelope.region
    place = (account,) if source.everywhere else (account, region)
    occurrence = tuple(reader.text(each) for each in source.occurrence)
    return Summary(
        title=reader.filled(source.title),
        severity=Severity.LOW if signal is not Signal.FIRING else _severity(source.severity, reader),
        identity=(*place, *identity),
        occurrence=(*place, *occurrence) if any(occurrence) else (),
        signal=signal,
        lifecycle=Lifecycle.RECHECKED if reader.text(source.rechecked) else source.lifecycle_of(envelope.detail_type),
        account=account,
        region=region,
        at=read_date(reader.text(source.at)),
        due_at=_due_at(source, reader, envelope),
        revision=reader.text(source.revision),
        resource=reader.text(source.resource),
        state=next((text for place in source.state for text in reader.texts(place)), ""),
        everywhere=source.everywhere,
        link=_link(source.link, reader, region),
    )


def facts_of(event: Event) -> list[tuple[str, str]]:
    """Return what the message of an event says in lines: the labels of places, and what stands there."""
    reader = EventReader(event)
    found = ((label, reader.text(place)) for label, place in source_called(event.kind).facts.items())
    return [(label, text) for label, text in found if text]


def identity_in_words(event: Event) -> str:
    """Return what is the same in all events of the problem: the account, the region, and what stands at the places."""
    source, reader = source_called(event.kind), EventReader(event)
    place = ("account",) if source.everywhere else ("account", "region")
    return ", ".join(("kind", *place, *filter(None, map(reader.text, source.identity))))


def description_of(event: Event) -> str:
    """Return what the message of an event says below its title."""
    place = source_called(event.kind).description
    return next((text for text in EventReader(event).texts(place) if re.search(_LETTER, text)), "")


class EventReader:
    """Reads places in an event."""

    def __init__(self, envelope: Envelope | Event) -> None:
        self._envelope = envelope

    def texts(self, place: str) -> list[str]:
        """Return the texts at a place; none where there is none."""
        for each in filter(None, place.split("|")):
            where, *forms = each.strip().split("@")
            found = [_formed(text, forms) for text in filter(None, map(_written, self._values(where)))]
            if found:
                return found
        return []

    def text(self, place: str) -> str:
        """Return the text at a place, several with commas between them."""
        return ", ".join(dict.fromkeys(self.texts(place)))[:LONGEST_VALUE] if place else ""

    def filled(self, template: str, *, quoted: bool = False) -> str:
        """Return a template with the texts at its places."""

        def text(found: re.Match[str]) -> str:
            value = self.text(found[1])
            return quote(value, safe="") if quoted else value

        def part(found: re.Match[str]) -> str:
            values = [self.text(place) for place in re.findall(_PLACE, found[1])]
            return re.sub(_PLACE, text, found[1]) if all(values) else ""

        return re.sub(_PLACE, text, re.sub(_OPTIONAL, part, template)).strip()

    def _values(self, place: str) -> list[Any]:
        steps = place.split(".")
        if not place.startswith("$"):
            return list(_all_at(self._envelope.detail, steps))[:MOST_VALUES]
        field = getattr(self._envelope, steps[0][1:].replace("-", "_"), None)
        return list(_all_at(list(field) if isinstance(field, tuple) else field, steps[1:]))[:MOST_VALUES]


def _all_at(value: Any, steps: list[str]) -> Iterator[Any]:
    if not steps:
        yield value
        return
    match value, steps[0]:
        case list(), "*":
            for each in value[:MOST_VALUES]:
                yield from _all_at(each, steps[1:])
        case list(), step if step.isdecimal() and int(step) < len(value):
            yield from _all_at(value[int(step)], steps[1:])
        case dict(), step if step in value:
            yield from _all_at(value[step], steps[1:])


def _at(value: Any, steps: list[str]) -> Any:
    return next(_all_at(value, steps), None)


def _with(value: Any, steps: list[str], replacement: Any) -> Any:
    """Return JSON with another value at a place of keys."""
    if not steps:
        return replacement
    return {**value, steps[0]: _with(value[steps[0]], steps[1:], replacement)}


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return read_text(value)


def _formed(text: str, forms: list[str]) -> str:
    for form in forms:
        text = FORMS[form](text)
    return text


def _name_in(text: str) -> str:
    """Return the last part of an ARN, without a revision or qualifier; any other text as it is."""
    if not text.startswith("arn:"):
        return re.sub(_REVISION, "", text)
    resource = text.split(":", 5)[-1]
    if resource.startswith(_FUNCTION):
        return resource.split(":")[1]
    return re.sub(_REVISION, "", resource).rpartition("/" if "/" in resource else ":")[2] or resource


def _parent_of(text: str) -> str:
    """Return an ARN without its last two parts, such as a task's of that of its execution; any other text as it is."""
    parts = text.split("/")
    return "/".join(parts[:-2]) if text.startswith("arn:") and len(parts) > 3 else text  # noqa: PLR2004 - of its own two


def _words_of(text: str) -> str:
    return re.sub(r"[_-]+|(?<=[a-z])(?=[A-Z])", " ", text).lower()


def _subject_of(text: str) -> str:
    return re.sub(_OUTCOME, "", text)


FORMS: Mapping[str, Callable[[str], str]] = {
    "name": _name_in,
    "parent": _parent_of,
    "words": _words_of,
    "subject": _subject_of,
}


def _signal(source: DeclaredSource, reader: EventReader) -> Signal:
    if source.unless and reader.text(source.unless):
        return Signal.NOTICE
    if not source.state:
        return Signal.NOTICE if source.notice else Signal.FIRING
    states = {text for place in source.state for text in reader.texts(place)}
    if states & set(source.ends):
        return Signal.RESOLVED
    return Signal.FIRING if not states or states & set(source.problems) else Signal.NOTICE


def _severity(grading: Grading, reader: EventReader) -> Severity:
    found = reader.texts(grading.place)
    named = [grading.values[text] for text in found if text in grading.values]
    numbers = [number for number in map(read_number, found) if number is not None]
    for number in numbers:
        named += [name for bound, name in grading.at_least if number >= bound][:1]
        named += [name for bound, name in grading.at_most if number <= bound][:1]
    return max((Severity[name] for name in named), default=Severity[grading.default])


def _due_at(source: DeclaredSource, reader: EventReader, envelope: Envelope) -> int | None:
    date = read_date(reader.text(source.due_at))
    days = read_number(reader.text(source.due_in_days))
    if date is not None or days is None or not abs(days) < DAY:
        return date
    # Whole days end on the same day, at whatever hour it is said that so many are left.
    return (envelope.time // DAY + int(days)) * DAY if days.is_integer() else envelope.time + int(days * DAY)


def _link(links: str | dict[str, str], reader: EventReader, region: str) -> str:
    """Return a link into the console of a service, `batch#jobs/detail/{jobId}`, to a page of it, or an address."""
    template = links if isinstance(links, str) else links.get(reader.text(DETAIL_TYPE), "")
    if not template or not all(map(reader.text, re.findall(_PLACE, re.sub(_OPTIONAL, "", template)))):
        return ""
    if template.startswith("{"):
        address = reader.filled(template)
        return address if re.match(r"https://[^\s/]", address) else ""
    service, is_place, fragment = template.partition("#")
    if not is_place:
        return console_page(region, reader.filled(template, quoted=True))
    return console(region, service, reader.filled(fragment, quoted=True))
