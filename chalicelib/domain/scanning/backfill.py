"""Backfills: which stretch of the past is scanned, how far that has come, and what was found so far."""

from typing import Any, Self

from msgspec import MsgspecError, Struct, ValidationError, convert, json
from msgspec.structs import replace

from chalicelib.domain.errors import Invalid, Misconfigured, Violation
from chalicelib.domain.scanning.budget import NOTHING_SPENT, Spend
from chalicelib.domain.scanning.coverage import Coverage
from chalicelib.domain.scanning.gaps import Count
from chalicelib.domain.scanning.paging import NEVER_RUN, RunMarker
from chalicelib.domain.scanning.scan_state import LARGEST_STATE
from chalicelib.domain.scanning.windows import Grid, Window
from chalicelib.domain.timestamps import iso

EXAMPLE = "2026-11-20T00:00Z"


class BackfillOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """A request: scan from `since` to `until` (epoch seconds; 0: as far as the scan has come).

    `force` repeats a finished backfill, and gives up an unfinished one.
    """

    since: int
    until: int = 0
    force: bool = False

    @classmethod
    def of(cls, detail: Any) -> Self:
        """Read the command's request; Invalid where it is malformed."""
        try:
            return convert(detail, cls)
        except ValidationError as error:
            violation = Violation("backfill", f"{error}; use python -m infra.backfill")
            raise Invalid("Invalid backfill order.", violation) from None

    def window(self, grid: Grid, covered: int) -> Window:
        """Return the stretch to scan, on the grid's lines; Invalid where nothing is left of it.

        Time after `covered` is left to the scan: a backfill would delay its news.
        """
        since = max(0, self.since) // grid.step * grid.step
        until = min(self.until or covered, covered) // grid.step * grid.step
        if since >= until:
            raise Invalid(
                "There is nothing to do.",
                Violation("since", f"must lie before {iso(max(0, until))}, as far as it may go"),
            )
        return Window(since, until)


class BackfillState(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How far a backfill has come towards `until`, and what it has found: `errors` in so many `events`.

    `coverage` says what was scanned; AWS bills `scanned` bytes, of which `spend` are today's. The `marker` says how the
    last run ended; `finished_at` is when everything was scanned, `is_reported` whether the hub was informed.
    """

    coverage: Coverage
    until: Count
    errors: Count = 0
    events: Count = 0
    scanned: Count = 0
    spend: Spend = NOTHING_SPENT
    marker: RunMarker = NEVER_RUN
    finished_at: Count = 0
    is_reported: bool = False

    @classmethod
    def beginning(cls, window: Window) -> Self:
        """Return the state of a new backfill."""
        return cls(coverage=Coverage(window.start, window.start), until=window.end)

    @property
    def since(self) -> int:
        """Where it began."""
        return self.coverage.since

    @property
    def left(self) -> int:
        """Seconds of log time that were never scanned."""
        return self.until - self.coverage.watermark

    def goes_on_with(self, order: BackfillOrder, wanted: Window) -> bool:
        """Return whether a request for this window continues this backfill, or concerns it as it is finished.

        Invalid where it would give up another unfinished backfill.
        """
        if order.force:
            return False
        if self.is_reported:
            return self.since <= wanted.start and wanted.end <= self.until
        if wanted.start == self.since and (not order.until or wanted.end == self.until):
            return True
        half = f"one from {iso(self.since)} to {iso(self.until)} is not finished: order that, or give it up by `force`"
        raise Invalid("Another backfill is under way.", Violation("since", half))

    def encode(self) -> str:
        """Write the state as JSON that one parameter holds, the gaps less exact where they must be."""
        state = replace(self, coverage=self.coverage.joined())
        while len(text := json.encode(state)) > LARGEST_STATE and state.coverage.can_shrink:
            state = replace(state, coverage=state.coverage.coarsened())
        return text.decode()

    @classmethod
    def decode(cls, text: str, parameter: str) -> Self:
        """Read the state; Misconfigured, with the parameter's name, where it is damaged."""
        try:
            return json.decode(text, type=cls)
        except (MsgspecError, RecursionError) as error:
            raise Misconfigured(
                f"Parameter {parameter} does not hold a backfill's state ({type(error).__name__}). Delete it to begin"
                " anew: to scan the same time twice changes nothing."
            ) from error

    def found(self, errors: int, events: int, scanned: int, now: int) -> Self:
        """Add what a stretch had, and its cost."""
        return replace(
            self,
            errors=self.errors + errors,
            events=self.events + events,
            scanned=self.scanned + scanned,
            spend=self.spend.at(now).plus(scanned, 0),
        )
