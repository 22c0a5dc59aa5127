"""What people do shows in channels of webhooks as a line, with the way to undo it."""

import pytest

from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.notification import Reason
from tests.domain.given import NOON, an_event
from tests.gateways.slack.messages import (
    a_composer,
    an_announcement,
    buttons_of,
    judge,
    judge_harmless,
    the_links,
    words,
)

HOSTILE = "<!channel> *queue* & `full` "


@pytest.mark.parametrize(
    ("reason", "due_at", "expected"),
    [
        (Reason.ACKNOWLEDGED, 0, "✋ *Acknowledged* by &lt;@U1&gt; Ann · queue is full · "),
        (Reason.SILENCED, NOON + 60, "🔕 *Silenced* by &lt;@U1&gt; Ann until <!date^1772452860^"),
    ],
)
def test_a_line_says_who_did_what_and_leads_to_where_it_is_undone(reason: Reason, due_at: int, expected: str) -> None:
    event = an_event(title="queue is full", severity=Severity.HIGH)
    notification, _ = an_announcement(event, reason, by="<@U1> Ann", due_at=due_at)
    message = a_composer(links=the_links()).announcement(notification, None)
    judge(message)
    judge_harmless(message)

    assert words(message).startswith(expected)
    assert buttons_of(message) == {"Undo": f"https://hub.example.com/api/ui/alerts/{event.fingerprint}"}


def test_without_links_it_says_so_all_the_same_and_whatever_is_in_it_stays_text() -> None:
    notification, _ = an_announcement(an_event(title=HOSTILE * 20), Reason.ACKNOWLEDGED, by="")
    message = a_composer().announcement(notification, None)
    judge(message)
    judge_harmless(message)

    assert words(message).startswith("✋ *Acknowledged* by somebody · &lt;!channel&gt;")
