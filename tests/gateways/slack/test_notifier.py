"""Notifying over Slack, from what is pending to what the look-alike takes."""

from collections.abc import Sequence
from typing import override

import pytest

from chalicelib.domain.notifications.notification import Notification
from chalicelib.gateways.notifiers import Notifiers
from chalicelib.gateways.slack.blocks import SlackMessage
from chalicelib.gateways.slack.notifier import SlackNotifier
from chalicelib.gateways.slack.webhook import Unreadable, Webhook
from chalicelib.services.notifying.ports import Delivered, Message, Rejected, Retry
from local.slack.server import SlackLookalike
from tests.domain.given import an_event
from tests.gateways.notifier_contexts import a_context
from tests.gateways.slack.messages import a_busy_day, a_composer, a_report, an_announcement, notifications


class ScriptedWebhook(Webhook):
    """A webhook that responds as it is scripted, and keeps what it was sent."""

    def __init__(self, *results: Delivered | Retry | Rejected | Unreadable) -> None:
        self.results, self.posts = list(results), list[SlackMessage]()

    @override
    def post(self, message: SlackMessage) -> Delivered | Retry | Rejected | Unreadable:
        """Keep a message."""
        self.posts.append(message)
        return self.results.pop(0)


def notify(webhook: Webhook | Retry, pending: Sequence[Notification]) -> Delivered | Retry | Rejected:
    """Notify the receiver of these."""
    return SlackNotifier(a_composer(), lambda _: webhook).notify(Message("monitoring", pending))


@pytest.mark.parametrize("result", [Delivered(), Retry(30, "503"), Rejected("404", receiver_gone=True)])
def test_what_slack_says_is_passed_on(result: Delivered | Retry | Rejected) -> None:
    webhook = ScriptedWebhook(result)

    assert notify(webhook, notifications(1)) == result
    assert "blocks" in webhook.posts[0]


def test_a_message_that_slack_cannot_read_is_sent_plainly() -> None:
    webhook = ScriptedWebhook(Unreadable("invalid_blocks"), Delivered())

    assert notify(webhook, notifications(1)) == Delivered()
    assert [message.keys() == {"text"} for message in webhook.posts] == [False, True]


def test_a_message_that_slack_cannot_read_in_any_form_is_rejected() -> None:
    webhook = ScriptedWebhook(Unreadable("invalid_blocks"), Unreadable("no_text"))

    assert notify(webhook, notifications(1)) == Rejected("no_text")


def test_a_digest_that_slack_cannot_read_is_rejected_as_it_is() -> None:
    webhook = ScriptedWebhook(Unreadable("invalid_blocks"))

    assert notify(webhook, notifications(9)) == Rejected("invalid_blocks")
    assert len(webhook.posts) == 1


def test_nothing_is_worded_for_a_receiver_without_a_webhook() -> None:
    assert notify(Retry(30, "no webhook"), []) == Retry(30, "no webhook")


def the_notifiers(slack: SlackLookalike) -> Notifiers:
    """Return the notifiers of a hub whose receivers are channels of the look-alike."""
    return Notifiers(a_context(secret=lambda parameter: slack.webhook(parameter.rpartition("/")[2])))


def test_the_lookalike_takes_every_kind_of_message() -> None:
    announced, record = an_announcement(an_event())
    with SlackLookalike(rate_limit=None) as slack:
        hub = the_notifiers(slack)
        messages = (
            Message("monitoring", [announced], record),
            Message("monitoring", notifications(2_000)),
            Message("report", [a_report(a_busy_day())]),
        )
        assert [hub.notify(each) for each in messages] == [Delivered()] * 3
        assert len(slack.messages) == 3
        assert slack.refusals == ()


def test_the_lookalikes_rate_limit_is_understood() -> None:
    with SlackLookalike() as slack:
        slack.outage("429")
        result = the_notifiers(slack).notify(Message("monitoring", notifications(1)))

    assert isinstance(result, Retry)
    assert result.why == "rate limited: 429"
