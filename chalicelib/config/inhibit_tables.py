"""Inhibitions of routes.toml: which alerts inhibit which others."""

from typing import Annotated, Any, Self

from pydantic import AfterValidator, StrictBool, model_validator
from pydantic import Field as Key

from chalicelib.config.fields import AnyNumber, Name, shown
from chalicelib.config.match_tables import TAGS, ChoosingTable
from chalicelib.config.toml_reader import Table, misplaced
from chalicelib.domain.events.labels import label_name
from chalicelib.domain.routing.inhibitions import FIELDS, SERVICE, InhibitRule

EQUAL = (*map(str, FIELDS), SERVICE)
LONGEST_EQUAL = 150


def _equal(value: str) -> str:
    table, dot, key = value.partition(".")
    if value in EQUAL or (dot and key and table in TAGS):
        return value
    expected = f"{', '.join(EQUAL)}, or a path such as tags.team, alarm_tags.team or detail.a.b"
    raise ValueError(f"invalid field {shown(value)}; expected one of {expected}")


type Equal = Annotated[str, Key(max_length=LONGEST_EQUAL), AfterValidator(_equal)]


class SideTable(ChoosingTable):
    """One side of an inhibition."""

    @model_validator(mode="after")
    def _refuse_hours(self) -> Self:
        for key, table in (("match", self.match), ("not", self.except_)):
            if table.hours:
                raise misplaced("an inhibition holds at all hours", key, "hours")
        return self


class InhibitTable(Table):
    """What need not be announced, as something that people know of already explains it."""

    name: Name = Key(description="What outcomes call it")
    source: SideTable = Key(description="What explains others, while it goes on, for a day at most")
    target: SideTable = Key(SideTable(), description="What is held back meanwhile")
    equal: AnyNumber[Equal] = Key((), description="The fields in which both are equal")
    children: StrictBool = Key(
        default=False, description="Holds back only what the source sums up: the alarms that a composite alarm names"
    )
    critical: StrictBool = Key(default=False, description="Holds back what is CRITICAL, too")

    @model_validator(mode="after")
    def _choose_both(self) -> Self:
        if not self.source.matchers:
            raise misplaced("expected match", "source")
        if not (self.target.matchers or self.children):
            raise misplaced("expected match, or else children = true", "target")
        return self

    @property
    def labels(self) -> set[str]:
        """The names of the labels that either side matches, or that are compared."""
        return self.source.labels | self.target.labels | self.rule().labels

    def rule(self) -> InhibitRule:
        """Return the rule that it declares."""
        said: dict[str, Any] = {name: getattr(self, name) for name in ("name", "children", "critical")}
        equal = tuple(map(_label, self.equal))
        return InhibitRule(source=self.source.matchers, target=self.target.matchers, equal=equal, **said)


def _label(equal: str) -> str:
    """Return a field, or the domain's name for the label or tag."""
    table, dot, key = equal.partition(".")
    return label_name(TAGS[table], key) if dot else equal
