"""Your own events: whatever an account sends with a source that begins with `custom.`.

Seven fields of the detail mean something to the hub, all of them optional (docs/custom-events.md); what stands in one
of them and cannot be understood is said in the message, and is as good as left out. The rest of the detail is shown as
it is. Anyone in an account can send such an event, so the account is always the envelope's.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Self

from msgspec import field

from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.events.event import Severity, Signal, Summary
from chalicelib.domain.events.lifecycle import Lifecycle
from chalicelib.domain.text import clean, word
from chalicelib.sources.registry import CUSTOM_PREFIX
from chalicelib.sources.schema import Declaration, Detail

FIRING, RESOLVED = "firing", "resolved"
# What else people write for the two.
STATUSES = {
    **dict.fromkeys((FIRING, "failed", "failure", "error", "alarm", "problem", "down"), FIRING),
    **dict.fromkeys((RESOLVED, "ok", "success", "succeeded", "successful", "completed", "recovered", "up"), RESOLVED),
}
# Statuses of what has happened, and lasts no time.
HAPPENED = ("failed", "failure", "error")
# How the kind of an event, or its title, says by itself that something went well, or did not.
WENT_WELL = frozenset(
    ("ok", "success", "succeeded", "successful", "successfully", "completed", "recovered", "resolved")
)
FAILED = frozenset(
    ("failed", "failure", "failing", "error", "errors", "aborted", "timeout", "missed", "unhealthy", "unsuccessful")
)
NOT = frozenset(("not", "no", "never", "without"))
TEXTS = ("title", "dedup_key", "resource", "description")
# Which fields name what an event is about, where it has no `resource`; the first that is there does.
NAMING = (
    *("resource", "job", "task", "pipeline", "workflow", "service", "function", "application", "app", "component"),
    *("queue", "topic", "table", "bucket", "database", "cluster", "host", "instance", "server", "project", "name"),
)
LINK_LENGTH = 2_000
TITLE_WORDS = 200
_WORD = r"[^\W_]+"
_ALONE = r"(?<![\w-])\d[\d.,:]*+(?![\w-])"


class CustomEvent(Detail, frozen=True, kw_only=True):
    """What its sender says of an event; any JSON value stands in these fields until it has been read."""

    severity: Any = None
    status: Any = None
    title: Any = None
    dedup_key: Any = None
    resource: Any = None
    link: Any = None
    description: Any = None
    names: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, detail: Any) -> Self:
        """Read any JSON value; only an object has fields."""
        given = detail if isinstance(detail, dict) else {}
        known = {name: given.get(name) for name in (*TEXTS, "severity", "status", "link")}
        return cls(**known, names=_names(given))

    def summary(self, envelope: Envelope) -> Summary:
        """Take what its sender says; what is not said is UNKNOWN, and firing unless the event is called a success."""
        resource = _text(self.resource) or next(iter(envelope.resources), "") or next(iter(self.names.values()), "")
        signal = self._signal(envelope.detail_type)
        return Summary(
            title=self._title(envelope, resource),
            severity=Severity.LOW if signal is Signal.RESOLVED else self._severity(),
            identity=self._identity(envelope, resource),
            signal=signal,
            lifecycle=self._lifecycle(envelope.detail_type),
            resource=resource,
            link=_link(self.link) or "",
        )

    def remarks(self) -> Iterator[str]:
        """Say of each field that is not understood what it should be."""
        if self.severity is not None and _severity(self.severity) is None:
            yield f"severity {_shown(self.severity)} is not understood; expected {', '.join(_SEVERITIES)}"
        if self.status is not None and _status(self.status) is None:
            yield f"status {_shown(self.status)} is not understood; expected {FIRING} or {RESOLVED}"
        for name in TEXTS:
            value = getattr(self, name)
            if value is not None and not _text(value):
                yield f"{name} {_shown(value)} is not understood; expected a text that is not empty"
        if self.link is not None and not _link(self.link):
            yield f"link {_shown(self.link)} is not understood; expected an address that begins with https://"

    def _severity(self) -> Severity:
        return _severity(self.severity) or Severity.UNKNOWN

    def _signal(self, detail_type: str) -> Signal:
        status = _status(self.status)
        if status is None and self.status is None and _went_well(detail_type):
            status = RESOLVED
        return Signal.RESOLVED if status == RESOLVED else Signal.FIRING

    def _lifecycle(self, detail_type: str) -> Lifecycle:
        """Take for continuous what its sender calls firing: it will say when it is over."""
        if _folded(self.status) in HAPPENED or (self.status is None and FAILED & _words(detail_type)):
            return Lifecycle.POINT
        return Lifecycle.CONTINUOUS if _status(self.status) else Lifecycle.RECURRING

    def _title(self, envelope: Envelope, resource: str) -> str:
        if _text(self.title):
            return _text(self.title)
        named = f": {resource}" if resource in self.names.values() else ""
        return f"{envelope.detail_type or 'Event'}{named} ({envelope.source})"

    def _identity(self, envelope: Envelope, resource: str) -> tuple[str, ...]:
        """Tell problems apart by the sender's key, or else by what the event is about and what it says of that.

        How it went is left out: `Run failed` and `Run succeeded` are about the same.
        """
        if _text(self.dedup_key):
            return (envelope.source, envelope.account, "key", _text(self.dedup_key))
        place = (envelope.source, envelope.account, envelope.region)
        about = resource or _without_numbers(_text(self.title))
        return (*place, "about", _subject(envelope.detail_type), about if resource else _subject(about))


_SEVERITIES = tuple(each.name for each in Severity)


def remarks_of(detail: Any) -> list[str]:
    """Say what of a detail is not understood, a line for each field."""
    return list(CustomEvent.read(detail).remarks())


def _severity(value: Any) -> Severity | None:
    name = _folded(value).upper()
    return Severity[name] if name in _SEVERITIES else None


def _status(value: Any) -> str | None:
    return STATUSES.get(_folded(value))


def _folded(value: Any) -> str:
    return word(value).casefold()


def _text(value: Any) -> str:
    """Return a text on one line, or a number as one; nothing of anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return clean(value, 2 * LINK_LENGTH)


