"""Annotations: what a team adds to messages: a runbook, an owner, a note."""

from collections.abc import Collection

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.accounts import Accounts, nameless
from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.events.event import Event
from chalicelib.domain.events.labels import labels_of
from chalicelib.domain.routing.matchers import MatchContext, Matcher, match_all


class Annotation(Struct, frozen=True, kw_only=True):
    """The URL of a runbook, the owner, a note."""

    runbook: str = ""
    owner: str = ""
    note: str = ""

    def __bool__(self) -> bool:
        """Return whether anything is set."""
        return bool(self.runbook or self.owner or self.note)


NO_ANNOTATION = Annotation()


class AnnotationRule(Struct, frozen=True, kw_only=True):
    """Adds an annotation to whatever all of `matchers` match."""

    name: str
    matchers: tuple[Matcher, ...]
    annotation: Annotation


class Annotations(Struct, frozen=True):
    """The current rules; `labels` are the names of all labels that they match."""

    rules: tuple[AnnotationRule, ...] = ()
    labels: Collection[str] = ()
    accounts: Accounts = nameless

    def of(self, subject: Event | Alert, now: int) -> Annotation:
        """Return the annotation for an event or alert: each part from the first rule that matches and has it."""
        if not self.rules:
            return NO_ANNOTATION
        if isinstance(subject, Event):
            subject = replace(subject, labels=labels_of(subject.detail, self.labels))
        context = MatchContext(subject, now, self.accounts)
        fitting = [each.annotation for each in self.rules if match_all(each.matchers, context)]
        return Annotation(
            runbook=next((each.runbook for each in fitting if each.runbook), ""),
            owner=next((each.owner for each in fitting if each.owner), ""),
            note=next((each.note for each in fitting if each.note), ""),
        )


NOT_ANNOTATED = Annotations()
