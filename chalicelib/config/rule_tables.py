"""Rules of routes.toml that notify nobody: severities and annotations."""

from typing import Self

from pydantic import Field as Key
from pydantic import model_validator

from chalicelib.config.fields import Address, Count, Interval, Line, Name, Note, SeverityName
from chalicelib.config.match_tables import ChoosingTable
from chalicelib.config.toml_reader import misplaced
from chalicelib.domain.events.event import Severity
from chalicelib.domain.routing.annotations import Annotation, AnnotationRule
from chalicelib.domain.routing.routes import HOUR
from chalicelib.domain.routing.severities import SeverityRule


class SeverityTable(ChoosingTable):
    """How bad something is, whatever its source says; of several rules that fit the first counts."""

    name: Name = Key(description="What events and messages call it")
    set_: SeverityName = Key(alias="set", description="The severity of what fits")
    min_count: Count | None = Key(
        None, description="How often it must fire within min_count_window first, in log lines or events"
    )
    min_count_window: Interval = Key(HOUR, description="The time within which min_count must be reached")

    @model_validator(mode="after")
    def _refuse_useless(self) -> Self:
        if self.min_count is None and "min_count_window" in self.model_fields_set:
            raise misplaced("has no effect without min_count", "min_count_window")
        return self

    def rule(self) -> SeverityRule:
        """Return the rule that it declares."""
        return SeverityRule(
            name=self.name,
            matchers=self.matchers,
            severity=Severity[self.set_],
            min_count=self.min_count or 1,
            min_count_window=self.min_count_window,
        )


class AnnotationTable(ChoosingTable):
    """What messages about something say besides; of several rules that fit each part is the first's that has it."""

    name: Name = Key(description="What it is called where it is explained")
    runbook: Address | None = Key(None, description="The address of a page that says what to do")
    owner: Line | None = Key(None, description="Who looks after it: a team or a person")
    note: Note | None = Key(None, description="What else there is to know: one line")

    @model_validator(mode="after")
    def _say_something(self) -> Self:
        if not self.model_fields_set & {"runbook", "owner", "note"}:
            raise misplaced("expected runbook, owner or note")
        return self

    def rule(self) -> AnnotationRule:
        """Return the rule that it declares."""
        said = Annotation(runbook=self.runbook or "", owner=self.owner or "", note=self.note or "")
        return AnnotationRule(name=self.name, matchers=self.matchers, annotation=said)
