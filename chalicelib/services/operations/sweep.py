"""The sweep: what the hub does every minute, whether or not events arrive."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import Struct

from chalicelib.domain.agents.canary import RECEIVER as CANARY
from chalicelib.services.alerting.episode_counter import EpisodeCounter
from chalicelib.services.alerting.evaluator import Evaluator
from chalicelib.services.ingestion.merger import Merger
from chalicelib.services.notifying.dispatcher import Dispatcher
from chalicelib.services.notifying.receivers import Receivers
from chalicelib.services.tasks import failures_of

if TYPE_CHECKING:
    from chalicelib.services.ports import Clock

# What is left of the function's time at the end, in seconds: the last message may just have been begun.
MARGIN = 12
# Where nobody says how many milliseconds are left.
WHOLE_MINUTE = 60_000


class Sweep(Struct, frozen=True):
    """Sends what is pending, merges events that were stored alone, evaluates the alerts that are due, and counts."""

    merger: Merger
    evaluator: Evaluator
    dispatcher: Dispatcher
    receivers: Receivers
    counter: EpisodeCounter
    note_backlog: Callable[[], None]
    clock: Clock
    report_alive: Callable[[], None]
    wake_another: Callable[[], None]
    copy_silences: Callable[[], object]

    def __call__(self, remaining: Callable[[], int] = lambda: WHOLE_MINUTE, *, is_scheduled: bool = True) -> None:
        """Run the whole sweep within the milliseconds that remain, and call the heartbeat URL if nothing failed.

        Sending comes first, and may take a third of the time; so may merging. Notifications that merging and evaluating
        enqueue are sent in the same sweep. The last sixth is kept for this: the sweep retries receivers that took
        nothing and will take messages again in time, and stores the backlog that it leaves. A step that fails does not
        stop the others; its error is raised at the end.

        A scheduled sweep that finds notifications left pending wakes another sweep, so that one goes on if the other
        dies, a minute before Lambda would retry.
        """
        now, seconds = self.clock.now(), remaining() / 1_000 - MARGIN
        made: list[int] = []
        refused: dict[str, float] = {}
        tasks: tuple[Callable[[], object], ...] = (
            lambda: self._send(now + seconds / 3, refused, self.wake_another if is_scheduled else lambda: None),
            self.copy_silences,  # those of an older version: what is decided from here on knows them
            lambda: made.append(self.merger(now + seconds * 2 / 3)),
            lambda: made.append(self.evaluator(now + seconds * 5 / 6)),
            lambda: self._send(now + seconds, refused) if made != [0, 0] else None,
            self.receivers.retire,
            lambda: self.counter(now + seconds * 5 / 6),
        )
        failed = failures_of(tasks)
        if not failed:
            self.report_alive()
        failed += failures_of((lambda: self.dispatcher.try_again(refused, now + seconds), self.note_backlog))
        if failed:
            raise ExceptionGroup("A sweep failed in part", failed)

    def _send(self, until: float, refused: dict[str, float], begin: Callable[[], None] = lambda: None) -> None:
        self.dispatcher.catch_up((*self.receivers.named, CANARY), until, refused, begin)
