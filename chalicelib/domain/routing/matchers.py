"""Matchers: the one way in which routes and silences choose events."""

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
    """All that matchers look at: an event or alert, the time (epoch seconds), and who knows the accounts."""

    subject: Event | Alert
    now: int = 0
    accounts: Accounts = nameless


class Matcher(Struct, frozen=True, dict=True):
    """Fits what one of `patterns` fits, or none of them if `negated`.

    Patterns are shell style (`*`, `?`, `[abc]`) and fit the whole text, letter case included; those of HOURS are hours.
    `key` is the tag's, or the path in the detail, if it is one.
    """

    field: Field
    patterns: tuple[str, ...]
    key: str = ""
    negated: bool = False

    def __post_init__(self) -> None:
        """Refuse hours that are none, with a ValueError that says why."""
        if self.field is Field.HOURS:
            for pattern in self.patterns:
                time_intervals.parsed(pattern)

    @cached_property
    def label(self) -> str:
        """The name of the label that it matches; nothing where it matches none."""
        return label_name(self.field, self.key) if self.field in LABELS else ""

    def matches(self, context: MatchContext) -> bool:
        """Return whether it fits."""
        return any(self._fits(pattern, context) for pattern in self.patterns) is not self.negated

    def allows(self, now: int) -> bool:
        """Return whether the time fits, which it always does where no hours are meant."""
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
    """What applies to that which all of its matchers fit: a route, or a silence."""

    @property
    def matchers(self) -> tuple[Matcher, ...]:
        """The matchers."""
        ...


class CountsMatches(HasMatchers, Protocol):
    """What applies once what its matchers fit has fired `min_count` times within so many seconds."""

    @property
    def min_count(self) -> int:
        """How often; 1: whenever they fit."""
        ...

    @property
    def min_count_window(self) -> int:
        """The seconds."""
        ...


def match_all(matchers: Iterable[Matcher], context: MatchContext) -> bool:
    """Return whether every matcher fits; no matchers fit everything."""
    return all(matcher.matches(context) for matcher in matchers)


def match_but_hours(matchers: Iterable[Matcher], context: MatchContext) -> bool:
    """Return whether every matcher fits, at some hour at least."""
    return match_all([matcher for matcher in matchers if matcher.field is not Field.HOURS], context)


def matching_but_hours[R: HasMatchers](rules: Iterable[R], contexts: Iterable[MatchContext]) -> list[R]:
    """Return the rules that match any of these, at some hour at least."""
    return [rule for rule in rules if any(match_but_hours(rule.matchers, context) for context in contexts)]


def windows_of(rules: Iterable[CountsMatches], context: MatchContext) -> set[int]:
    """Return the windows of the rules that want a count and fit, at some hour at least."""
    counting = [each for each in rules if each.min_count > 1]
    return {each.min_count_window for each in counting if match_but_hours(each.matchers, context)}


def labels_named(rules: Iterable[HasMatchers]) -> frozenset[str]:
    """Return the names of the labels that rules match."""
    return frozenset(matcher.label for rule in rules for matcher in rule.matchers if matcher.label)


def intervals_of(rules: Iterable[HasMatchers]) -> set[time_intervals.Hours]:
    """Return the time intervals on which it depends whether rules match that match at some hour."""
    return {
        time_intervals.parsed(pattern)
        for rule in rules
        for matcher in rule.matchers
        if matcher.field is Field.HOURS
        for pattern in matcher.patterns
    }
