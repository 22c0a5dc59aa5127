"""Matching tables: `match` and `not`, which all rules of routes.toml have in common."""

from collections.abc import Iterator
from typing import override

from pydantic import Field as Key

from chalicelib.config.fields import AtPath, HoursText, Kind, OneOrMore, Path, Pattern, SeverityName, TagKey
from chalicelib.config.models import by_key
from chalicelib.config.toml_reader import Table
from chalicelib.domain.events.event import Severity
from chalicelib.domain.routing.matchers import Field, Matcher

# What has a key of its own, though it stands in the detail.
PATHS = {"service": "service", "event_type_code": "eventTypeCode"}
TAGS = {"tags": Field.TAG, "alarm_tags": Field.ALARM_TAG, "resource_tags": Field.RESOURCE_TAG, "detail": Field.DETAIL}


class MatchTable(Table):
    """What `match` and `not` compare an event with; it must fit every line."""

    kind: OneOrMore[Kind] = Key((), description="Its kind, such as alarm or guardduty")
    source: OneOrMore[Pattern] = Key((), description="EventBridge's source, such as aws.health or custom.billing")
    account: OneOrMore[Pattern] = Key((), description="The account's id or its name")
    region: OneOrMore[Pattern] = Key((), description="The region, such as eu-west-1")
    severity: SeverityName | None = Key(None, description="At least so severe, or UNKNOWN")
    title: OneOrMore[Pattern] = Key((), description="The title, as messages show it")
    resource: OneOrMore[Pattern] = Key((), description="What it is about: an alarm's name, a stack's, a log group")
    fingerprint: OneOrMore[Pattern] = Key((), description="The identity of one problem, as GET /alerts shows it")
    hours: OneOrMore[HoursText] = Key((), description="The time of now")
    tags: dict[str, OneOrMore[Pattern]] = Key({}, description="The account's tags, as [accounts] has them")
    alarm_tags: dict[TagKey, OneOrMore[Pattern]] = Key({}, description="An alarm's tags, where the alarm sends them")
    resource_tags: dict[TagKey, OneOrMore[Pattern]] = Key(
        {}, description="The resource's tags, where the event has them"
    )
    service: OneOrMore[Pattern] = Key((), description="The service that AWS Health names, such as EC2")
    event_type_code: OneOrMore[Pattern] = Key((), description="AWS Health's code, such as AWS_EC2_OPERATIONAL_ISSUE")
    detail: dict[Path, AtPath] = Key({}, description="What stands in the event's detail, by its path")

    def matchers(self, *, negated: bool) -> Iterator[Matcher]:
        """Iterate over its matchers."""
        for name, field in TAGS.items():
            for key, patterns in getattr(self, name).items():
                yield Matcher(field, patterns, key, negated)
        if self.severity:
            yield Matcher(Field.SEVERITY, at_least(self.severity), negated=negated)
        for name in sorted(self.model_fields_set & PATHS.keys()):
            yield Matcher(Field.DETAIL, getattr(self, name), PATHS[name], negated)
        for name in sorted(self.model_fields_set - {"severity", *TAGS, *PATHS}):
            yield Matcher(Field(name), getattr(self, name), negated=negated)


class ChoosingTable(Table):
    """The events that a route or silence is about."""

    match: MatchTable = Key(MatchTable(), description="What it takes: events that fit all of this")
    except_: MatchTable = Key(
        MatchTable(), alias="not", description="What it does not take: events that fit any of this"
    )

    @property
    def matchers(self) -> tuple[Matcher, ...]:
        """All matchers."""
        return (*self.match.matchers(negated=False), *self.except_.matchers(negated=True))

    @property
    def labels(self) -> set[str]:
        """The names of the labels that any of them matches."""
        return {each.label for each in self.matchers if each.label}

    @classmethod
    @override
    def hint(cls, key: str) -> str:
        """Say where a key belongs by which events are chosen."""
        return f"write match.{key}" if key in by_key(MatchTable) else super().hint(key)


def at_least(severity: str) -> tuple[str, ...]:
    """Return the names of all severities from this one on, and UNKNOWN."""
    return tuple(each.name for each in Severity if each is Severity.UNKNOWN or each >= Severity[severity])
