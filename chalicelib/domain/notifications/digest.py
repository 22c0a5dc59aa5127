"""Digests: many notifications as one message that accounts for every one of them, the most severe first."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Self

from msgspec import Struct

from chalicelib.domain.events.event import Severity
from chalicelib.domain.grouping.generic_titles import generic_title
from chalicelib.domain.notifications.notification import Notification

LINES = 12
# So many resources with the same problem become one line.
MANY = 3
# Said by a digest that may repeat what people have read.
DOUBT = "You may have read this before: a message about it was sent, and nobody knows whether it arrived."
ACCOUNTS = 10


class DigestLine(Struct, frozen=True, kw_only=True):
    """Similar alerts of any number of accounts and resources: `messages` notifications about `alerts` alerts.

    They fired `count` times; `over` means that all of them are resolved; `since` is when the oldest episode began
    (epoch seconds, 0: unknown).
    """

    title: str
    severity: Severity
    over: bool
    messages: int
    alerts: int
    count: int
    since: int
    accounts: tuple[str, ...]
    regions: tuple[str, ...]


class Rest(Struct, frozen=True, kw_only=True):
    """The notifications without a line of their own, counted in two ways.

    `firing` and `resolved` add up to `messages`, and so do `accounts` and `elsewhere`.
    """

    messages: int
    firing: tuple[tuple[Severity, int], ...]
    resolved: int
    accounts: tuple[tuple[str, int], ...]
    other_accounts: int
    elsewhere: int


class Digest(Struct, frozen=True, kw_only=True):
    """All of `messages` notifications: those of the lines and of the rest add up to it.

    `worst` is the highest severity that still fires (None: all is resolved), `oldest` when the first was created (epoch
    seconds).
    """

    messages: int
    alerts: int
    worst: Severity | None
    oldest: int
    lines: tuple[DigestLine, ...]
    rest: Rest

    @classmethod
    def of(cls, notifications: Sequence[Notification], most: int = LINES) -> Self:
        """Take the newest notification of each alert, and combine alerts with equal or similar titles."""
        bundles = _bundles(_alerts(notifications))
        lines = [line for line, _ in bundles]
        return cls(
            messages=len(notifications),
            alerts=sum(line.alerts for line in lines),
            worst=max((line.severity for line in lines if not line.over), default=None),
            oldest=min((each.created_at for each in notifications), default=0),
            lines=tuple(lines[:most]),
            rest=_rest(bundles[most:]),
        )


type _Group = list[Notification]
"""One alert's notifications, the newest last."""


def _alerts(notifications: Iterable[Notification]) -> list[_Group]:
    groups: dict[str, _Group] = {}
    for each in sorted(notifications, key=lambda each: (each.created_at, each.event_id)):
        groups.setdefault(each.fingerprint or each.id, []).append(each)
    return list(groups.values())


def _bundles(alerts: Iterable[_Group]) -> list[tuple[DigestLine, list[_Group]]]:
    """Return the lines, each with its alerts: of one title, or of titles that differ in resource names only.

    A few resources get a line each.
    """
    alike: dict[tuple[str, Severity, bool], dict[str, list[_Group]]] = {}
    for group in alerts:
        newest = group[-1]
        key = (generic_title(newest.title), newest.severity, newest.is_over)
        alike.setdefault(key, {}).setdefault(newest.title, []).append(group)
    bundles: list[tuple[DigestLine, list[_Group]]] = []
    for (title, _, _), by_title in alike.items():
        joined = {title: list(chain(*by_title.values()))} if len(by_title) >= MANY else by_title
        bundles += [(_line(each, groups), groups) for each, groups in joined.items()]
    return sorted(bundles, key=lambda bundle: _urgency(bundle[0]))


def _line(title: str, groups: Sequence[_Group]) -> DigestLine:
    newest = [group[-1] for group in groups]
    return DigestLine(
        title=title,
        severity=newest[0].severity,
        over=newest[0].is_over,
        messages=sum(len(group) for group in groups),
        alerts=len(groups),
        count=sum(each.count for each in newest),
        since=min(each.since for each in newest),
        accounts=tuple(sorted({each.account for each in newest})),
        regions=tuple(sorted({each.region for each in newest})),
    )


def _urgency(line: DigestLine) -> tuple[bool, int, int, str]:
    return line.over, -line.severity, -line.messages, line.title


def _rest(bundles: Sequence[tuple[DigestLine, list[_Group]]]) -> Rest:
    firing: Counter[Severity] = Counter()
    accounts: Counter[str] = Counter()
    for line, groups in bundles:
        firing[line.severity] += 0 if line.over else line.messages
        for group in groups:
            accounts[group[-1].account] += len(group)
    busiest = sorted(accounts.items(), key=lambda item: (-item[1], item[0]))
    messages = sum(line.messages for line, _ in bundles)
    return Rest(
        messages=messages,
        firing=tuple((severity, count) for severity, count in sorted(firing.items(), reverse=True) if count),
        resolved=messages - firing.total(),
        accounts=tuple(busiest[:ACCOUNTS]),
        other_accounts=len(busiest[ACCOUNTS:]),
        elsewhere=sum(count for _, count in busiest[ACCOUNTS:]),
    )
