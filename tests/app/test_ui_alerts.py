"""The list of alerts: tabs, filters and order in the address, many done at once, and why it may be empty."""

import pytest

from chalicelib.api.ui import labels
from chalicelib.domain.agents.agent import AgentStatus
from chalicelib.domain.alerts.alert import Status
from chalicelib.domain.notifications.alert_history import EntryKind
from chalicelib.domain.notifications.hourly_cap import CAP
from chalicelib.domain.notifications.notification import Delivery, Reason
from chalicelib.domain.timestamps import iso
from chalicelib.sources.registry import KINDS
from tests.app.browser import Browser
from tests.app.ui_world import HOSTILE, PAYMENTS, SHOP, finding, register, spread_error
from tests.app.world import READER, World
from tests.fakes import NOW


@pytest.fixture
def browser(world: World) -> Browser:
    """Return the browser of somebody who may do everything."""
    return Browser(world).sign_in()


def titles(browser: Browser) -> list[str]:
    """Return the titles in the list, in its order."""
    lines = browser.page.body.decode().split("data-open>")[1:]
    return [each.partition("<")[0] for each in lines]


def statuses(world: World) -> set[Status]:
    """Return how the alerts stand."""
    return {each.status for each in world.store.alerts.values()}


def test_a_box_is_named_by_what_it_selects(browser: Browser) -> None:
    finding(browser.world, 1)
    browser.open("/ui")

    assert "Select Finding 1" in browser.text
    assert '["x", "select it"]' in browser.open("/ui/assets/ui.js").body.decode()


def test_an_alert_shows_how_bad_where_since_when_and_who_was_notified(browser: Browser) -> None:
    register(browser.world, name="payments")
    finding(browser.world, 1)

    browser.open("/ui")

    assert titles(browser) == ["Finding 1"]
    for part in ("high", "payments", "eu-west-1", "GuardDuty finding", "notified monitoring"):
        assert part in browser.text, part
    assert "(1) Alerts · Monitoring dev" in browser.text


def test_the_list_shows_the_last_24_hours_of_each_alert_however_busy_it_is(browser: Browser) -> None:
    world, now = browser.world, browser.world.clock.now()
    for minutes in range(400, 0, -10):
        world.take(now - 60 * minutes)
    finding(world, 1, updatedAt=iso(now - 30 * 3_600))

    browser.open("/ui")

    assert "40 events in the last 24 hours, at most 6 of them in the hour from" in browser.text
    assert "24 hours none" in browser.text


def test_tabs_count_and_lead_to_what_stands_so(browser: Browser) -> None:
    fingerprints = [finding(browser.world, number).event.fingerprint for number in range(4)]
    browser.world.hub.alerts.acknowledge(fingerprints[0], "ana")
    browser.world.hub.alerts.resolve(fingerprints[1], "ana")
    browser.world.hub.silences.silence_alert(browser.world.hub.alerts.get(fingerprints[2]), 3_600, "ana")
    browser.world.clock.sleep(60)

    browser.open("/ui")

    assert "Firing 2 Acknowledged 1 Resolved 1 Silenced 1 All 4" in browser.text
    shown = {}
    for tab in ("firing", "acknowledged", "resolved", "silenced", "all"):
        browser.open(f"/ui?tab={tab}")
        shown[tab] = sorted(titles(browser))
    assert shown == {
        "firing": ["Finding 2", "Finding 3"],
        "acknowledged": ["Finding 0"],
        "resolved": ["Finding 1"],
        "silenced": ["Finding 2"],
        "all": ["Finding 0", "Finding 1", "Finding 2", "Finding 3"],
    }


