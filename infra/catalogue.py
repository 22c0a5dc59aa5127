"""The catalogue: kinds of events that are declared in TOML, ours and a team's own, and what of them is forwarded."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from chalicelib.config import sources
from chalicelib.sources.declared import CATALOGUE, DETAIL_TYPE, DeclaredSource
from chalicelib.sources.registry import CUSTOM_PREFIX
from infra.interests import Interest
from infra.source_index import Catalogue

FOLDER = CATALOGUE.parent / "catalogue"
OWN = Path(sources.__file__).parent / "sources.toml"

type Detail = dict[str, Any]
type Wanted = tuple[tuple[str, ...], Detail]
"""Detail types, and the pattern of the details that are wanted of them: empty for all."""


def catalogue(taken: Iterable[str], own: Path = OWN) -> Catalogue:
    """Read all declarations; Invalid names each line that is wrong, and a kind that is `taken` already."""
    declared: dict[str, DeclaredSource] = {}
    for path in (*sorted(FOLDER.glob("*.toml")), *([own] if own.is_file() else [])):
        known = frozenset([*taken, *declared])
        declared |= {each.kind: each for each in sources.read(path.read_text("utf-8"), path.name, known)}
    return declared


def compiled(declared: Catalogue) -> str:
    """Return the catalogue as the file that functions read."""
    lines = (f'"{kind}":{_json(declared[kind])}' for kind in sorted(declared))
    return "{\n" + ",\n".join(lines) + "\n}\n"


def problems_wanted(source: DeclaredSource) -> Iterator[Wanted]:
    """Say which of its events are wanted wherever its group is on."""
    yield from ((types, _merged(detail, _unless(source))) for types, detail in _problems_wanted(source))


def _problems_wanted(source: DeclaredSource) -> Iterator[Wanted]:
    if source.forward_all or not source.state:
        yield source.detail_types, source.filter
    elif source.problem_filter:
        yield source.detail_types, _merged(source.filter, source.problem_filter)
        if source.ends_always:
            yield from _by_state(source, source.ends)
    else:
        yield from _by_state(source, (*source.problems, *source.ends) if source.ends_always else source.problems)


def ends_wanted(source: DeclaredSource) -> Iterator[Wanted]:
    """Say which of its events are wanted only where ends are switched on."""
    if source.ends_filter:
        yield source.detail_types, source.ends_filter
    elif not (source.ends_always or source.forward_all):
        yield from _by_state(source, source.ends)


def _unless(source: DeclaredSource) -> Detail:
    """Return a pattern that leaves out what is only noted."""
    pattern: Any = [{"exists": False}]
    for key in reversed(_keys(source.unless)):
        pattern = {key: pattern}
    return dict(pattern) if source.unless else {}


def _by_state(source: DeclaredSource, states: tuple[str, ...]) -> Iterator[Wanted]:
    """Say in which detail types, and at which places of a detail, states stand."""
    if not states:
        return
    named = {*source.problems, *source.ends}
    by_type = tuple(each for each in source.detail_types if each in states)
    if by_type:
        yield by_type, source.filter
    others = tuple(each for each in source.detail_types if DETAIL_TYPE not in source.state or each not in named)
    values = [each for each in states if each not in source.detail_types]
    places = [_keys(each) for place in source.state for each in place.split("|") if not place.startswith("$")]
    if others and values and places:
        either = [_pattern(keys, values) for keys in places]
        yield others, _merged(source.filter, either[0] if len(either) == 1 else {"$or": either})


def _keys(place: str) -> list[str]:
    """Return the keys of a place; a pattern looks into each element of a list by itself."""
    return [each for each in place.partition("@")[0].strip().split(".") if each != "*" and not each.isdecimal()]


def _pattern(keys: list[str], values: list[str]) -> Detail:
    """Return the pattern of the values, or of what they stand for in JSON, at a place."""
    pattern: Any = [_VALUES.get(each, each) for each in values]
    for key in reversed(keys):
        pattern = {key: pattern}
    return dict(pattern)


_VALUES: Mapping[str, Any] = {"true": True, "false": False}


def _merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> Detail:
    """Return a pattern that matches what both match."""
    merged = dict(one)
    for key, pattern in other.items():
        below = merged.get(key)
        merged[key] = (
            _merged(below, pattern) if isinstance(below, Mapping) and isinstance(pattern, Mapping) else pattern
        )
    return merged


def interests(declared: Catalogue) -> Iterator[Interest]:
    """Iterate over what the declared sources want to be sent, group by group."""
    for each in sorted(declared.values(), key=lambda source: source.group):
        if each.source.startswith(CUSTOM_PREFIX):  # all of these are forwarded as it is
            continue
        for detail_types, detail in problems_wanted(each):
            yield Interest(each.source, detail_types, detail, each.group, only_all=each.quiet, kind=each.kind)
        for detail_types, detail in ends_wanted(each):
            yield Interest(each.source, detail_types, detail, each.group, only_all=True, kind=each.kind)


def _json(source: DeclaredSource) -> str:
    """Return a declaration on one line, without what it leaves out."""
    plain = msgspec.to_builtins(source)
    default = msgspec.to_builtins(DeclaredSource(kind="", source="", detail_types=(), title=""))
    return json.dumps({key: each for key, each in plain.items() if each != default[key]}, ensure_ascii=False)
