"""Events: one occurrence each, immutable, from the envelope to the form in which the hub stores it."""

from collections.abc import Iterable, Mapping
from enum import IntEnum, StrEnum
from typing import Any, Self

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.events.envelope import RESOURCE_LENGTH, Envelope
from chalicelib.domain.events.labels import Labels
from chalicelib.domain.events.lifecycle import Lifecycle
from chalicelib.domain.text import clean, digest, word
from chalicelib.domain.timestamps import DAY

TITLE_LENGTH = 200
LINK_LENGTH = 2_000
# `severity_by` of a severity that a source only assumes; a setting may replace it.
ASSUMED = "assumed"
# Resources of an event that lists show.
LISTED_RESOURCES = 3
# Times are stored with ten digits, which is until the year 2286.
LATEST = 9_999_999_999
# Characters of a fingerprint that distinguish a problem's children, and how many children are stored.
CHILD, MOST_CHILDREN = 10, 100
# Characters of a digest that distinguish revisions of a problem.
REVISION = 8


class Severity(IntEnum):
    """How bad something is; UNKNOWN means that nobody could tell, and passes every filter."""

    UNKNOWN = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4


class Signal(StrEnum):
    """What an event says about its problem: that it fires, that it is resolved, or neither.

    HISTORICAL says that it fired in the past, as was found only now; INFORMATIONAL is about no problem, and announced
    nevertheless.
    """

    FIRING = "firing"
    RESOLVED = "resolved"
    NOTICE = "notice"
    HISTORICAL = "historical"
    INFORMATIONAL = "informational"


class Summary(Struct, frozen=True, kw_only=True):
    """What a source makes of one detail.

    `identity` distinguishes problems and becomes the fingerprint; `occurrence` distinguishes events and becomes the id
    (empty: the envelope's content does). `account`, `region` and `at` are set if the detail knows better than the
    envelope. `state` is AWS's name for the resource's state, such as a stack's status, if lists need it. `lines` is how
    many log lines it stands for, 0 if it is not about lines. `severity_by` says what gave the severity, if not the
    source itself: a tag, a name, or ASSUMED.

    `lifecycle` is how the problem lasts. `revision` identifies what is now said about the problem, such as the id of a
    communication: another one, while the problem goes on, is an update. `due_at` is when a planned problem starts, or
    must be dealt with. An `intermittent` one comes and goes by nature, such as missing data of a sparse metric. A
    `replicated` one may only repeat what another region has reported, and one that is `everywhere` belongs to no region
    in particular. An event that sums up others has their fingerprints as `children`.
    """

    title: str
    severity: Severity
    identity: tuple[str, ...]
    occurrence: tuple[str, ...] = ()
    signal: Signal = Signal.FIRING
    account: str = ""
    region: str = ""
    at: int | None = None
    lines: int = 0
    resource: str = ""
    state: str = ""
    link: str = ""
    lifecycle: Lifecycle = Lifecycle.CONTINUOUS
    revision: str = ""
    due_at: int | None = None
    intermittent: bool = False
    replicated: bool = False
    everywhere: bool = False
    children: tuple[str, ...] = ()
    severity_by: str = ""


class Event(Struct, frozen=True, kw_only=True):
    """One occurrence, as the hub stores it.

    `id` is the time of publication and a digest, so that ids sort by time; `kind` names the source's module and
    template; `state` is AWS's name for the resource's state; `lines` is how many log lines it stands for. `revision` is
    a digest, and `due_at` is 0 if nothing is planned. In lists, `detail` is None, and the fields in UNLISTED are
    unknown. `severity_by` says what gave the severity if not the source: a tag, a name, or a rule; then
    `source_severity` is what it would be without the rule. `labels` are the values that rules match in its detail,
    derived from it and not stored. Of the fingerprints of its `children`, the first characters are stored.
    """

    id: str
    kind: str
    source: str
    detail_type: str
    account: str
    region: str
    severity: Severity
    signal: Signal
    title: str
    fingerprint: str
    resource: str
    resources: tuple[str, ...]
    link: str
    published_at: int
    received_at: int
    detail: Any
    lines: int = 0
    state: str = ""
    lifecycle: Lifecycle = Lifecycle.CONTINUOUS
    revision: str = ""
    due_at: int = 0
    intermittent: bool = False
    replicated: bool = False
    everywhere: bool = False
    children: tuple[str, ...] = ()
    source_severity: Severity = Severity.UNKNOWN
    severity_by: str = ""
    labels: Labels = {}

    @classmethod
    def of(cls, envelope: Envelope, kind: str, summary: Summary) -> Self:
        """Join an envelope and the summary that its source made of the detail."""
        published_at = envelope.moment(summary.at, of_lines=summary.lines > 0)
        return cls(
            due_at=_time(summary.due_at),
            id=event_id_of(kind, published_at, summary.occurrence or envelope.content),
            fingerprint=fingerprint_of(kind, *summary.identity),
            kind=kind,
            source=envelope.source,
            detail_type=envelope.detail_type,
            account=word(summary.account) or envelope.account,
            region=word(summary.region) or envelope.region,
            severity=summary.severity,
            severity_by=word(summary.severity_by),
            signal=summary.signal,
            title=clean(summary.title, TITLE_LENGTH) or "(no title)",
            resource=clean(summary.resource, RESOURCE_LENGTH),
            resources=envelope.resources,
            link=summary.link if len(summary.link) <= LINK_LENGTH else "",
            published_at=published_at,
            received_at=envelope.received_at,
            detail=envelope.detail,
            lines=summary.lines,
            state=word(summary.state),
            lifecycle=summary.lifecycle,
            revision=digest(summary.revision)[:REVISION] if summary.revision else "",
            intermittent=summary.intermittent,
            replicated=summary.replicated,
            everywhere=summary.everywhere,
            children=tuple([each[:CHILD] for each in summary.children[:MOST_CHILDREN]]),
        )

    @property
    def days_old(self) -> int:
        """How many full days old it was on arrival; negative if it is dated in the future."""
        return (self.received_at - self.published_at) // DAY

    def abridged(self) -> Self:
        """Return the event as lists show it: without its detail and with the first resources only."""
        return replace(self, detail=None, resources=self.resources[:LISTED_RESOURCES], **UNLISTED)


# What else no list shows of an event, and what is there in its place.
UNLISTED: Mapping[str, Any] = {
    "lifecycle": Lifecycle.CONTINUOUS,
    "revision": "",
    "due_at": 0,
    "intermittent": False,
    "replicated": False,
    "everywhere": False,
    "children": (),
}


def _time(at: int | None) -> int:
    """Return a time that can be stored and shown (epoch seconds); 0 for none."""
    return at if at is not None and 0 < at <= LATEST else 0


fingerprint_of = digest
"""What tells a problem from all others: made of its kind, and of what its source takes for its identity."""


def event_id_of(kind: str, published_at: int, occurrence: Iterable[str]) -> str:
    """Return an event's id: its time, so that ids sort by time, and a digest that distinguishes it within its kind."""
    return f"{published_at:010d}-{digest(kind, *occurrence)}"
