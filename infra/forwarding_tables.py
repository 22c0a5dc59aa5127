"""Tables of docs/forwarding.md: which rule forwards what by which filter, and what each kind and group costs a year."""

import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from infra.cost import KIND_EVENTS, UNGUESSED, dollars, events_price
from infra.interests import CORE, Interest, is_in
from infra.rules import Forwarding

ACCOUNTS = (10, 100, 1_000)
PRICES = " | ".join(f"{accounts:,} accounts" for accounts in ACCOUNTS)
VALUES = ("problems", "all")


def groups(forwarded: Iterable[Forwarding], wanted: Iterable[Interest]) -> Iterator[str]:
    """Iterate over the lines of the table of groups, in Markdown."""
    rules, kinds = list(forwarded), {(each.group, each.kind) for each in wanted}
    yield f"| group | value | rules | events a day and account | {PRICES} |"
    yield "|---|---|---|---:" + "|---:" * len(ACCOUNTS) + "|"
    for group in sorted({each for each, _ in kinds} - {CORE}):
        for value in VALUES:
            names = [f"`{each.name}`" for each in rules if each.group == group and value in ("all", _value(each))]
            rate = sum(_rates(kind)[VALUES.index(value)] for each, kind in kinds if each == group)
            yield f"| {group} | `{value}` | {', '.join(names)} | {rate:g} | {_prices(rate)} |"


def kinds(forwarded: Iterable[Forwarding], wanted: Iterable[Interest]) -> Iterator[str]:
    """Iterate over the lines of the table of kinds, in Markdown: what `all` adds to a kind has a line of its own."""
    rules = list(forwarded)
    yield f"| group | kind | value | rules | source and detail types: filter | events a day and account | {PRICES} |"
    yield "|---|---|---|---|---|---:" + "|---:" * len(ACCOUNTS) + "|"
    named = sorted((each for each in wanted if each.kind), key=_order)
    for (is_grouped, group, kind, only_all), parts in groupby(named, key=_order):
        each = list(parts)
        names = [f"`{rule.name}`" for rule in rules if any(is_in(part, rule.pattern) for part in each)]
        rate = _added(kind) if only_all else _rates(kind)[0]
        value = ("`all`" if only_all else "`problems`") if is_grouped else "always"
        texts = "<br>".join(map(_filter, each))
        yield f"| {group} | `{kind}` | {value} | {', '.join(names)} | {texts} | {rate:g} | {_prices(rate)} |"


def _order(wanted: Interest) -> tuple[bool, str, str, bool]:
    return wanted.group != CORE, wanted.group, wanted.kind, wanted.only_all


def _added(kind: str) -> float:
    """Return how many more events of a kind there are where its group is on for all."""
    problems, every = _rates(kind)
    return round(every - problems, 4)


def _rates(kind: str) -> tuple[float, float]:
    return KIND_EVENTS.get(kind, UNGUESSED)


def _prices(rate: float) -> str:
    return " | ".join(f"${dollars(events_price(accounts, rate))}" for accounts in ACCOUNTS)


def _value(rule: Forwarding) -> str:
    return "all" if rule.only_all else "problems"


def _filter(wanted: Interest) -> str:
    what = f"`{wanted.source}` {', '.join(wanted.detail_types)}"
    return f"{what}: {_json(wanted.detail)}" if wanted.detail else what


def _json(detail: Any) -> str:
    return f"`{json.dumps(detail).replace('|', chr(92) + '|')}`"