def test_counts_are_true_up_to_a_thousand(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(51):
        finding(browser.world, number)
    monkeypatch.setattr(browser.world.alerts, "count", lambda status, most: most)
    browser.world.clock.sleep(60)

    browser.open("/ui")

    assert "Firing 1,000+" in browser.text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("severity=CRITICAL", {"Finding 2"}),
        ("severity=CRITICAL&severity=HIGH", {"Finding 1", "Finding 2"}),
        ("text=FINDING%203", {"Finding 3"}),
        ("kind=guardduty", {"Finding 1", "Finding 2", "Finding 3"}),
        ("kind=alarm", set()),
        (f"account={PAYMENTS}", {"Finding 1", "Finding 3"}),
        ("account=shop", {"Finding 2"}),
        ("account=SHO", {"Finding 2"}),
        ("account=s*p", {"Finding 2"}),
        ("account=s*o", set()),
        ("text=shop", {"Finding 2"}),
        ("text=shop&severity=HIGH", set()),
        ("account=nobody", set()),
        ("region=us-east-1", {"Finding 3"}),
        ("receiver=monitoring", {"Finding 1", "Finding 2"}),
        ("receiver=deployment", set()),
        ("team=none", set()),
        ("severity=SEVERE&kind=guardduty", {"Finding 1", "Finding 2", "Finding 3"}),
        ("cursor=garbage", {"Finding 1", "Finding 2", "Finding 3"}),
    ],
)
def test_each_filter_leaves_what_fits_it(browser: Browser, query: str, expected: set[str]) -> None:
    register(browser.world, SHOP, name="shop")
    finding(browser.world, 1)
    finding(browser.world, 2, 9.5, accountId=SHOP)
    finding(browser.world, 3, 2.0, region="us-east-1")

    browser.open(f"/ui?{query}")

    assert set(titles(browser)) == expected


def test_a_filter_is_a_chip_that_leads_to_the_list_without_it(browser: Browser) -> None:
    finding(browser.world, 1)
    browser.open("/ui?tab=all&sort=severity&text=find&severity=HIGH&region=eu-west-1")

    without = {each.partition("?")[2] for each in browser.links if "/ui?" in each}

    assert "tab=all&sort=severity&region=eu-west-1&severity=HIGH" in without
    assert "tab=all&sort=severity&text=find&region=eu-west-1" in without
    assert "tab=all&sort=severity" in without


def test_the_form_keeps_tab_and_order(browser: Browser) -> None:
    finding(browser.world, 1)
    browser.open("/ui?tab=all&sort=count")
    browser.submit("text", text="find & more")

    assert "/ui?tab=all&sort=count&" in browser.address
    assert "text=find+%26+more" in browser.address


def test_what_there_is_not_is_ignored_and_said_so(browser: Browser) -> None:
    finding(browser.world, 1)
    browser.open("/ui?tab=burning&sort=age&severity=SEVERE")

    assert titles(browser) == ["Finding 1"]
    assert "Ignored, as there is no such value: tab, sort, severity" in browser.text


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("since", ["Finding 3", "Finding 2", "Finding 1"]),
        ("severity", ["Finding 2", "Finding 3", "Finding 1"]),
        ("last_seen", ["Finding 1", "Finding 3", "Finding 2"]),
        ("count", ["Finding 1", "Finding 3", "Finding 2"]),
    ],
)
def test_the_list_is_sorted_by_what_is_chosen(browser: Browser, order: str, expected: list[str]) -> None:
    finding(browser.world, 1)
    finding(browser.world, 2, 9.5)
    finding(browser.world, 3)
    finding(browser.world, 59, id="finding-1", title="Finding 1")

    browser.open(f"/ui?sort={order}")

    assert titles(browser) == expected


@pytest.mark.parametrize("order", ["since", "severity"])
def test_pages_lead_on_and_back(browser: Browser, order: str) -> None:
    for number in range(60):
        finding(browser.world, number)
    browser.open(f"/ui?sort={order}")
    first = titles(browser)
    browser.open(next(each for each in browser.links if "cursor" in each))
    second = titles(browser)
    browser.open(next(each for each in browser.links if "cursor" in each))

    assert len(first) == 50
    assert sorted({*first, *second}) == sorted(f"Finding {number}" for number in range(60))
    assert titles(browser) == first


def test_an_error_in_more_accounts_than_its_alert_knows_says_so(browser: Browser) -> None:
    fingerprint = spread_error(browser.world, *(f"{number:012d}" for number in range(25))).event.fingerprint

    browser.open("/ui")
    assert "\N{MULTIPLICATION SIGN} 20+" in browser.text
    browser.open(f"/ui/alerts/{fingerprint}")
    assert "\N{MULTIPLICATION SIGN} 25 accounts" in browser.text


