"""Ports: what services need of the outside world; gateways and fakes implement them structurally."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from chalicelib.domain.agents.agent import Agent
from chalicelib.domain.alerts.alert import Alert, Mark, Status
from chalicelib.domain.notifications.lease import Lease, LeaseTimes
from chalicelib.domain.notifications.notification import Delivery, Notification, Record, Recording
from chalicelib.domain.notifications.unmerged_events import UnmergedEvents
from chalicelib.domain.pagination import Page
from chalicelib.domain.queries import AgentQuery, AlertQuery, EventQuery, NotificationQuery, SilenceQuery
from chalicelib.domain.routing.silences import Silence

if TYPE_CHECKING:
    from chalicelib.domain.alerts.affected import AffectedScope
    from chalicelib.domain.alerts.suspect_deploy import Deploy
    from chalicelib.domain.events.event import Event
    from chalicelib.domain.routing.notification_policy import Policy


class Clock(Protocol):
    """The time."""

    def now(self) -> int:
        """Return the time in epoch seconds."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class Ledger(Protocol):
    """Writes events: each once, with its alert and notifications in one transaction."""

    def alert(self, fingerprint: str) -> Alert | None:
        """Return the alert as last written (a consistent read)."""
        ...

    def with_stored_id(self, event: "Event") -> "Event":
        """Return an event with the id that it is stored under, which is the same for every delivery of it."""
        ...

    def record(self, record: Record, alert: Alert, pending: Sequence[Notification]) -> Recording:
        """Put a new event, its alert (if still at `alert.version`) and the notifications: all or nothing.

        DUPLICATE where the event is stored already, whatever else; CONFLICT where the alert has changed or another
        transaction was in the way: read and decide again.
        """
        ...

    def keep_unmerged(self, record: Record) -> Recording:
        """Put the event alone, to be merged later; DUPLICATE where it is stored already."""
        ...

    def merge(
        self,
        records: Sequence[Record],
        alert: Alert,
        pending: Sequence[Notification],
        action: Mark | None = None,
        merged: Sequence[UnmergedEvents] = (),
    ) -> Recording:
        """Write an alert with what is `merged` into it, and the notifications: all or nothing.

        `records` are those of its events that get another outcome than was stored. CONFLICT where the alert, or the
        entries of the events, have changed; ValueError where this does not fit one transaction.
        """
        ...


class EventStore(Protocol):
    """Reads events; expired ones are left out."""

    def find(self, event_id: str) -> Record | None:
        """Return one event with its detail (a consistent read); None where there is none."""
        ...

    def page(self, query: EventQuery, now: int) -> Page[Record]:
        """Return a page of abridged events.

        Under a filter without an index it may be short, and still have a `next`.
        """
        ...

    def between(self, start: int, end: int) -> Iterator[Record]:
        """Iterate over all abridged events published from `start` up to, not including, `end`, oldest first."""
        ...


class RankedAlerts(NamedTuple):
    """Alerts in order; not `complete` where some sort keys or alerts were not examined."""

    items: tuple[Alert, ...]
    complete: bool


class AlertStore(Protocol):
    """Reads alerts, which the ledger writes; expired ones are left out."""

    def find(self, fingerprint: str) -> Alert | None:
        """Return one alert (a consistent read)."""
        ...

    def page(self, query: AlertQuery, now: int) -> Page[Alert]:
        """Return a page of alerts by the start of their newest episodes; reads a bounded number of items.

        Under a filter other than the status and the fingerprint the page may be short, or empty, and still have a
        `next`.
        """
        ...

    def actions(self, fingerprint: str, limit: int) -> list[Mark]:
        """Return the actions on an alert, newest first."""
        ...

    def reminders(self, fingerprint: str, limit: int) -> list[str]:
        """Return the ids of an alert's notifications that belong to none of its events, newest first."""
        ...

    def due(self, now: int, limit: int) -> list[Alert]:
        """Return up to `limit` alerts that need evaluating by `now`, each checked by a consistent read."""
        ...


class Policies(Protocol):
    """Decides who is notified of what."""

    def __call__(self) -> "Policy":
        """Return the policy of now; changes by other functions may take some seconds to show."""
        ...

    def forget(self) -> None:
        """Read everything again next time, as it has changed."""
        ...


class HourlyCountStore(Protocol):
    """How often busy alerts fired, by hour since 1970, in hours that their timelines no longer cover."""

    def add(self, fingerprint: str, counts: Mapping[int, int]) -> None:
        """Add to the counts of hours."""
        ...

    def find_all(self, fingerprints: Iterable[str], hours: Collection[int]) -> Mapping[str, Mapping[int, int]]:
        """Return the counts of hours, and maybe of others of the same days, by alert.

        Alerts without counts are missing.
        """
        ...

    def save(self, fingerprint: str, counts: Mapping[int, int], hours: Collection[int]) -> None:
        """Write the counts of hours, replacing all counts of their days."""
        ...


class AlertIndex(Protocol):
    """The index of alerts: how many there are, and which are the most severe."""

    def count(self, status: Status, most: int) -> int:
        """Count the alerts of a status that ever fired, up to `most`, without reading them."""
        ...

    def worst(self, query: AlertQuery, now: int) -> RankedAlerts:
        """Return up to the query's limit of alerts, most severe first, then newest first."""
        ...


