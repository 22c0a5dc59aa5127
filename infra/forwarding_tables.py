"""Tables of docs/forwarding.md: which rule forwards what by which filter, and what each group costs a year."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from infra.cost import GROUP_EVENTS, dollars, events_price
from infra.interests import CORE, Interest
from infra.rules import Forwarding

ACCOUNTS = (10, 100, 1_000)


def groups(forwarded: Iterable[Forwarding]) -> Iterator[str]:
    """Iterate over the lines of the table of groups, in Markdown."""
    rules = list(forwarded)
    yield (
        "| group | value | rules | events a day and account | " + " | ".join(f"{n:,} accounts" for n in ACCOUNTS) + " |"
    )
    yield "|---|---|---|---:" + "|---:" * len(ACCOUNTS) + "|"
    for group, rates in sorted(GROUP_EVENTS.items()):
        for value, rate in zip(("problems", "all"), rates, strict=True):
            names = [f"`{each.name}`" for each in rules if each.group == group and value in ("all", _value(each))]
            prices = " | ".join(f"${dollars(events_price(accounts, rate))}" for accounts in ACCOUNTS)
            yield f"| {group} | `{value}` | {', '.join(names)} | {rate:g} | {prices} |"


def filters(wanted: Iterable[Interest]) -> Iterator[str]:
    """Iterate over the lines of the table of filters, in Markdown."""
    yield "| group | from | source | detail types | only where the detail matches |"
    yield "|---|---|---|---|---|"
    for each in sorted(wanted, key=lambda each: (each.group != CORE, each.group, each.only_all, each.source)):
        value = "always" if each.group == CORE else f"`{_value(each)}`"
        types = "<br>".join(each.detail_types)
        yield f"| {each.group} | {value} | `{each.source}` | {types} | {_filter(each.detail)} |"


def _value(wanted: Forwarding | Interest) -> str:
    return "all" if wanted.only_all else "problems"


def _filter(detail: Any) -> str:
    if not detail:
        return ""
    return f"`{json.dumps(detail).replace('|', chr(92) + '|')}`"
