"""Coverage: what was scanned, what was not and why; small enough to be kept in one SSM parameter.

The scan's state claims that all time before the watermark was scanned, but for the gaps. Where it grows too long the
gaps are told less exactly: they may cover more than was missed, and never less.
"""

import itertools
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self

from chalicelib.domain.errors import Misconfigured
from chalicelib.domain.windows import Window

# A standard parameter of SSM holds so many bytes: https://docs.aws.amazon.com/general/latest/gr/ssm.html
LARGEST_STATE = 4_096


class Reason(StrEnum):
    """Why something was not scanned."""

    THROTTLED = "throttled"
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"
    FAILED = "failed"
    REJECTED = "rejected"
    TRUNCATED = "truncated"
    UNFINISHED = "unfinished"
    UNKNOWN = "unknown"
    SEVERAL = "several"

    MISSING = "missing"
    UNLISTED = "unlisted"


@dataclass(frozen=True, slots=True, order=True)
class Gap:
    """A window that `tries` scans have missed in these log groups; none named means in all of them."""

    window: Window
    log_groups: tuple[str, ...]
    reason: Reason
    tries: int = 1

    def covers(self, other: Self) -> bool:
        """Tell whether filling this gap fills the other one too."""
        groups = not self.log_groups or (other.log_groups and set(self.log_groups) >= set(other.log_groups))
        return bool(groups) and self.window.covers(other.window)

    def merged(self, other: Self) -> Self:
        """Return one gap that covers both."""
        named = self.log_groups and other.log_groups
        return replace(
            self,
            window=self.window.hull(other.window),
            log_groups=tuple(sorted({*self.log_groups, *other.log_groups})) if named else (),
            reason=self.reason if self.reason is other.reason else Reason.SEVERAL,
            tries=max(self.tries, other.tries),
        )


@dataclass(frozen=True, slots=True)
class ScanState:
    """How far the scan has come (all before `watermark`), and the gaps it left."""

    watermark: int
    gaps: tuple[Gap, ...] = ()

    def advanced(self, window: Window, missed: Iterable[Gap]) -> Self:
        """Return the state after the window at the watermark was scanned, except for what was missed."""
        if window.start != self.watermark:
            raise ValueError(f"[{window.start}, {window.end}) does not begin at the watermark {self.watermark}")
        return replace(self, watermark=window.end, gaps=(*self.gaps, *missed))

    def refilled(self, gap: Gap, piece: Window, missed: Iterable[Gap]) -> Self:
        """Return the state after the first piece of a gap was scanned again, except for what was missed once more."""
        others = tuple(each for each in self.gaps if each != gap)
        again = tuple(replace(each, tries=gap.tries + 1) for each in missed)
        ends = piece.end >= gap.window.end
        rest = () if ends else (replace(gap, window=Window(piece.end, gap.window.end)),)
        return replace(self, gaps=(*others, *again, *rest))

    def compact(self, limit: int = LARGEST_STATE) -> Self:
        """Return the state in at most `limit` bytes of JSON, the gaps told less exactly where it must be."""
        state = replace(self, gaps=_joined(self.gaps))
        while len(state.encode()) > limit and _can_shrink(state.gaps):
            state = replace(state, gaps=_joined(_coarsened(state.gaps)))
        return state

    def encode(self) -> str:
        """Write the state as JSON in ASCII; `compact` first."""
        gaps = [
            {"start": each.window.start, "end": each.window.end, "reason": each.reason, "tries": each.tries}
            | ({"log_groups": each.log_groups} if each.log_groups else {})
            for each in self.gaps
        ]
        return json.dumps({"watermark": self.watermark, "gaps": gaps}, separators=(",", ":"))

    @classmethod
    def decode(cls, text: str, parameter: str) -> Self:
        """Read the state; Misconfigured, with the parameter's name, where it is damaged: a reset would forget gaps."""
        try:
            fields = json.loads(text)
            return cls(_whole(fields["watermark"]), tuple(_gap_of(each) for each in fields["gaps"]))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise Misconfigured(
                f"Parameter {parameter} does not hold a scan's state ({type(error).__name__}). Correct it, or delete it"
                " to begin anew: what was not scanned until now is then forgotten."
            ) from error


def _gap_of(fields: dict[str, Any]) -> Gap:
    groups = fields.get("log_groups", [])
    if not isinstance(groups, list) or not all(isinstance(each, str) for each in groups):
        raise TypeError("log_groups must be a list of names")
    known = fields["reason"] in {each.value for each in Reason}  # a later version may know more of them
    return Gap(
        window=Window(_whole(fields["start"]), _whole(fields["end"])),
        log_groups=tuple(groups),
        reason=Reason(fields["reason"]) if known else Reason.UNKNOWN,
        tries=_whole(fields["tries"]),
    )


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError(f"{value!r} must be a whole number")
    return value


def _joined(gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    """Merge neighbours that differ in their time alone, and leave out what another gap covers.

    Gaps with different tries stay apart, so that the next run can begin with the one that had fewer.
    """
    alike: list[Gap] = []
    for gap in sorted(gaps, key=lambda each: (*_kind(each), each.window)):
        last = alike[-1] if alike else None
        if last and _kind(last) == _kind(gap) and last.window.touches(gap.window):
            alike[-1] = last.merged(gap)
        else:
            alike.append(gap)
    kept: list[Gap] = []
    for gap in sorted(alike, key=lambda each: (-each.window.seconds, bool(each.log_groups), -len(each.log_groups))):
        if not any(each.covers(gap) for each in kept):
            kept.append(gap)
    return tuple(sorted(kept))


def _kind(gap: Gap) -> tuple[tuple[str, ...], str, int]:
    return gap.log_groups, gap.reason, gap.tries


def _can_shrink(gaps: tuple[Gap, ...]) -> bool:
    return len(gaps) > 1 or any(each.log_groups for each in gaps)


def _coarsened(gaps: tuple[Gap, ...]) -> tuple[Gap, ...]:
    """Give up the longest list of names; where there are none, the shortest time between two gaps."""
    longest = max(gaps, key=lambda each: len("".join(each.log_groups)))
    if longest.log_groups:
        return tuple(replace(each, log_groups=()) if each is longest else each for each in gaps)
    before, after = min(itertools.pairwise(gaps), key=lambda pair: pair[1].window.start - pair[0].window.end)
    return (*(each for each in gaps if each not in {before, after}), before.merged(after))
