"""Hours are a stretch of the week, as clocks show it somewhere."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.routing.time_intervals import DAYS, Hours
from chalicelib.domain.timestamps import DAY

# A Monday.
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def covers(text: str, day: str, time: str) -> bool:
    """Return whether the hours include that time of the week that begins on 2 March 2026, in UTC."""
    hour, minute = map(int, time.split(":"))
    moment = MONDAY.replace(day=2 + DAYS.index(day), hour=hour, minute=minute)
    return Hours.parse(text).include(int(moment.timestamp()))


@pytest.mark.parametrize(
    ("day", "time", "included"),
    [
        ("Mon", "09:00", True),
        ("Fri", "17:59", True),
        ("Mon", "08:59", False),
        ("Fri", "18:00", False),
        ("Sat", "12:00", False),
    ],
)
def test_hours_go_from_their_start_up_to_their_end_on_their_days(day: str, time: str, included: bool) -> None:
    assert covers("Mon-Fri 09:00-18:00 UTC", day, time) is included


@pytest.mark.parametrize("days", ["Mon,Wed", "mon,wed", "Mon-Mon,Wed"])
def test_days_can_be_listed(days: str) -> None:
    assert [covers(f"{days} 00:00-24:00 UTC", day, "12:00") for day in DAYS[:4]] == [True, False, True, False]


def test_a_span_of_days_may_lead_over_the_weekend() -> None:
    assert [covers("Sat-Mon 00:00-24:00 UTC", day, "12:00") for day in DAYS] == [True] + [False] * 4 + [True] * 2


def test_without_days_hours_are_those_of_every_day() -> None:
    assert all(covers("12:00-13:00 UTC", day, "12:30") for day in DAYS)


@pytest.mark.parametrize(
    ("day", "time", "included"),
    [
        ("Fri", "22:00", True),
        ("Sat", "05:59", True),
        ("Sat", "06:00", False),
        ("Sat", "23:00", False),
        ("Fri", "05:00", False),
        ("Fri", "21:59", False),
    ],
)
def test_a_night_belongs_to_the_day_on_which_it_begins(day: str, time: str, included: bool) -> None:
    assert covers("Fri 22:00-06:00 UTC", day, time) is included


def test_the_night_of_sunday_ends_on_monday() -> None:
    assert covers("Sun 22:00-06:00 UTC", "Mon", "05:00")


@pytest.mark.parametrize(("month", "utc_hour"), [(1, 8), (7, 7)])
def test_hours_follow_the_clocks_of_their_time_zone(month: int, utc_hour: int) -> None:
    nine = Hours.parse("09:00-10:00 Europe/Berlin")
    opens = int(datetime(2026, month, 5, utc_hour, tzinfo=UTC).timestamp())
    assert (nine.include(opens - 1), nine.include(opens)) == (False, True)
    assert (nine.include(opens + 3_599), nine.include(opens + 3_600)) == (True, False)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "invalid hours ''; expected some such as 'Mon-Fri 09:00-18:00 Europe/Berlin'"),
        ("Mon-Fri 9:00-18:00 UTC", "invalid hours"),
        ("Mon-Fri 09:00-18:00", "invalid hours"),
        ("Monday 09:00-18:00 UTC", "invalid days 'Monday'; expected Mon, Tue, Wed"),
        ("Mon-Fry 09:00-18:00 UTC", "invalid days 'Mon-Fry'"),
        ("Mon,,Tue 09:00-18:00 UTC", "invalid days ''"),
        ("Mon 09:60-18:00 UTC", "invalid time of day 09:60"),
        ("Mon 09:00-24:01 UTC", "invalid time of day 24:01"),
        ("Mon 09:00-09:00 UTC", "the whole day is 00:00-24:00"),
        ("Mon 24:00-09:00 UTC", "the whole day is 00:00-24:00"),
        ("Mon 09:00-18:00 Europe/Bonn", "unknown time zone 'Europe/Bonn'; expected one such as Europe/Berlin"),
        ("Mon 09:00-18:00 ../etc/passwd", "unknown time zone"),
        ("Mon 09:00-18:00 Europe", "unknown time zone"),
    ],
)
def test_what_are_no_hours_is_said_to_be_none(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=r"^(invalid (hours|days|time of day)|unknown time zone) ") as error:
        Hours.parse(text)
    assert complaint in str(error.value)


@given(st.text())
def test_any_text_is_hours_or_is_refused(text: str) -> None:
    try:
        Hours.parse(text).include(0)
    except ValueError as error:
        assert re.match("invalid|unknown", str(error))  # noqa: PT017 - most texts are refused, a few are not


TEXTS = st.sampled_from(
    ["Mon-Fri 09:00-18:00 {}", "22:00-06:00 {}", "Sun 00:00-24:00 {}", "Sat,Sun 23:30-02:30 {}", "Tue 02:15-02:45 {}"]
)
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"])


@given(TEXTS, ZONES, st.integers(1_767_225_600, 1_798_761_600), st.integers(0, 7 * DAY))
def test_hours_begin_and_end_at_their_turns_and_not_in_between(text: str, zone: str, now: int, after: int) -> None:
    hours, later = Hours.parse(text.format(zone)), now + after
    slack = 3_600 if any(_clocks_change(zone, each) for each in range(now, later + DAY, DAY)) else 0
    boundaries = [boundary for boundary in hours.boundaries(now) if now - slack < boundary <= later + slack]
    assert boundaries or hours.include(now) is hours.include(later)
    for boundary in boundaries:
        assert hours.include(boundary - 1) is not hours.include(boundary) or _clocks_change(zone, boundary)


def test_boundaries_are_those_of_a_week() -> None:
    now = int(MONDAY.timestamp()) + 12 * 3_600
    ahead = sorted(each - now for each in Hours.parse("Mon-Fri 09:00-18:00 UTC").boundaries(now) if each > now)
    assert ahead[:3] == [6 * 3_600, 21 * 3_600, 30 * 3_600]
    assert len(ahead) == 11


def _clocks_change(zone: str, boundary: int) -> bool:
    here = ZoneInfo(zone)
    return len({datetime.fromtimestamp(boundary + shift, here).utcoffset() for shift in (-DAY, 0, DAY)}) > 1