def _link(value: Any) -> str | None:
    """Return a web address; None where it is none, or too long to be opened."""
    is_address = isinstance(value, str) and re.match(r"https?://[^\s/]", value)
    return value if is_address and len(value) <= LINK_LENGTH else None


def _names(detail: Mapping[str, Any]) -> dict[str, str]:
    """Return the fields that name what an event is about, the most telling first: `job`, `jobName`, `job_name`."""
    spelt: dict[str, str] = {}
    for name, value in detail.items():
        plain = name.replace("_", "").replace("-", "").casefold()
        for each in {plain, plain.removesuffix("name")}:
            spelt.setdefault(each, _text(value))
    return {name: spelt[name] for name in NAMING if spelt.get(name)}


def _words(text: str) -> set[str]:
    """Return the words of a text in small letters; `RunSucceeded` is two of them."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text[:TITLE_WORDS])
    return {each.casefold() for each in re.findall(_WORD, apart)}


def _went_well(text: str) -> bool:
    words = _words(text)
    return bool(words & WENT_WELL) and not words & (FAILED | NOT)


def _subject(text: str) -> str:
    """Return what a text is about, without the words that say how it went."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text[:TITLE_WORDS])
    words = (each.casefold() for each in re.findall(_WORD, apart))
    return " ".join(each for each in words if each not in WENT_WELL | FAILED | NOT)


def _without_numbers(text: str) -> str:
    """Return a text without the numbers that stand alone, which change from one time to the next."""
    return re.sub(_ALONE, "#", text)


def _shown(value: Any) -> str:
    return f"“{clean(value, 60)}”"


SOURCE = Declaration(
    CustomEvent,
    source=f"{CUSTOM_PREFIX}*",
    endless=True,
    identity="source, account, `dedup_key`; without one: source, account, region, detail type, resource or title",
    occurrence="account, region, source, detail type, time, resources, detail",
    origin="envelope",
)