def test_an_error_in_many_accounts_is_found_by_any_of_them(browser: Browser) -> None:
    spread_error(browser.world, PAYMENTS, SHOP, "777788889999")

    browser.open(f"/ui?account={SHOP}")

    assert titles(browser)
    assert browser.text.count("\N{MULTIPLICATION SIGN} 3") == 1


# --- many at once


@pytest.mark.parametrize(
    ("action", "status", "said"),
    [
        ("acknowledge", Status.ACKNOWLEDGED, "Acknowledged 2 alerts."),
        ("resolve", Status.RESOLVED, "Resolved 2 alerts."),
    ],
)
def test_what_is_ticked_is_done_recorded_and_can_be_undone(
    browser: Browser, action: str, status: Status, said: str
) -> None:
    chosen = [finding(browser.world, number).event.fingerprint for number in range(2)]
    browser.open("/ui?sort=severity")
    browser.submit("note", *[("of", each) for each in chosen], button=action, note="it is me")

    assert statuses(browser.world) == {status}
    assert {each.marked and (each.marked.by, each.marked.note) for each in browser.world.store.alerts.values()} == {
        ("both", "it is me")
    }
    assert said in browser.text
    assert browser.address.startswith("/ui?sort=severity&at=")

    browser.submit("of", button="reopen")
    assert statuses(browser.world) == {Status.FIRING}


@pytest.mark.parametrize(
    ("tab", "action", "offers"),
    [("resolved", "resolve", {"reopen"}), ("acknowledged", "acknowledge", {"reopen", "resolve", "silence"})],
)
def test_a_tab_offers_what_can_be_done_in_it(browser: Browser, tab: str, action: str, offers: set[str]) -> None:
    fingerprint = finding(browser.world, 1).event.fingerprint
    browser.world.hub.bulk_actions.take(action, [fingerprint], "ana", "", 0)
    browser.open(f"/ui?tab={tab}")
    offered = {value for form in browser.parsed.forms for name, value in form.buttons if name == "action"}
    assert offered == offers

    browser.submit("note", ("of", fingerprint), button="reopen")
    assert "Reopened 1 alert." in browser.text
    assert statuses(browser.world) == {Status.FIRING}


def test_what_is_ticked_is_silenced_for_so_long_and_can_be_undone(browser: Browser) -> None:
    chosen = [finding(browser.world, number).event.fingerprint for number in range(2)]
    browser.open("/ui")
    browser.submit("note", *[("of", each) for each in chosen], button="silence", duration="14400", note="noise")

    silences = list(browser.world.silences.items.values())
    now = browser.world.clock.now()
    assert [(each.ends_at - now, each.reason, each.author) for each in silences] == [(14_400, "noise", "both")] * 2

    browser.submit("of", button="undo-silence")
    assert [each.ends_at for each in browser.world.silences.items.values()] == [now, now]
    assert "Ended the silence of 2 alerts." in browser.text


def test_one_that_cannot_be_done_keeps_no_other_from_it(browser: Browser) -> None:
    chosen = [finding(browser.world, number).event.fingerprint for number in range(2)]
    browser.world.hub.alerts.resolve(chosen[0], "ana")
    browser.open("/ui?tab=all")
    browser.submit("note", *[("of", each) for each in (*chosen, "0" * 32)], button="acknowledge")

    assert "Acknowledged 1 alert. 2 could not be changed" in browser.text


def test_a_reader_sees_and_cannot_act(world: World) -> None:
    finding(world, 1)
    browser = Browser(world).sign_in(READER)

    assert titles(browser) == ["Finding 1"]
    assert "Acknowledge" not in browser.text.replace("Acknowledged", "")


@pytest.mark.parametrize("body", ["", "action=", "action=delete", "action=acknowledge&duration=x"])
def test_a_form_that_says_nothing_does_nothing(browser: Browser, body: str) -> None:
    finding(browser.world, 1)
    token = browser.parsed.forms[0].fields[0][1]

    browser.post("/ui/alerts", f"form_token={token}&{body}".encode())

    assert statuses(browser.world) == {Status.FIRING}


@pytest.mark.parametrize("back", ["\r\nSet-Cookie: x=y", "é", "a=b#c", "//evil.example.com"])
def test_the_way_back_leads_to_the_list_whatever_a_form_says(browser: Browser, back: str) -> None:
    fingerprint = finding(browser.world, 1).event.fingerprint
    browser.open("/ui")
    browser.submit("note", ("of", fingerprint), button="acknowledge", back=back)

    assert browser.page.status_code == 200
    assert browser.address.startswith("/ui?")


