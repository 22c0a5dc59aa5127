"""The pages about the hub itself: agents and coverage, routes and what they make of an event, and its health."""

import json
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.api.ui import agents
from chalicelib.domain.agents.agent import AgentStatus
from chalicelib.domain.agents.canary import RECEIVER, Canary
from chalicelib.domain.agents.coverage import AgentCoverage
from chalicelib.domain.notifications.notification import Delivery
from chalicelib.domain.routing.annotations import Annotation, AnnotationRule
from chalicelib.domain.routing.matchers import Field, Matcher
from chalicelib.domain.routing.silences import FOREVER, Silence
from chalicelib.domain.scanning.budget import Spend
from chalicelib.domain.scanning.gaps import Gap, GapReason
from chalicelib.domain.scanning.windows import Window
from chalicelib.domain.timestamps import DAY
from tests.app.browser import Browser
from tests.app.ui_world import HOSTILE, PAYMENTS, SHOP, finding, register
from tests.app.world import READER, World
from tests.fakes import NOW
from tests.sources.samples import load

MIDNIGHT = NOW // DAY * DAY


@pytest.fixture
def browser(world: World) -> Browser:
    """Return the browser of somebody who may do everything."""
    return Browser(world).sign_in()


def coverage(**changes: Any) -> AgentCoverage:
    """Return the coverage of a scan that keeps up."""
    return AgentCoverage(**{"since": NOW - 10_000, "watermark": NOW - 120, **changes})


# --- agents


def test_the_map_has_each_account_and_region_with_its_health(world: World) -> None:
    gap = Gap(Window(NOW - 900, NOW - 600), ("/aws/lambda/shop",), GapReason.THROTTLED, 2)
    spend = Spend(midnight=MIDNIGHT, bytes=3_000_000_000, seconds=1)
    register(world, name="payments", coverage=coverage(spend=spend, budget=10_000_000_000), version="1.2.3")
    register(world, region="us-east-1", coverage=coverage(gaps=(gap,)))
    register(world, SHOP, coverage=coverage(watermark=NOW - 9_000))
    register(world, SHOP, "us-east-1", status=AgentStatus.STALE, heartbeat_at=NOW - 9_000)
    register(world, "777788889999", status=AgentStatus.EXPECTED, heartbeat_at=0)
    register(world, "777788889999", "us-east-1", status=AgentStatus.REMOVED)

    browser = Browser(world).sign_in()
    browser.open("/ui/agents")

    for health in ("well", "gaps", "behind", "silent", "expected", "removed"):
        assert f'class="health {health}"' in browser.page.body.decode(), health
    for part in ("3.0 GB of 10 GB", "1.2.3", "payments 111122223333", "Who is missing", "never"):
        assert part in browser.text, part


def test_without_agents_the_page_says_that_nothing_is_watched(browser: Browser) -> None:
    browser.open("/ui/agents")

    assert "nothing is watched" in browser.text


def test_a_page_of_some_agents_says_first_that_there_are_more(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(browser.world)
    register(browser.world, SHOP, status=AgentStatus.STALE)
    browser.open("/ui/agents")
    assert "agents are shown" not in browser.text

    monkeypatch.setattr(agents, "MOST_AGENTS", 1)
    browser.open("/ui/agents")
    assert "coverage Only the first 1 agents are shown and counted here, by account" in browser.text
    assert "/ui?kind=agent_state" in browser.links


def test_one_agent_shows_its_gaps_and_why(browser: Browser) -> None:
    gaps = (
        Gap(Window(NOW - 900, NOW - 600), ("/aws/lambda/shop",), GapReason.THROTTLED, 2),
        Gap(Window(NOW - 500, NOW - 400), (), GapReason.OVER_BUDGET, 1, ("/a", "/z")),
        Gap(Window(NOW - 300, NOW - 200), (), GapReason.FAILED),
    )
    known = coverage(
        gaps=gaps,
        late_gaps=gaps[:1],
        late_watermark=NOW - 130,
        missing=("/gone",),
        access_denied=("ecs",),
        unresolved_count=3,
    )
    register(browser.world, coverage=known, deployment="CREATE_COMPLETE", deployed_at=NOW - 5_000)

    browser.open(f"/ui/agents/{PAYMENTS}-eu-west-1")

    for part in (
        "throttled /aws/lambda/shop",
        "over budget /a to /z",
        "failed all",
        "/gone",
        "ecs",
        "Owners of 3 log groups",
    ):
        assert part in browser.text, part
    assert "CREATE_COMPLETE" in browser.text


def test_an_agent_that_has_said_nothing_says_so(browser: Browser) -> None:
    register(browser.world, status=AgentStatus.EXPECTED, heartbeat_at=0)
    browser.open(f"/ui/agents/{PAYMENTS}-eu-west-1")

    assert "It has not said what it scans" in browser.text


@pytest.mark.parametrize("agent", ["x", "111122223333", "111122223333-eu-west-9", HOSTILE[:8]])
def test_an_agent_that_there_is_not_is_not_found(browser: Browser, agent: str) -> None:
    assert browser.open(f"/ui/agents/{agent}").status_code == 404


# --- routes


def explain(browser: Browser, event: Any) -> None:
    """Paste an event."""
    browser.open("/ui/routes")
    browser.submit("event", event=event if isinstance(event, str) else json.dumps(event))


def test_the_routes_are_said_in_words(browser: Browser) -> None:
    browser.open("/ui/routes")

    assert (
        "deployment matches kind Deployment, resource monitoring-agent* or StackSet-monitoring-agent*" in browser.text
    )
    assert "monitoring matches everything" in browser.text
    assert "again every 4h until somebody takes it over" in browser.text


@pytest.mark.parametrize("token", [READER, None])
def test_an_event_that_is_pasted_shows_who_would_be_notified_and_why(world: World, token: str | None) -> None:
    browser = Browser(world).sign_in(*([token] if token else []))
    explain(browser, load("alarm-metric-alarm"))

    assert "monitoring would be notified, as it is new." in browser.text
    assert "deployment does not match it requires kind Deployment" in browser.text
    assert world.store.records == {}


def test_an_event_of_which_nobody_hears_says_why(browser: Browser) -> None:
    explain(browser, [load("stack-update-in-progress")])
    assert "Nobody would be notified, as it reports no problem, and ends none." in browser.text

    silence = Silence(
        id="s", matchers=(Matcher(Field.KIND, ("alarm",)),), starts_at=0, ends_at=FOREVER, author="", reason="Quiet."
    )
    note = AnnotationRule(name="n", matchers=(), annotation=Annotation(owner="Team Shop"))
    hub = browser.world.hub
    hub.file = replace(hub.file, silences=(silence,), annotations=(note,))
    for each in ("policies", "annotations"):
        vars(hub).pop(each, None)
    explain(browser, load("alarm-metric-alarm"))
    assert "Nobody would be notified, as a silence covers it. It is covered by the silence “Quiet.”" in browser.text
    assert "With it: Team Shop" in browser.text


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "This is not valid JSON"),
        ("{", "This is not valid JSON"),
        ("[" * 100_000, "This is not valid JSON"),
        ("7", "An event is an object"),
        ("[]", "An event is an object"),
        ("{}", "it lacks source, detail-type, detail"),
        (" " * 1_000_001 + "7", "An event is an object"),
        ("x" * 1_000_001, "up to 1 MB"),
    ],
)
def test_what_is_no_event_is_said_and_kept_in_the_form(browser: Browser, text: str, problem: str) -> None:
    explain(browser, text)

    assert problem in browser.text
    assert browser.page.status_code == 200


