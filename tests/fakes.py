"""Stand-ins for the world: a store in memory, a clock that obeys, a Slack that listens, and faults on demand."""

import threading
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from msgspec.structs import replace

from chalicelib.domain.agents.agent import Agent
from chalicelib.domain.alerts.alert import Alert, Mark
from chalicelib.domain.alerts.episode_count import EpisodeCount, to_be_counted_at
from chalicelib.domain.errors import Conflict
from chalicelib.domain.events.event import Event
from chalicelib.domain.notifications.hourly_cap import NO_CAP, HourlyCap
from chalicelib.domain.notifications.lease import Lease, LeaseTimes
from chalicelib.domain.notifications.notification import Delivery, Notification, Record, Recording
from chalicelib.domain.notifications.sending_order import worst_first
from chalicelib.domain.notifications.unmerged_events import UnmergedEvents, events_of
from chalicelib.domain.pagination import Direction, Page
from chalicelib.domain.queries import AgentQuery, EventQuery
from chalicelib.services.notifying.ports import ANYHOW, Delivered, Handling, Message, Rejected, Retry
from chalicelib.services.ports import Clock
from tests.fake_lists import is_in_time, page_of
from tests.hourly_fakes import FakeHourlyCounts
from tests.unmerged_fakes import FakeUnmergedEvents

NOW = 1_760_000_000
LARGEST_TRANSACTION = 100
LARGEST_COUNT = 1_000


class FakeClock:
    """A clock that stands still until somebody sleeps or sets it."""

    def __init__(self, time: float = NOW) -> None:
        self.time = float(time)
        self.slept: list[float] = []

    def now(self) -> int:
        """Return the epoch seconds."""
        return int(self.time)

    def sleep(self, seconds: float) -> None:
        """Let the time pass at once, and remember for how long."""
        self.slept.append(seconds)
        self.time += seconds


class FakeAgents:
    """The agents' items, and the accounts' names, in memory."""

    def __init__(self) -> None:
        self.items: dict[str, Agent] = {}
        self._lock = threading.Lock()

    def find(self, account: str, region: str) -> Agent | None:
        """Return one agent."""
        return self.items.get(f"{account}-{region}")

    def save(self, agent: Agent) -> None:
        """Write an agent whose revision is still the one that was read."""
        with self._lock:
            stored = self.items.get(agent.id)
            if (stored.revision if stored else 0) != agent.revision:
                raise Conflict(f"Agent {agent.id} has changed meanwhile.")
            self.items[agent.id] = replace(agent, revision=agent.revision + 1)

    def delete(self, agent: Agent) -> None:
        """Remove an agent, if it is there."""
        with self._lock:
            self.items.pop(agent.id, None)

    def page(self, query: AgentQuery) -> Page[Agent]:
        """Return a page of agents in order of their ids."""
        wanted = {key: each for key, each in self.items.items() if query.matches(each)}
        return page_of(wanted, query.cursor, query.limit)

    def named(self, name: str) -> set[str]:
        """Return the accounts whose agents have this name."""
        return {each.account for each in self.items.values() if each.name == name}

    def names(self) -> Mapping[str, str]:
        """Return what the accounts are called."""
        return {account: self.name(account) for account in {each.account for each in self.items.values()}}

    def name(self, account: str) -> str:
        """Return the name that the first agent of the account with a name has."""
        agents = sorted(self.items.values(), key=lambda agent: agent.id)
        return next((agent.name for agent in agents if agent.account == account and agent.name), "")


