"""The pages of silences: made with a preview of what they would cover, extended and ended."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from chalicelib.domain.routing.matchers import Field, Matcher
from chalicelib.domain.routing.silences import FOREVER, LONGEST, Silence
from chalicelib.domain.timestamps import DAY, iso
from tests.app.browser import Browser
from tests.app.ui_world import HOSTILE, PAYMENTS, SHOP, finding, register
from tests.app.world import READER, World

HOUR = 3_600


@pytest.fixture
def browser(world: World) -> Browser:
    """Return the browser of somebody who may do everything."""
    return Browser(world).sign_in()


def make(browser: Browser, **fields: str) -> None:
    """Send the form of a new silence."""
    browser.open("/ui/silences")
    browser.submit("reason", button=fields.pop("button", "create"), **fields)


def test_a_silence_is_made_of_what_is_filled_in(browser: Browser) -> None:
    make(browser, account="payments-*", kind="guardduty", title="*Nightly*", duration="14400", reason="They test.")

    (silence,) = browser.world.silences.items.values()
    assert silence.matchers == (
        Matcher(Field.ACCOUNT, ("payments-*",)),
        Matcher(Field.TITLE, ("*Nightly*",)),
        Matcher(Field.KIND, ("guardduty",)),
    )
    assert (silence.author, silence.reason) == ("both", "They test.")
    assert silence.ends_at - silence.starts_at == 4 * HOUR
    assert "The silence is made." in browser.text
    assert "account payments-*, title *Nightly*, kind GuardDuty finding" in browser.text


def test_severities_are_ticked(browser: Browser) -> None:
    browser.open("/ui/silences")
    browser.submit(
        "reason", ("severity", "LOW"), ("severity", "MEDIUM"), ("severity", "X"), button="create", reason="Mild."
    )

    (silence,) = browser.world.silences.items.values()
    assert silence.matchers == (Matcher(Field.SEVERITY, ("LOW", "MEDIUM")),)


def test_a_preview_shows_what_it_would_cover_now_and_of_last_week_and_makes_nothing(browser: Browser) -> None:
    register(browser.world, SHOP, name="shop")
    for number in range(12):
        finding(browser.world, number, accountId=SHOP)
    finding(browser.world, 20, accountId=PAYMENTS)
    over = finding(browser.world, 21, accountId=SHOP, title="Over")
    browser.world.hub.alerts.resolve(over.event.fingerprint, "ana")

    make(browser, account="shop", button="preview")

    assert "It would cover 12 alerts now" in browser.text
    assert "and would have covered 13 of last week" in browser.text
    assert "and 2 more" in browser.text
    assert "Finding 20" not in browser.text
    assert browser.world.silences.items == {}
    assert 'value="shop"' in browser.page.body.decode()
    assert "Say why" not in browser.text


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"reason": "x"}, "Fill in at least one of these"),
        ({"account": "shop"}, "Say why"),
        ({"account": "*", "reason": "x"}, "must not be only *"),
        ({"account": "a" * 300, "reason": "x"}, "must have at most 200 characters"),
        ({"account": "shop", "reason": "x" * 600}, "must have at most 500 characters"),
        ({"account": "shop", "reason": "x", "duration": "7"}, "Choose how long"),
    ],
)
@pytest.mark.parametrize("button", ["create", "preview"])
def test_what_cannot_be_is_said_where_it_stands(
    browser: Browser, fields: dict[str, str], problem: str, button: str
) -> None:
    make(browser, **fields, button=button)

    assert browser.world.silences.items == {}
    assert (problem in browser.text) is (button == "create")
    assert browser.page.status_code == (400 if button == "create" else 200)


def test_a_silence_of_a_tag_comes_later_at_its_hours_and_until_a_time(browser: Browser) -> None:
    times = {"starts": "2025-10-10T08:00", "until": "2025-10-11T09:00", "zone": "Europe/Berlin"}
    make(browser, tag=" team = payments-* ", hours="Mon-Fri 22:00-06:00", reason="Nights.", **times)

    (silence,) = browser.world.silences.items.values()
    assert silence.matchers == (
        Matcher(Field.TAG, ("payments-*",), key="team"),
        Matcher(Field.HOURS, ("Mon-Fri 22:00-06:00 Europe/Berlin",)),
    )
    assert (iso(silence.starts_at), iso(silence.ends_at)) == ("2025-10-10T06:00:00Z", "2025-10-11T07:00:00Z")
    assert "tag team payments-*, at Mon-Fri 22:00-06:00 Europe/Berlin" in browser.text


def test_hours_may_name_their_own_time_zone_and_a_beginning_that_is_over_is_now(browser: Browser) -> None:
    make(browser, kind="alarm", hours="15:00-06:00 Asia/Tokyo", starts="2020-01-01T00:00", reason="Nights.")

    (silence,) = browser.world.silences.items.values()
    assert silence.matchers[-1].patterns == ("15:00-06:00 Asia/Tokyo",)
    assert silence.starts_at == browser.world.clock.now()
    assert silence.ends_at - silence.starts_at == 2 * HOUR


def test_a_preview_shows_what_it_covers_at_its_hours(browser: Browser) -> None:
    finding(browser.world, 1)
    make(browser, kind="guardduty", hours="Sat 01:00-02:00", button="preview")

    assert "It would cover 1 alert now, were it one of its hours" in browser.text


def test_a_preview_of_last_week_counts_what_began_at_its_hours(browser: Browser) -> None:
    finding(browser.world, 1)
    began = datetime.fromtimestamp(browser.world.clock.now() - HOUR, UTC)
    for hours, count in ((f"{began:%H}:00-{began:%H}:59", 0), ("00:00-24:00", 1)):
        make(browser, kind="guardduty", hours=hours, button="preview")
        assert f"would have covered {count} of last week" in browser.text
        assert "It would cover 1 alert now, were it one of its hours" in browser.text


def test_a_silence_that_ends_before_its_hours_come_is_refused(browser: Browser) -> None:
    begins = datetime.fromtimestamp(browser.world.clock.now() + 3 * HOUR, UTC)
    fields = {"kind": "guardduty", "hours": f"{begins:%H:%M}-{begins:%H}:59", "reason": "Nights."}
    for button in ("preview", "create"):
        make(browser, button=button, duration="7200", **fields)
        assert "It would end before its hours come" in browser.text
    assert not browser.world.silences.items

    make(browser, duration="14400", **fields)
    assert "The silence is made." in browser.text


def test_a_preview_says_which_hours_it_cannot_read(browser: Browser) -> None:
    make(browser, kind="guardduty", hours="22-6", button="preview")

    assert "invalid hours" in browser.text
    assert "It would cover" not in browser.text

    make(browser, kind="guardduty", hours="22:00-06:00", zone="Europe/Nowhere", button="preview")
    assert "unknown time zone 'Europe/Nowhere'" in browser.text
    assert "It would cover" not in browser.text


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"hours": "22-6"}, "invalid hours"),
        ({"hours": "22:00-06:00 Europe/Atlantis"}, "unknown time zone"),
        ({"zone": "../etc/passwd"}, "unknown time zone"),
        ({"starts": "soon"}, "must be times such as"),
        ({"starts": "0001-01-01T00:00", "zone": "Asia/Tokyo"}, ""),
        ({"until": "2025-10-09T08:00"}, "must lie behind its beginning"),
        ({"until": "2025-12-09T08:00"}, "30 days behind it at most"),
        ({"starts": "2027-10-09T08:00"}, "must lie within a year"),
        ({"starts": "9999-12-31T23:59", "hours": "01:00-02:00"}, "must lie within a year"),
        ({"tag": "team"}, "must be a tag and its value"),
        ({"tag": "team=*"}, "must be a tag and its value"),
        ({"tag": "=x"}, "must be a tag and its value"),
    ],
)
def test_times_and_tags_that_cannot_be_are_said_where_they_stand(
    browser: Browser, fields: dict[str, str], problem: str
) -> None:
    make(browser, kind="alarm", reason="x", **fields)

    assert problem in browser.text
    assert browser.page.status_code in {200, 400}
    assert not (problem and browser.world.silences.items)


def test_an_alert_s_silence_begins_with_what_is_known_of_it(browser: Browser) -> None:
    browser.open(f"/ui/silences?resource=nightly-*&fingerprint={'f' * 32}")
    browser.submit("reason", button="create", reason="Noise.")

    (silence,) = browser.world.silences.items.values()
    assert {each.field for each in silence.matchers} == {Field.RESOURCE, Field.FINGERPRINT}


def test_an_alert_leads_to_a_silence_of_all_like_it(browser: Browser) -> None:
    record = finding(browser.world, 1)
    browser.open(f"/ui/alerts/{record.event.fingerprint}")
    browser.open(next(each for each in browser.links if "/ui/silences?" in each))
    browser.submit("reason", button="preview")

    assert "It would cover 1 alert now" in browser.text


@pytest.mark.parametrize(("starts", "stands"), [("", "Waits for its hours"), ("2025-11-01T08:30", "Begins")])
def test_a_silence_waits_for_its_hours_and_says_so(browser: Browser, starts: str, stands: str) -> None:
    finding(browser.world, 1)
    make(browser, kind="guardduty", hours="01:00-02:00", starts=starts, duration=str(DAY), reason="Nights.")

    assert f"{stands} · by both" in browser.text
    assert "The silence is made. Nights." in browser.text
    assert "It would cover, were it one of its hours, 1 alert that goes on" in browser.text
    browser.open("/ui/silences")
    assert "by both · waits for its hours" in browser.text


def test_a_silence_is_extended_and_ended(browser: Browser) -> None:
    finding(browser.world, 1)
    make(browser, kind="guardduty", reason="Noise.")
    (made,) = browser.world.silences.items.values()
    assert "It covers 1 alert that goes on" in browser.text

    browser.submit("duration", button="extend", duration=str(DAY))
    assert browser.world.silences.items[made.id].ends_at == made.ends_at + DAY
    assert "It lasts longer now." in browser.text

    browser.submit("duration", button="end")
    assert browser.world.silences.items[made.id].ends_at == browser.world.clock.now()
    assert "Has ended" in browser.text

    browser.open("/ui/silences")
    assert "Nothing is silenced" in browser.text
    browser.open("/ui/silences?tab=ended")
    assert "Noise." in browser.text


def test_a_silence_that_is_extended_twice_from_one_page_grows_once(browser: Browser) -> None:
    make(browser, kind="guardduty", reason="Noise.")
    (made,) = browser.world.silences.items.values()
    shown, address = browser.page, browser.address

    for wanted, grown in ((HOUR, HOUR), (HOUR, HOUR), (DAY, DAY), (HOUR, DAY)):
        browser.page, browser.address = shown, address
        browser.submit("duration", button="extend", duration=str(wanted))
        assert browser.world.silences.items[made.id].ends_at == made.ends_at + grown

    browser.submit("duration", button="extend", duration=str(HOUR), ends_at="\u0661")
    assert browser.world.silences.items[made.id].ends_at == made.ends_at + DAY + HOUR


def test_no_silence_grows_beyond_its_longest(browser: Browser) -> None:
    make(browser, kind="alarm", reason="Noise.", duration=str(LONGEST))
    browser.submit("duration", button="extend")

    assert browser.page.status_code == 409
    assert "30 days at most" in browser.text


def test_an_action_that_there_is_not_is_refused(browser: Browser) -> None:
    make(browser, kind="alarm", reason="Noise.")
    assert browser.submit("duration", ("action", "delete")).status_code == 400
    browser.open("/ui/silences")
    assert browser.submit("reason").status_code == 400


@pytest.mark.parametrize("query", ["cursor=x", "tab=ended&cursor=x"])
def test_a_cursor_of_elsewhere_leads_to_the_beginning(browser: Browser, query: str) -> None:
    assert browser.open(f"/ui/silences?{query}").status_code == 200


def test_silences_lead_on_and_back(browser: Browser) -> None:
    hub = browser.world.hub
    alert = hub.alerts.get(finding(browser.world, 1).event.fingerprint)
    for number in range(55):
        hub.silences.silence_alert(alert, HOUR + number, "ana", f"Number {number}.")
    browser.open("/ui/silences")
    browser.open(next(each for each in browser.links if "cursor" in each))
    assert browser.text.count("Number") == 5
    browser.open(next(each for each in browser.links if "cursor" in each))
    assert browser.text.count("Number") == 50


def test_a_reader_sees_silences_and_makes_none(world: World) -> None:
    browser = Browser(world).sign_in(READER)
    browser.open("/ui/silences")

    assert "New silence" not in browser.text
    assert browser.open("/ui/silences/0123456789abcdef").status_code == 404


def test_foreign_text_is_text_in_silences(browser: Browser) -> None:
    make(browser, title=HOSTILE, reason=HOSTILE)
    for page in ("/ui/silences", browser.address, f"/ui/silences?title={HOSTILE[:30]}"):
        browser.open(page)
        tags = [tag for tag, _ in browser.parsed.tags]
        assert tags.count("script") == 1
        assert "img" not in tags


def test_a_silence_of_the_routes_file_has_no_end_to_show(world: World) -> None:
    matchers = (Matcher(Field.KIND, ("guardduty",)),)
    silence = Silence(id="s", matchers=matchers, starts_at=0, ends_at=FOREVER, author="routes file", reason="Quiet.")
    world.hub.file = replace(world.hub.file, silences=(silence,))
    vars(world.hub).pop("policies", None)
    fingerprint = finding(world, 1).event.fingerprint
    browser = Browser(world).sign_in()

    for page in ("/ui", "/ui?tab=silenced", f"/ui/alerts/{fingerprint}"):
        browser.open(page)
        assert browser.page.status_code == 200, page
        assert "silenced by the routes file" in browser.text
    assert "Nobody: the silence “Quiet.” of the routes file covers it." in browser.text
