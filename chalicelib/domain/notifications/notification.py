"""Notifications: who is sent what about an event, why, and the result."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Self

from msgspec import Struct, field
from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Alert, Announcement, Change, Status
from chalicelib.domain.alerts.inhibited import Inhibited
from chalicelib.domain.alerts.joined_accounts import count_places
from chalicelib.domain.events.event import Event, Severity
from chalicelib.domain.events.lifecycle import Lifecycle
from chalicelib.domain.text import digest

# The receiver of reports, and the kind of the daily one.
REPORT, WEEKLY_REPORT = "report", "weekly_report"
REPORTS = frozenset({REPORT, WEEKLY_REPORT})


class Reason(StrEnum):
    """Why an event was announced, or why not."""

    FIRST = "first"
    REGRESSION = "regression"
    WORSENED = "worsened"
    UPDATE = "update"
    JOINED = "joined"
    STEP = "step"
    REMINDER = "reminder"
    RELEASED = "released"
    RESOLVED = "resolved"
    FLAPPING = "flapping"
    STABLE = "stable"
    EVERY_EVENT = "every_event"
    SCHEDULED = "scheduled"
    SUMMARY = "summary"
    REOPENED = "reopened"
    ESCALATED = "escalated"
    ACK_EXPIRED = "ack_expired"
    CAPPED = "capped"
    SPREAD = "spread"

    REPEATED = "repeated"
    ACKNOWLEDGED = "acknowledged"
    BELOW_MINIMUM = "below_minimum"
    BELOW_COUNT = "below_count"
    SILENCED = "silenced"
    INHIBITED = "inhibited"
    UNROUTED = "unrouted"
    QUIET = "quiet"
    NOTHING_TO_RESOLVE = "nothing_to_resolve"
    NOTICE = "notice"
    OUTDATED = "outdated"
    BACKFILLED = "backfilled"

    PROCESSING = "processing"


# What a message says that is the first about an episode.
BEGINNINGS = (Reason.FIRST, Reason.REGRESSION)


class Delivery(StrEnum):
    """The status of a notification, or of all notifications of an event."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    SUPPRESSED = "suppressed"


UNREMEMBERED = frozenset(
    {Reason.EVERY_EVENT, Reason.SUMMARY, Reason.ACKNOWLEDGED, Reason.REOPENED, Reason.INHIBITED, Reason.SPREAD}
)


class Outcome(Struct, frozen=True, kw_only=True):
    """The outcome of one event: the reason, and the delivery to each receiver.

    `by` names the routes, or the silence, that decided; or the inhibition, with the fingerprint of what it is
    `inhibited` by. `groups` has the group of each receiver, `waits` how many seconds a new problem waits for others of
    it, `intervals` the minimum seconds between two messages of a group.
    """

    reason: Reason
    by: str = ""
    deliveries: Mapping[str, Delivery] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    inhibited: Inhibited | None = None
    waits: Mapping[str, int] = field(default_factory=dict)
    intervals: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def pending(cls, reason: Reason, receivers: Iterable[str], by: str) -> Self:
        """Return an outcome with a pending notification to each of `receivers`."""
        return cls(reason=reason, by=by, deliveries=dict.fromkeys(receivers, Delivery.PENDING))

    @property
    def status(self) -> Delivery:
        """The outcome in one word: one failure or one delay counts more than any success."""
        states = set(self.deliveries.values())
        if self.reason is Reason.PROCESSING:
            return Delivery.PENDING
        for state in (Delivery.FAILED, Delivery.PENDING, Delivery.DELIVERED):
            if state in states:
                return state
        return Delivery.SUPPRESSED


class Record(Struct, frozen=True, kw_only=True):
    """An event in the ledger: its change to its alert, its outcome, and when it expires."""

    event: Event
    outcome: Outcome
    change: Change | None
    updated_at: int
    expired_at: int


class Notification(Struct, frozen=True, kw_only=True):
    """What one receiver is sent about an event, or with a report.

    It has enough of the alert for a line in a digest. `event_id` is the event whose outcome it belongs to, `about` the
    event to show, which may be an earlier one. `lifecycle` and `due_at` are the alert's; `places` is in how many
    regions of accounts it was, if more than one. `by` names the routes that led here, `resolved_by` who resolved the
    problem. Pending notifications of one `group` are sent together, at `send_at` at the earliest, and `group_interval`
    seconds after the group's last message. `body` is a report's JSON; `error` is that of the last of `attempts`.
    """

    id: str
    receiver: str
    kind: str
    reason: Reason
    severity: Severity
    title: str
    created_at: int
    event_id: str = ""
    about: str = ""
    fingerprint: str = ""
    account: str = ""
    region: str = ""
    count: int = 0
    since: int = 0
    episode: int = 0
    places: int = 0
    by: str = ""
    resolved_by: str = ""
    lifecycle: Lifecycle = Lifecycle.CONTINUOUS
    due_at: int = 0
    group: str = ""
    send_at: int = 0
    group_interval: int = 0
    body: str = ""
    status: Delivery = Delivery.PENDING
    attempts: int = 0
    error: str = ""
    settled_at: int = 0

    @property
    def is_over(self) -> bool:
        """Whether it says that its problem is over."""
        return self.reason is Reason.RESOLVED


