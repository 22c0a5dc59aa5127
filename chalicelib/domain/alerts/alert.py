"""Alerts: the state of one problem, computed from the events with its fingerprint."""

from collections import Counter
from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.alerts.inhibited import Inhibited
from chalicelib.domain.alerts.joined_accounts import JoinedAccounts, count_places, join_step_of, joining, leading
from chalicelib.domain.alerts.timeline import (
    CALM,
    REMEMBERED,
    UNEVENTFUL,
    EpisodeState,
    Status,
    Timeline,
    Transition,
    TransitionKind,
)
from chalicelib.domain.alerts.window_count import WindowCount
from chalicelib.domain.events.event import Event, Severity, Signal
from chalicelib.domain.events.labels import Labels
from chalicelib.domain.events.lifecycle import Lifecycle
from chalicelib.domain.timestamps import HOUR

__all__ = ["Alert", "Announcement", "Change", "Status"]

# The default: a problem that changes so often within half an hour is flapping.
FLAPS = 5
FLAP_WINDOW = 1_800
# All that is remembered one by one, but what people have done to it.
MOST_FLAPS = REMEMBERED - 4
# The digest in transitions by people; it sorts after every event of the same second.
MARK = "~"


class Change(StrEnum):
    """What an event changed in its alert."""

    OPENED = "opened"
    REOPENED = "reopened"
    WORSENED = "worsened"
    REPEATED = "repeated"
    RESOLVED = "resolved"
    NOTICED = "noticed"
    OUTDATED = "outdated"


class Flapping(Struct, frozen=True):
    """The limit of flapping: a problem began or ended `changes` times within `window` seconds.

    It flaps until it has stayed the same for as long.
    """

    changes: int = FLAPS
    window: int = FLAP_WINDOW


USUAL = Flapping()


class Announcement(Struct, frozen=True, kw_only=True):
    """The last message about a problem: when, and the state that it reported.

    `receivers` are all that were notified in this episode; `behind` are those of them that were not notified that it
    became worse, or of other news. `revision` is that of its content then. `places` is in how many regions of accounts
    it was, 0 for one; whoever has `acknowledged` it since knew of so many. The episode had by then been announced for
    `age` seconds, or again since somebody had acknowledged it.
    """

    at: int
    receivers: tuple[str, ...]
    severity: Severity
    count: int
    episodes: int
    over: bool = False
    flapping: bool = False
    behind: tuple[str, ...] = ()
    places: int = 0
    acknowledged: bool = False
    revision: str = ""
    age: int = 0

    @property
    def begun(self) -> int:
        """When the episode was first announced, or first again after an acknowledgement."""
        return self.at - self.age


class Mark(Struct, frozen=True, kw_only=True):
    """The last action of a person on an alert: what, when, by whom, with which note."""

    at: int
    kind: TransitionKind
    by: str
    note: str = ""


