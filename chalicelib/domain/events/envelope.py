"""Envelopes: what EventBridge delivers, made safe to store before anything else reads it."""

from collections.abc import Iterator, Mapping
from typing import Any, Self

from msgspec import Struct

from chalicelib.domain.redaction import redacted_detail
from chalicelib.domain.text import canonical, clean, strict, word
from chalicelib.domain.timestamps import DAY, parse_time

# A clock may be wrong by a day; an event from further ahead would stand first in every list until then.
FURTHEST_AHEAD = DAY
# Agents run on Lambda, whose clocks are right: what lies further ahead of its arrival, in seconds, nobody has seen.
# Others share their problems, and the newest event says how a problem stands.
AGENTS, AGENTS_AHEAD = "monitoring.agent.", 300
# What is about no stretch of log time is sent when it happens. Time spent in queues and archives does not count: it is
# compared with the envelope's time, which they keep, and so a replay gives it the same id.
AGENTS_BEHIND = 3_600
RESOURCE_LENGTH = 512
# An item of the table holds 400 kB; a source with more resources lists them in its detail.
MOST_RESOURCES = 100


class Envelope(Struct, frozen=True, kw_only=True):
    """What EventBridge delivers, in whatever shape; `detail` is strict JSON.

    `concealed` are the texts of an AWS detail in which something was redacted, by their paths: only to be hashed.
    """

    id: str
    source: str
    detail_type: str
    account: str
    region: str
    time: int
    resources: tuple[str, ...]
    detail: Any
    received_at: int
    concealed: Mapping[str, str] = {}

    @classmethod
    def parse(cls, raw: Any, received_at: int) -> Self:
        """Read any JSON value as an envelope; missing or wrongly typed parts get the plainest value.

        A missing, unreadable or far-future time becomes `received_at`. Of many resources, the first hundred are kept.
        Anything but an object becomes the detail. Secrets are removed from the detail here.
        """
        strictly = strict(raw)
        fields = strictly if isinstance(strictly, dict) else {"detail": strictly}
        resources, source = fields.get("resources"), word(fields.get("source"))
        by_name = not source.startswith("aws.")
        given = fields.get("detail", {})
        detail = redacted_detail(given, by_name=by_name)
        detail_type = redacted_detail(fields.get("detail-type"), by_name=by_name)
        return cls(
            id=word(fields.get("id")),
            source=source,
            detail_type=word(detail_type),
            account=word(fields.get("account")),
            region=word(fields.get("region")),
            time=_plausible(parse_time(fields.get("time")), received_at + _ahead(source), instead=received_at),
            resources=_few(resources, by_name=by_name) if isinstance(resources, list) else (),
            detail=detail,
            received_at=received_at,
            concealed={} if by_name else dict(_concealed(given, detail)),
        )

    @property
    def content(self) -> tuple[str, ...]:
        """What distinguishes this event from others if its detail names no occurrence.

        The envelope's id does not: a replay from an archive may give the same event another one.
        """
        place = (self.account, self.region, self.source, self.detail_type, str(self.time))
        return (*place, *self.resources, canonical(self.detail).decode())

    def moment(self, at: int | None, *, of_lines: bool = False) -> int:
        """Return when it happened: `at`, as its detail says, if that is plausible, else the envelope's time.

        With `of_lines`, it is about log time, which may be long ago: gaps are filled days later.
        """
        earliest = self.time - AGENTS_BEHIND if self.source.startswith(AGENTS) and not of_lines else 0
        return _plausible(at, self.received_at + _ahead(self.source), instead=self.time, earliest=earliest)


def _ahead(source: str) -> int:
    return AGENTS_AHEAD if source.startswith(AGENTS) else FURTHEST_AHEAD


def _plausible(time: int | None, latest: int, instead: int, earliest: int = 0) -> int:
    return time if time is not None and max(0, earliest) <= time <= latest else instead


def _concealed(given: Any, shown: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if given == shown:
        return
    if isinstance(given, str):
        yield path, given
    for name, each in given.items() if isinstance(given, dict) else ():
        yield from _concealed(each, shown[name], f"{path}.{name}" if path else name)


def _few(resources: list[Any], *, by_name: bool) -> tuple[str, ...]:
    few = (redacted_detail(each, by_name=by_name) for each in resources[:MOST_RESOURCES])
    return tuple(clean(each, RESOURCE_LENGTH) for each in few)
