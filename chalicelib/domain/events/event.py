"""Events: one occurrence each, immutable, from the envelope that carried it to the form that the hub keeps."""

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
# What gave the severity that a source only assumes; a setting says another.
ASSUMED = "assumed"
# A list shows so many resources of an event.
LISTED_RESOURCES = 3
# Times are kept with ten digits, which is until the year 2286.
LATEST = 9_999_999_999
# So many characters of a fingerprint tell a problem's children from each other; so many children are known.
CHILD, MOST_CHILDREN = 10, 100
# So many characters of a digest tell one revision of a problem from the others.
REVISION = 8


class Severity(IntEnum):
    """How bad it is; UNKNOWN means that nobody could tell, and is never filtered away."""

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

    `identity` tells problems apart and becomes the fingerprint; `occurrence` tells events apart and becomes the id
    (empty: the envelope's content does). `account`, `region` and `at` are set where the detail knows better than the
    envelope. `state` is what AWS calls the resource's state, such as a stack's status, where lists need it. `lines` is
    how many log lines it stands for, 0 where it is not about lines. `severity_by` says what gave the severity,
    where that was not the source itself: a tag, a name, or ASSUMED.

    `lifecycle` is how the problem lasts. `revision` tells what is now said of it from what was said before, such as the
    id of a communication: another one, while the problem goes on, is an update. `due_at` is when a planned problem
    starts, or must be dealt with. An `intermittent` one comes and goes by nature, as a sparse metric's data do. A
    `replicated` one may only repeat what another region has said, and one that is `everywhere` is in no region more
    than in others. What sums up others names their fingerprints as its `children`.
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
    """One occurrence, as the hub keeps it.

    `id` is the time of publication and a digest, so that ids sort by time; `kind` names the source's module and
    template; `state` is what AWS calls the resource's state; `lines` is how many log lines it stands for. `revision` is
    a digest, and `due_at` 0 where nothing is planned. Where an event stands in a list `detail` is None, and what
    is UNLISTED is not known. `severity_by` says what gave the severity where the source did not: a tag, a
    name, or a rule, and then `source_severity` is what it would be without the rule. `labels` are what rules match of
    its detail; they follow from it, and are not stored with it. Of the fingerprints of its `children` the
    beginnings are kept.
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
        """Join an envelope and what its source made of the detail."""
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
        """How many whole days it was old when it arrived; negative where it claims to come from the future."""
        return (self.received_at - self.published_at) // DAY

    def abridged(self) -> Self:
        """Return the event as a list shows it: without its detail and with the first resources only."""
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
    """Return a time that can be stored and shown, epoch seconds; 0 for none."""
    return at if at is not None and 0 < at <= LATEST else 0


fingerprint_of = digest
"""What tells a problem from all others: made of its kind, and of what its source takes for its identity."""


def event_id_of(kind: str, published_at: int, occurrence: Iterable[str]) -> str:
    """Return an event's id: its time, so that ids sort by time, and what tells it from all others of its kind."""
    return f"{published_at:010d}-{digest(kind, *occurrence)}"
