"""What the services need of the world, in at most four methods each; gateways and fakes satisfy them structurally."""

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
    """The time, and the patience to let it pass."""

    def now(self) -> int:
        """Return the epoch seconds."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class Ledger(Protocol):
    """The writing side of the store: each event once, its alert and notifications in the same transaction."""

    def alert(self, fingerprint: str) -> Alert | None:
        """Return the alert as last written (a consistent read)."""
        ...

    def with_stored_id(self, event: "Event") -> "Event":
        """Return an event with the id that it is stored under: its own, or one of its time, always the same one."""
        ...

    def record(self, record: Record, alert: Alert, pending: Sequence[Notification]) -> Recording:
        """Put a new event, its alert (if still at `alert.version`) and the notifications: all of them or none.

        DUPLICATE where the event is there already, whatever else; CONFLICT where the alert has changed or another
        transaction was in the way: read and decide again.
        """
        ...

    def keep_unmerged(self, record: Record) -> Recording:
        """Put the event alone, entered for `merge`; DUPLICATE where it is there already."""
        ...

    def merge(
        self,
        records: Sequence[Record],
        alert: Alert,
        pending: Sequence[Notification],
        action: Mark | None = None,
        merged: Sequence[UnmergedEvents] = (),
    ) -> Recording:
        """Write an alert with what is `merged` into it, and the notifications: all of it or nothing.

        `records` are those of its events whose outcomes are others than was stored. CONFLICT where the alert has
        changed, or some of the events are merged already or have got company; ValueError where all this is more than
        a transaction holds.
        """
        ...


class EventStore(Protocol):
    """The reading side of the store; what has expired is not there."""

    def find(self, event_id: str) -> Record | None:
        """Return one event, whole (a consistent read)."""
        ...

    def page(self, query: EventQuery, now: int) -> Page[Record]:
        """Return a page of abridged events; without an index for a filter it may be short, and still have a `next`."""
        ...

    def between(self, start: int, end: int) -> Iterator[Record]:
        """Iterate over all abridged events published from `start` up to, not including, `end`, oldest first."""
        ...


class RankedAlerts(NamedTuple):
    """Alerts in order; they are not `complete` where more sort keys, or more alerts, were left unexamined."""

    items: tuple[Alert, ...]
    complete: bool


class AlertStore(Protocol):
    """The alerts, to be read; the ledger writes them. What has expired is not there."""

    def find(self, fingerprint: str) -> Alert | None:
        """Return one alert (a consistent read)."""
        ...

    def page(self, query: AlertQuery, now: int) -> Page[Alert]:
        """Return a page of alerts by the beginning of their newest episodes, having read a bounded number of items.

        Under a filter other than the status and the fingerprint the page may be short, or empty, and still have a
        `next`.
        """
        ...

    def actions(self, fingerprint: str, limit: int) -> list[Mark]:
        """Return what was done to an alert, the newest first."""
        ...

    def reminders(self, fingerprint: str, limit: int) -> list[str]:
        """Return the ids of the notifications about an alert that belong to none of its events, the newest first."""
        ...

    def due(self, now: int, limit: int) -> list[Alert]:
        """Return up to `limit` alerts that need evaluating by `now`, each checked by a consistent read."""
        ...


class Policies(Protocol):
    """Who is notified of what."""

    def __call__(self) -> "Policy":
        """Return the policy of now, in which what others have changed may be missing for some seconds."""
        ...

    def forget(self) -> None:
        """Read all of it again next time, as it has changed."""
        ...


class HourlyCountStore(Protocol):
    """How often busy alerts fired, by the numbers of hours since 1970, beside what they remember themselves."""

    def add(self, fingerprint: str, counts: Mapping[int, int]) -> None:
        """Add to the counts of hours."""
        ...

    def find_all(self, fingerprints: Iterable[str], hours: Collection[int]) -> Mapping[str, Mapping[int, int]]:
        """Return the counts of hours, and perhaps of others of the same days, by alert; those without are missing."""
        ...

    def save(self, fingerprint: str, counts: Mapping[int, int], hours: Collection[int]) -> None:
        """Put the counts of hours in the place of what was counted in their days."""
        ...


class AlertIndex(Protocol):
    """The alerts by their sort keys in the index: how many there are, and which are the worst."""

    def count(self, status: Status, most: int) -> int:
        """Count the alerts that stand so and ever fired, up to `most`, without reading them."""
        ...

    def worst(self, query: AlertQuery, now: int) -> RankedAlerts:
        """Return up to the query's limit of alerts, the worst first, and of those the newest."""
        ...