@pytest.mark.parametrize("value", [HOSTILE, 7, None, [], {"a": HOSTILE}])
@pytest.mark.parametrize("name", ["source", "detail-type", "detail", "account", "region", "time", "resources"])
def test_an_event_of_any_shape_is_explained(browser: Browser, name: str, value: Any) -> None:
    explain(browser, load("guardduty-ec2") | {name: value})

    assert "would be notified" in browser.text
    assert [tag for tag, _ in browser.parsed.tags].count("script") == 1


# --- health


def test_a_hub_that_is_well_says_so(browser: Browser) -> None:
    canary = Canary("eu-west-1", NOW - 60)
    browser.world.hub.canaries.take(canary)
    browser.world.hub.dispatcher.drain(RECEIVER)
    browser.world.hub.sweep()

    browser.open("/ui/health")

    assert "Done: nothing is overdue" in browser.text
    assert "not counted on one machine" in browser.text
    assert "eu-west-1 1 min ago" in browser.text


def test_a_hub_that_has_never_swept_is_not_said_to_be_well(browser: Browser) -> None:
    browser.open("/ui/health")

    assert "Done" not in browser.text
    assert "Nothing is overdue No run has been recorded yet" in browser.text


def test_what_a_sweep_left_is_shown_with_its_time_until_sweeps_stop(browser: Browser) -> None:
    browser.world.hub.sweep()
    finding(browser.world, 1)
    (known,) = browser.world.store.notifications.values()
    browser.world.store.notifications[known.id] = replace(known, status=Delivery.FAILED)
    browser.world.clock.sleep(60)
    browser.open("/ui/health")

    assert "Done: nothing is overdue State after the last run, 1 min ago" in browser.text
    assert "monitoring 0 none 0" in browser.text
    browser.world.clock.sleep(300)
    browser.open("/ui/health")
    assert "Overdue: the last run ended" in browser.text
    assert "below show the current state" in browser.text
    assert "monitoring 0 none 1" in browser.text


def test_what_is_overdue_waits_or_failed_is_shown(browser: Browser) -> None:
    finding(browser.world, 1)
    (known,) = browser.world.store.notifications.values()
    waiting = replace(known, status=Delivery.PENDING, created_at=NOW - 600)
    failed = replace(known, id="f" * 32, status=Delivery.FAILED)
    browser.world.store.notifications |= {waiting.id: waiting, failed.id: failed}
    fingerprint, alert = next(iter(browser.world.store.alerts.items()))
    browser.world.store.alerts[fingerprint] = replace(alert, due=NOW - 1_000)

    browser.open("/ui/health")

    assert "Overdue: an alert should have been evaluated" in browser.text
    assert "a message has been waiting since" in browser.text
    assert any("tab=failed&receiver=monitoring" in each for each in browser.links)


def test_what_failed_for_good_is_counted_where_there_are_queues(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = browser.world.hub
    monkeypatch.setattr(hub, "settings", replace(hub.settings, is_deployed=True))
    browser.world.queues.put("failed", {})

    browser.open("/ui/health")
    assert "A function failed on them 1" in browser.text
    assert "infra.redrive" in browser.text

    def fail(queue: str) -> int:
        raise RuntimeError(queue)

    monkeypatch.setattr(browser.world.queues, "count", fail)
    browser.open("/ui/health")
    assert "not known: the queue does not answer" in browser.text