def record_announcement(alert: Alert, outcome: Outcome, now: int) -> Alert:
    """Return the alert remembering that `outcome` announces it, if it does.

    Notifications of every event, summaries and people's actions are not remembered: the receivers of the first need not
    know what changed, a summary is about no problem, and actions only go to receivers that follow them.
    """
    if outcome.inhibited is not None:
        alert = _explained(alert, outcome.inhibited)
    if not outcome.deliveries or outcome.reason in UNREMEMBERED:
        return alert
    last = alert.announcement
    if last is None or last.over:
        last = Announcement(at=now, receivers=(), severity=alert.severity, count=0, episodes=alert.episodes)
    is_news = alert.severity > last.severity or alert.revision not in {"", last.revision}
    behind = last.receivers if is_news else last.behind
    announcement = Announcement(
        at=now,
        receivers=tuple(sorted({*last.receivers, *outcome.deliveries})),
        severity=alert.severity,
        count=alert.count,
        episodes=alert.episodes,
        over=outcome.reason is Reason.RESOLVED,
        flapping=outcome.reason is Reason.FLAPPING,
        behind=tuple([each for each in behind if each not in outcome.deliveries]),
        revision=alert.revision,
        age=0 if _begins_anew(alert, last, outcome.reason) else last.age + now - last.at,
        places=_several_places(alert),
    )
    is_over = alert.status is Status.RESOLVED
    return replace(alert, announcement=announcement, inhibited=alert.inhibited if is_over else None)


def _several_places(alert: Alert) -> int:
    """Return in how many regions of accounts an alert is, where in more than one."""
    count = count_places(alert.accounts)
    return count if count > 1 else 0


def _begins_anew(alert: Alert, last: Announcement, reason: Reason) -> bool:
    """Return whether nobody works on a problem from now on: it is another episode, or somebody did until now."""
    is_dropped = last.acknowledged and reason in {Reason.ACK_EXPIRED, Reason.JOINED}
    return is_dropped or last.episodes != alert.episodes


def _explained(alert: Alert, inhibited: Inhibited) -> Alert:
    """Return an inhibited alert; once it is over, nobody needs to be notified of its end."""
    last = alert.announcement
    if last is not None and alert.status is Status.RESOLVED:
        last = replace(last, over=True)
    return replace(alert, inhibited=inhibited, announcement=last)


def notifications_of(alert: Alert, event: Event, outcome: Outcome, now: int) -> tuple[Notification, ...]:
    """Return the notifications of an event's outcome; their ids are derived from the event, which is decided once."""
    pending = replace(
        _notification(alert, outcome, event.id, now),
        severity=event.severity,
        title=event.title,
        account=event.account,
        region=event.region,
        event_id=event.id,
    )
    sent = [_to_receiver(pending, receiver, outcome, now) for receiver in outcome.deliveries]
    return tuple([replace(each, id=notification_id(event.id, each.receiver)) for each in sent])


def notification_id(event_id: str, receiver: str) -> str:
    """Return the id of the notification to a receiver about an event."""
    return digest(event_id, receiver)


def suppressed(record: Record) -> Notification:
    """Return what stands for the notification of a suppressed event; it has no id and no receiver."""
    event = record.event
    return Notification(
        id="",
        receiver="",
        kind=event.kind,
        reason=record.outcome.reason,
        severity=event.severity,
        title=event.title,
        created_at=record.updated_at,
        event_id=event.id,
        about=event.id,
        fingerprint=event.fingerprint,
        account=event.account,
        region=event.region,
        by=record.outcome.by,
        status=Delivery.SUPPRESSED,
    )


def reminders_of(alert: Alert, outcome: Outcome, now: int) -> tuple[Notification, ...]:
    """Return the notifications of an alert's outcome at its version, without an event."""
    pending = _notification(alert, outcome, alert.newest, now)
    sent = [_to_receiver(pending, receiver, outcome, now) for receiver in outcome.deliveries]
    return tuple([replace(each, id=digest(alert.fingerprint, str(alert.version), each.receiver)) for each in sent])


def _to_receiver(pending: Notification, receiver: str, outcome: Outcome, now: int) -> Notification:
    return replace(
        pending,
        receiver=receiver,
        group=outcome.groups.get(receiver, ""),
        send_at=now + outcome.waits[receiver] if receiver in outcome.waits else 0,
        group_interval=outcome.intervals.get(receiver, 0),
    )


def _notification(alert: Alert, outcome: Outcome, about: str, now: int) -> Notification:
    return replace(
        notification_about(alert, outcome.reason, now),
        about=about,
        by=outcome.by,
        resolved_by=alert.resolved_by if outcome.reason is Reason.RESOLVED else "",
        places=_several_places(alert),
        lifecycle=alert.lifecycle,
        due_at=alert.due_at,
    )


def notification_about(alert: Alert, reason: Reason, now: int) -> Notification:
    """Return a notification about an alert as it is now, without an id and a receiver."""
    return Notification(
        id="",
        receiver="",
        kind=alert.kind,
        reason=reason,
        severity=alert.severity,
        title=alert.title,
        created_at=now,
        about=alert.newest,
        fingerprint=alert.fingerprint,
        account=alert.account,
        region=alert.region,
        count=alert.count,
        since=alert.since,
        episode=alert.episodes,
    )


def completed(notification: Notification, status: Delivery, at: int, error: str = "") -> Notification:
    """Return the notification after one more attempt: delivered, failed for good, or still pending."""
    return replace(notification, status=status, attempts=notification.attempts + 1, error=error, settled_at=at)


class Recording(StrEnum):
    """The result of a transaction."""

    RECORDED = "recorded"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
