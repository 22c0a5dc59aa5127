"""Items: how each model is stored, with two small functions per entity, and its keys.

Empty values (zero, no text) are not stored: they cost money, and reading them back gives the default.
"""

import zlib
from collections.abc import Mapping
from typing import Any

from msgspec import convert, to_builtins

from chalicelib.domain.agents.agent import Agent
from chalicelib.domain.agents.coverage import AgentCoverage
from chalicelib.domain.alerts.alert import Alert, Announcement, Change, Mark, Status
from chalicelib.domain.alerts.inhibited import Inhibited
from chalicelib.domain.alerts.timeline import BEGINNING, EpisodeState, Timeline, TransitionKind
from chalicelib.domain.alerts.window_count import WindowCount
from chalicelib.domain.events.event import LATEST, LISTED_RESOURCES, UNLISTED, Event, Severity
from chalicelib.domain.notifications.notification import Delivery, Notification, Outcome, Reason, Record
from chalicelib.domain.routing.inhibitions import NAMED, NAMESPACE
from chalicelib.domain.routing.matchers import Field, Matcher
from chalicelib.domain.routing.silences import Silence
from chalicelib.domain.text import digest
from chalicelib.domain.timestamps import DAY
from chalicelib.gateways.dynamodb.capacity import units
from chalicelib.gateways.dynamodb.content import gzipped, pack, unlisted, unpack
from chalicelib.gateways.dynamodb.expressions import Item, Key, decode, encode, read
from chalicelib.gateways.dynamodb.lifecycles import lifecycle_of, stored_lifecycle
from chalicelib.gateways.dynamodb.packing import (
    pack_accounts,
    pack_children,
    pack_transitions,
    unpack_accounts,
    unpack_children,
    unpack_transitions,
)
from chalicelib.gateways.dynamodb.status_index import begun
from chalicelib.gateways.dynamodb.table import Partition

# A partition takes 1,000 write units a second. Another number of shards would hide the events written before: see
# `shards`.
SHARDS = 4
EVENTS = tuple(f"EVENTS#{shard}" for shard in range(SHARDS))
# Prefixes of sort keys beside an alert, followed by a time.
ALERT, ACTION, REMINDER = "ALERT", "ACTION#", "REMINDER#"
AGENTS, SILENCES, STANDING = "AGENTS", "SILENCES", "SILENCES#STANDING"
# Partitions of the index `work`. Alerts that need evaluating: one enters when announced, and moves when evaluated.
DUE = "DUE"
# Silenced alerts: they are evaluated when no others are due.
CAN_WAIT = "CAN_WAIT"
# Alerts that may inhibit others: they are evaluated continually.
INHIBITING = "INHIBITING"
# Severities are stored so that the highest sorts first.
LEAST_URGENT = 9

# Labels that most alerts have, as every event writes them.
SHORT_LABELS = {NAMED: "s", NAMESPACE: "n", "detail.eventTypeCode": "c"}
LONG_LABELS = {short: name for name, short in SHORT_LABELS.items()}
# The expiry of an open alert: it is kept for as long as it is open.
NEVER_EXPIRES = LATEST

# The attributes that lists show: with the keys, an event's whole item but its content.
LISTED = (
    *("kind", "source", "detail_type", "account", "region", "severity", "signal", "title", "fingerprint"),
    *("resource", "resources", "link", "lines", "state", "received_at", "updated_at", "expired_at"),
    *("reason", "by", "deliveries", "change"),
)


def event_key(event_id: str) -> Key:
    """Return the key of an event: its shard, by a hash of the id, and the id, which sorts by time."""
    return {"pk": EVENTS[_shard_of(event_id)], "sk": event_id}


def _shard_of(event_id: str) -> int:
    return zlib.crc32(event_id.encode(errors="replace")) % SHARDS


def event_item(record: Record, entry: str = "") -> Item:
    """Write an event with its outcome, and the token of its `entry` while it waits to be merged."""
    event = record.event
    item = {name: getattr(event, name) for name in LISTED if hasattr(event, name)} | {
        "id": event.id,
        "resources": event.resources[:LISTED_RESOURCES],
        "expired_at": record.expired_at,
    }
    if entry:
        # Fields that merging needs, so that it need not read the content.
        item |= unlisted(event) | {"entry": entry}
    return encode(_filled(event_key(event.id), item | outcome_fields(record)) | {"content": pack(event)})


def event_items(record: Record, entry: str = "") -> tuple[Item, Item | None]:
    """Return an event's item and, where two are cheaper than one, an item of its own for its content.

    A transaction is billed twice, and every list reads the whole item of an event.
    """
    whole, content = event_item(record, entry), encode(content_key(record.event.id))
    event = {name: value for name, value in whole.items() if name != "content"}
    content |= {name: whole[name] for name in ("content", "expired_at")}
    return (event, content) if 2 * units(event) + units(content) < 2 * units(whole) else (whole, None)


def content_key(event_id: str) -> Key:
    """Return the key of the item with an event's content, where that is stored apart."""
    return {"pk": f"CONTENT#{event_id}", "sk": "CONTENT"}


