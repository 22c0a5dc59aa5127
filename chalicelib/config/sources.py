"""sources.toml as pydantic models: a team's own kinds of events, in the catalogue's form."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, PlainValidator, StrictBool, StringConstraints, model_validator
from pydantic import Field as Key

from chalicelib.config.fields import KIND, SOURCE, OneOrMore, shown
from chalicelib.config.toml_reader import Mistake, Table, accepted, elements, misplaced, tables_in, validated
from chalicelib.domain.events.event import Severity
from chalicelib.domain.events.lifecycle import Lifecycle
from chalicelib.sources.declared import DETAIL_TYPE, FORMS, DeclaredSource, Grading

MOST_SOURCES, LONGEST = 100, 200
# What stands in a rule's name, and in a group's: the agent's stack has a parameter for each.
GROUPS = ("security", "availability", "deployments", "jobs", "cost", "certificates", "capacity")
# A source that is switched by no group is always forwarded.
ALWAYS = "core"
LOWEST_DEPTH = 1
_FORMS = " or ".join(f"@{form}" for form in FORMS)

type GradeName = Literal["UNKNOWN", "LOW", "MEDIUM", "HIGH", "CRITICAL"]
type KindName = Annotated[str, StringConstraints(pattern=KIND)]
# The hub's bus takes no others from agents.
type SourceName = Annotated[str, StringConstraints(pattern=SOURCE, max_length=LONGEST)]
type LineText = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)]
type LifecycleName = Literal["point", "recurring", "continuous", "planned"]
type Bound = Annotated[float, Key(strict=False)]


def _place(value: Any) -> str:
    """Check a place in an event; ValueError says what is wrong with it."""
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST:
        raise ValueError(f'invalid place {shown(value)}; expected one such as "job.name"')
    for each in value.split("|"):
        where, *forms = each.strip().split("@")
        if unknown := [form for form in forms if form not in FORMS]:
            raise ValueError(f"invalid form @{unknown[0]}; expected {_FORMS}")
        steps = where.split(".")
        if not all(steps) or any("{" in step or "[" in step for step in steps):
            raise ValueError(f'invalid place {shown(each.strip())}; expected keys with dots between them, "job.name"')
    return value


def _template(value: Any) -> str:
    """Check a template; ValueError says what is wrong with it."""
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST:
        raise ValueError(f"invalid text {shown(value)}; expected text of up to {LONGEST} characters")
    depth = {"{": 0, "[": 0}
    for char in value:
        opening = {"}": "{", "]": "["}.get(char, char)
        if opening in depth:
            depth[opening] += 1 if char == opening else -1
            if not 0 <= depth[opening] <= LOWEST_DEPTH:
                raise ValueError(f"{shown(value)} has a {char} that does not belong there")
    if any(depth.values()):
        raise ValueError(f"{shown(value)} has a bracket that is not closed")
    for part in value.split("{")[1:]:
        _place(part.partition("}")[0])
    return value


def _link(value: Any) -> str | dict[str, str]:
    """Check a link, whose service is one of the console's and has no places; ValueError says what is wrong with it."""
    if isinstance(value, dict):
        return {name: str(_link(each)) for name, each in value.items()}
    service, is_place, _ = _template(value).partition("#")
    if is_place and not value.startswith("{") and ("{" in service or service.endswith("/home")):
        raise ValueError(f'invalid service {shown(service)}; expected one such as "batch", without places and /home')
    return str(value)


type PlaceText = Annotated[str, PlainValidator(_place, json_schema_input_type=LineText)]
type TemplateText = Annotated[str, PlainValidator(_template, json_schema_input_type=LineText)]
type Links = Annotated[
    str | dict[str, str], PlainValidator(_link, json_schema_input_type=LineText | dict[str, LineText])
]
type DetailPattern = dict[str, Any]


class GradingTable(Table):
    """How bad an event is, by what stands at a place."""

    place: PlaceText = Key(description="Where it stands")
    values: dict[str, GradeName] = Key({}, description="The severity of each value")
    at_least: tuple[tuple[Bound, GradeName], ...] = Key((), description="From a number on, the highest first")
    at_most: tuple[tuple[Bound, GradeName], ...] = Key((), description="Up to a number, the lowest first")
    default: GradeName = Key("UNKNOWN", description="Where none of these says it")


def _grading(value: Any) -> Any:
    """Take the name of a severity for a table that has nothing but a default."""
    if not isinstance(value, str):
        return value
    if value not in Severity.__members__:
        raise ValueError(f"invalid severity {shown(value)}; expected one of {', '.join(Severity.__members__)}")
    return {"place": "$source", "default": value}


type Graded = Annotated[GradingTable, BeforeValidator(_grading, json_schema_input_type=GradeName | GradingTable)]