class FakeReferences:
    """What receivers call their messages, in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def find(self, receiver: str, subject: str) -> str:
        """Return what was last saved; nothing where nothing was."""
        return self.kept.get((receiver, subject), "")

    def find_all(self, receiver: str, subjects: Collection[str]) -> dict[str, str]:
        """Return what was last saved of each subject of which anything was."""
        return {each: self.kept[receiver, each] for each in subjects if (receiver, each) in self.kept}

    def save(self, receiver: str, subject: str, reference: str) -> None:
        """Write it in the place of what was saved before."""
        self.kept[receiver, subject] = reference


class FakeCallBudgets:
    """Calls of a minute, in memory."""

    def __init__(self) -> None:
        self.taken: dict[tuple[str, int], int] = defaultdict(int)
        self.paused: dict[str, int] = {}

    def take(self, name: str, now: int, most: int) -> bool:
        """Count one call, unless there were `most` already, or a pause is not over."""
        if self.taken[name, now // 60] >= most or now < self.paused.get(name, 0):
            return False
        self.taken[name, now // 60] += 1
        return True

    def pause(self, name: str, now: int, until: int) -> None:
        """Refuse all calls until then."""
        self.paused[name] = max(self.paused.get(name, 0), min(until, now + 600))


class FakeEpisodeCounts:
    """What is counted of alerts, in memory; a store's alerts wait for it as its ledger says."""

    def __init__(self, store: "FakeStore") -> None:
        self.counts: dict[str, EpisodeCount] = {}
        self._store = store

    def find(self, fingerprint: str) -> EpisodeCount | None:
        """Return what is counted of an alert."""
        return self.counts.get(fingerprint)

    def waiting(self, now: int, limit: int) -> list[str]:
        """Return the fingerprints of alerts that are to be counted by `now`."""
        waiting = self._store.to_count
        return sorted((each for each in waiting if waiting[each] <= now), key=lambda each: waiting[each])[:limit]

    def save(self, fingerprint: str, count: EpisodeCount, again_at: int) -> None:
        """Write what is counted of an alert, and when to count on."""
        self.counts[fingerprint] = count
        self._store.to_count.pop(fingerprint, None)
        if again_at:
            self._store.to_count[fingerprint] = again_at

    def postpone(self, fingerprint: str, again_at: int) -> None:
        """Write only when to count on an alert that waits for it."""
        if fingerprint in self._store.to_count:
            self._store.to_count[fingerprint] = again_at


class FakeReceiverStore:
    """The receivers that there ever were, in memory."""

    def __init__(self) -> None:
        self._names: set[str] = set()

    def names(self) -> frozenset[str]:
        """Return all of them."""
        return frozenset(self._names)

    def add(self, name: str) -> None:
        """Remember one."""
        self._names.add(name)


