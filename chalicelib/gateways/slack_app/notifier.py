"""The notifier of the Slack app: posts or updates living messages, digests and reports.

Every post is recorded before it is begun, and after one of unknown result Slack is searched for it: so no crash and no
time-out posts anything twice, or loses it.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from chalicelib.domain.notifications.notification import BEGINNINGS, REPORTS, Notification, Reason
from chalicelib.domain.notifications.sending_order import worst_first
from chalicelib.domain.routing.receivers import secret_of
from chalicelib.domain.text import digest
from chalicelib.gateways.receiver_secrets import ReceiverSecrets
from chalicelib.gateways.slack.account_labels import AccountLabels
from chalicelib.gateways.slack.messages import ComposerContext, SlackComposer
from chalicelib.gateways.slack_app.channel import SlackChannel
from chalicelib.gateways.slack_app.composer import LivingComposer
from chalicelib.gateways.slack_app.group import GroupComposer
from chalicelib.gateways.slack_app.rates import MethodRates
from chalicelib.gateways.slack_app.thread import is_about_problem
from chalicelib.gateways.slack_app.web_api import SlackWebApi
from chalicelib.services.notifying.ports import Delivered, Handling, Message, Rejected, Retry

if TYPE_CHECKING:
    from chalicelib.domain.notifications.notification import Record
    from chalicelib.gateways.notifiers import NotifierContext

# Living messages that are updated at once in a storm.
UPDATES = 20
PACE = 1.0
DIGESTS = "digests"
# A living message names earlier deployments for as long as the problem lasts.
WHILE_FIRING = (*BEGINNINGS, Reason.REMINDER, Reason.FLAPPING)


def notifier(context: "NotifierContext") -> "SlackAppNotifier":
    """Return the notifier of all receivers that are channels of the Slack app."""
    return SlackAppNotifier(context)


class SlackAppNotifier:
    """Posts and updates messages in channels."""

    def __init__(self, context: "NotifierContext") -> None:
        known = ComposerContext(context.affected, context.console, context.annotations, WHILE_FIRING, links_act=False)
        composer = SlackComposer(context.names, context.clock, links=context.links, composer_context=known)
        groups = GroupComposer(AccountLabels(context.names), context.links)
        self._context, self._composer = context, LivingComposer(composer, groups)
        self._secrets = ReceiverSecrets(context.secret, context.stage)

    def handling(self, _receiver: str) -> Handling:
        """Send everything about a problem at once, as its message only shows the current state."""
        return Handling(by_problem=True, pace=PACE)

    def notify(self, message: Message) -> Delivered | Retry | Rejected:
        """Bring a channel up to date with everything that a message is about."""
        receiver = self._context.receiver(message.receiver)
        token = self._secrets.read(message.receiver, secret_of(message.receiver, receiver))
        if isinstance(token, Retry):
            return token
        rates = MethodRates(self._context.budgets, self._context.clock, token.strip())
        api = SlackWebApi(self._context.slack_url, self._context.http, message.receiver, rates)
        channel = SlackChannel(message.receiver, receiver.channel, api, self._context, self._composer)
        problems = _problems(message.notifications)
        if len(problems) > 1:
            return self._many(channel, problems, message.until)
        return _one(channel, message.notifications, message.record)

    def _many(
        self, channel: SlackChannel, problems: Mapping[str, Sequence[Notification]], until: float
    ) -> Delivered | Retry | Rejected:
        """Post new problems as one message, and update existing messages; what there is no time for stays pending."""
        last, every = channel.last(DIGESTS), [each for some in problems.values() for each in some]
        if last.attempt:
            return channel.settle_digest(DIGESTS, every)
        if arrived := [each for each in every if last.accounts_for(each)]:  # its sender died before it settled them
            return Delivered(last.ts, _left(problems, arrived))
        living = channel.living(problems)
        fresh = worst_first(
            each
            for subject, some in problems.items()
            if subject not in living
            for each in some
            if each.kind not in REPORTS
        )
        done: list[Notification] = []
        if len({_subject(each) for each in fresh}) > 1:
            result = channel.post_together(DIGESTS, fresh)
            if not isinstance(result, Delivered):
                return result
            done += fresh
        rest = [(key, some) for key, some in _by_message(problems, living).items() if some[0] not in done]
        for number, (key, some) in enumerate(rest[:UPDATES]):
            if done or number:
                if self._context.clock.now() + PACE > until:
                    break
                self._context.clock.sleep(PACE)
            changed = _one(channel, some, None) if key in problems else channel.bring_group_up_to_date(key, some)
            if isinstance(changed, Retry | Rejected):
                return Delivered(left=_left(problems, done)) if done else changed
            done += some if changed else ()  # the message of a group may be gone: each of its problems is new then
        return Delivered(left=_left(problems, done))


def _one(
    channel: SlackChannel, notifications: Sequence[Notification], record: "Record | None"
) -> Delivered | Retry | Rejected:
    if is_about_problem(notifications[-1]):
        return channel.bring_up_to_date(_subject(notifications[-1]), notifications, record)
    return channel.post_single(_subject(notifications[-1]), notifications[-1], record)


def _problems(notifications: Sequence[Notification]) -> dict[str, list[Notification]]:
    """Return the notifications by their problems, in the order in which they came about."""
    problems: dict[str, list[Notification]] = {}
    for each in notifications:
        problems.setdefault(_subject(each), []).append(each)
    return {subject: sorted(some, key=lambda each: (each.created_at, each.id)) for subject, some in problems.items()}


def _by_message(
    problems: Mapping[str, Sequence[Notification]], living: Mapping[str, str]
) -> dict[str, list[Notification]]:
    """Return the notifications by the messages that they belong to, in the order in which they came about."""
    messages: dict[str, list[Notification]] = {}
    for subject, some in problems.items():
        messages.setdefault(living.get(subject, subject), []).extend(some)
    return {key: sorted(some, key=lambda each: (each.created_at, each.id)) for key, some in messages.items()}


def _subject(notification: Notification) -> str:
    return notification.fingerprint if is_about_problem(notification) else digest("message", notification.id)


def _left(problems: Mapping[str, Sequence[Notification]], done: Sequence[Notification]) -> frozenset[str]:
    return frozenset(each.id for some in problems.values() for each in some) - {each.id for each in done}
