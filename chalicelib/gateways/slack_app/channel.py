"""A channel of the Slack app: posts, updates and replies, each safe against a crash before or after it."""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.notification import Notification
from chalicelib.gateways.delivery_results import RETRY_AFTER
from chalicelib.gateways.slack_app.composer import is_broadcast, metadata_of
from chalicelib.gateways.slack_app.message_search import find_posted
from chalicelib.gateways.slack_app.thread import BEGINNING, SlackThread, is_about_problem
from chalicelib.gateways.slack_app.web_api import Called, Lost, Unacceptable, UnknownOutcome
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

# Seconds after which a post is searched for in the channel's history, where it shows within seconds.
SEARCH_AFTER = 30
UPDATE, POST = "chat.update", "chat.postMessage"
# Problems in one message at most: each is read when it changes, and has a line in it.
MOST_MEMBERS = 30
# Before the time stamp, what the message of a group is remembered by.
GROUP = "group-"

type Result = Delivered | Retry | Rejected


class SlackChannel:
    """One channel, for one drain."""

    def __init__(
        self, receiver: str, channel: str, api: "SlackWebApi", context: "NotifierContext", composer: "LivingComposer"
    ) -> None:
        self._receiver, self._channel, self._api = receiver, channel, api
        self._references, self._clock, self._context = context.references, context.clock, context
        self._composer = composer

    def living(self, subjects: Collection[str]) -> Mapping[str, str]:
        """Return those of the problems whose message can be updated, each with the message's subject."""
        found = self._read_all(subjects)
        groups = self._read_all({each.group for each in found.values() if each.group})
        every = {subject: each.group or subject for subject, each in found.items()}
        return {subject: key for subject, key in every.items() if self._is_living((found | groups).get(key))}

    def _read_all(self, subjects: Collection[str]) -> dict[str, SlackThread]:
        found = self._references.find_all(self._receiver, subjects)
        return {subject: SlackThread.read(text) for subject, text in found.items()}

    def _is_living(self, thread: SlackThread | None) -> bool:
        return thread is not None and bool(thread.attempt or thread.is_usable(self._channel, self._clock.now()))

    def bring_up_to_date(self, subject: str, notifications: Sequence[Notification], record: "Record | None") -> Result:
        """Update the message of a problem, and add to its thread what is new.

        A problem in a group's message is updated there; if that message is gone, it gets its own.
        """
        thread = self._settled(subject, is_grave=_are_grave(notifications))
        if not isinstance(thread, SlackThread):
            return thread
        if thread.group:
            result = self.bring_group_up_to_date(thread.group, notifications)
            if result is not None:
                return result
        alert = self._context.alert(subject)
        body = self._composer.living(notifications[-1], record, alert)
        alerts = {subject: alert} if alert else {}
        result = self._change(subject, thread, body, notifications, alerts)
        return result or self._post(subject, SlackThread(), notifications, body)

    def bring_group_up_to_date(self, subject: str, notifications: Sequence[Notification]) -> Result | None:
        """Update the message of a group, and add to its thread what is new.

        None if the message is gone or too old: then each problem needs another message.
        """
        thread = self._settled(subject, is_grave=_are_grave(notifications))
        if not isinstance(thread, SlackThread):
            return thread
        alerts = self._alerts(thread.members)
        result = self._change(subject, thread, self._composer.group(notifications, alerts), notifications, alerts)
        if result is None:
            self._save(subject, SlackThread())
        return result

    def _change(
        self,
        subject: str,
        thread: SlackThread,
        body: "SlackMessage",
        notifications: Sequence[Notification],
        alerts: Mapping[str, "Alert"],
    ) -> Result | None:
        """Update a message and reply in its thread; None where there is none that can be updated."""
        if not thread.is_usable(self._channel, self._clock.now()):
            return None
        fresh = [each for each in notifications if not thread.has_said(each)]
        result = self._update(thread, body, notifications, alerts)
        if isinstance(result, Called):
            return self._reply(subject, thread, fresh, alerts) if fresh else Delivered(thread.ts)
        if not isinstance(result, Lost):
            return self._failed(result)
        log.info("Slack message lost; it is posted anew", extra={"receiver": self._receiver, "reason": result.why})
        return None

    def _alerts(self, fingerprints: Iterable[str]) -> dict[str, "Alert"]:
        found = {each: self._context.alert(each) for each in fingerprints}
        return {fingerprint: alert for fingerprint, alert in found.items() if alert}

    def post_single(self, subject: str, notification: Notification, record: "Record | None") -> Result:
        """Post a message that is about no problem, once."""
        thread = self._settled(subject, is_grave=_are_grave([notification]))
        if not isinstance(thread, SlackThread):
            return thread
        if thread.ts:
            return Delivered(thread.ts)
        return self._post(subject, thread, [notification], self._composer.single(notification, record))

    def last(self, subject: str) -> SlackThread:
        """Return what is known of the last message about many problems."""
        return self._thread(subject)

    def post_together(self, subject: str, notifications: Sequence[Notification]) -> Result:
        """Post one message about several problems, and remember it as theirs if they can be a group."""
        members = _group(notifications)
        if members:
            body = self._composer.group(notifications, self._alerts(members))
        else:
            body = self._composer.digest(notifications)
        return self._post(subject, SlackThread(), notifications, body)

    def settle_digest(self, subject: str, notifications: Sequence[Notification]) -> Result:
        """Find out whether a digest was posted, and which notifications it accounts for; the others stay pending."""
        attempt = self._thread(subject).attempt
        covered = attempt.covered if attempt else frozenset()
        said = [each for each in notifications if each.id[:BEGINNING] in covered]
        settled = self._settled(subject, is_grave=_are_grave(notifications), said=said)
        if not isinstance(settled, SlackThread):
            return settled
        done = {each.id for each in said} if settled.ts else set()
        return Delivered(settled.ts, frozenset(each.id for each in notifications if each.id not in done))

    def _thread(self, subject: str) -> SlackThread:
        return SlackThread.read(self._references.find(self._receiver, subject))

    def _save(self, subject: str, thread: SlackThread) -> SlackThread:
        self._references.save(self._receiver, subject, thread.written())
        return thread

    def _settled(
        self, subject: str, *, is_grave: bool, said: Sequence[Notification] = ()
    ) -> SlackThread | Retry | Rejected:
        """Return the thread once it is known whether an earlier post succeeded.

        `said` are the notifications in the message, if it is about several problems.
        """
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
        if not isinstance(found, str):
            return self._failed(found)
        return self._save_found(subject, thread, found, said)

    def _save_found(self, subject: str, thread: SlackThread, found: str, said: Sequence[Notification]) -> SlackThread:
        attempt: PostAttempt = thread.attempt  # type: ignore[assignment]  # else nothing was searched
        extra = {"receiver": self._receiver, "notification": attempt.id}
        if not found:
            log.warning("Slack message not found after an unknown outcome; reposted", extra=extra)
            return self._save(subject, thread.without_attempt())
        log.info("Slack message found after an unknown outcome", extra=extra)
        if attempt.is_reply:
            return self._save(subject, thread.replied(attempt.ids))
        return self._save_posted(subject, thread.posted(self._channel, found, attempt.at, attempt.ids), said)

    def _save_posted(self, subject: str, thread: SlackThread, said: Sequence[Notification]) -> SlackThread:
        """Remember a message; if it is about several problems, first for each of these.

        After a crash in between, the message is found by its id, and this is repeated.
        """
        members = _group(said)
        if members:
            group = f"{GROUP}{thread.ts}"
            self._save(group, thread.standing_for(members, [each.id for each in said]))
        for each in members:
            self._save(each, SlackThread(group=group))
        return self._save(subject, thread)

    def _update(
        self,
        thread: SlackThread,
        body: "SlackMessage",
        notifications: Sequence[Notification],
        alerts: Mapping[str, "Alert"],
    ) -> "CallResult":
        now = [alerts[each.fingerprint] for each in notifications if each.fingerprint in alerts]
        is_grave = any(each.severity >= Severity.HIGH for each in now or notifications)
        where = {"channel": thread.channel, "ts": thread.ts}
        result = self._api.write(UPDATE, {**where, **body}, is_grave=is_grave)
        if isinstance(result, Unacceptable):
            plain = self._composer.plain(notifications[-1])
            result = self._api.write(UPDATE, {**where, **plain, "blocks": [], "attachments": []}, is_grave=is_grave)
        return result

    def _reply(
        self, subject: str, thread: SlackThread, fresh: Sequence[Notification], alerts: Mapping[str, "Alert"]
    ) -> Result:
        body = self._composer.reply(fresh, alerts)
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
        posted = begun.posted(self._channel, ts, now, [each.id for each in notifications])
        self._save_posted(subject, posted, notifications)
        return Delivered(ts)

    def _undone(self, subject: str, thread: SlackThread, result: "CallResult") -> Result:
        """Return why a post failed; if it certainly did, there is nothing to search for later."""
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


def _group(notifications: Sequence[Notification]) -> tuple[str, ...]:
    """Return the problems that one message can show: several, not too many, and nothing else."""
    about = tuple(dict.fromkeys(each.fingerprint for each in notifications if is_about_problem(each)))
    is_group = 1 < len(about) <= MOST_MEMBERS and all(map(is_about_problem, notifications))
    return about if is_group else ()