class FakeStore(FakeUnmergedEvents):
    """The ledger, the archive, the outbox and the leases in memory; `agents` has the rest of the table.

    The next `conflicts` calls of `record` and `merge` lose their race.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        super().__init__()
        self.clock = clock or FakeClock()
        self.conflicts = 0
        self.records: dict[str, Record] = {}
        self.alerts: dict[str, Alert] = {}
        self.actions: dict[str, list[Mark]] = {}
        self.notifications: dict[str, Notification] = {}
        self.leases: dict[str, tuple[str, int, int]] = {}
        self.delivered_at: dict[str, int] = {}
        self.caps: dict[str, HourlyCap] = {}
        self.call_budgets = FakeCallBudgets()
        self.agents, self.hourly, self.references = FakeAgents(), FakeHourlyCounts(), FakeReferences()
        self.to_count: dict[str, int] = {}
        self.episode_counts = FakeEpisodeCounts(self)
        self._lock = threading.Lock()

    # --- Ledger

    def alert(self, fingerprint: str) -> Alert | None:
        """Return the alert as last written."""
        return self.alerts.get(fingerprint)

    def with_stored_id(self, event: Event) -> Event:
        """Return an event as it is: here each lies where its id says."""
        return event

    def record(self, record: Record, alert: Alert, pending: Sequence[Notification]) -> Recording:
        """Put a new event, its alert and the notifications: all of them or none."""
        with self._lock:
            if record.event.id in self.records:
                return Recording.DUPLICATE
            if self._loses_race() or not self._is_current(alert):
                return Recording.CONFLICT
            self.records[record.event.id] = record
            self._write(alert, pending, [record.event])
            return Recording.RECORDED

    def extend(self, event: Event, until: int) -> None:
        """Keep an event until then, if it is there."""
        record = self.records.get(event.id)
        if record:
            self.records[event.id] = replace(record, expired_at=until)

    def keep_unmerged(self, record: Record) -> Recording:
        """Put the event alone, entered for `merge` beside those before it."""
        with self._lock:
            if record.event.id in self.records:
                return Recording.DUPLICATE
            self.records[record.event.id] = record
            self._enter(record.event)
            return Recording.RECORDED

    def merge(
        self,
        records: Sequence[Record],
        alert: Alert,
        pending: Sequence[Notification],
        action: Mark | None = None,
        merged: Sequence[UnmergedEvents] = (),
    ) -> Recording:
        """Remove what is merged, give events other outcomes, and write the alert and the notifications."""
        if len(merged) + len(records) + 1 + len(pending) > LARGEST_TRANSACTION:
            raise ValueError(f"{len(records)} events and {len(pending)} notifications do not fit one transaction")
        with self._lock:
            if self._loses_race() or not self._is_current(alert) or not all(map(self._is_as_read, merged)):
                return Recording.CONFLICT
            for record in records:
                stored = self.records[record.event.id]
                graded = {name: getattr(record.event, name) for name in ("severity", "severity_by", "source_severity")}
                self.records[record.event.id] = replace(
                    stored,
                    event=replace(stored.event, **graded),
                    outcome=record.outcome,
                    change=record.change,
                    updated_at=record.updated_at,
                )
            for some in merged:
                self._leave(some)
            self._write(alert, pending, events_of(merged))
            if action:
                self.actions.setdefault(alert.fingerprint, []).append(action)
            return Recording.RECORDED

    # --- Archive

    def find(self, event_id: str) -> Record | None:
        """Return one event, whole."""
        record = self.records.get(event_id)
        return record if record and record.expired_at > self.clock.now() else None

    def page(self, query: EventQuery, now: int) -> Page[Record]:
        """Return a page of abridged events; never short, as memory is cheap."""
        listed = {
            record.event.id: _abridged(record)
            for record in list(self.records.values())
            if record.expired_at > now and query.matches(record) and is_in_time(query, record.event.published_at)
        }
        return page_of(listed, query.cursor, query.limit, descending=query.direction is Direction.DESC)

    def between(self, start: int, end: int) -> Iterator[Record]:
        """Iterate over the abridged events from `start` up to, not including, `end`, oldest first."""
        now = self.clock.now()
        for _, record in sorted(self.records.items()):
            if start <= record.event.published_at < end and record.expired_at > now:
                yield _abridged(record)

    # --- Outbox

    def pending(
        self,
        receiver: str,
        limit: int,
        just_written: Iterable[Notification] = (),
        is_wanted: Callable[[str], bool] | None = None,
    ) -> list[Notification]:
        """Return up to `limit` notifications still pending, the most urgent first, of some ids if these are wanted."""
        pending = [each for each in list(self.notifications.values()) if _is_in(each, Delivery.PENDING, receiver)]
        return worst_first([each for each in pending if is_wanted is None or is_wanted(each.id)])[:limit]

    def enqueue(self, notification: Notification) -> bool:
        """Put a notification that belongs to no event, unless its id is there already."""
        with self._lock:
            return self.notifications.setdefault(notification.id, notification) is notification

    def settle(self, notifications: Sequence[Notification]) -> None:
        """Write what became of the notifications that are still pending, and of their events."""
        with self._lock:
            for each in notifications:
                self._settle(each, Delivery.PENDING, each.settled_at)

    def change(self, notification: Notification, was: Delivery, now: int) -> bool:
        """Write a notification's new status, and its event's outcome, if it was that status before."""
        with self._lock:
            return self._settle(notification, was, now)

    def count(self, status: Delivery, receivers: Iterable[str]) -> Mapping[str, int]:
        """Count the notifications that are pending, or failed, for each receiver."""
        pending = list(self.notifications.values())
        return {name: min(sum(_is_in(each, status, name) for each in pending), LARGEST_COUNT) for name in receivers}

    # --- Leases

    def acquire(self, receiver: str, now: int, until: int, patience: int = 0, *, urgent: bool = True) -> Lease | None:
        """Take the lease if the receiver may be sent to within `patience` seconds."""
        with self._lock:
            last, held_until, next_send_at = self.leases.get(receiver, ("", 0, 0))
            cap = self.caps.get(receiver, NO_CAP)
            if held_until > now or next_send_at > now + patience or (cap.holds_back(now) and not urgent):
                return None
            holder = str(next(self.numbers))
            self.leases[receiver] = (holder, until, next_send_at)
            return Lease(
                receiver=receiver,
                holder=holder,
                send_at=next_send_at,
                delivered_at=self.delivered_at.get(receiver, 0),
                abandoned=bool(last),
                cap=cap,
            )

    def times(self, receiver: str) -> LeaseTimes:
        """Return until when the lease is held, and when its pause is over."""
        return LeaseTimes(*self.leases.get(receiver, ("", 0, 0))[1:])

    def release(self, lease: Lease, next_send_at: int) -> None:
        """Give the lease back, unless somebody else has taken it since."""
        with self._lock:
            if self.leases.get(lease.receiver, ("", 0, 0))[0] == lease.holder:
                self.leases[lease.receiver] = (lease.holder if lease.abandoned else "", 0, next_send_at)
                self.caps[lease.receiver] = lease.cap
                self.delivered_at[lease.receiver] = lease.delivered_at

    # --- for all of them

    def _loses_race(self) -> bool:
        lost = self.conflicts > 0
        self.conflicts -= lost
        return lost

    def _is_current(self, alert: Alert) -> bool:
        stored = self.alerts.get(alert.fingerprint)
        return (stored.version if stored else 0) == alert.version

    def _write(self, alert: Alert, pending: Sequence[Notification], events: Sequence[Event]) -> None:
        if at := to_be_counted_at(alert, events):
            self.to_count.setdefault(alert.fingerprint, at)
        self.alerts[alert.fingerprint] = replace(alert, version=alert.version + 1)
        self.notifications.update({each.id: each for each in pending})

    def _settle(self, notification: Notification, was: Delivery, now: int) -> bool:
        stored = self.notifications.get(notification.id)
        if stored is None or stored.status is not was:
            return False
        changes: dict[str, Any] = {
            name: getattr(notification, name) for name in ("status", "attempts", "error", "settled_at")
        }
        self.notifications[notification.id] = replace(stored, **changes)
        if notification.status is not was:
            self._settle_event(notification, now)
        return True

    def _settle_event(self, notification: Notification, now: int) -> None:
        record = self.records.get(notification.event_id)
        if record and notification.receiver in record.outcome.deliveries:
            deliveries = {**record.outcome.deliveries, notification.receiver: notification.status}
            self.records[notification.event_id] = replace(
                record, outcome=replace(record.outcome, deliveries=deliveries), updated_at=now
            )


type Failure = Retry | Rejected


class FakeNotifier:
    """Receivers that keep in `posts` what a message is about; `fail` scripts what else becomes of one."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, Post]] = []
        self.attempts = 0
        self.handled: dict[str, Handling] = {}
        self.results: dict[str, Delivered] = {}
        self._failures: defaultdict[str, deque[Failure]] = defaultdict(deque)
        self._broken: dict[str, Failure] = {}
        self._lock = threading.Lock()

    def fail(self, receiver: str, *failures: Failure) -> None:
        """Let the next messages to the receiver fail so, one each."""
        self._failures[receiver].extend(failures)

    def handling(self, receiver: str) -> Handling:
        """Return how a receiver wants to be sent to: in any form, unless `handled` says otherwise."""
        return self.handled.get(receiver, ANYHOW)

    def break_down(self, receiver: str, failure: Failure | None) -> None:
        """Let every message to the receiver fail so from now on; None repairs it."""
        if failure is None:
            self._broken.pop(receiver, None)
        else:
            self._broken[receiver] = failure

    def notify(self, message: Message) -> Delivered | Retry | Rejected:
        """Keep one message, or return what was scripted."""
        with self._lock:
            self.attempts += 1
            if self._failures[message.receiver]:
                return self._failures[message.receiver].popleft()
            if message.receiver in self._broken:
                return self._broken[message.receiver]
            self.posts.append((message.receiver, post_of(message)))
            return self.results.get(message.receiver, Delivered())