class SourceTable(Table):
    """One kind of event."""

    kind: KindName = Key(description="What the kind is called: small letters, digits and _")
    about: LineText = Key(description="What such an event says, in one line of the documentation")
    group: Literal[*GROUPS, ALWAYS] = Key(ALWAYS, description="The group that switches it in agents; core is always on")  # type: ignore[valid-type]
    source: SourceName = Key(description="EventBridge's source, such as aws.batch or custom.billing")
    detail_types: OneOrMore[LineText] = Key(description="EventBridge's detail types")
    state: OneOrMore[PlaceText] = Key((), description="Where its state stands; without one, every event is a problem")
    problems: OneOrMore[LineText] = Key((), description="States that are a problem")
    ends: OneOrMore[LineText] = Key((), description="States that end a problem")
    ends_always: StrictBool = Key(default=False, description="Forward what ends a problem wherever the group is on")
    forward_all: StrictBool = Key(default=False, description="Forward every event that the filter lets through")
    quiet: StrictBool = Key(default=False, description="Forward it only where its group is on for all")
    notice: StrictBool = Key(default=False, description="It is only noted: stored, and announced to nobody")
    unless: PlaceText = Key("", description="Where something stands if it is only noted after all, such as an error")
    rechecked: PlaceText = Key("", description="Where something stands if it is found anew each day while it is there")
    everywhere: StrictBool = Key(default=False, description="Whether a problem is the same one in all regions")
    severity: Graded = Key(description="How bad a problem is")
    identity: OneOrMore[PlaceText] = Key(description="What makes two events of an account and region one problem")
    occurrence: OneOrMore[PlaceText] = Key((), description="What makes two deliveries the same event")
    each: PlaceText = Key("", description="A list of which each element is a problem of its own")
    title: TemplateText = Key(description="The first line of the message")
    resource: PlaceText = Key("", description="What it is about")
    account: PlaceText = Key("", description="The account that it is about, if not the sender's")
    region: PlaceText = Key("", description="The region that it is about, if not the sender's")
    at: PlaceText = Key("", description="When it happened, if not when it was sent")
    due_at: PlaceText = Key("", description="When what is planned begins or ends")
    due_in_days: PlaceText = Key("", description="In how many days that is")
    revision: PlaceText = Key("", description="What tells a new state of a running problem from the last")
    link: Links = Key(
        "", description="A link into the console: service#fragment, a path, a {place}, or one of these per detail type"
    )
    description: PlaceText = Key("", description="What the message says below the title")
    facts: dict[str, PlaceText] = Key({}, description="Further lines of the message: a label, and a place")
    lifecycle: LifecycleName | dict[str, LifecycleName] = Key(
        "point", description="How a problem lasts, or what each detail type says of it"
    )
    filter: DetailPattern = Key({}, description="Which details agents forward, in EventBridge's words")
    problem_filter: DetailPattern = Key({}, description="Which of them are forwarded as problems")
    ends_filter: DetailPattern = Key({}, description="Which are forwarded as ends, where the filter lets none through")

    @model_validator(mode="after")
    def _states(self) -> "SourceTable":
        if (self.problems or self.ends) and not self.state:
            raise misplaced("required (where the state stands that problems and ends name)", "state")
        if self.state and not self.problems:
            raise misplaced("required (the states that are a problem)", "problems")
        both = sorted(set(self.problems) & set(self.ends))
        if both:
            raise misplaced(f"{shown(both[0])} cannot both be a problem and end one", "ends")
        return self

    def declared(self) -> DeclaredSource:
        """Return it as functions read it."""
        given = {name: getattr(self, name) for name in type(self).model_fields if name != "severity"}
        graded = {name: getattr(self.severity, name) for name in Grading.__struct_fields__}
        return DeclaredSource(**given | {"severity": Grading(**graded), "lifecycle": _lifecycle(self.lifecycle)})


def _lifecycle(named: LifecycleName | dict[str, LifecycleName]) -> Lifecycle | dict[str, Lifecycle]:
    return {name: Lifecycle(each) for name, each in named.items()} if isinstance(named, dict) else Lifecycle(named)


class SourcesTables(Table):
    """The tables of sources.toml."""

    source: tuple[SourceTable, ...] = Key((), description="Kinds of events")


def read(text: str, name: str, known: frozenset[str] = frozenset()) -> tuple[DeclaredSource, ...]:
    """Read the text of the file called `name`; Invalid has each mistake, with a line such as sources.toml:12.

    `known` are the kinds that there are already, of which none may be declared again.
    """
    tables = tables_in(text, name)
    file, mistakes = validated(SourcesTables, tables)
    declared = [*elements(tables, "source")]
    mistakes += _taken(declared, known)
    if len(declared) > MOST_SOURCES:
        count = len(declared)
        mistakes.append((("source", MOST_SOURCES), f"source: there are {count} kinds; there may be {MOST_SOURCES}"))
    return tuple(each.declared() for each in accepted(file, mistakes, text, name).source)


def _taken(declared: Any, known: frozenset[str]) -> Iterator[Mistake]:
    taken = set(known)
    for path, table in declared:
        kind = table.get("kind")
        if isinstance(kind, str) and kind in taken:
            yield (*path, "kind"), f"kind: there is a kind {shown(kind)} already"
        taken.add(kind if isinstance(kind, str) else "")


__all__ = ["ALWAYS", "DETAIL_TYPE", "GROUPS", "SourceTable", "SourcesTables", "read"]
