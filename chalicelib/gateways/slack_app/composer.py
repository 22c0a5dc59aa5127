"""The living message and its thread: a problem's current state in the channel, its history in the thread."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from chalicelib.domain.alerts.timeline import Status
from chalicelib.domain.notifications.chat_requests import ChatAction
from chalicelib.domain.notifications.notification import Notification, Reason, Record
from chalicelib.domain.severity_styles import STYLES
from chalicelib.domain.text import clean, plural
from chalicelib.gateways.slack.blocks import BUTTONS, context
from chalicelib.gateways.slack.messages import SlackComposer
from chalicelib.gateways.slack.mrkdwn import NOTHING, Mrkdwn, bold, date, duration, line
from chalicelib.gateways.slack_app.buttons import FEEDBACK, OFFERS, offer
from chalicelib.gateways.slack_app.group import GroupComposer

if TYPE_CHECKING:
    from chalicelib.domain.alerts.alert import Alert
    from chalicelib.gateways.slack.blocks import Block, SlackMessage

log = logging.getLogger(__name__)

TITLE, NAME, NOTE = 120, 40, 200
EVENT_TYPE = "monitoring_notification"
# Replies that are shown in the channel, too.
BROADCAST = frozenset({Reason.WORSENED, Reason.REGRESSION, Reason.ACK_EXPIRED})
STORIES = {
    Reason.REGRESSION: "🔁 *Fired again* after it was resolved",
    Reason.JOINED: "🌐 *In more accounts or regions*",
    Reason.SPREAD: "🌐 *In more accounts or regions*",
    Reason.FLAPPING: "〰️ *Flapping:* no more messages until it is stable",
    Reason.STABLE: "*Stopped flapping*, still firing",
    Reason.REOPENED: "↩️ *Reopened*",
    Reason.ESCALATED: "📣 *Escalated*, as nobody has acknowledged it",
    Reason.ACK_EXPIRED: "⏳ *Acknowledgement expired:* nobody works on it",
}


class LivingComposer:
    """Composes the app's messages, in the words of a webhook's messages."""

    def __init__(self, composer: SlackComposer, groups: GroupComposer) -> None:
        self._composer, self._groups = composer, groups

    def living(self, notification: Notification, record: Record | None, alert: Alert | None) -> SlackMessage:
        """Return the message of a problem in its current state, or if unknown, in that of the notification."""
        if alert is None:
            return self._composer.announcement(notification, record)
        drawn = self._composer.announcement(_as_it_stands(notification, alert), record)
        for attachment in drawn.get("attachments", ()):
            attachment["blocks"] = _with_state(attachment["blocks"], alert, notification)
        return drawn

    def plain(self, notification: Notification) -> SlackMessage:
        """Return a minimal message."""
        return self._composer.plain(notification)

    def digest(self, notifications: Sequence[Notification]) -> SlackMessage:
        """Return one message about many problems."""
        return self._composer.digest(notifications)

    def single(self, notification: Notification, record: Record | None) -> SlackMessage:
        """Return a message that is about no problem, such as a report."""
        return self._composer.announcement(notification, record)

    def group(self, notifications: Sequence[Notification], alerts: Mapping[str, Alert]) -> SlackMessage:
        """Return the message of several problems in their current states, or the notifications' if unknown."""
        if not alerts:
            return self.digest(notifications)
        try:
            return self._groups.message(list(alerts.values()))
        except Exception:  # a message that says less is better than none
            log.exception("Group message not rendered; sent as a digest", extra={"count": len(alerts)})
            return self.digest(notifications)

    def reply(self, notifications: Sequence[Notification], alerts: Mapping[str, Alert]) -> SlackMessage:
        """Return what has changed, with one line per change.

        The title is only in lines that are read without the message above them, or beside lines about others.
        """
        is_alone = len(alerts) <= 1 and not is_broadcast(notifications)
        text = "\n".join(self._story(each, alerts.get(each.fingerprint), is_alone=is_alone) for each in notifications)
        return {"text": text, "unfurl_links": False, "unfurl_media": False}

    def _story(self, notification: Notification, alert: Alert | None, *, is_alone: bool) -> Mrkdwn:
        said = _said(notification, alert)
        if notification.reason in {Reason.JOINED, Reason.SPREAD} and notification.account:
            where = (self._groups.labels.short_line(notification.account), line(notification.region, NAME))
            said = Mrkdwn("{}, most recently {}").format(said, Mrkdwn(" ").join(filter(None, where)))
        title = NOTHING if is_alone else line(notification.title, TITLE)
        return Mrkdwn(" · ").join(filter(None, (said, title, date(notification.created_at))))


