"""A channel of the Slack app: posting, updating and replying, each so that a crash before or after it does no harm."""

import logging
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.notification import Notification
from chalicelib.gateways.slack_app.composer import is_broadcast, metadata_of
from chalicelib.gateways.slack_app.message_search import find_posted
from chalicelib.gateways.slack_app.thread import BEGINNING, SlackThread
from chalicelib.gateways.slack_app.web_api import Called, Lost, Unacceptable, UnknownOutcome
from chalicelib.gateways.verdicts import RETRY_AFTER
from chalicelib.services.notifying.ports import Delivered, Rejected, Retry

if TYPE_CHECKING:
    from chalicelib.domain.alerts.alert import Alert
    from chalicelib.domain.notifications.notification import Record
    from chalicelib.gateways.notifiers import NotifierContext
    from chalicelib.gateways.slack.blocks import SlackMessage
    from chalicelib.gateways.slack_app.composer import LivingComposer
    from chalicelib.gateways.slack_app.thread import PostAttempt
    from chalicelib.gateways.slack_app.web_api import CallResult, SlackWebApi

log = logging.getLogger(__name__)

# What was posted shows in the channel's history within seconds; after so many it is looked for.
SEARCH_AFTER = 30
UPDATE, POST = "chat.update", "chat.postMessage"

type Result = Delivered | Retry | Rejected


