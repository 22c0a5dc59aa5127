"""Events: one occurrence each, immutable, from the envelope that carried it to the form that the hub keeps."""

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from typing import Any, Self

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.redaction import redacted_detail
from chalicelib.domain.text import canonical, clean, digest, strict, word

DAY = 86_400
# A clock may be wrong by a day; an event from further ahead would stand first in every list until then.
FURTHEST_AHEAD = DAY
TITLE_LENGTH = 200
RESOURCE_LENGTH = 512
LINK_LENGTH = 2_000
# An item of the table holds 400 kB; a source that lists more resources lists them in its detail.
MOST_RESOURCES = 100
# A list shows so many of them.
LISTED_RESOURCES = 3


class Severity(IntEnum):
    """How bad it is; UNKNOWN means that nobody could tell, and is never filtered away."""

    UNKNOWN = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4


class Signal(StrEnum):
    """What an event says of its problem: it is there, it is over, or neither.

    HISTORY says that it was there, as is found out only now; NEWS is about no problem, and to be told all the same.
    """

    FIRING = "firing"
    RESOLVED = "resolved"
    NOTICE = "notice"
    HISTORY = "history"
    NEWS = "news"


class Envelope(Struct, frozen=True, kw_only=True):
    """What EventBridge delivers, whatever shape it came in; `detail` is strict JSON."""

    id: str
    source: str
    detail_type: str
    account: str
    region: str
    time: int
    resources: tuple[str, ...]
    detail: Any
    received_at: int

    @classmethod
    def parse(cls, raw: Any, received_at: int) -> Self:
        """Read any JSON value as an envelope; what is missing or of a wrong type gets the plainest stand-in.

        A missing, unreadable or far-future time becomes `received_at`. Of many resources the first hundred are kept.
        An envelope that is no object is all detail. Secrets in the detail go no further than here.
        """
        strictly = strict(raw)
        fields = strictly if isinstance(strictly, dict) else {"detail": strictly}
        resources, source = fields.get("resources"), word(fields.get("source"))
        return cls(
            id=word(fields.get("id")),
            source=source,
            detail_type=word(fields.get("detail-type")),
            account=word(fields.get("account")),
            region=word(fields.get("region")),
            time=_plausible(parse_time(fields.get("time")), received_at, instead=received_at),
            resources=_few(resources) if isinstance(resources, list) else (),
            detail=redacted_detail(fields.get("detail", {}), by_name=not source.startswith("aws.")),
            received_at=received_at,
        )

    @property
    def content(self) -> tuple[str, ...]:
        """What tells this event from others where its detail names no occurrence.

        The envelope's id does not: a replay from an archive may give the same event another one.
        """
        place = (self.account, self.region, self.source, self.detail_type, str(self.time))
        return (*place, *self.resources, canonical(self.detail).decode())


class Summary(Struct, frozen=True, kw_only=True):
    """What a source makes of one detail.

    `identity` tells problems apart and becomes the fingerprint; `occurrence` tells events apart and becomes the id
    (empty: the envelope's content does). `account`, `region` and `at` are set where the detail knows better than the
    envelope. `lines` is how many log lines it stands for, 0 where it is not about lines.
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
    link: str = ""


class Event(Struct, frozen=True, kw_only=True):
    """One occurrence, as the hub keeps it.

    `id` is the time of publication and a digest, so that ids sort by time; `kind` names the source's module and
    template; `lines` is how many log lines it stands for. `detail` is None where an event stands in a list.
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

    @classmethod
    def of(cls, envelope: Envelope, kind: str, summary: Summary) -> Self:
        """Join an envelope and what its source made of the detail."""
        published_at = _plausible(summary.at, envelope.received_at, instead=envelope.time)
        occurrence, fingerprint = summary.occurrence or envelope.content, fingerprint_of(kind, summary.identity)
        return cls(
            id=f"{published_at:010d}-{digest(kind, *occurrence)}",
            kind=kind,
            source=envelope.source,
            detail_type=envelope.detail_type,
            account=word(summary.account) or envelope.account,
            region=word(summary.region) or envelope.region,
            severity=summary.severity,
            signal=summary.signal,
            title=clean(summary.title, TITLE_LENGTH) or "(no title)",
            fingerprint=fingerprint,
            resource=clean(summary.resource, RESOURCE_LENGTH),
            resources=envelope.resources,
            link=summary.link if len(summary.link) <= LINK_LENGTH else "",
            published_at=published_at,
            received_at=envelope.received_at,
            detail=envelope.detail,
            lines=summary.lines,
        )

    def abridged(self) -> Self:
        """Return the event as a list shows it: without its detail and with the first resources only."""
        return replace(self, detail=None, resources=self.resources[:LISTED_RESOURCES])


def fingerprint_of(kind: str, identity: Iterable[str]) -> str:
    """Return what tells a problem from all others: its kind, and what its source takes for its identity."""
    return digest(kind, *identity)


def parse_time(value: Any) -> int | None:
    """Read ISO 8601 text (without an offset: UTC) as epoch seconds; None where it is none."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        return None


def iso(time: int) -> str:
    """Write epoch seconds as ISO 8601 in UTC."""
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _few(resources: list[Any]) -> tuple[str, ...]:
    return tuple(clean(each, RESOURCE_LENGTH) for each in resources[:MOST_RESOURCES])


def _plausible(time: int | None, received_at: int, instead: int) -> int:
    return time if time is not None and 0 <= time <= received_at + FURTHEST_AHEAD else instead
