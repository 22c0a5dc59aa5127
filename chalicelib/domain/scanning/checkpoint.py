"""Scan state: what a scan must know of the runs before it, small enough to be kept in one SSM parameter."""

import json
from typing import Any, Self

from msgspec import Struct, field
from msgspec.structs import replace

from chalicelib.domain.errors import Misconfigured
from chalicelib.domain.scanning.budget import Spend
from chalicelib.domain.scanning.coverage import Coverage, Gap, GapReason
from chalicelib.domain.scanning.passes import Arrival, ScanPass
from chalicelib.domain.scanning.windows import Window

# A standard parameter of SSM holds so many bytes: https://docs.aws.amazon.com/general/latest/gr/ssm.html
LARGEST_STATE = 4_096


class ScanState(Struct, frozen=True):
    """What the first look at the logs has covered, what the second one for late lines has, and what it all cost.

    `late` is None where nothing was ever looked for a second time.
    """

    first: Coverage
    late: Coverage | None = None
    spend: Spend = field(default_factory=Spend)

    def of(self, look: ScanPass) -> Coverage:
        """Return what a look has covered."""
        return self.late if self.late and look.lateness is Arrival.LATE else self.first

    def covering(self, look: ScanPass, coverage: Coverage) -> Self:
        """Return the state in which a look has covered this."""
        if look.lateness is Arrival.LATE:
            return replace(self, late=coverage)
        return replace(self, first=coverage)

    def compact(self, limit: int = LARGEST_STATE) -> Self:
        """Return the state in at most `limit` bytes of JSON, the gaps told less exactly where it must be."""
        state = replace(self, first=self.first.joined(), late=self.late and self.late.joined())
        while len(state.encode()) > limit and (shorter := state._coarsened()):  # noqa: SLF001 - it is one of us
            state = shorter
        return state

    def _coarsened(self) -> Self | None:
        """Tell those gaps less exactly that take the most room; None where no word can be spared."""
        first, late = self.first, self.late
        if late and late.can_shrink and not (first.can_shrink and _room(first) >= _room(late)):
            return replace(self, late=late.coarsened())
        return replace(self, first=first.coarsened()) if first.can_shrink else None

    def encode(self) -> str:
        """Write the state as JSON in ASCII; `compact` first."""
        fields = _fields(self.first)
        if self.late:
            fields["late"] = _fields(self.late)
        if self.spend != Spend():
            fields["spend"] = self.spend.to_json()
        return json.dumps(fields, separators=(",", ":"))

    @classmethod
    def decode(cls, text: str, parameter: str) -> Self:
        """Read the state; Misconfigured, with the parameter's name, where it is damaged: a reset would forget gaps."""
        try:
            fields = json.loads(text)
            return cls(
                first=_coverage_of(fields),
                late=_coverage_of(fields["late"]) if "late" in fields else None,
                spend=Spend.of(fields.get("spend", {})),
            )
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise Misconfigured(
                f"Parameter {parameter} does not hold a scan's state ({type(error).__name__}). Correct it, or delete it"
                " to begin anew: what was not scanned until now is then forgotten."
            ) from error


def gap_fields(gap: Gap) -> dict[str, Any]:
    """Return a gap as JSON, its times in epoch seconds, closed at the start and open at the end.

    Without `log_groups` it is about all of them or, where `from` and `to` stand there, about those from the one to the
    other in the order of names.
    """
    return {
        "start": gap.window.start,
        "end": gap.window.end,
        "reason": str(gap.reason),
        "tries": gap.tries,
        **({"log_groups": list(gap.log_groups)} if gap.log_groups else {}),
        **(dict(zip(("from", "to"), gap.span, strict=True)) if gap.span else {}),
    }


def _fields(coverage: Coverage) -> dict[str, Any]:
    return {"since": coverage.since, "watermark": coverage.watermark, "gaps": _gaps(coverage)}


def _gaps(coverage: Coverage) -> list[dict[str, Any]]:
    return [gap_fields(each) for each in coverage.gaps]


def _room(coverage: Coverage) -> int:
    return len(json.dumps(_gaps(coverage)))


def _coverage_of(fields: dict[str, Any]) -> Coverage:
    """Read a coverage; an earlier version did not write down where it began."""
    watermark = _whole(fields["watermark"])
    gaps = tuple(_gap_of(each) for each in fields["gaps"])
    known = min([watermark, *(each.window.start for each in gaps)])
    return Coverage(_whole(fields.get("since", known)), watermark, gaps)


def _gap_of(fields: dict[str, Any]) -> Gap:
    groups = fields.get("log_groups", [])
    if not isinstance(groups, list) or not all(isinstance(each, str) for each in groups):
        raise TypeError("log_groups must be a list of names")
    known = fields["reason"] in {each.value for each in GapReason}  # a later version may know more of them
    return Gap(
        window=Window(_whole(fields["start"]), _whole(fields["end"])),
        log_groups=tuple(groups),
        reason=GapReason(fields["reason"]) if known else GapReason.UNKNOWN,
        tries=_whole(fields["tries"]),
        span=(str(fields["from"]), str(fields["to"])) if "from" in fields else (),
    )


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError(f"{value!r} must be a whole number")
    return value
