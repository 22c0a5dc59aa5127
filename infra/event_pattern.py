"""Event patterns: whether EventBridge would match an event, read strictly from what AWS documents of each operator.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html. What no page names is refused
rather than guessed at. Two fields below one array must fit the same element of it.
"""

import ipaddress
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

OR = "$or"
COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html, "Numeric matching"
LARGEST_NUMBER = 5_000_000_000

MISSING = object()


class InvalidPatternError(ValueError):
    """A pattern that EventBridge would refuse; the text says where and why."""


def matches(pattern: Mapping[str, Any], event: Any) -> bool:
    """Return whether an event matches a pattern; InvalidPatternError where the pattern is none."""
    if not isinstance(event, dict):
        return False
    if not pattern:
        raise InvalidPatternError("a pattern may not be empty")
    return all(_fits(name, wanted, event) for name, wanted in pattern.items())


def _fits(name: str, wanted: Any, event: Mapping[str, Any]) -> bool:
    if name == OR:
        if not isinstance(wanted, list) or len(wanted) < 2:  # noqa: PLR2004 - one alternative is none
            raise InvalidPatternError("$or: expected a list of two patterns or more")
        return any(matches(each, event) for each in wanted)
    value = event.get(name, MISSING)
    match wanted:
        case dict():
            return _fits_below(wanted, value)
        case list() if wanted:
            leaves = _leaves(value)
            return any(_alternative(name, each, leaves) for each in wanted)
        case _:
            raise InvalidPatternError(f"{name}: expected an object, or a list that is not empty")


def _fits_below(wanted: Mapping[str, Any], value: Any) -> bool:
    """Match an object, or one of the objects in a list; what is not there is an empty one, for `exists: false`."""
    elements = value if isinstance(value, list) else [value]
    objects = [each for each in elements if isinstance(each, dict)]
    return any(matches(wanted, each) for each in objects or [{}])


def _leaves(value: Any) -> list[Any]:
    """Return the values of a field, which may be a list of them; what is no value is not there."""
    if isinstance(value, list):
        return [each for element in value for each in _leaves(element)]
    return [] if value is MISSING or isinstance(value, dict) else [value]


def _alternative(name: str, wanted: Any, leaves: Sequence[Any]) -> bool:
    match wanted:
        case {"exists": bool(exists)} if len(wanted) == 1:
            return bool(leaves) is exists
        case dict() if len(wanted) == 1:
            ((operation, argument),) = wanted.items()
            return any(_operates(name, operation, argument, each) for each in leaves)
        case None | bool() | str() | int() | float():
            return any(_is_same(wanted, each) for each in leaves)
        case _:
            raise InvalidPatternError(f"{name}: expected values and operators, not {wanted!r}")


def _is_same(wanted: Any, value: Any) -> bool:
    return wanted == value and isinstance(wanted, bool) is isinstance(value, bool)


def _operates(name: str, operation: str, argument: Any, value: Any) -> bool:
    match operation, argument:
        case "anything-but", _:
            return _is_anything_but(name, argument, value)
        case "numeric", [_, *_] if len(argument) in {2, 4}:
            return _compares(name, argument, value)
        case "cidr", str():
            return _is_within(name, argument, value)
        case (("prefix" | "suffix"), {"equals-ignore-case": str(text)}):
            return isinstance(value, str) and _reads(operation, text.casefold(), value.casefold())
        case (("prefix" | "suffix" | "wildcard" | "equals-ignore-case"), str()):
            return isinstance(value, str) and _reads(operation, argument, value)
        case _:
            raise InvalidPatternError(f"{name}: there is no operator {operation!r} with {argument!r}")


def _is_anything_but(name: str, argument: Any, value: Any) -> bool:
    match argument:
        case dict() if len(argument) == 1:
            ((operation, texts),) = argument.items()
            several = texts if isinstance(texts, list) else [texts]
            return not any(_operates(name, operation, each, value) for each in several)
        case list() if argument:
            return not any(_is_same(each, value) for each in argument)
        case str() | int() | float():
            return not _is_same(argument, value)
        case _:
            raise InvalidPatternError(f"{name}: there is no anything-but {argument!r}")


def _compares(name: str, argument: Sequence[Any], value: Any) -> bool:
    pairs = list(zip(argument[::2], argument[1::2], strict=True))
    for sign, bound in pairs:
        if sign not in COMPARISONS or isinstance(bound, bool) or not isinstance(bound, int | float):
            raise InvalidPatternError(f"{name}: expected a comparison such as ['>=', 5], not {list(argument)!r}")
        if abs(bound) > LARGEST_NUMBER:
            raise InvalidPatternError(f"{name}: numbers lie within five billion, not {bound!r}")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return all(COMPARISONS[sign](value, bound) for sign, bound in pairs)


def _is_within(name: str, argument: str, value: Any) -> bool:
    try:
        network = ipaddress.ip_network(argument, strict=False)
    except ValueError:
        raise InvalidPatternError(f"{name}: {argument!r} is no range of addresses") from None
    try:
        return isinstance(value, str) and ipaddress.ip_address(value) in network
    except ValueError:
        return False


def _reads(operation: str, wanted: str, value: str) -> bool:
    match operation:
        case "prefix":
            return value.startswith(wanted)
        case "suffix":
            return value.endswith(wanted)
        case "equals-ignore-case":
            return value.casefold() == wanted.casefold()
        case _:
            return _is_like(wanted, value)


def _is_like(wildcard: str, value: str) -> bool:
    """Match a text in which `*` stands for anything, in one pass from left to right."""
    first, *rest = wildcard.split("*")
    if not rest:
        return value == first
    *middle, last = rest
    if not value.startswith(first) or len(value) < len(first) + len(last) or not value.endswith(last):
        return False
    at, end = len(first), len(value) - len(last)
    for piece in middle:
        found = value.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True
