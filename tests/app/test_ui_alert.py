"""The page of one alert: what is known of it, and what is done about it; and that of one event, step by step."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Alert, Status
from chalicelib.domain.alerts.inhibited import Inhibited
from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.notification import Delivery, Notification, Outcome, Reason, notification_id
from chalicelib.domain.routing.annotations import Annotation, AnnotationRule
from chalicelib.domain.routing.matchers import Field, Matcher
from chalicelib.domain.routing.routes import Route
from chalicelib.domain.timestamps import iso
from tests.app.browser import Browser
from tests.app.ui_world import HOSTILE, PAYMENTS, SHOP, finding, register, spread_error
from tests.app.world import READER, World
from tests.fakes import NOW
from tests.sources.samples import load


@pytest.fixture
def browser(world: World) -> Browser:
    """Return the browser of somebody who may do everything."""
    return Browser(world).sign_in()


def alert_of(world: World) -> Alert:
    """Return the one alert of a world."""
    (alert,) = world.store.alerts.values()
    return alert


def open_alert(browser: Browser) -> None:
    """Open the page of the one alert."""
    browser.open(f"/ui/alerts/{alert_of(browser.world).fingerprint}")


def fail(world: World) -> Notification:
    """Let the one notification have failed."""
    (known,) = world.store.notifications.values()
    failed = replace(known, status=Delivery.FAILED, attempts=3, error="no_service")
    world.store.notifications[known.id] = failed
    return failed


def test_an_alert_says_where_it_is_since_when_and_what_happened(browser: Browser) -> None:
    register(browser.world, SHOP, name="shop")
    spread_error(browser.world, PAYMENTS, SHOP)

    open_alert(browser)

    for part in (
        "checkout: KeyError: 'basket'",
        "high nobody has taken it over",
        "\N{MULTIPLICATION SIGN} 2 accounts",
        "Log group /aws/lambda/checkout",
        "shop 444455556666 eu-west-1",
        "Notified monitoring as it is new",
        'total = price(event["basket"])',
        "monitoring by the route monitoring",
    ):
        assert part in browser.text, part


def test_an_alert_of_every_account_names_none_of_them(browser: Browser) -> None:
    browser.world.hub.ingest(load("health-issue-open-public") | {"time": iso(NOW)})
    open_alert(browser)
    assert "every account, eu-west-1" in browser.text
    assert "*" not in browser.text


def test_an_alert_shows_how_often_it_fired_in_each_of_the_last_24_hours(browser: Browser) -> None:
    now = browser.world.clock.now()
    for seconds in (60, 120, 3_660, 22 * 3_600, 24 * 3_600 + 60):
        browser.world.take(now - seconds)
    open_alert(browser)

    assert "4 events in the last 24 hours, at most 2 of them in the hour from 08:00 UTC" in browser.text


def test_an_alert_leads_into_aws_and_to_its_runbook(browser: Browser) -> None:
    runbook = Annotation(runbook="https://wiki.example.com/errors", owner="Team Shop", note="Restart it.")
    rule = AnnotationRule(name="all", matchers=(Matcher(Field.KIND, ("error_logs",)),), annotation=runbook)
    browser.world.hub.file = replace(browser.world.hub.file, annotations=(rule,))
    spread_error(browser.world, PAYMENTS)

    open_alert(browser)

    assert "https://wiki.example.com/errors" in browser.links
    assert any("console.aws.amazon.com" in each for each in browser.links)
    assert "Team Shop is responsible for this. Restart it." in browser.text


@pytest.mark.parametrize(
    ("button", "status", "said"),
    [("acknowledge", Status.ACKNOWLEDGED, "both has it"), ("resolve", Status.RESOLVED, "resolved")],
)
def test_what_is_done_is_on_record_with_its_note_and_can_be_undone(
    browser: Browser, button: str, status: Status, said: str
) -> None:
    finding(browser.world, 1)
    open_alert(browser)
    browser.submit("note", button=button, note="My turn.")

    assert alert_of(browser.world).status is status
    assert said in browser.text
    assert "by both" in browser.text
    assert "“My turn.”" in browser.text

    browser.submit("action", button="reopen")
    assert alert_of(browser.world).status is Status.FIRING
    assert "Reopened." in browser.text


def test_messages_of_one_minute_and_reason_are_one_entry_and_the_list_names_few(browser: Browser) -> None:
    record = finding(browser.world, 1)
    world, receivers = browser.world, ["monitoring", "mail", "pager", "teams"]
    (known,) = world.store.notifications.values()
    for number, receiver in enumerate(receivers[1:]):
        one = replace(known, id=notification_id(record.event.id, receiver), receiver=receiver)
        world.store.notifications[one.id] = replace(one, created_at=known.created_at + number)
    deliveries = dict.fromkeys(receivers, Delivery.DELIVERED)
    event_id = record.event.id
    world.store.records[event_id] = replace(record, outcome=replace(record.outcome, deliveries=deliveries))
    alert = alert_of(world)
    assert alert.announcement
    announcement = replace(alert.announcement, receivers=tuple(receivers))
    world.store.alerts[alert.fingerprint] = replace(alert, announcement=announcement)

    open_alert(browser)
    assert browser.text.count("Notified mail, monitoring, pager, teams as it is new") == 1
    browser.open("/ui")
    assert "monitoring + 3" in browser.text


def test_a_note_alone_goes_on_record(browser: Browser) -> None:
    finding(browser.world, 1)
    open_alert(browser)
    browser.submit("note", button="note", note="It is the database.")
    assert "“It is the database.”" in browser.text
    assert "Noted by both" in browser.text

    browser.submit("note", button="note", note=" ")
    assert "Write the note first." in browser.text


def test_an_alert_is_silenced_and_heard_of_again(browser: Browser) -> None:
    finding(browser.world, 1)
    open_alert(browser)
    browser.submit("note", button="silence", duration="7200", note="They test.")
    browser.world.clock.sleep(20)
    open_alert(browser)

    assert "silenced by both until" in browser.text
    assert "Nobody: the silence “They test.” covers it" in browser.text

    browser.submit("note", button="unsilence")
    browser.world.clock.sleep(20)
    open_alert(browser)
    assert "silenced by" not in browser.text


def test_an_alert_that_is_over_says_that_its_silence_would_cover_it(browser: Browser) -> None:
    finding(browser.world, 1)
    open_alert(browser)
    browser.submit("note", button="silence", duration="7200", note="They test.")
    browser.submit("note", button="resolve")
    browser.world.clock.sleep(20)
    open_alert(browser)

    assert "now Nobody: the silence “They test.” covers it until" in browser.text
    assert "Otherwise: monitoring by the route monitoring" in browser.text


def test_an_alert_too_mild_for_its_routes_says_so_first(browser: Browser) -> None:
    finding(browser.world, 1, severity=2.0)
    open_alert(browser)

    said = "now Nobody: its severity is low, below the minimum of its routes. only medium and above: monitoring"
    assert said in browser.text

    route = Route(name="all", receivers=("log",), minimum=Severity.HIGH, every_event=True)
    browser.world.hub.file = replace(browser.world.hub.file, routes=(route,))
    vars(browser.world.hub).pop("policies", None)
    open_alert(browser)
    assert "Who would be notified now log by the route all" in browser.text


def test_an_alert_that_fired_too_seldom_for_its_routes_says_so_first(browser: Browser) -> None:
    route = Route(name="often", receivers=("log",), min_count=3, min_count_window=900)
    browser.world.hub.file = replace(browser.world.hub.file, routes=(route,))
    for made in ("policies", "ingest"):
        vars(browser.world.hub).pop(made, None)
    finding(browser.world, 1)
    open_alert(browser)

    said = "Nobody: it has not fired often enough for its routes. only after 3 within 15m, 1 so far: log"
    assert said in browser.text


def test_an_alert_that_somebody_has_says_of_what_others_would_be_notified(browser: Browser) -> None:
    finding(browser.world, 1)
    open_alert(browser)
    assert "Nobody of more of the same" not in browser.text

    browser.submit("note", button="acknowledge")
    assert "now Nobody of more of the same: both has it. Of what is new, such as" in browser.text

    finding(browser.world, 1, updatedAt=iso(NOW))
    open_alert(browser)
    assert "as somebody works on it " in browser.text
    assert "care of it already" not in browser.text


def test_an_alert_on_which_nothing_fired_says_so(browser: Browser) -> None:
    browser.world.hub.ingest(load("stack-update-in-progress") | {"time": iso(NOW - 60)})
    open_alert(browser)

    assert "Began never: nothing has fired" in browser.text
    assert "Events 1, of which none fired" in browser.text
    assert "1 Jan" not in browser.text


def test_what_others_did_meanwhile_is_said(browser: Browser) -> None:
    finding(browser.world, 1)
    open_alert(browser)
    browser.world.hub.alerts.resolve(alert_of(browser.world).fingerprint, "ana")
    browser.submit("note", button="acknowledge")

    assert "The alert is resolved; it last fired at" in browser.text
    assert "Resolved by ana" in browser.text


def test_an_action_that_there_is_not_is_refused(browser: Browser) -> None:
    finding(browser.world, 1)
    open_alert(browser)

    assert browser.submit("note", ("action", "delete")).status_code == 400
    assert alert_of(browser.world).status is Status.FIRING


def test_a_reader_gets_no_form(world: World) -> None:
    finding(world, 1)
    browser = Browser(world).sign_in(READER)
    open_alert(browser)

    assert not [each for each in browser.parsed.forms if "alerts" in each.action]


@pytest.mark.parametrize("fingerprint", ["0" * 32, "x" * 500, "%00", HOSTILE[:8]])
@pytest.mark.parametrize("page", ["alerts", "events"])
def test_what_is_not_there_is_said_to_be_so(browser: Browser, page: str, fingerprint: str) -> None:
    assert browser.open(f"/ui/{page}/{fingerprint}").status_code == 404


# --- events


def test_an_event_shows_its_way_step_by_step(browser: Browser) -> None:
    record = finding(browser.world, 1)
    browser.world.hub.accounts.load()

    browser.open(f"/ui/events/{record.event.id}")

    for part in (
        "as “GuardDuty Finding” from aws.guardduty",
        "Read as GuardDuty finding: a problem is there high",
        record.event.fingerprint,
        "Opened its alert",
        "to notify monitoring, as it is new by the route monitoring",
        "Sent to monitoring",
        "1 attempt",
        '"id": "finding-1"',
    ):
        assert part in browser.text, part


def test_an_event_leads_to_who_would_be_notified_and_can_be_pasted_into_the_routes(browser: Browser) -> None:
    record = finding(browser.world, 1)
    browser.open(f"/ui/events/{record.event.id}")
    section = next(each for each in browser.links if each.endswith("#notified"))
    (whole,) = re.findall(r'aria-label="Event">(.*?)</pre>', browser.page.body.decode(), re.DOTALL)

    browser.open("/ui/routes")
    browser.submit("event", event=unescape(whole))
    assert "Finding 1" in browser.text
    assert "monitoring would be notified, as it is new." in browser.text
    assert "GuardDuty finding \N{MIDDLE DOT} 111122223333 \N{MIDDLE DOT} eu-west-1" in browser.text

    browser.open(section)
    assert ("section", {"class": "card", "id": "notified"}) in browser.parsed.tags


def test_an_event_that_a_silence_held_back_names_it(browser: Browser) -> None:
    first = finding(browser.world, 1)
    alert = browser.world.hub.alerts.get(first.event.fingerprint)
    silence = browser.world.hub.silences.silence_alert(alert, 3_600, "ana", "They test.")
    browser.world.clock.sleep(20)
    record = finding(browser.world, 2, id="finding-1")

    browser.open(f"/ui/events/{record.event.id}")

    assert "to notify nobody, as a silence covers it by the silence “They test.” of ana" in browser.text
    assert any(each.endswith(f"/ui/silences/{silence.id}") for each in browser.links)


def test_what_was_not_sent_is_sent_again_from_its_event(browser: Browser) -> None:
    record = finding(browser.world, 1)
    failed = fail(browser.world)
    browser.open(f"/ui/events/{record.event.id}")
    assert "3 attempts, the last one: no_service" in browser.text

    browser.submit("event", button="send")

    assert browser.world.store.notifications[failed.id].status is Delivery.PENDING
    assert "It will be sent again within a minute." in browser.text


@pytest.mark.parametrize("name", ["alarm-metric-alarm", "health-issue-open-public", "stack-update-rollback-failed"])
def test_each_kind_says_what_its_source_says(browser: Browser, name: str) -> None:
    record = browser.world.hub.ingest(load(name))

    browser.open(f"/ui/events/{record.event.id}")

    assert browser.page.status_code == 200
    assert "What it says" in browser.text


# --- the events


def test_the_list_of_events_has_every_event_and_what_became_of_it(browser: Browser) -> None:
    finding(browser.world, 1)
    finding(browser.world, 2, 2.0)
    browser.open("/ui/events")

    assert "Finding 1 high Sent as it is new, by the route monitoring" in browser.text
    assert "Finding 2 low Nobody was notified as it is less severe than the route requires" in browser.text
    assert "All events Nobody notified Not sent Waiting Sent" in browser.text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("text=finding%202", {"Finding 2"}),
        ("text=SHO", {"Finding 3"}),
        ("text=shop&tab=suppressed", set()),
        (f"account={PAYMENTS}", {"Finding 1", "Finding 2"}),
        ("account=shop", {"Finding 3"}),
        ("account=nobody", set()),
        ("kind=alarm", set()),
        ("tab=suppressed", {"Finding 2"}),
        ("tab=delivered", {"Finding 1", "Finding 3"}),
        ("tab=delivered&receiver=deployment", set()),
        ("tab=failed", set()),
        ("tab=burnt", {"Finding 1", "Finding 2", "Finding 3"}),
        ("tab=delivered&cursor=garbage", {"Finding 1", "Finding 3"}),
        ("cursor=garbage", {"Finding 1", "Finding 2", "Finding 3"}),
    ],
)
def test_the_list_of_events_shows_what_is_chosen(browser: Browser, query: str, expected: set[str]) -> None:
    register(browser.world, SHOP, name="shop")
    finding(browser.world, 1)
    finding(browser.world, 2, 2.0)
    finding(browser.world, 3, accountId=SHOP)

    browser.open(f"/ui/events?{query}")

    assert {each for each in ("Finding 1", "Finding 2", "Finding 3") if each in browser.text} == expected


def test_all_that_was_not_sent_is_sent_again_at_once(browser: Browser) -> None:
    finding(browser.world, 1)
    failed = fail(browser.world)
    browser.open("/ui/events?tab=failed&receiver=monitoring")
    assert "no_service" in browser.text

    browser.submit("back", ("of", failed.id), ("of", "0" * 32), button="send")

    assert browser.world.store.notifications[failed.id].status is Delivery.PENDING
    assert "1 will be sent again within a minute. 1 could not be" in browser.text
    assert "tab=failed&receiver=monitoring" in browser.address
    assert "Everything could be sent" not in browser.text
    assert "Nothing matches" in browser.text


@pytest.mark.parametrize("tab", ["", "failed", "pending", "delivered", "suppressed"])
def test_an_empty_list_of_events_says_what_that_means(browser: Browser, tab: str) -> None:
    browser.open(f"/ui/events?tab={tab}")

    assert 'class="empty' in browser.page.body.decode()


def test_the_list_of_events_leads_on_and_back(browser: Browser) -> None:
    for number in range(55):
        finding(browser.world, number)
    browser.open("/ui/events")
    browser.open(next(each for each in browser.links if "cursor" in each))
    assert browser.text.count("GuardDuty finding") == 6  # five rows, and a kind to choose
    browser.open(next(each for each in browser.links if "cursor" in each))
    assert browser.text.count("GuardDuty finding") == 51


def test_a_form_of_the_events_that_says_nothing_is_refused(browser: Browser) -> None:
    finding(browser.world, 1)
    fail(browser.world)
    browser.open("/ui/events?tab=failed")

    assert browser.submit("back").status_code == 400


# --- foreign text


@pytest.mark.parametrize(
    "take",
    [
        lambda world: finding(world, 1, title=HOSTILE, description=HOSTILE, type=HOSTILE),
        lambda world: world.take(
            fields={"source": f"custom.{HOSTILE[:40]}", "detail-type": HOSTILE, "resources": [HOSTILE]}
        ),
        lambda world: world.hub.ingest(
            load("error_logs-python")
            | {
                "detail": load("error_logs-python")["detail"]
                | {
                    "title": HOSTILE,
                    "culprit": HOSTILE,
                    "log_group": HOSTILE,
                    "samples": [{"timestamp": 1, "stream": HOSTILE, "message": f"{HOSTILE}\n\x1b[31m{HOSTILE}"}],
                }
            }
        ),
    ],
)
def test_foreign_text_is_text_on_every_page(browser: Browser, take: Callable[[World], object]) -> None:
    register(browser.world, name=HOSTILE[:64])
    take(browser.world)
    alert, record = alert_of(browser.world), next(iter(browser.world.store.records.values()))
    browser.world.hub.alerts.acknowledge(alert.fingerprint, HOSTILE, HOSTILE)
    browser.world.hub.silences.silence_alert(alert, 3_600, HOSTILE, HOSTILE)
    fail(browser.world)
    browser.world.clock.sleep(60)

    for page in (
        "",
        "?tab=all",
        "/events",
        "/events?tab=failed",
        f"/alerts/{alert.fingerprint}",
        f"/events/{record.event.id}",
    ):
        assert browser.open(f"/ui{page}").status_code == 200
        tags = browser.parsed.tags
        assert [tag for tag, _ in tags].count("script") == 1, page
        assert "img" not in [tag for tag, _ in tags], page
        assert not [each for _, values in tags for each in values if each.startswith("on")], page
        assert not [each for _, values in tags if (each := values.get("href", "")).startswith(("javascript:", "data:"))]


def test_a_link_that_is_no_web_address_leads_nowhere(browser: Browser) -> None:
    record = finding(browser.world, 1)
    evil = replace(record, event=replace(record.event, link="javascript:alert(1)"))
    browser.world.store.records[record.event.id] = evil

    browser.open(f"/ui/events/{record.event.id}")
    assert "javascript:" not in browser.page.body.decode()
    open_alert(browser)
    assert "javascript:" not in browser.page.body.decode()


def test_an_alert_and_its_event_say_what_explains_them_and_when_it_is_due(browser: Browser) -> None:
    world, cause = browser.world, "c" * 32
    record = world.take()
    inhibited = Inhibited(rule="aws-outage", by=cause, at=NOW)
    alert = replace(alert_of(world), inhibited=inhibited, due_at=NOW + 10 * 86_400)
    world.store.alerts[alert.fingerprint] = alert
    outcome = Outcome(reason=Reason.INHIBITED, by=f"aws-outage:{cause}", inhibited=inhibited)
    world.store.records[record.event.id] = replace(record, outcome=outcome)

    open_alert(browser)
    assert "explained by another problem , as the rule aws-outage says" in browser.text
    assert "Nobody, as long as another problem explains it. Otherwise: monitoring" in browser.text
    assert f"/ui/alerts/{cause}" in browser.page.body.decode()
    assert "Due " in browser.text

    for page in (f"/ui/events/{record.event.id}", "/ui/events"):
        browser.open(page)
        assert "by the rule aws-outage, as this problem explains it" in browser.text
        assert f"/ui/alerts/{cause}" in browser.page.body.decode()
        assert f"aws-outage:{cause}" not in browser.text