class SlackChannel:
    """One channel, for one turn."""

    def __init__(
        self, receiver: str, channel: str, api: "SlackWebApi", context: "NotifierContext", composer: "LivingComposer"
    ) -> None:
        self._receiver, self._channel, self._api = receiver, channel, api
        self._references, self._clock, self._context = context.references, context.clock, context
        self._composer = composer

    def living(self, subjects: Collection[str]) -> frozenset[str]:
        """Return those of the problems that have a message which can be changed."""
        now = self._clock.now()
        found = self._references.find_all(self._receiver, subjects)
        threads = {subject: SlackThread.read(text) for subject, text in found.items()}
        return frozenset(
            subject for subject, each in threads.items() if each.attempt or each.is_usable(self._channel, now)
        )

    def bring_up_to_date(self, subject: str, notifications: Sequence[Notification], record: "Record | None") -> Result:
        """Let the message of a problem say how it stands, and its thread what has become of it."""
        thread = self._settled(subject, is_grave=_are_grave(notifications))
        if not isinstance(thread, SlackThread):
            return thread
        alert = self._context.alert(subject)
        body = self._composer.living(notifications[-1], record, alert)
        fresh = [each for each in notifications if each.id not in thread.said]
        if thread.is_usable(self._channel, self._clock.now()):
            result = self._update(thread, body, notifications, alert)
            if isinstance(result, Called):
                return self._reply(subject, thread, fresh, alert) if fresh else Delivered(thread.ts)
            if not isinstance(result, Lost):
                return self._failed(result)
            log.info("Slack message lost; it is posted anew", extra={"receiver": self._receiver, "reason": result.why})
        return self._post(subject, SlackThread(), notifications, body)

    def post_single(self, subject: str, notification: Notification, record: "Record | None") -> Result:
        """Post a message that is about no problem, once."""
        thread = self._settled(subject, is_grave=_are_grave([notification]))
        if not isinstance(thread, SlackThread):
            return thread
        if thread.ts:
            return Delivered(thread.ts)
        return self._post(subject, thread, [notification], self._composer.single(notification, record))

    def has_attempt(self, subject: str) -> bool:
        """Tell whether a post was begun of which nothing is known yet."""
        return self._thread(subject).attempt is not None

    def post_digest(self, subject: str, notifications: Sequence[Notification]) -> Result:
        """Post one message about many problems."""
        return self._post(subject, SlackThread(), notifications, self._composer.digest(notifications))

    def settle_digest(self, subject: str, notifications: Sequence[Notification]) -> Result:
        """Find out what became of a digest, and which of the notifications it accounts for; the others stay pending.

        One that is not there accounts for none.
        """
        attempt = self._thread(subject).attempt
        settled = self._settled(subject, is_grave=_are_grave(notifications))
        if not isinstance(settled, SlackThread):
            return settled
        covered = attempt.covered if attempt and settled.ts else frozenset()
        return Delivered(settled.ts, frozenset(each.id for each in notifications if each.id[:BEGINNING] not in covered))

    def _thread(self, subject: str) -> SlackThread:
        return SlackThread.read(self._references.find(self._receiver, subject))

    def _save(self, subject: str, thread: SlackThread) -> SlackThread:
        self._references.save(self._receiver, subject, thread.written())
        return thread

    def _settled(self, subject: str, *, is_grave: bool) -> SlackThread | Retry | Rejected:
        """Return the thread once it is known what became of a post that was begun: it is there, or it is not."""
        thread = self._thread(subject)
        attempt = thread.attempt
        if attempt is None:
            return thread
        wait = attempt.at + SEARCH_AFTER - self._clock.now()
        if wait > 0:
            return Retry(wait, "a post has an unknown outcome")
        found = find_posted(self._api, self._channel, thread.ts, attempt, is_grave=is_grave)
        if isinstance(found, Lost):  # its thread is gone, and with it what was replied
            return self._save(subject, SlackThread())
        return self._save_found(subject, thread, attempt, found) if isinstance(found, str) else self._failed(found)

    def _save_found(self, subject: str, thread: SlackThread, attempt: "PostAttempt", found: str) -> SlackThread:
        extra = {"receiver": self._receiver, "notification": attempt.id}
        if not found:
            log.warning("Slack message not found after an unknown outcome; it is posted again", extra=extra)
            return self._save(subject, thread.without_attempt())
        log.info("Slack message found after an unknown outcome", extra=extra)
        if attempt.is_reply:
            return self._save(subject, thread.replied(attempt.ids))
        return self._save(subject, thread.posted(self._channel, found, attempt.at, attempt.ids))

    def _update(
        self, thread: SlackThread, body: "SlackMessage", notifications: Sequence[Notification], alert: "Alert | None"
    ) -> "CallResult":
        is_grave = alert.severity >= Severity.HIGH if alert else _are_grave(notifications)
        where = {"channel": thread.channel, "ts": thread.ts}
        result = self._api.write(UPDATE, {**where, **body}, is_grave=is_grave)
        if isinstance(result, Unacceptable):
            plain = self._composer.plain(notifications[-1])
            result = self._api.write(UPDATE, {**where, **plain, "blocks": [], "attachments": []}, is_grave=is_grave)
        return result

    def _reply(self, subject: str, thread: SlackThread, fresh: Sequence[Notification], alert: "Alert | None") -> Result:
        body = self._composer.reply(fresh, alert)
        where: dict[str, Any] = {"thread_ts": thread.ts, "reply_broadcast": is_broadcast(fresh)}
        begun = self._save(subject, thread.attempting(fresh, self._clock.now(), is_reply=True))
        result = self._api.write(POST, {"channel": thread.channel, **where, **body, **_marked(fresh)})
        if isinstance(result, Called | Lost):  # a thread that is gone has nothing more to be told
            self._save(subject, begun.replied(each.id for each in fresh))
            return Delivered(thread.ts)
        return self._undone(subject, thread, result)

    def _post(
        self, subject: str, thread: SlackThread, notifications: Sequence[Notification], body: "SlackMessage"
    ) -> Result:
        now = self._clock.now()
        begun = self._save(subject, thread.attempting(notifications, now, is_reply=False))
        result = self._api.write(POST, {"channel": self._channel, **body, **_marked(notifications)})
        if isinstance(result, Unacceptable) and len(notifications) == 1:
            plain = self._composer.plain(notifications[-1])
            result = self._api.write(POST, {"channel": self._channel, **plain, **_marked(notifications)})
        ts = str(result.document.get("ts", "")) if isinstance(result, Called) else ""
        if not ts:
            return self._undone(
                subject, thread, UnknownOutcome(f"{POST}: no ts") if isinstance(result, Called) else result
            )
        self._save(subject, begun.posted(self._channel, ts, now, [each.id for each in notifications]))
        return Delivered(ts)

    def _undone(self, subject: str, thread: SlackThread, result: "CallResult") -> Result:
        """Return why a post has failed; where that is certain, nothing is to be looked up."""
        if not isinstance(result, UnknownOutcome):
            self._save(subject, thread)
        return self._failed(result)

    def _failed(self, result: "CallResult") -> Retry | Rejected:
        match result:
            case Retry() | Rejected():
                return result
            case Unacceptable(why) | Lost(why):
                return Rejected(f"Slack cannot read the message: {why}")
            case UnknownOutcome(why):
                return Retry(SEARCH_AFTER, why)
            case Called():
                return Retry(RETRY_AFTER, "unexpected")


def _marked(notifications: Sequence[Notification]) -> dict[str, Any]:
    return {"metadata": metadata_of(notifications[-1].id)}


def _are_grave(notifications: Sequence[Notification]) -> bool:
    return any(each.severity >= Severity.HIGH for each in notifications)