class Alert(Struct, frozen=True, kw_only=True):
    """A problem's state; an episode lasts from firing to resolved.

    `since`, `count` and `severity` (the highest) are about the newest of `episodes`; `total` counts all events ever.
    Title, resource, labels, account and region are those of the event that fired last, or, for logged errors, of the
    account with most lines: a problem may be in many places, and `accounts` are those of the newest episode, with their
    regions. `lifecycle`, `revision`, `due_at` (the start of what is planned, or 0) and `children` (prefixes of
    fingerprints) are those of the event that fired last. `newest` is the id of the newest event that fired or resolved.
    All this follows from `timeline`. `due` is when the alert next needs evaluating (0: never), and with `can_wait`
    others go first. `recent` counts what fired lately, for each window that a route counts in, and `uncounted` by hour
    what left the timeline and is not yet in the hourly counts. It `inhibits` if it may inhibit others, and is
    `inhibited` by what holds it back, or did when it was last announced. `marked` is the last action of a person.
    `version` counts the writes, 0 meaning never stored.
    """

    fingerprint: str
    kind: str
    source: str
    account: str
    region: str
    title: str
    resource: str = ""
    labels: Labels = {}
    severity: Severity = Severity.UNKNOWN
    status: Status = Status.RESOLVED
    since: int = 0
    count: int = 0
    total: int = 0
    episodes: int = 0
    first_seen: int
    last_seen: int
    newest: str = ""
    lifecycle: Lifecycle = Lifecycle.CONTINUOUS
    revision: str = ""
    due_at: int = 0
    children: tuple[str, ...] = ()
    timeline: Timeline = UNEVENTFUL
    accounts: JoinedAccounts = ()
    recent: tuple[WindowCount, ...] = ()
    uncounted: tuple[tuple[int, int], ...] = ()
    due: int = 0
    can_wait: bool = False
    announcement: Announcement | None = None
    inhibits: bool = False
    inhibited: Inhibited | None = None
    marked: Mark | None = None
    version: int = 0

    @classmethod
    def about(cls, event: Event) -> Self:
        """Return a new alert for an event, which is not observed yet."""
        return cls(
            fingerprint=event.fingerprint,
            kind=event.kind,
            source=event.source,
            account=event.account,
            region=event.region,
            title=event.title,
            resource=event.resource,
            labels=event.labels,
            first_seen=event.published_at,
            last_seen=event.published_at,
        )

    def observe(self, event: Event) -> tuple[Self, Change]:
        """Return the alert with `event` included, and what the event changed.

        Deliveries come in any order: a late event is put in its place in the timeline, so the same events make the same
        alert in whatever order they arrive.
        """
        seen = replace(
            self,
            total=self.total + 1,
            first_seen=min(self.first_seen, event.published_at),
            last_seen=max(self.last_seen, event.published_at),
        )
        transition = Transition.of(event)
        if transition is None:
            return seen, Change.NOTICED
        timeline = self.timeline.adding(transition)
        seen = replace(seen, newest=max(self.newest, event.id))
        if timeline is None:
            return seen, Change.OUTDATED
        fires, is_newest = event.signal is Signal.FIRING, transition == timeline.fired
        after = seen.following(timeline, timeline.state)
        change = self._change(after, late=event.id < self.newest, fires=fires)
        if not fires:
            return after, change
        before = () if change in {Change.OPENED, Change.REOPENED} else self.accounts
        return after.fired_in(event, before, is_newest=is_newest), change

    def fired_in(self, event: Event, before: JoinedAccounts, *, is_newest: bool) -> Self:
        """Return the alert with the account and region of a firing event; `before` are its accounts until then.

        A new account cancels an acknowledgement: whoever acknowledged it did not know of that account.
        """
        is_there = event.published_at >= self.since
        after = replace(self, accounts=joining(before, event) if is_there else self.accounts)
        if is_newest:
            after = replace(
                after,
                lifecycle=event.lifecycle,
                revision=event.revision,
                due_at=event.due_at,
                children=event.children,
            )
        leader = leading(after.accounts)
        if (is_newest and leader in {"", event.account}) or self.account != leader == event.account:
            after = replace(
                after,
                title=event.title,
                account=event.account,
                region=event.region,
                resource=event.resource,
                labels=event.labels,
            )
        if self.status is Status.ACKNOWLEDGED and after.places > self._acknowledged_in(before):
            return after.mark(TransitionKind.REOPENED, event.published_at)
        return after

    def _acknowledged_in(self, before: JoinedAccounts) -> int:
        """Return in how many of its earlier locations the alert was acknowledged."""
        known, count = self.announcement, count_places(before)
        return min(count, known.places) if known is not None and known.acknowledged else count

    def counting(self, event: Event, windows: Iterable[int], kept: Collection[int]) -> Self:
        """Return the alert with `event` counted in these windows; counts of other windows than `kept` are dropped."""
        counts = {each.window: each for each in self.recent if each.window in kept}
        for window in windows if event.signal is Signal.FIRING else ():
            counts[window] = counts.get(window, WindowCount(window=window)).adding(event)
        return replace(self, recent=tuple(counts[window] for window in sorted(counts)))

    def most_within(self, window: int) -> int:
        """Return how many log lines, or events without lines, fired lately within so many seconds."""
        return next((each.most for each in self.recent if each.window == window), 0)

    def is_known_to(self, receivers: Iterable[str]) -> bool:
        """Return whether all receivers were notified of the newest episode, and not of its end."""
        last = self.announcement
        current = last is not None and not last.over and last.episodes == self.episodes
        return last is not None and current and set(receivers) <= set(last.receivers)

    def following(self, timeline: Timeline, state: EpisodeState) -> Self:
        """Return the alert with this timeline, which ends in `state`."""
        return replace(
            self,
            timeline=timeline,
            status=state.status,
            since=state.since,
            count=state.count,
            severity=state.severity,
            episodes=state.episodes,
        )

    def mark(
        self, kind: TransitionKind, at: int, by: str = "", note: str = "", shown: Collection[str] | None = None
    ) -> Self:
        """Return the alert after it was acknowledged, resolved or reopened; `by` is empty for the hub itself.

        A mark comes after everything known, including another mark of the same second. An acknowledgement covers the
        accounts that were `shown`; None: all.
        """
        if self.timeline.transitions:
            last = self.timeline.transitions[-1]
            at = max(at, last.at + (last.cause == MARK))
        timeline = self.timeline.adding(Transition(at, MARK, kind, self.severity))
        after = (
            self
            if timeline is None
            else replace(self.following(timeline, timeline.state), uncounted=_uncounted(self, timeline))
        )
        if kind is TransitionKind.ACKNOWLEDGED and after.announcement is not None:
            seen = tuple(each for each in self.accounts if shown is None or each.account in shown)
            known = replace(after.announcement, places=count_places(seen), acknowledged=True)
            after = replace(after, announcement=known)
        return replace(after, marked=Mark(at=at, kind=kind, by=by, note=note)) if by else after

    @property
    def places(self) -> int:
        """In how many regions of accounts the newest episode is, as far as its accounts say."""
        return count_places(self.accounts)

    @property
    def has_spread(self) -> bool:
        """Whether it reached more locations than were acknowledged, or another step of locations.

        If it is acknowledged in some of its accounts only, this becomes true with its next event.
        """
        last, count = self.announcement, self.places
        if last is None or count <= max(last.places, 1) or self.status is Status.ACKNOWLEDGED:
            return False
        return last.acknowledged or join_step_of(count) > join_step_of(max(last.places, 1))

    @property
    def resolved_by(self) -> str:
        """Who resolved the problem; empty where nobody did, or where it goes on."""
        if self.marked is None or self.marked.kind is not TransitionKind.RESOLVED:
            return ""
        last = self.timeline.transitions[-1]
        return self.marked.by if (last.at, last.cause) == (self.marked.at, MARK) else ""

    @property
    def was_ended_by_hub(self) -> bool:
        """Whether the hub resolved it because it had been quiet."""
        last = self.timeline.transitions[-1]
        return (last.cause, last.kind) == (MARK, TransitionKind.RESOLVED) and not self.resolved_by

    def flaps_until(self, now: int, flapping: Flapping = USUAL) -> int:
        """Return when a flapping problem will be stable, if it stays as it is; 0: it is stable now.

        Once its flapping was announced, it is not over before that time.
        """
        stable_at = self.turned_at + flapping.window
        if self.announcement is not None and self.announcement.flapping:
            return stable_at if now < stable_at else 0
        changes = [at for at in self.timeline.changes if at > now - flapping.window]
        return stable_at if len(changes) >= flapping.changes else 0

    @property
    def turned_at(self) -> int:
        """When the problem last began or ended, as far as remembered; 0 where it is not."""
        return max(self.timeline.changes, default=0)

    @property
    def relapse_is_news_at(self) -> int:
        """From when on the return of an intermittent problem is news; 0: at once."""
        return self.since + CALM if self.announcement is not None and self.timeline.is_relapse else 0

    def _change(self, after: Self, *, late: bool, fires: bool) -> Change:
        was_over, is_over = self.status is Status.RESOLVED, after.status is Status.RESOLVED
        match was_over, is_over:
            case True, False:
                return Change.REOPENED if after.episodes > 1 else Change.OPENED
            case False, True:
                return Change.RESOLVED
            case False, False if fires:
                return Change.WORSENED if after.severity > self.severity else Change.REPEATED
            case _:
                return Change.OUTDATED if late else Change.NOTICED


def _uncounted(alert: Alert, timeline: Timeline) -> tuple[tuple[int, int], ...]:
    """Return the uncounted hours of an alert, including what leaves its timeline now."""
    kept = set(timeline.transitions)
    gone = [each.at // HOUR for each in alert.timeline.transitions if each.fires and each not in kept]
    counts = Counter(dict(alert.uncounted))
    counts.update(gone)
    return tuple(sorted(counts.items()))
