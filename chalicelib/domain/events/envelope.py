"""Envelopes: what EventBridge delivers, made safe to keep before anything else reads it."""

from typing import Any, Self

from msgspec import Struct

from chalicelib.domain.redaction import redacted_detail
from chalicelib.domain.text import canonical, clean, strict, word
from chalicelib.domain.timestamps import DAY, parse_time

# A clock may be wrong by a day; an event from further ahead would stand first in every list until then.
FURTHEST_AHEAD = DAY
RESOURCE_LENGTH = 512
# An item of the table holds 400 kB; a source that lists more resources lists them in its detail.
MOST_RESOURCES = 100


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
        by_name = not source.startswith("aws.")
        return cls(
            id=word(fields.get("id")),
            source=source,
            detail_type=word(redacted_detail(fields.get("detail-type"), by_name=by_name)),
            account=word(fields.get("account")),
            region=word(fields.get("region")),
            time=plausible(parse_time(fields.get("time")), received_at, instead=received_at),
            resources=_few(resources, by_name=by_name) if isinstance(resources, list) else (),
            detail=redacted_detail(fields.get("detail", {}), by_name=by_name),
            received_at=received_at,
        )

    @property
    def content(self) -> tuple[str, ...]:
        """What tells this event from others where its detail names no occurrence.

        The envelope's id does not: a replay from an archive may give the same event another one.
        """
        place = (self.account, self.region, self.source, self.detail_type, str(self.time))
        return (*place, *self.resources, canonical(self.detail).decode())


def plausible(time: int | None, received_at: int, instead: int) -> int:
    """Return a time that an event can have, else `instead`."""
    return time if time is not None and 0 <= time <= received_at + FURTHEST_AHEAD else instead


def _few(resources: list[Any], *, by_name: bool) -> tuple[str, ...]:
    few = (redacted_detail(each, by_name=by_name) for each in resources[:MOST_RESOURCES])
    return tuple(clean(each, RESOURCE_LENGTH) for each in few)
