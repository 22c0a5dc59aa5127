"""Teams by its look-alike: cards within its limits whatever they are about, and nothing of foreign text is markup."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.notification import Notification, Reason, Record
from chalicelib.domain.routing.receivers import Receiver
from chalicelib.domain.severity_styles import GOOD, RESOLVED, STYLES
from chalicelib.gateways.http import Response
from chalicelib.gateways.notifiers import Notifiers
from chalicelib.gateways.plain_messages.message import MessageLink, PlainMessage
from chalicelib.gateways.teams.cards import COLORS, LARGEST, message_of, size_of
from chalicelib.services.notifying.ports import Delivered, Message, Rejected, Retry
from local.receivers.teams import AdaptiveCard, TeamsMessage, TeamsWorkflow
from tests.domain.given import an_event
from tests.gateways.notifier_contexts import a_context
from tests.gateways.slack.messages import a_busy_day, a_report, an_announcement, notifications, the_links


class Channel:
    """A hub in front of the look-alike, without HTTP."""

    def __init__(self) -> None:
        self.workflow = TeamsWorkflow()
        context = a_context(
            receiver=lambda _: Receiver(type="teams"),
            secret={"/monitoring/test/teams/ops": "https://workflow.example.com"}.get,
            http=self,
            links=the_links(),
        )
        self.notifiers = Notifiers(context)

    def post(self, _url: str, document: Any, _headers: Any = None) -> Response:
        """Pass a message on."""
        answer = self.workflow.receive(json.dumps(document).encode())
        return Response(answer.status, answer.body)

    def notify(self, *pending: Notification, record: Record | None = None) -> Delivered | Retry | Rejected:
        """Post a message about these."""
        return self.notifiers.notify(Message("ops", pending, record))

    @property
    def card(self) -> AdaptiveCard:
        """The last card."""
        return self.workflow.cards[-1]


@pytest.fixture
def channel() -> Channel:
    return Channel()


def test_a_card_says_what_where_and_what_can_be_done(channel: Channel) -> None:
    title = "checkout *fails* [here](https://evil.example)"
    event = an_event(account="111122223333", title=title, severity=Severity.HIGH)
    notification, record = an_announcement(event, Reason.WORSENED, episode=1)

    assert channel.notify(notification, record=record) == Delivered()
    assert channel.card.lines[0] == f"🔴 HIGH · {title}"
    assert channel.card.lines[1].endswith("got worse")
    assert [each.title for each in channel.card.actions][-3:] == ["Acknowledge", "Silence 1 h", "Details"]


def test_a_storm_is_one_card_that_accounts_for_all(channel: Channel) -> None:
    assert channel.notify(*notifications(2_000)) == Delivered()
    assert "2,000 notifications about 1,000 alerts" in channel.card.lines[0]
    assert channel.card.lines[-1].startswith("and ")


def test_the_report_of_a_day_is_a_card(channel: Channel) -> None:
    assert channel.notify(a_report(a_busy_day())) == Delivered()
    assert "Daily report" in channel.card.lines[0]
    assert any("the day before" in each for each in channel.card.lines)


LONG = st.text(max_size=4_000)
LINK = st.builds(MessageLink, st.just("Open"), st.just("https://e.example/" + "x" * 1_900))
PLAIN_MESSAGES = st.builds(
    PlainMessage,
    style=st.sampled_from([*STYLES.values(), RESOLVED, GOOD]),
    title=LONG,
    place=LONG,
    status=LONG,
    over=st.booleans(),
    facts=st.lists(st.tuples(LONG, LONG), max_size=30).map(tuple),
    links=st.lists(LINK, max_size=9).map(tuple),
    lines=st.lists(LONG, max_size=60).map(tuple),
)


@given(PLAIN_MESSAGES)
def test_whatever_a_card_is_about_it_is_smaller_than_teams_takes(plain: PlainMessage) -> None:
    message = message_of(plain)

    assert size_of(message) < LARGEST
    TeamsMessage.model_validate(message)


def test_what_is_left_out_of_a_card_is_counted() -> None:
    plain = PlainMessage(style=GOOD, title="Report", lines=tuple("\N{PILE OF POO}" * 400 for _ in range(30)))
    card = TeamsMessage.model_validate(message_of(plain)).attachments[0].content

    assert card.lines[-1] == f"{30 - (len(card.lines) - 2)} more lines left out"


def test_every_severity_has_a_color() -> None:
    assert COLORS.keys() == {*STYLES.values(), RESOLVED, GOOD} - {STYLES[Severity.UNKNOWN]}


@pytest.mark.parametrize("body", [b"", b"{}", b'{"type": "message", "attachments": []}', b" " * LARGEST])
def test_the_lookalike_refuses_what_is_no_card(body: bytes) -> None:
    assert TeamsWorkflow().receive(body).status in {400, 413}