class NotificationStore(Protocol):
    """Reads notifications, and enqueues them again; expired ones are left out."""

    def find(self, notification_id: str) -> Notification | None:
        """Return one notification (a consistent read)."""
        ...

    def find_all(self, notification_ids: Iterable[str]) -> list[Notification]:
        """Return the notifications that exist, in any order (a consistent read)."""
        ...

    def page(self, query: NotificationQuery, receivers: Iterable[str], now: int) -> Page[Notification]:
        """Return a page of the receivers' notifications by when they were created; suppressed ones are not stored."""
        ...

    def enqueue_again(self, notification: Notification, now: int) -> Notification | None:
        """Make a settled notification pending again, and the outcome of its event, together.

        None where it has changed since it was read, or where every attempt met another transaction.
        """
        ...


class Outbox(Protocol):
    """The notifications: pending and settled ones."""

    def pending(
        self,
        receiver: str,
        limit: int,
        just_written: Iterable[Notification] = (),
        is_wanted: Callable[[str], bool] | None = None,
    ) -> list[Notification]:
        """Return up to `limit` pending notifications, most urgent first, each checked by a consistent read.

        Those of the receiver that are `just_written` are added, as the index may not show them yet. With `is_wanted`,
        only ids for which it returns true are returned.
        """
        ...

    def enqueue(self, notification: Notification) -> bool:
        """Store a pending notification that belongs to no event; False where its id exists already."""
        ...

    def settle(self, notifications: Sequence[Notification]) -> None:
        """Write the notifications' new status, attempts and error, and with each the outcome of its event.

        One that is no longer pending stays as it is. After a crash half way the rest is still pending.
        """
        ...

    def count(self, status: Delivery, receivers: Iterable[str]) -> Mapping[str, int]:
        """Count the pending, or failed, notifications of each receiver (up to 1,000 each)."""
        ...


class Leases(Protocol):
    """One lease per receiver: only its holder sends, all others leave their notifications pending."""

    def acquire(self, receiver: str, now: int, until: int, patience: int = 0, *, urgent: bool = True) -> Lease | None:
        """Take the lease if the receiver may be sent to within `patience` seconds from `now`; it lapses at `until`.

        None where another holds it, or it is too early. If not `urgent`, it is too early before the next digest of a
        receiver whose cap is reached.
        """
        ...

    def times(self, receiver: str) -> LeaseTimes:
        """Return until when the lease is held, and when its pause ends."""
        ...

    def release(self, lease: Lease, next_send_at: int) -> None:
        """Release the lease, with its cap and whether it was abandoned; nobody sends before `next_send_at`.

        A lapsed lease changes nothing.
        """
        ...


class ReceiverStore(Protocol):
    """The names of all receivers that there ever were."""

    def names(self) -> frozenset[str]:
        """Return all names."""
        ...

    def add(self, name: str) -> None:
        """Add a name; adding it twice changes nothing."""
        ...


class AgentStore(Protocol):
    """The agents' items."""

    def find(self, account: str, region: str) -> Agent | None:
        """Return one agent (a consistent read)."""
        ...

    def save(self, agent: Agent) -> None:
        """Write an agent if it is still at the version that was read; Conflict where it is not."""
        ...

    def delete(self, agent: Agent) -> None:
        """Remove an agent; removing it twice is no error."""
        ...

    def page(self, query: AgentQuery) -> Page[Agent]:
        """Return a page of agents ordered by id; reads a bounded number of items.

        Under a filter other than the account the page may be short, or empty, and still have a `next`.
        """
        ...


class SilenceStore(Protocol):
    """The silences; ended ones are kept as long as the events that they may have suppressed."""

    def find(self, silence_id: str) -> Silence | None:
        """Return one silence, whether it has ended or not (a consistent read)."""
        ...

    def save(self, silence: Silence) -> None:
        """Write a silence if it is still at the revision that was read; Conflict where it is not."""
        ...

    def unexpired(self, now: int) -> list[Silence]:
        """Return up to a thousand silences that have not ended, in order of their ends."""
        ...

    def page(self, query: SilenceQuery, now: int) -> Page[Silence]:
        """Return a page of silences by when they end; reads a bounded number of items."""
        ...


class AccountNames(Protocol):
    """The names of accounts."""

    def name(self, account: str) -> str:
        """Return the account's name, or an empty string."""
        ...


class LoadedAccountNames(AccountNames, Protocol):
    """The names of accounts, for pages that show many."""

    def load(self) -> None:
        """Read all names at once."""
        ...


class AccountRegister(AccountNames, Protocol):
    """The names of accounts as their agents report them."""

    def named(self, name: str) -> set[str]:
        """Return the accounts of this name."""
        ...

    def names(self) -> Mapping[str, str]:
        """Return the names of all accounts that have one."""
        ...


class AffectedScopes(Protocol):
    """The accounts and regions of a problem, and what was deployed there before."""

    def of(self, fingerprint: str, since: int, just_written: "Event | None" = None) -> "AffectedScope":
        """Return where a problem has fired since then, including the event `just_written`."""
        ...

    def accounts_at(self, fingerprint: str, since: int, at: int) -> frozenset[str]:
        """Return the accounts in which a problem had fired since then, as known at a time."""
        ...

    def deploys_before(self, problem: "Alert | Notification", began: "Event | None" = None) -> "tuple[Deploy, ...]":
        """Return what was deployed in its account and region in the half hour before a problem began, newest first.

        `began` is the event with which it began, where that is known.
        """
        ...
