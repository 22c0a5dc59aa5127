"""Labels: values of tags, and of paths in a detail, that rules match; alerts store them, as they have no detail."""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from itertools import islice
from typing import Any

from chalicelib.domain.text import clean

# Every event writes its alert, which therefore stores few labels: so many names, values and characters.
MOST_LABELS, MOST_VALUES, LONGEST_VALUE = 10, 10, 100
# Elements of a list in a detail that are read.
MOST_ELEMENTS = 100
# The names of tags in AWS's events, and what a list of tags calls a tag's key and value.
TAGS = frozenset({"tags", "resourcetags", "taglist", "tagset"})
ALARM_TAGS = "alarmTags"
KEYS, VALUES = ("key", "Key", "tagKey", "TagKey", "name"), ("value", "Value", "tagValue", "TagValue")

type Labels = Mapping[str, tuple[str, ...]]
"""Values by the label's name; what an event does not have has none."""


class LabelKind(StrEnum):
    """The kinds of labels: a tag of an alarm, a tag of a resource, a path in the detail."""

    ALARM_TAG = "alarm_tag"
    RESOURCE_TAG = "resource_tag"
    DETAIL = "detail"


def label_name(kind: str, key: str) -> str:
    """Return the name of a label: `detail.service`, `alarm_tag.team`."""
    return f"{kind}.{key}"


def is_label(name: str) -> bool:
    """Return whether something is the name of a label."""
    return name.partition(".")[0] in set(LabelKind)


def labels_of(detail: Any, names: Iterable[str]) -> Labels:
    """Read the labels of these names; if there are too many values, every name gets its first before any its second."""
    written = {name: list(islice(_values(detail, name), MOST_ELEMENTS)) for name in sorted(names)}
    found = {name: _lines(values) for name, values in written.items() if values}
    ranked = [(rank, name) for name, values in found.items() for rank in range(len(values))]
    kept: dict[str, tuple[str, ...]] = {}
    for rank, name in sorted(ranked)[:MOST_VALUES]:
        kept[name] = found[name][: rank + 1]
    return kept


def _values(detail: Any, name: str) -> Iterator[str]:
    """Iterate over a label's values, as they are written."""
    kind, _, key = name.partition(".")
    match kind:
        case LabelKind.DETAIL:
            return _at(detail, key.split("."))
        case LabelKind.ALARM_TAG:
            return _tag_values(detail.get(ALARM_TAGS) if isinstance(detail, dict) else None, key)
        case _:
            return _resource_tag_values(detail, key)


def _lines(values: Iterable[str]) -> tuple[str, ...]:
    """Return the first of them, each a line of text and once; what is empty is none."""
    lines = [line for each in values if (line := clean(each, LONGEST_VALUE))]
    return tuple(dict.fromkeys(lines[:MOST_VALUES]))


def _at(node: Any, keys: list[str]) -> Iterator[str]:
    """Iterate over the values at a path: in each element of a list, and under keys that contain dots."""
    if isinstance(node, list):
        for each in node[:MOST_ELEMENTS]:
            yield from _at(each, keys)
    elif not keys:
        yield _text(node)
    elif isinstance(node, dict):
        for size in range(1, len(keys) + 1):
            key = ".".join(keys[:size])
            if key in node:
                yield from _at(node[key], keys[size:])


def _resource_tag_values(node: Any, key: str) -> Iterator[str]:
    """Iterate over the values of a tag of any resource in a detail, wherever AWS lists its tags."""
    if isinstance(node, list):
        for each in node[:MOST_ELEMENTS]:
            yield from _resource_tag_values(each, key)
    elif isinstance(node, dict):
        for name, each in node.items():
            if name.casefold() in TAGS:
                yield from _tag_values(each, key)
            else:
                yield from _resource_tag_values(each, key)


def _tag_values(tags: Any, key: str) -> Iterator[str]:
    """Iterate over the values of a tag, in an object of tags or in a list of keys and values."""
    if isinstance(tags, dict):
        yield _text(tags.get(key))
        return
    for tag in tags[:MOST_ELEMENTS] if isinstance(tags, list) else ():
        if isinstance(tag, dict) and key in (tag.get(each) for each in KEYS):
            yield next((_text(tag[each]) for each in VALUES if each in tag), "")


def _text(value: Any) -> str:
    """Return a text, number or boolean as text; anything else is no value."""
    match value:
        case bool():
            return str(value).lower()
        case float() if value.is_integer():
            return str(int(value))
        case str() | int() | float():
            return str(value)
        case _:
            return ""
