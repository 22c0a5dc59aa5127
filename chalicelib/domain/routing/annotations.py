"""Annotations: what a team adds to messages about what it knows: a runbook, an owner, a note."""

from collections.abc import Iterable

from msgspec import Struct

from chalicelib.domain.routing.matchers import MatchContext, Matcher, match_all


class Annotation(Struct, frozen=True, kw_only=True):
    """What helps whoever is notified: the address of a runbook, who looks after it, a note."""

    runbook: str = ""
    owner: str = ""
    note: str = ""

    def __bool__(self) -> bool:
        """Tell whether it says anything."""
        return bool(self.runbook or self.owner or self.note)


NO_ANNOTATION = Annotation()


class AnnotationRule(Struct, frozen=True, kw_only=True):
    """Adds an annotation to what fits all of `matchers`."""

    name: str
    matchers: tuple[Matcher, ...]
    annotation: Annotation


def annotation_of(rules: Iterable[AnnotationRule], context: MatchContext) -> Annotation:
    """Return all that the rules add: of each part, what the first rule says that says any."""
    fitting = [each.annotation for each in rules if match_all(each.matchers, context)]
    if not fitting:
        return NO_ANNOTATION
    return Annotation(
        runbook=next((each.runbook for each in fitting if each.runbook), ""),
        owner=next((each.owner for each in fitting if each.owner), ""),
        note=next((each.note for each in fitting if each.note), ""),
    )
