"""PagerDuty by its look-alike, which refuses what the documentation refuses: one incident for each episode."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.events.event import Severity, Signal
from chalicelib.domain.notifications.notification import Notification, Reason, Record
from chalicelib.domain.routing.receivers import Receiver
from chalicelib.gateways.http import Response
from chalicelib.gateways.notifiers import Notifiers
from chalicelib.gateways.pagerduty.events import SEVERITIES, key_of
from chalicelib.services.notifying.ports import Delivered, Message, Rejected, Retry
from local.receivers.pagerduty import PagerDuty
from local.receivers.server import ReceiversLookalike
from tests.domain.given import NOON, an_event
from tests.fakes import FakeReferences
from tests.gateways.notifier_contexts import a_context
from tests.gateways.slack.messages import NAMES, an_announcement, the_links

KEY = "k" * 32


class Offline:
    """The way to a look-alike without HTTP."""

    def __init__(self, duty: PagerDuty) -> None:
        self._duty = duty

    def post(self, _url: str, document: Any, _headers: Any = None) -> Response:
        """Pass an event on."""
        answer = self._duty.enqueue(json.dumps(document).encode())
        return Response(answer.status, answer.body)


class Pager:
    """A hub in front of the look-alike."""

    def __init__(self, **given: Any) -> None:
        self.duty, self.references = PagerDuty(), FakeReferences()
        values = {"secret": lambda _name: KEY, "references": self.references, "http": Offline(self.duty)} | given
        self.notifiers = Notifiers(a_context(receiver=lambda _: Receiver(type="pagerduty"), **values))

    def notify(self, reason: Reason = Reason.FIRST, at: int = NOON, **changes: Any) -> Delivered | Retry | Rejected:
        """Send what is pending about one alert for a reason."""
        return self.send(*about(reason, at, **changes))

    def send(self, notification: Notification, record: Record | None) -> Delivered | Retry | Rejected:
        """Send a notification."""
        return self.notifiers.notify(Message("pager", [notification], record))

    @property
    def incidents(self) -> list[tuple[str, list[str]]]:
        """The incidents: how each stands, and what led there."""
        return [(each.status, each.actions) for each in self.duty.incidents]


@pytest.fixture
def pager() -> Pager:
    return Pager()


def about(reason: Reason, at: int = NOON, **changes: Any) -> tuple[Notification, Record]:
    """Return a notification about the one alert, and its event."""
    values = {"receiver": "pager", "created_at": at, "episode": 1} | changes
    return an_announcement(an_event(at), reason, **values)


def test_an_incident_is_triggered_acknowledged_and_resolved(pager: Pager) -> None:
    for second, reason in enumerate((Reason.FIRST, Reason.ACKNOWLEDGED, Reason.WORSENED, Reason.RESOLVED)):
        assert isinstance(pager.notify(reason, NOON + second), Delivered)

    assert pager.incidents == [("resolved", ["trigger", "acknowledge", "trigger", "resolve"])]


def test_what_fires_again_is_another_incident(pager: Pager) -> None:
    pager.notify(Reason.FIRST)
    pager.notify(Reason.RESOLVED, NOON + 1)
    pager.notify(Reason.REGRESSION, NOON + 2, episode=2)

    assert pager.incidents == [("resolved", ["trigger", "resolve"]), ("triggered", ["trigger"])]
    assert len({each.key for each in pager.duty.incidents}) == 2


def test_what_is_reopened_in_the_same_episode_pages_again(pager: Pager) -> None:
    pager.notify(Reason.FIRST)
    pager.notify(Reason.RESOLVED, NOON + 1)
    pager.notify(Reason.REGRESSION, NOON + 1)

    assert [status for status, _ in pager.incidents] == ["resolved", "triggered"]


def test_what_flaps_stays_one_incident_until_it_is_over(pager: Pager) -> None:
    pager.notify(Reason.FIRST)
    pager.notify(Reason.FLAPPING, NOON + 9, episode=5)
    pager.notify(Reason.STABLE, NOON + 99, episode=7)
    pager.notify(Reason.RESOLVED, NOON + 100, episode=7)

    assert pager.incidents == [("resolved", ["trigger", "trigger", "trigger", "resolve"])]


def test_a_beginning_that_comes_after_its_end_opens_nothing(pager: Pager) -> None:
    pager.notify(Reason.RESOLVED, NOON + 1)

    assert pager.notify(Reason.FIRST) == Delivered("outdated")
    assert pager.incidents == []


def test_the_same_message_twice_is_one_incident(pager: Pager) -> None:
    pager.notify()
    pager.notify()

    assert pager.incidents == [("triggered", ["trigger", "trigger"])]


@pytest.mark.parametrize(
    ("signal", "incidents"), [(Signal.FIRING, [("triggered", ["trigger"])]), (Signal.RESOLVED, [])]
)
def test_a_route_of_every_event_pages_for_what_fires(
    pager: Pager, signal: Signal, incidents: list[tuple[str, list[str]]]
) -> None:
    pager.send(*an_announcement(an_event(signal=signal), Reason.EVERY_EVENT, receiver="pager"))

    assert pager.incidents == incidents


def test_a_message_about_no_alert_is_an_incident_of_its_own(pager: Pager) -> None:
    pager.notify(Reason.SUMMARY, fingerprint="", id="1" * 32)

    (incident,) = pager.duty.incidents
    assert incident.key == "1" * 32
    assert pager.references.kept == {}


def test_an_incident_says_how_bad_what_and_where() -> None:
    pager = Pager(links=the_links())
    pager.notify(account="111122223333", severity=Severity.CRITICAL, title="checkout fails")

    (incident,) = pager.duty.incidents
    assert incident.severity == "critical"
    assert incident.summary.startswith(f"checkout fails · {NAMES['111122223333']} (111122223333)")


def test_every_severity_is_one_of_pagerdutys() -> None:
    assert SEVERITIES.keys() == set(Severity)


@given(st.text(), st.integers(0, 10**9), st.text(max_size=300), st.text(max_size=3_000))
def test_whatever_it_is_about_pagerduty_takes_it(fingerprint: str, episode: int, account: str, title: str) -> None:
    changes: dict[str, Any] = {
        "fingerprint": fingerprint,
        "episode": episode,
        "account": account,
        "title": title,
        "region": account,
    }
    notification, record = about(Reason.FIRST, **changes)

    assert len(key_of(notification)) <= 255
    assert isinstance(Pager().send(notification, record), Delivered)


def test_a_wrong_routing_key_is_refused() -> None:
    assert isinstance(Pager(secret=lambda _name: "short").notify(), Rejected)


def test_without_a_routing_key_everything_stays_pending() -> None:
    result = Pager(secret=lambda _name: None).notify()

    assert isinstance(result, Retry)
    assert "/monitoring/test/pagerduty/pager is missing" in result.why


def test_the_pace_is_that_of_the_routes_file(pager: Pager) -> None:
    handling = pager.notifiers.handling("pager")

    assert (handling.combines, handling.pace) == (False, 1.0)


def test_the_lookalike_is_reached_over_http() -> None:
    with ReceiversLookalike() as receivers:
        values = {"secret": lambda _name: KEY, "pagerduty_url": receivers.url}
        notifiers = Notifiers(a_context(receiver=lambda _: Receiver(type="pagerduty"), **values))
        notification, record = about(Reason.FIRST)

        assert isinstance(notifiers.notify(Message("pager", [notification], record)), Delivered)
        assert len(receivers.pagerduty.incidents) == 1
        assert "triggered" in receivers.page()
        assert "<meta name=viewport content=width=device-width>" in receivers.page()
        assert receivers.mail("/mails/" + "9" * 5_000) is None