def outcome_fields(record: Record) -> dict[str, Any]:
    """Return the attributes that a merge changes in an event."""
    event, outcome = record.event, record.outcome
    return {
        "reason": outcome.reason,
        "by": outcome.by,
        "deliveries": outcome.deliveries,
        "change": record.change,
        "updated_at": record.updated_at,
        "severity": event.severity,
        "source_severity": event.source_severity,
        "severity_by": event.severity_by,
    }


def record_of(item: Item) -> Record:
    """Read an event: with its detail if its content was read too, else as lists show it."""
    values = decode(item)
    content = unpack(values["content"]) if "content" in values else {}
    more = values | content | {"lifecycle": lifecycle_of(values | content)}
    event = read(
        Event,
        values,
        id=values["sk"],
        resources=tuple(content.get("resources", values.get("resources", ()))),
        published_at=int(values["sk"].partition("-")[0]),
        labels={},
        detail=content.get("detail"),
        **{name: type(default)(more.get(name, default)) for name, default in UNLISTED.items()},
    )
    outcome = Outcome(
        reason=Reason(values["reason"]),
        by=values.get("by", ""),
        deliveries={receiver: Delivery(state) for receiver, state in values.get("deliveries", {}).items()},
    )
    return Record(
        event=event,
        outcome=outcome,
        change=Change(values["change"]) if "change" in values else None,
        updated_at=values.get("updated_at", 0),
        expired_at=values.get("expired_at", 0),
    )


def alert_key(fingerprint: str) -> Key:
    """Return the key of an alert."""
    return {"pk": f"ALERT#{fingerprint}", "sk": ALERT}


def alert_item(alert: Alert, keep_for: int) -> Item:
    """Write an alert, to be kept for `keep_for` seconds after it was over and last changed.

    Every event writes it, so it is kept below 1 kB: nothing that the keys hold is repeated, and its transitions are
    packed.
    """
    before = alert.timeline.before
    last = max([alert.last_seen, *(each.at for each in (alert.announcement, alert.marked) if each)])
    values = to_builtins(alert) | {
        **dict.fromkeys(("fingerprint", "due", "timeline", "inhibits", "can_wait"), ""),
        "before": {name: value for name, value in to_builtins(before).items() if value and before != BEGINNING},
        **stored_lifecycle(alert.lifecycle),
        "labels": {SHORT_LABELS.get(name, name): each for name, each in alert.labels.items()},
        "announcement": _filled({}, to_builtins(alert.announcement)) if alert.announcement else "",
        "work": _evaluated_with(alert) if alert.due else "",
        "work_at": f"{alert.due:010d}" if alert.due else "",
        "expired_at": last + keep_for if alert.status is Status.RESOLVED else NEVER_EXPIRES,
        "history": pack_transitions(alert.timeline.transitions),
        "children": pack_children(alert.children),
        "accounts": pack_accounts(alert.accounts, alert.account, alert.region),
        "begun": begun(alert),
    }
    return _item(alert_key(alert.fingerprint), values)


def alert_of(item: Item) -> Alert:
    """Read an alert."""
    values = decode(item)
    announcement, marked, inhibited = values.get("announcement"), values.get("marked"), values.get("inhibited")
    heard = {name: tuple(announcement.get(name, ())) for name in ("receivers", "behind")} if announcement else {}
    return read(
        Alert,
        values,
        fingerprint=values["pk"].partition("#")[2],
        due=int(values.get("work_at", 0)),
        lifecycle=lifecycle_of(values),
        announcement=read(Announcement, announcement, **heard) if announcement else None,
        marked=read(Mark, marked) if marked else None,
        labels={LONG_LABELS.get(name, name): tuple(each) for name, each in values.get("labels", {}).items()},
        inhibits=values.get("work") == INHIBITING,
        can_wait=values.get("work") == CAN_WAIT,
        inhibited=read(Inhibited, inhibited) if inhibited else None,
        recent=convert(values.get("recent", ()), tuple[WindowCount, ...]),
        uncounted=convert(values.get("uncounted", ()), tuple[tuple[int, int], ...]),
        timeline=Timeline(
            read(EpisodeState, values["before"]) if "before" in values else BEGINNING,
            unpack_transitions(values.get("history", b"")),
        ),
        children=unpack_children(values.get("children", b"")),
        accounts=unpack_accounts(values.get("accounts", b""), values.get("account", ""), values.get("region", "")),
    )


def _evaluated_with(alert: Alert) -> str:
    """Return the partition of `work` in which an alert waits to be evaluated."""
    return INHIBITING if alert.inhibits else CAN_WAIT if alert.can_wait else DUE


def action_item(fingerprint: str, action: Mark, keep_for: int) -> Item:
    """Write an action on an alert, in the alert's partition."""
    # Several notes in one second are all kept; of other actions there is one in a second.
    note = f"-{digest(action.by, action.note)}" if action.kind is TransitionKind.NOTED else ""
    key = {"pk": alert_key(fingerprint)["pk"], "sk": f"{ACTION}{action.at:010d}{note}"}
    return _item(key, to_builtins(action) | {"expired_at": action.at + keep_for})


