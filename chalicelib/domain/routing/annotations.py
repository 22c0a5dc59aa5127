"""Annotations: what a team adds to messages about what it knows: a runbook, an owner, a note."""

from collections.abc import Collection

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.accounts import Accounts, nameless
from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.events.event import Event
from chalicelib.domain.events.labels import labels_of
from chalicelib.domain.routing.matchers import MatchContext, Matcher, match_all


class Annotation(Struct, frozen=True, kw_only=True):
    """What helps whoever is notified: the address of a runbook, who looks after it, a note."""

    runbook: str = ""
    owner: str = ""
    note: str = ""

    def __bool__(self) -> bool:
        """Return whether it says anything."""
        return bool(self.runbook or self.owner or self.note)


NO_ANNOTATION = Annotation()


class AnnotationRule(Struct, frozen=True, kw_only=True):
    """Adds an annotation to what fits all of `matchers`."""

    name: str
    matchers: tuple[Matcher, ...]
    annotation: Annotation


class Annotations(Struct, frozen=True):
    """The rules of now; `labels` are the names of the labels that any rule matches."""

    rules: tuple[AnnotationRule, ...] = ()
    labels: Collection[str] = ()
    accounts: Accounts = nameless

    def of(self, subject: Event | Alert, now: int) -> Annotation:
        """Return all that the rules add: of each part, what the first rule that fits and has it says."""
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
