"""Matchers: how routes, silences and rules select events."""

from collections.abc import Iterable
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Protocol

from msgspec import Struct

from chalicelib.domain.accounts import Accounts, nameless
from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.events.event import Event
from chalicelib.domain.events.labels import LabelKind, label_name
from chalicelib.domain.routing import time_intervals


class Field(StrEnum):
    """What a matcher can examine.

    ACCOUNT is the id or the name; TAG a tag of the account; SEVERITY a name such as HIGH; HOURS the current time.
    ALARM_TAG, RESOURCE_TAG and DETAIL are labels: of an alarm, of a resource, and a path in the detail.
    """

    KIND = "kind"
    SOURCE = "source"
    ACCOUNT = "account"
    TAG = "tag"
    REGION = "region"
    SEVERITY = "severity"
    FINGERPRINT = "fingerprint"
    TITLE = "title"
    RESOURCE = "resource"
    HOURS = "hours"
    ALARM_TAG = LabelKind.ALARM_TAG.value
    RESOURCE_TAG = LabelKind.RESOURCE_TAG.value
    DETAIL = LabelKind.DETAIL.value


LABELS = frozenset({Field.ALARM_TAG, Field.RESOURCE_TAG, Field.DETAIL})


class MatchContext(Struct, frozen=True):
    """What matchers examine: an event or alert, the time (epoch seconds), and the accounts' names and tags."""

    subject: Event | Alert
    now: int = 0
    accounts: Accounts = nameless


class Matcher(Struct, frozen=True, dict=True):
    """Matches if one of `patterns` matches, or none of them if `negated`.

    Patterns are shell style (`*`, `?`, `[abc]`) and match the whole text, including letter case; those of HOURS are
    hours. `key` is the tag's key, or the path in the detail.
    """

    field: Field
    patterns: tuple[str, ...]
    key: str = ""
    negated: bool = False

    def __post_init__(self) -> None:
        """Reject invalid hours with a ValueError that says why."""
        if self.field is Field.HOURS:
            for pattern in self.patterns:
                time_intervals.parsed(pattern)

    @cached_property
    def label(self) -> str:
        """The name of the label that it matches; empty if it matches none."""
        return label_name(self.field, self.key) if self.field in LABELS else ""

    def matches(self, context: MatchContext) -> bool:
        """Return whether it matches."""
        return any(self._fits(pattern, context) for pattern in self.patterns) is not self.negated

    def allows(self, now: int) -> bool:
        """Return whether the time matches; always true for a matcher of anything but hours."""
        if self.field is not Field.HOURS:
            return True
        return any(time_intervals.parsed(pattern).include(now) for pattern in self.patterns) is not self.negated

    def _fits(self, pattern: str, context: MatchContext) -> bool:
        subject = context.subject
        match self.field:
            case Field.HOURS:
                return time_intervals.parsed(pattern).include(context.now)
            case Field.TAG:
                value = context.accounts(subject.account).tags.get(self.key)
                return value is not None and fnmatchcase(value, pattern)
            case Field.ACCOUNT if not pattern.isdecimal():  # who asks for an id need not know the name
                name = context.accounts(subject.account).name
                return fnmatchcase(subject.account, pattern) or fnmatchcase(name, pattern)
            case Field.ALARM_TAG | Field.RESOURCE_TAG | Field.DETAIL:
                return any(fnmatchcase(value, pattern) for value in subject.labels.get(self.label, ()))
            case Field.SEVERITY:
                return fnmatchcase(subject.severity.name, pattern)
            case _:
                return fnmatchcase(getattr(subject, self.field), pattern)


class HasMatchers(Protocol):
    """A rule that applies if all of its matchers match: a route, or a silence."""

    @property
    def matchers(self) -> tuple[Matcher, ...]:
        """The matchers."""
        ...


class CountsMatches(HasMatchers, Protocol):
    """A rule that applies once matching alerts have fired `min_count` times within so many seconds."""

    @property
    def min_count(self) -> int:
        """How often; 1: at once."""
        ...

    @property
    def min_count_window(self) -> int:
        """The seconds."""
        ...


def match_all(matchers: Iterable[Matcher], context: MatchContext) -> bool:
    """Return whether every matcher matches; without matchers everything does."""
    return all(matcher.matches(context) for matcher in matchers)


def match_but_hours(matchers: Iterable[Matcher], context: MatchContext) -> bool:
    """Return whether every matcher matches, leaving out those of hours."""
    return match_all([matcher for matcher in matchers if matcher.field is not Field.HOURS], context)


def matching_but_hours[R: HasMatchers](rules: Iterable[R], contexts: Iterable[MatchContext]) -> list[R]:
    """Return the rules that match in any of these contexts, leaving out hours."""
    return [rule for rule in rules if any(match_but_hours(rule.matchers, context) for context in contexts)]


def windows_of(rules: Iterable[CountsMatches], context: MatchContext) -> set[int]:
    """Return the windows of matching rules that require a count, leaving out hours."""
    counting = [each for each in rules if each.min_count > 1]
    return {each.min_count_window for each in counting if match_but_hours(each.matchers, context)}


def labels_named(rules: Iterable[HasMatchers]) -> frozenset[str]:
    """Return the names of the labels that rules match."""
    return frozenset(matcher.label for rule in rules for matcher in rule.matchers if matcher.label)


def intervals_of(rules: Iterable[HasMatchers]) -> set[time_intervals.Hours]:
    """Return the hours in the matchers of rules that otherwise match."""
    return {
        time_intervals.parsed(pattern)
        for rule in rules
        for matcher in rule.matchers
        if matcher.field is Field.HOURS
        for pattern in matcher.patterns
    }