def action_of(item: Item) -> Mark:
    """Read what was done to an alert."""
    return read(Mark, decode(item))


def reminder_item(notification: Notification, keep_for: int) -> Item:
    """Write into an alert's partition that there is a notification which belongs to none of its events."""
    at = notification.created_at
    key = {"pk": alert_key(notification.fingerprint)["pk"], "sk": f"{REMINDER}{at:010d}-{notification.id}"}
    return _item(key, {"expired_at": at + keep_for})


def notification_key(notification_id: str) -> Key:
    """Return the key of a notification."""
    return {"pk": f"NOTIFICATION#{notification_id}", "sk": "NOTIFICATION"}


def notification_id_of(item: Item) -> str:
    """Return the id of a notification from its key in an index."""
    key: str = item["pk"]["S"]
    return key.partition("#")[2]


def work_of(notification: Notification) -> dict[str, str]:
    """Return a notification's keys in the index `work`: those of its status, sorted by when it was created.

    Pending ones are sorted by urgency first.
    """
    is_pending = notification.status is Delivery.PENDING
    mark = _urgency_mark(notification.is_over, notification.severity) if is_pending else ""
    return {
        "work": work(notification.status, notification.receiver),
        "work_at": f"{mark}{notification.created_at:010d}-{notification.id}",
    }


def work_partition(status: Delivery, receiver: str) -> Partition:
    """Return where the index `work` has a receiver's notifications, in the order in which they were created."""
    marks = [_urgency_mark(is_over, severity) for is_over in (False, True) for severity in Severity]
    return Partition(work(status, receiver), marks if status is Delivery.PENDING else ("",))


def _urgency_mark(is_over: bool, severity: Severity) -> str:  # noqa: FBT001 - in the order of `sending_order.urgency`
    return f"{is_over:d}{LEAST_URGENT - severity}-"


def work(status: Delivery, receiver: str) -> str:
    """Return the partition key, in the index `work`, of a receiver's notifications."""
    return f"{status.upper()}#{receiver}"


def notification_item(notification: Notification, keep_for: int) -> Item:
    """Write a notification, to be kept for `keep_for` seconds after it was created."""
    # Whatever carries `id` is in the events' indexes.
    values = to_builtins(notification) | {"id": ""} | work_of(notification)
    values |= stored_lifecycle(notification.lifecycle)
    return _item(notification_key(notification.id), values | {"expired_at": notification.created_at + keep_for})


def notification_of(item: Item) -> Notification:
    """Read a notification."""
    values = decode(item)
    return read(Notification, values, id=values["pk"].partition("#")[2], lifecycle=lifecycle_of(values))


def agent_key(account: str, region: str) -> Key:
    """Return the key of an agent; all agents are in one partition, ordered by id."""
    return {"pk": AGENTS, "sk": f"{account}-{region}"}


def agent_item(agent: Agent) -> Item:
    """Write an agent; its coverage, a few kB at most, is gzipped."""
    coverage = gzipped(to_builtins(agent.coverage)) if agent.coverage else b""
    return _item(agent_key(agent.account, agent.region), to_builtins(agent) | {"coverage": coverage})


def agent_of(item: Item) -> Agent:
    """Read an agent."""
    values = decode(item)
    said = unpack(values["coverage"]) if "coverage" in values else {}
    return read(Agent, values, coverage=AgentCoverage.read(said, said.get("watermark", 0)))


def silence_key(silence_id: str) -> Key:
    """Return the key of a silence."""
    return {"pk": SILENCES, "sk": silence_id}


def silence_item(silence: Silence, keep_for: int) -> Item:
    """Write a silence, to be kept for `keep_for` seconds after its end; `work` lists it by its end."""
    # Whatever carries `id` is in the events' indexes.
    values = to_builtins(silence) | {"id": "", "work": SILENCES, "work_at": f"{silence.ends_at:010d}-{silence.id}"}
    return _item(silence_key(silence.id), values | {"expired_at": silence.ends_at + keep_for})


def standing_item(silence: Silence) -> Item:
    """Write the copy of a silence, kept until a day after its end: silences that are read often are together."""
    values = to_builtins(silence) | {"id": "", "expired_at": silence.ends_at + DAY}
    return _item({"pk": STANDING, "sk": silence.id}, values)


def silence_of(item: Item) -> Silence:
    """Read a silence."""
    values = decode(item)
    matchers = [
        Matcher(Field(each["field"]), tuple(each["patterns"]), each["key"], bool(each["negated"]))
        for each in values.get("matchers", ())
    ]
    return read(Silence, values, id=item["sk"]["S"], matchers=tuple(matchers))


def _item(key: Key, values: Mapping[str, Any]) -> Item:
    return encode(_filled(key, values))


def _filled(key: Key, values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**values, **key}.items() if value}