def metadata_of(message_id: str) -> dict[str, Any]:
    """Return the metadata by which a message is found again."""
    return {"event_type": EVENT_TYPE, "event_payload": {"id": message_id}}


def is_broadcast(notifications: Sequence[Notification]) -> bool:
    """Return whether a reply is shown in the channel, too."""
    return any(each.reason in BROADCAST for each in notifications)


def _as_it_stands(notification: Notification, alert: Alert) -> Notification:
    """Return the notification with the current state; the first words are those of the problem's start."""
    is_over = alert.status is Status.RESOLVED
    reason = notification.reason
    if reason is not Reason.FLAPPING:
        is_new = reason is Reason.FIRST and alert.count <= 1 and alert.status is Status.FIRING
        reason = Reason.FIRST if is_new else Reason.REMINDER
    if is_over and reason is not Reason.FLAPPING:
        reason = Reason.RESOLVED
    return replace(
        notification,
        reason=reason,
        severity=alert.severity,
        title=alert.title,
        account=alert.account,
        region=alert.region,
        count=alert.count,
        since=alert.since,
        episode=alert.episodes,
        resolved_by=alert.resolved_by,
        due_at=alert.due_at,
    )


def _with_state(blocks: list[Block], alert: Alert, notification: Notification) -> list[Block]:
    """Return the blocks with who has it, below the location, and with the actions, above the small print."""
    state = [context(each) for each in _state(alert)]
    *body, origin = blocks
    links = [each for block in body if block["type"] == "actions" for each in block["elements"]]
    said = [block for block in body if block["type"] != "actions"]
    rows = ([*_offers(OFFERS[alert.status], alert, notification), *links], _offers(FEEDBACK, alert, notification))
    actions = [{"type": "actions", "elements": row[:BUTTONS]} for row in rows if row]
    return [*said[:1], *state, *said[1:], *actions, origin]


def _state(alert: Alert) -> list[Mrkdwn]:
    states: list[Mrkdwn] = []
    marked = alert.marked
    if alert.status is Status.ACKNOWLEDGED and marked:
        note = Mrkdwn(" · {}").format(line(marked.note, NOTE)) if marked.note else ""
        states.append(Mrkdwn("✋ {} has it, since {}{}").format(bold(clean(marked.by, NAME)), date(marked.at), note))
    if alert.count > 1:
        states.append(Mrkdwn("Last seen {}").format(date(alert.last_seen)))
    return states


def _offers(offers: Sequence[tuple[ChatAction, str, str]], alert: Alert, notification: Notification) -> list[Block]:
    if not alert.episodes or notification.reason is Reason.EVERY_EVENT:
        return []
    return [offer(*each, alert) for each in offers]


def _said(notification: Notification, alert: Alert | None) -> Mrkdwn:
    match notification.reason:
        case Reason.WORSENED:
            return Mrkdwn("⬆️ *Got worse*, now {}").format(STYLES[notification.severity].word)
        case Reason.STEP | Reason.REMINDER:
            times = plural(notification.count, "time")
            since = duration(notification.created_at - notification.since)
            return Mrkdwn("*Still firing*, {} in {}").format(times, since)
        case Reason.RESOLVED:
            by = Mrkdwn(" by {}").format(line(notification.resolved_by, NAME)) if notification.resolved_by else ""
            lasted = notification.created_at - notification.since
            after = Mrkdwn(" after {}").format(duration(lasted)) if notification.since else ""
            return Mrkdwn("✅ *Resolved*{}{}").format(by, after)
        case Reason.ACKNOWLEDGED:
            by = line(alert.marked.by, NAME) if alert and alert.marked else "somebody"
            return Mrkdwn("✋ *Acknowledged* by {}").format(by)
        case Reason.SILENCED:
            return Mrkdwn("🔕 *Silenced* by {} until {}").format(line(notification.by, NAME), date(notification.due_at))
        case reason:
            return Mrkdwn(STORIES.get(reason, f"{STYLES[notification.severity].emoji} *Fires*"))
