"""What pages say in a source's own words, and whom a message did not reach."""

import pytest
from msgspec.structs import replace

from chalicelib.api.ui import labels
from chalicelib.api.ui.event import identity_of
from chalicelib.api.ui.samples import FACTS, facts
from chalicelib.domain.notifications.notification import Delivery, Reason
from chalicelib.sources.registry import DECLARED, SOURCES
from tests.app.browser import Browser
from tests.app.ui_world import finding
from tests.app.world import World
from tests.fakes import NOW
from tests.sources.samples import NAMES, load, read


@pytest.fixture
def browser(world: World) -> Browser:
    """Return the browser of somebody who may do everything."""
    return Browser(world).sign_in()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ecs_task-out-of-memory", "Reason Essential container in task exited"),
        ("cost_anomaly-detected", "Monitor services"),
        ("health-issue-open-public", "Start given by AWS"),
    ],
)
def test_a_problem_says_what_its_source_says(browser: Browser, name: str, expected: str) -> None:
    record = browser.world.hub.ingest(load(name))

    for page in (f"alerts/{record.event.fingerprint}", f"events/{record.event.id}"):
        browser.open(f"/ui/{page}")
        assert expected in browser.text
    assert "Recognised as the problem" in browser.text


@pytest.mark.parametrize("name", NAMES)
def test_every_kind_of_event_says_by_what_its_problem_is_recognised(name: str) -> None:
    event = read(name)
    assert identity_of(event)
    assert all(each.value for each in facts(event))


@pytest.mark.parametrize(
    ("name", "label", "value"),
    [
        ("codedeploy-failure", "Application", "shop"),
        ("image_scan-critical", "CRITICAL", "2"),
        ("lambda_update-code", "Call", "UpdateFunctionCode20150331v2"),
        ("stack_set-instance-failed", "Status", "OUTDATED"),
    ],
)
def test_every_kind_of_aws_says_what_its_messages_say(name: str, label: str, value: str) -> None:
    assert {each.label: each.value for each in facts(read(name))}[label] == value
    assert FACTS.keys() >= {each.module for each in SOURCES if each.source.startswith("aws.")} - DECLARED


def test_what_ended_quietly_may_have_happened_often() -> None:
    assert labels.reason(Reason.QUIET) == "it has not happened again for a day"


def test_an_own_event_says_its_description(browser: Browser) -> None:
    detail = {"description": "The disk is <full>.", "job": "nightly"}
    record = browser.world.take(NOW, {"source": "custom.x", "detail-type": "Job Failed", "detail": detail})

    browser.open(f"/ui/alerts/{record.event.fingerprint}")

    assert "Description The disk is <full>." in browser.text


def test_whoever_was_not_reached_is_not_said_to_be_notified(browser: Browser) -> None:
    record = finding(browser.world, 1)
    (known,) = browser.world.store.notifications.values()
    browser.open(f"/ui/alerts/{record.event.fingerprint}")
    assert "Notified monitoring" in browser.text

    browser.world.store.notifications[known.id] = replace(known, status=Delivery.FAILED, attempts=3, error="gone")
    browser.open(f"/ui/alerts/{record.event.fingerprint}")
    assert "Notified nobody not sent to monitoring" in browser.text


def test_what_was_not_sent_says_what_to_do_first(browser: Browser) -> None:
    finding(browser.world, 1)
    (known,) = browser.world.store.notifications.values()
    browser.world.store.notifications[known.id] = replace(known, status=Delivery.FAILED, attempts=3, error="gone")

    browser.open("/ui/events?tab=failed")

    assert "Their receivers refused them. Mend what is said in red first" in browser.text
