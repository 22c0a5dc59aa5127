"""Briefs: what there is to say, in plain words, with whatever is missing left out."""

import pytest

from chalicelib.domain.aws_console import Console
from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.notification import Reason
from chalicelib.gateways.briefs import Briefs
from tests.domain.given import NOON, an_event
from tests.gateways.notifier_contexts import a_context
from tests.gateways.slack.messages import an_announcement, the_links

PAGE = "https://console.aws.amazon.com/alarms"


class Broken:
    """Names and links that cannot be had."""

    def name(self, _account: str) -> str:
        """Fail."""
        raise RuntimeError("no table")

    def addresses(self, _claims: object) -> list[str]:
        """Fail."""
        raise RuntimeError("no parameter")

    def read(self, _token: str, _now: int) -> None:
        """Fail."""
        raise RuntimeError("no parameter")


def test_a_brief_says_how_bad_what_where_and_what_became_of_it() -> None:
    announced = an_announcement(
        an_event(account="111122223333", region="eu-west-1", severity=Severity.HIGH, title="checkout fails", link=PAGE),
        Reason.WORSENED,
        episode=1,
    )
    brief = Briefs(a_context(links=the_links())).of(*announced)

    assert brief.headline == "HIGH · checkout fails · payments-production (111122223333) eu-west-1 · got worse"
    assert [each.label for each in brief.links] == ["Open in AWS", "Acknowledge", "Silence 1 h"]
    assert dict(brief.facts)["Kind"] == "alarm"
    assert not brief.over


def test_what_is_resolved_says_so_by_whom_and_offers_nothing_to_do() -> None:
    announced = an_announcement(an_event(link=PAGE), Reason.RESOLVED, resolved_by="on-call", episode=1)
    brief = Briefs(a_context(links=the_links())).of(*announced)

    assert brief.headline.startswith("RESOLVED · ")
    assert brief.headline.endswith("by on-call")
    assert [each.label for each in brief.links] == ["Open in AWS"]


def test_what_cannot_be_had_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    notification, _ = an_announcement(an_event(account="111122223333"), episode=1)
    brief = Briefs(a_context(names=Broken(), links=Broken())).of(notification, None)

    assert brief.place.startswith("111122223333")
    assert brief.links == ()
    assert {record.message for record in caplog.records} == {"Account name lookup failed", "Links not made"}


def test_a_link_leads_through_the_access_portal_and_is_left_out_where_it_is_none() -> None:
    console = Console("https://example.awsapps.com/start", "ReadOnly")
    for address, count in (("https://console.aws.amazon.com/x", 1), ("javascript:alert(1)", 0), ("", 0)):
        announced = an_announcement(an_event(account="111122223333", link=address), created_at=NOON)
        links = Briefs(a_context(console=console)).of(*announced).links

        assert len(links) == count
        assert all(each.url.startswith(console.portal) for each in links)


def test_what_has_no_title_is_called_so() -> None:
    assert Briefs(a_context()).of(*an_announcement(an_event(), title="\n")).title == "(no title)"
