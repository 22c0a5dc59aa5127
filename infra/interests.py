"""Interests: which events are wanted, and the EventBridge patterns that match them, none longer than it may be."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from chalicelib.sources.registry import CUSTOM_PREFIX, SIGNS_OF_LIFE
from infra.source_index import Declared

# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
LARGEST_PATTERN = 2_048
# The group of what is always forwarded.
CORE = "core"

type Pattern = dict[str, Any]

OWN_EVENTS: Pattern = {"source": [{"prefix": CUSTOM_PREFIX}]}


class Interest(NamedTuple):
    """Events that are wanted: detail types of a source, all of them or those whose details match a pattern.

    They are forwarded where their `group` is on, or with `only_all` where it is on for all. Signs of life have no kind.
    """

    source: str
    detail_types: tuple[str, ...]
    detail: Mapping[str, Any]
    group: str = CORE
    only_all: bool = False
    kind: str = ""

    @property
    def family(self) -> str:
        """The service that a source is of: `health` of `aws.health`, `agent` of `monitoring.agent.logs`."""
        return self.source.split(".")[1]


def core_interests(known: Declared) -> Iterator[Interest]:
    """Iterate over what the modules of sources want to be sent, and the agents' signs of life."""
    for kind, each in known.items():
        for detail_type in () if each.sent_by_hub else each.all_types:
            yield Interest(each.source, (detail_type,), each.filters.get(detail_type, {}), each.group, kind=kind)
    for sign in SIGNS_OF_LIFE:
        yield Interest(sign.source, (sign.detail_type,), {})


def is_in(interest: Interest, pattern: Pattern) -> bool:
    """Return whether a pattern, perhaps of several alternatives, is about what is wanted."""
    return any(
        interest.source in each.get("source", ())
        and set(interest.detail_types) <= set(each.get("detail-type", ()))
        and each.get("detail", {}) == dict(interest.detail)
        for each in pattern.get("$or", [pattern])
    )


def alternatives(wanted: Iterable[Interest], *, together: bool = False) -> list[Pattern]:
    """Return patterns that match what is wanted, those of equal filters as one, what is not filtered first.

    `together` makes one pattern of all that is not filtered, whatever its source: detail types are hardly ever shared.
    """
    merged: dict[tuple[str, str], list[Interest]] = {}
    for each in wanted:
        is_shared = together and not each.detail
        merged.setdefault((_compact(each.detail), "" if is_shared else each.source), []).append(each)
    return [_alternative(each) for _, each in sorted(merged.items(), key=lambda item: item[0][0] != "{}")]


def packed(patterns: Sequence[Pattern], reserved: int = 0) -> list[Pattern]:
    """Return as few patterns as can be, none longer than EventBridge allows, that match what these match."""
    full: list[list[Pattern]] = [[]]
    for pattern in patterns:
        if full[-1] and len(json.dumps(_either([*full[-1], pattern]))) + reserved > LARGEST_PATTERN:
            full.append([])
        full[-1].append(pattern)
    return [_either(each) for each in full if each]


def _either(patterns: Sequence[Pattern]) -> Pattern:
    return patterns[0] if len(patterns) == 1 else {"$or": list(patterns)}


def _alternative(wanted: Sequence[Interest]) -> Pattern:
    detail = wanted[0].detail
    return {
        "source": sorted({each.source for each in wanted}),
        "detail-type": sorted({detail_type for each in wanted for detail_type in each.detail_types}),
    } | ({"detail": dict(detail)} if detail else {})


def _compact(detail: Mapping[str, Any]) -> str:
    return json.dumps(detail, sort_keys=True)
