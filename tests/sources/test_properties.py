"""Whatever arrives becomes an event within its limits."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import fields

from chalicelib.domain.events.envelope import RESOURCE_LENGTH
from chalicelib.domain.events.event import LINK_LENGTH, TITLE_LENGTH, Event, Severity
from chalicelib.sources.declared import source_called
from chalicelib.sources.registry import DECLARED as DECLARED_KINDS
from chalicelib.sources.registry import OWN, SOURCES, Source
from chalicelib.sources.schema import Part
from infra import generate, source_index
from tests.domain.test_text import JSON
from tests.sources.samples import NAMES, RECEIVED_AT, load, read

WRONG: tuple[Any, ...] = (
    None,
    "",
    "\x00\ud800<!channel>" * 50,
    -1,
    10**30,
    float("nan"),
    True,
    [],
    {},
    [{}],
    {"": None},
    [[None, 7]],
)

DECLARED = source_index.declared(generate.SOURCES)


def is_within_limits(event: Event) -> bool:
    return (
        len(event.id) == 43
        and len(event.fingerprint) == 32
        and 0 < len(event.title) <= TITLE_LENGTH
        and event.title.isprintable()
        and len(event.resource) <= RESOURCE_LENGTH
        and len(event.link) <= LINK_LENGTH
        and event.link.isprintable()
        and " " not in event.link
        and 0 <= event.published_at <= RECEIVED_AT + 86_400
    )


# Kinds that any detail fits.
ANYTHING = ("custom", "unknown")


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Name every place within a JSON value."""
    if path:
        yield path
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        yield from places(inner, (*path, step))


def required(part: type[Part]) -> Iterator[tuple[str, ...]]:
    """Name the fields that tell a kind's events apart, or are what it says: they have no default."""
    for each in fields(part):
        if each.required:
            yield (each.encode_name,)
            if isinstance(each.type, type) and issubclass(each.type, Part):
                yield from ((each.encode_name, *inner) for inner in required(each.type))


def holder_of(raw: Any, path: tuple[Any, ...]) -> Any:
    for step in path[:-1]:
        raw = raw[step]
    return raw


@given(source=st.sampled_from([*SOURCES, *OWN]), detail=JSON, resources=JSON)
def test_any_detail_becomes_an_event(source: Source, detail: Any, resources: Any) -> None:
    raw = load("custom-budget") | {"source": source.source, "detail-type": source.detail_type}
    event = read(raw | {"resources": resources, "detail": detail})
    assert is_within_limits(event)
    assert event.severity is Severity.UNKNOWN or event.kind == source.module


@given(JSON)
def test_any_json_value_becomes_an_event(raw: Any) -> None:
    assert is_within_limits(read(raw if not isinstance(raw, str) else {"detail": raw}))


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_without_any_one_field_becomes_an_event(name: str) -> None:
    """Of its own kind, unless nothing else would tell it from other events."""
    kind = read(load(name)).kind
    for path in list(places(load(name))):
        raw = load(name)
        del holder_of(raw, path)[path[-1]]
        event = read(raw)
        assert is_within_limits(event), path
        assert event.kind == kind or is_needed(kind, load(name)["detail-type"], path), path


def is_needed(kind: str, detail_type: str, path: tuple[Any, ...]) -> bool:
    """Return whether an event without what is at that place is unknown."""
    if path in {("source",), ("detail-type",), ("detail",)}:
        return True
    if kind not in DECLARED_KINDS:
        return path[1:] in set(required(DECLARED[kind].model(detail_type)))
    places = (each.partition("@")[0].split(".") for each in source_called(kind).telling)
    return any(list(map(str, path[1:])) == place[: len(path) - 1] for place in places)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), name=st.sampled_from(NAMES))
def test_a_sample_with_a_wrong_value_anywhere_becomes_an_event(data: st.DataObject, name: str) -> None:
    raw = load(name)
    path = data.draw(st.sampled_from(list(places(raw))))
    holder_of(raw, path)[path[-1]] = data.draw(st.sampled_from(WRONG) | JSON)
    assert is_within_limits(read(raw))
    assert read(raw).id == read(raw).id


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith(ANYTHING)])
def test_a_detail_that_is_something_else_altogether_is_unknown(name: str) -> None:
    for wrong in WRONG:
        event = read(load(name) | {"detail": wrong})
        assert (event.kind, event.severity) == ("unknown", Severity.UNKNOWN), wrong
