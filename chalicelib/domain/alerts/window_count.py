"""Window counts: how often an alert fired within a time, in few numbers that hold in any order of arrival."""

from typing import Self

from msgspec import Struct

from chalicelib.domain.events.event import Event

# A window is counted in twelve steps and spans one more, as it may begin and end within a step.
STEPS = 12
SPAN = STEPS + 1
# Twice that is kept, so that late events count with others of their time.
REMEMBERED_STEPS = 2 * SPAN
# The largest count that a route can require.
HIGHEST_COUNT = 1_000


class WindowCount(Struct, frozen=True, kw_only=True):
    """What fired lately, in steps of a twelfth of `window` seconds.

    `counts` has the number of each step, newest first; `newest` is the number of that step since 1970. The result does
    not depend on the order in which events are added.
    """

    window: int
    newest: int = 0
    counts: tuple[int, ...] = ()

    def adding(self, event: Event) -> Self:
        """Return it with an event that fired: one for each of its log lines, or one for itself."""
        step = event.published_at // -(-self.window // STEPS)
        newest = max(self.newest, step) if self.counts else step
        ahead = min(newest - self.newest, REMEMBERED_STEPS)
        counts = [*[0] * ahead, *self.counts, *[0] * REMEMBERED_STEPS][:REMEMBERED_STEPS]
        if newest - step < REMEMBERED_STEPS:
            counts[newest - step] = min(counts[newest - step] + max(event.lines, 1), HIGHEST_COUNT)
        while not counts[-1]:
            counts.pop()
        return type(self)(window=self.window, newest=newest, counts=tuple(counts))

    @property
    def most(self) -> int:
        """The highest count within one window, among the steps that are kept."""
        return max((sum(self.counts[start : start + SPAN]) for start in range(len(self.counts))), default=0)