type Post = dict[str, Any]
"""A message in short: its form as `text`, the `ids` of its notifications, and whether their event is `known`."""


def post_of(message: Message) -> Post:
    """Return a message in short."""
    ids = [each.id for each in message.notifications]
    if len(ids) > 1:
        return {"text": "digest", "ids": ids}
    return {"text": "announcement", "ids": ids, "known": message.record is not None}


class Died(BaseException):
    """The process ends here; no handler of exceptions can hold it."""


@dataclass
class Crash:
    """A plan to die at the `at`-th call (1 is the first) of all gateways that share it, `after` or before its effect.

    With `at` 0 nothing dies. `calls` collects the names of the methods called, so that a test can go through them all.
    """

    at: int = 0
    after: bool = False
    calls: list[str] = field(default_factory=list)

    def around(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        """Return `method` with the crash in its way."""

        def call(*args: Any, **kwargs: Any) -> Any:
            self.calls.append(name)
            due = len(self.calls) == self.at
            if due and not self.after:
                raise Died(f"before {name}")
            answer = method(*args, **kwargs)
            if due:
                raise Died(f"after {name}")
            return answer

        return call


class Faulty:
    """Any gateway, with a crash in the way of each of its methods; `faulty` keeps its type."""

    def __init__(self, gateway: object, crash: Crash) -> None:
        self._gateway = gateway
        self._crash = crash

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._gateway, name)
        return self._crash.around(name, value) if callable(value) else value


def faulty[G](gateway: G, crash: Crash) -> G:
    """Return the gateway with the crash in its way."""
    return cast("G", Faulty(gateway, crash))


def _abridged(record: Record) -> Record:
    return replace(record, event=record.event.abridged())


def _is_in(notification: Notification, status: Delivery, receiver: str) -> bool:
    return notification.status is status and notification.receiver == receiver
