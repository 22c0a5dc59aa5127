"""Mails by the look-alikes of SNS and SES: what a reader and a mail client get, and nothing foreign is markup."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import boto3
import pytest

from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.notification import Notification, Reason, Record
from chalicelib.domain.routing.receivers import Receiver
from chalicelib.gateways.notifiers import Notifiers
from chalicelib.services.notifying.ports import Delivered, Message, Rejected, Retry
from local.receivers.demo import TOPIC
from local.receivers.mails import SentMail
from local.receivers.server import ReceiversLookalike
from tests.domain.given import an_event
from tests.fakes import FakeReferences
from tests.gateways.notifier_contexts import a_context
from tests.gateways.slack.messages import a_busy_day, a_report, an_announcement, notifications, the_links

HOSTILE = 'checkout <b onclick="x">fails</b>\r\nBcc: evil@example.com'


class Mailbox:
    """A hub in front of the look-alikes."""

    def __init__(self, lookalike: ReceiversLookalike) -> None:
        self._lookalike = lookalike
        receivers = {
            "ops": Receiver(type="email", sender="hub@example.com", to=("ops@example.com", "b@example.com")),
            "topic": Receiver(type="email", topic=TOPIC),
            "gone": Receiver(type="email", topic=f"{TOPIC}-gone"),
            "unverified": Receiver(type="email", sender="hub@elsewhere.example", to=("ops@example.com",)),
        }
        self.references = FakeReferences()
        context = a_context(
            receiver=receivers.__getitem__, client=self._client, links=the_links(), references=self.references
        )
        self.notifiers = Notifiers(context)

    @cache  # noqa: B019 - as long as its test
    def _client(self, service: str, region: str) -> Any:
        make: Any = boto3.client
        return make(service, region or "eu-west-1", endpoint_url=self._lookalike.url)

    def notify(
        self, *pending: Notification, record: Record | None = None, receiver: str = "ops"
    ) -> Delivered | Retry | Rejected:
        """Send a mail about these."""
        return self.notifiers.notify(Message(receiver, pending, record))

    @property
    def mail(self) -> SentMail:
        """The last mail."""
        return self._lookalike.mail_services.mails[-1]


@pytest.fixture(scope="module")
def lookalike() -> Iterator[ReceiversLookalike]:
    with ReceiversLookalike() as running:
        yield running


@pytest.fixture
def mailbox(lookalike: ReceiversLookalike) -> Mailbox:
    return Mailbox(lookalike)


def test_a_mail_says_what_where_and_what_can_be_done(mailbox: Mailbox) -> None:
    event = an_event(account="111122223333", title="checkout fails", severity=Severity.HIGH)
    notification, record = an_announcement(event, Reason.WORSENED, episode=1)

    assert isinstance(mailbox.notify(notification, record=record), Delivered)
    headers = mailbox.mail.message
    assert headers["From"] == "Monitoring <hub@example.com>"
    assert headers["To"] == "ops@example.com, b@example.com"
    assert headers["Subject"].startswith("checkout fails · payments-production (111122223333)")
    assert (headers["Importance"], headers["Auto-Submitted"]) == ("high", "auto-generated")
    assert headers["List-Id"] == "Monitoring <ops.test.monitoring.example.com>"
    for said in (mailbox.mail.text, mailbox.mail.html):
        assert "🔴 HIGH · checkout fails" in said
        assert "got worse" in said
        assert "Acknowledge" in said


def test_what_is_foreign_is_no_markup_and_no_header(mailbox: Mailbox) -> None:
    notification, record = an_announcement(an_event(title=HOSTILE), title=HOSTILE)

    for receiver in ("ops", "topic"):
        assert isinstance(mailbox.notify(notification, record=record, receiver=receiver), Delivered)
        assert mailbox.mail.message["Bcc"] is None
        assert "evil@example.com" in mailbox.mail.message["Subject"]
        assert "<b onclick" not in mailbox.mail.html


def test_all_mails_of_an_episode_are_one_thread(mailbox: Mailbox) -> None:
    threads = []
    for reason, episode in ((Reason.FIRST, 1), (Reason.RESOLVED, 1), (Reason.REGRESSION, 2)):
        event = an_event(fingerprint="a" * 32, title=f"checkout: {reason}")
        mailbox.notify(an_announcement(event, reason, episode=episode)[0])
        headers = mailbox.mail.message
        threads.append((headers["References"], headers["In-Reply-To"], headers["Subject"]))

    assert threads[0] == threads[1] != threads[2]
    assert threads[0][0] == threads[0][1]
    assert threads[0][0].endswith("@example.com>")


def test_what_a_receiver_of_another_type_has_remembered_does_no_harm(mailbox: Mailbox) -> None:
    mailbox.references.save("ops", "b" * 32, '{"ts": "1.0"}')

    assert isinstance(mailbox.notify(an_announcement(an_event(fingerprint="b" * 32))[0]), Delivered)


def test_a_storm_is_one_mail_of_no_thread_that_accounts_for_all(mailbox: Mailbox) -> None:
    assert isinstance(mailbox.notify(*notifications(2_000)), Delivered)
    assert mailbox.mail.message["Subject"] == "2,000 notifications about 1,000 alerts"
    assert mailbox.mail.message["References"] is None
    assert re.search(r"^and [0-9,]+ notifications more$", mailbox.mail.text, re.MULTILINE)


def test_what_is_over_is_not_urgent(mailbox: Mailbox) -> None:
    mailbox.notify(an_announcement(an_event(severity=Severity.CRITICAL), Reason.RESOLVED)[0])

    assert mailbox.mail.message["Importance"] == "normal"


@pytest.mark.parametrize("receiver", ["ops", "topic"])
def test_the_report_of_a_day_is_a_mail(mailbox: Mailbox, receiver: str) -> None:
    assert isinstance(mailbox.notify(a_report(a_busy_day()), receiver=receiver), Delivered)
    assert "Daily report" in mailbox.mail.message["Subject"]


def test_a_topic_says_how_bad_it_is_first(mailbox: Mailbox) -> None:
    event = an_event(account="111122223333", title="Käufe schlagen fehl", severity=Severity.CRITICAL)
    mailbox.notify(an_announcement(event)[0], receiver="topic")

    assert mailbox.mail.message["Subject"].startswith("CRITICAL - Kaufe schlagen fehl - payments-production")
    assert "Käufe schlagen fehl" in mailbox.mail.text


def test_a_topic_that_is_gone_takes_nothing_more(mailbox: Mailbox) -> None:
    result = mailbox.notify(an_announcement(an_event())[0], receiver="gone")

    assert result == Rejected("messages to gone are refused: 404 NotFound", receiver_gone=True)


def test_a_sender_that_is_not_verified_is_a_rejection(mailbox: Mailbox) -> None:
    result = mailbox.notify(an_announcement(an_event())[0], receiver="unverified")

    assert result == Rejected("unverified cannot read the message: 400 MessageRejected")


def test_the_lookalikes_page_shows_each_mail_and_refuses_what_is_none(
    mailbox: Mailbox, lookalike: ReceiversLookalike
) -> None:
    mailbox.notify(an_announcement(an_event(title="shown"), title="shown")[0])
    number = len(lookalike.mail_services.mails) - 1

    assert "shown" in lookalike.page()
    assert "shown" in (lookalike.mail(f"/mails/{number}") or "")
    assert lookalike.mail(f"/mails/{number + 1}") is lookalike.mail("/mails/x") is None
    assert lookalike.mail_services.send_email(b"{}").status == lookalike.mail_services.publish(b"").status == 400