class NotificationStore(Protocol):
    """The notifications, to be read and enqueued again; what has expired is not there."""

    def find(self, notification_id: str) -> Notification | None:
        """Return one notification (a consistent read)."""
        ...

    def find_all(self, notification_ids: Iterable[str]) -> list[Notification]:
        """Return the notifications that are there, in any order (a consistent read)."""
        ...

    def page(self, query: NotificationQuery, receivers: Iterable[str], now: int) -> Page[Notification]:
        """Return a page of the receivers' notifications, by when they were created; nothing suppressed is there."""
        ...

    def enqueue_again(self, notification: Notification, now: int) -> Notification | None:
        """Make a settled notification pending again, and so its event's outcome, together.

        None where it has changed since it was read, or others were in the way again and again.
        """
        ...


class Outbox(Protocol):
    """The notifications: what is pending, and what became of it."""

    def pending(
        self,
        receiver: str,
        limit: int,
        just_written: Iterable[Notification] = (),
        is_wanted: Callable[[str], bool] | None = None,
    ) -> list[Notification]:
        """Return up to `limit` notifications still pending, the most urgent first, each checked by a consistent read.

        Those of the receiver's that are `just_written` come on top if they are still pending. Where it is said whose
        ids are wanted, the others are passed by, however much more urgent they are.
        """
        ...

    def enqueue(self, notification: Notification) -> bool:
        """Put a notification that belongs to no event; False where its id is there already."""
        ...

    def settle(self, notifications: Sequence[Notification]) -> None:
        """Write the notifications' new status, attempts and error, and the outcome of each one's event, together.

        One that is no longer pending stays as it is. A crash half way leaves the rest pending.
        """
        ...

    def count(self, status: Delivery, receivers: Iterable[str]) -> Mapping[str, int]:
        """Count the notifications that are pending, or failed, for each receiver (at most 1,000 each)."""
        ...


class Leases(Protocol):
    """One lease per receiver: who holds it sends, all others leave theirs pending."""

    def acquire(self, receiver: str, now: int, until: int, patience: int = 0, *, urgent: bool = True) -> Lease | None:
        """Take the lease if the receiver may be sent to within `patience` seconds from `now`; it lapses at `until`.

        None: it is somebody else's turn, or too early; where it is not `urgent`, that is before the next digest of a
        receiver whose cap is reached.
        """
        ...

    def times(self, receiver: str) -> LeaseTimes:
        """Return until when the lease is held, and when its pause is over."""
        ...

    def release(self, lease: Lease, next_send_at: int) -> None:
        """Give the lease back with its cap, abandoned or not; nobody sends before `next_send_at`.

        A lapsed lease changes nothing.
        """
        ...


class ReceiverStore(Protocol):
    """The names of all receivers that there ever were."""

    def names(self) -> frozenset[str]:
        """Return them."""
        ...

    def add(self, name: str) -> None:
        """Remember one; to add it twice changes nothing."""
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
        """Return a page of agents in order of their ids, having read a bounded number of items.

        By anything but the account the page may be short, or empty, and still have a `next`.
        """
        ...


class SilenceStore(Protocol):
    """The silences; what has ended is kept as long as the events that it may have held back."""

    def find(self, silence_id: str) -> Silence | None:
        """Return one silence, whether it has ended or not (a consistent read)."""
        ...

    def save(self, silence: Silence) -> None:
        """Write a silence if it is still at the revision that was read; Conflict where it is not."""
        ...

    def unexpired(self, now: int) -> list[Silence]:
        """Return the silences that have not ended, those that end first first; up to a thousand."""
        ...

    def page(self, query: SilenceQuery, now: int) -> Page[Silence]:
        """Return a page of silences by when they end, having read a bounded number of items."""
        ...


class AccountNames(Protocol):
    """What people call an account."""

    def name(self, account: str) -> str:
        """Return the account's name, or nothing."""
        ...


class LoadedAccountNames(AccountNames, Protocol):
    """What people call accounts, of which many may be about to be shown."""

    def load(self) -> None:
        """Read all names at once."""
        ...


class AccountRegister(AccountNames, Protocol):
    """The accounts' names, as their agents say them."""

    def named(self, name: str) -> set[str]:
        """Return the accounts of this name."""
        ...

    def names(self) -> Mapping[str, str]:
        """Return what all accounts are called that have a name."""
        ...


class AffectedScopes(Protocol):
    """Where a problem is, and what was deployed there before."""

    def of(self, fingerprint: str, since: int, just_written: "Event | None" = None) -> "AffectedScope":
        """Return where a problem has fired since then, the event at hand included."""
        ...

    def accounts_at(self, fingerprint: str, since: int, at: int) -> frozenset[str]:
        """Return in which accounts a problem had fired since then by what had arrived at a time."""
        ...

    def deploys_before(self, problem: "Alert | Notification", began: "Event | None" = None) -> "tuple[Deploy, ...]":
        """Return what was deployed in its account and region in the half hour before a problem began, newest first.

        `began` is the event with which it began, where that is known.
        """
        ...