@pytest.mark.parametrize(
    "query", ["done=<b>&n=1", "done=acknowledge&n=<b>", "done=resolve&n=99999999", "done=delete&n=1"]
)
def test_what_was_done_is_said_in_our_words_alone(browser: Browser, query: str) -> None:
    browser.open(f"/ui?at={NOW}&{query}")

    assert "notice" not in browser.page.body.decode()


# --- nothing to show


def test_an_empty_list_says_that_all_is_well_where_everybody_reports(browser: Browser) -> None:
    register(browser.world)
    register(browser.world, SHOP)
    browser.open("/ui")

    assert "All is well Nothing is firing, and all 2 agents report: the last one just now" in browser.text


def test_an_empty_list_says_who_is_silent(browser: Browser) -> None:
    register(browser.world)
    register(browser.world, SHOP, name="shop", status=AgentStatus.STALE, heartbeat_at=NOW - 5_000)
    browser.open("/ui")

    assert "not everybody reports" in browser.text
    assert "shop (eu-west-1)" in browser.text
    assert "All is well" not in browser.text


@pytest.mark.parametrize(("expected", "said"), [(True, "1 agents are expected"), (False, "nothing is watched")])
def test_an_empty_list_says_that_nobody_reports_yet(browser: Browser, expected: bool, said: str) -> None:
    if expected:
        register(browser.world, status=AgentStatus.EXPECTED, heartbeat_at=0)
    browser.open("/ui")

    assert said in browser.text


def test_an_empty_list_says_that_nothing_matches(browser: Browser) -> None:
    finding(browser.world, 1)
    browser.open("/ui?text=nowhere")

    assert "Nothing matches No firing alert matches these filters." in browser.text
    browser.open(next(each for each in browser.links if "text=nowhere" in each and "tab=all" in each))
    assert "Nothing matches No alert matches these filters. Clear the filters" in browser.text


def test_an_empty_list_leads_to_what_matches_in_other_tabs(browser: Browser) -> None:
    record = finding(browser.world, 1)
    browser.world.hub.alerts.acknowledge(record.event.fingerprint, "on call", "")
    browser.open("/ui?text=finding")
    assert "Search all alerts" in browser.text

    by_tab, by_hint = (each for each in browser.links if "text=finding" in each and "tab=all" in each)
    assert by_hint == by_tab
    browser.open(by_hint)
    assert "Finding 1" in browser.text


@pytest.mark.parametrize("tab", ["acknowledged", "resolved", "silenced"])
def test_an_empty_tab_says_what_it_lacks(browser: Browser, tab: str) -> None:
    register(browser.world)
    finding(browser.world, 1)
    browser.open(f"/ui?tab={tab}")

    assert f"No alert is {tab}" in browser.text


# --- whatever it is called


def test_everything_has_a_name_for_people() -> None:
    assert set(labels.KINDS) <= {*KINDS, CAP}
    assert (labels.reason("too_late"), labels.entry("split_up")) == ("too late", "Split up")
    assert labels.kind("cost_anomaly") == "Cost anomaly"
    assert set(labels.REASONS) == set(Reason)
    assert set(labels.DELIVERIES) == set(Delivery)
    assert set(labels.ENTRIES) == set(EntryKind)


def test_links_are_relative_as_a_stage_or_a_domain_s_path_stands_before_them(browser: Browser) -> None:
    finding(browser.world, 1)
    browser.open("/ui")

    addresses = [values.get("href") or values.get("src") or values.get("action") for _, values in browser.parsed.tags]
    assert not [each for each in addresses if each and (each.startswith("/") or ":" in each)]


def test_foreign_text_is_text_in_the_list(browser: Browser) -> None:
    register(browser.world, name=HOSTILE[:64])
    finding(browser.world, 1, title=HOSTILE)
    browser.open(f"/ui?text={HOSTILE[:8]}&kind={HOSTILE[:20]}")
    browser.open("/ui")

    tags = [tag for tag, _ in browser.parsed.tags]
    assert "img" not in tags
    assert tags.count("script") == 1
    assert "alert('x')" in browser.text
    assert "{{ 7*7 }}" in browser.text
