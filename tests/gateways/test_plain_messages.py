"""Plain messages: what there is to say, in plain words, with whatever is missing left out."""

from itertools import product
from typing import Any

import pytest

from chalicelib.domain.alerts.affected import AffectedScope, affected
from chalicelib.domain.alerts.suspect_deploy import Deploy
from chalicelib.domain.aws_console import Console
from chalicelib.domain.events.event import Severity
from chalicelib.domain.events.lifecycle import Lifecycle
from chalicelib.domain.notifications.digest import DOUBT
from chalicelib.domain.notifications.notification import Notification, Reason
from chalicelib.gateways.plain_messages.composer import PlainComposer
from chalicelib.services.notifying.ports import Message
from tests.domain.given import NOON, an_event
from tests.gateways.notifier_contexts import a_context
from tests.gateways.slack.messages import an_announcement, notifications, the_links

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
    plain = PlainComposer(a_context(links=the_links())).of(*announced)

    assert plain.headline == "HIGH · checkout fails · payments-production (111122223333) eu-west-1 · got worse"
    assert [each.label for each in plain.links] == ["Open in AWS", "Acknowledge", "Silence 1 h", "Details"]
    assert dict(plain.facts)["Kind"] == "alarm"
    assert not plain.over


def test_what_is_planned_says_when_it_is_due() -> None:
    announced = an_announcement(an_event(lifecycle=Lifecycle.PLANNED, due_at=1_772_445_900))
    assert dict(PlainComposer(a_context()).of(*announced).facts)["Due"] == "2026-03-02T10:05:00Z"

    silenced = an_announcement(an_event(), Reason.SILENCED, due_at=1_772_445_900)
    assert "Due" not in dict(PlainComposer(a_context()).of(*silenced).facts)


def test_what_is_resolved_says_so_by_whom_and_offers_nothing_to_do() -> None:
    announced = an_announcement(an_event(link=PAGE), Reason.RESOLVED, resolved_by="on-call", episode=1)
    plain = PlainComposer(a_context(links=the_links())).of(*announced)

    assert plain.headline.startswith("RESOLVED · ")
    assert plain.headline.endswith("by on-call")
    assert [each.label for each in plain.links] == ["Open in AWS", "Details"]


def test_what_cannot_be_had_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    notification, _ = an_announcement(an_event(account="111122223333"), episode=1)
    plain = PlainComposer(a_context(names=Broken(), links=Broken())).of(notification, None)

    assert plain.place.startswith("111122223333")
    assert plain.links == ()
    assert {record.message for record in caplog.records} == {"Account name not readable", "Links not created"}


def test_a_link_leads_through_the_access_portal_and_is_left_out_where_it_is_none() -> None:
    console = Console("https://example.awsapps.com/start", "ReadOnly")
    for address, count in (("https://console.aws.amazon.com/x", 1), ("javascript:alert(1)", 0), ("", 0)):
        announced = an_announcement(an_event(account="111122223333", link=address), created_at=NOON)
        links = PlainComposer(a_context(console=console)).of(*announced).links

        assert len(links) == count
        assert all(each.url.startswith(console.portal) for each in links)


class Everywhere:
    """A problem in five accounts."""

    def of(self, _fingerprint: str, _since: int, _just_written: object = None) -> AffectedScope:
        """Return where it is."""
        places = product((f"{number:012d}" for number in range(1, 6)), ("eu-west-1", "us-1"))
        return affected(
            an_event(NOON + n, account=account, region=region) for n, (account, region) in enumerate(places)
        )

    def deploys_before(self, *_: object) -> tuple[Deploy, ...]:
        """Know of none."""
        return ()


def test_what_is_in_more_than_one_place_says_where() -> None:
    notification, record = an_announcement(an_event(), Reason.JOINED, places=10)
    plain = PlainComposer(a_context(affected=Everywhere())).of(notification, record)

    assert plain.status == "in more accounts or regions"
    assert dict(plain.facts)["Where"].endswith("(eu-west-1, us-1), 1 more")
    assert dict(plain.facts)["Where"].count("(eu-west-1, us-1)") == 4


@pytest.mark.parametrize("places", [0, 2])
def test_what_is_in_one_place_or_cannot_be_found_out_says_no_more(places: int) -> None:
    notification, record = an_announcement(an_event(), places=places)
    plain = PlainComposer(a_context(affected=Broken())).of(notification, record)

    assert "Where" not in dict(plain.facts)


def test_what_began_and_ended_while_it_waited_is_one_line() -> None:
    began = an_announcement(an_event(), Reason.FIRST, since=NOON, episode=1, created_at=NOON + 5, fingerprint="f")[0]
    ended = an_announcement(an_event(), Reason.RESOLVED, since=NOON, episode=1, created_at=NOON + 120, fingerprint="f")[
        0
    ]
    plain = PlainComposer(a_context()).of_message(Message("ops", [ended, began]))

    assert plain.headline.startswith("RESOLVED · ")
    assert plain.headline.endswith(" eu-west-1 · over 2 min after it began")
    assert (plain.lines, plain.facts, plain.links) == ((), (), ())


def test_what_has_no_title_is_called_so() -> None:
    assert PlainComposer(a_context()).of(*an_announcement(an_event(), title="\n")).title == "(no title)"


class Deploys:
    """What was deployed before anything."""

    def __init__(self, *names: str) -> None:
        self._names = names

    def deploys_before(self, problem: Notification, _began: object = None) -> tuple[Deploy, ...]:
        """Return a deploy of each name."""
        if not self._names:
            raise RuntimeError("no table")
        place: dict[str, Any] = {"account": problem.account, "region": problem.region, "link": "", "event_id": "1-a"}
        when: dict[str, Any] = {"at": NOON - 60, "seconds_before": 60, "in_progress": False}
        return tuple(Deploy(what="stack", name=name, operation="updated", **place, **when) for name in self._names)


def test_what_was_deployed_before_is_a_fact_of_the_first_message() -> None:
    composer = PlainComposer(a_context(affected=Deploys("a", "b", "c", "d")))
    facts = dict(composer.of(*an_announcement(an_event(), Reason.FIRST)).facts)
    at = "updated at 2026-03-02T11:59:00Z"
    assert facts["Deployed before (no proof)"] == f"stack a {at}, stack b {at}, stack c {at}"
    assert "Deployed before (no proof)" not in dict(composer.of(*an_announcement(an_event(), Reason.STEP)).facts)


def test_deploys_that_cannot_be_had_are_left_out(caplog: pytest.LogCaptureFixture) -> None:
    plain = PlainComposer(a_context(affected=Deploys())).of(*an_announcement(an_event(), Reason.FIRST))
    assert not any(label.startswith("Deployed") for label, _ in plain.facts)
    assert caplog.messages == ["Suspect deploys not readable"]


@pytest.mark.parametrize("doubtful", [False, True])
def test_a_brief_about_many_says_where_people_may_have_read_it_before(doubtful: bool) -> None:
    plain = PlainComposer(a_context()).of_message(Message("ops", notifications(4), doubtful=doubtful))

    assert (DOUBT in plain.lines) is doubtful
