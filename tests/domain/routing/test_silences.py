"""Silences hold events back for a while."""

import pytest
from msgspec.structs import replace

from chalicelib.domain.routing.matchers import Field, Matcher
from chalicelib.domain.routing.notification_policy import Policy
from chalicelib.domain.routing.silences import MOST_HOURS, Silence, SilenceStatus
from chalicelib.domain.timestamps import DAY, parse_time
from tests.domain.given import NOON, an_event

SILENCE = Silence(
    id="s1",
    matchers=(Matcher(Field.RESOURCE, ("checkout-*",)),),
    starts_at=NOON,
    ends_at=NOON + 60,
    author="on call",
    reason="the database moves",
)
POLICY = Policy((), (SILENCE,))


@pytest.mark.parametrize(("now", "covered"), [(NOON - 1, False), (NOON, True), (NOON + 59, True), (NOON + 60, False)])
def test_a_silence_covers_from_its_start_up_to_its_end(now: int, covered: bool) -> None:
    assert (POLICY.silence(an_event(), now) is SILENCE) is covered


def test_a_silence_leaves_other_events_alone() -> None:
    assert POLICY.silence(an_event(resource="payments"), NOON) is None


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (NOON - 1, SilenceStatus.PENDING),
        (NOON, SilenceStatus.ACTIVE),
        (NOON + 59, SilenceStatus.ACTIVE),
        (NOON + 60, SilenceStatus.EXPIRED),
    ],
)
def test_a_silence_is_pending_then_active_then_expired(now: int, state: SilenceStatus) -> None:
    assert SILENCE.state(now) is state


@pytest.mark.parametrize(
    ("hours", "now", "negated", "awaits"),
    [
        ("12:00-13:00 UTC", NOON, False, False),
        ("12:00-13:00 UTC", NOON, True, True),
        ("13:00-14:00 UTC", NOON, False, True),
        ("13:00-14:00 UTC", NOON - 3_600, False, True),
        ("13:00-14:00 UTC", NOON + 60, False, False),
    ],
)
def test_a_silence_awaits_its_hours_until_it_has_ended(hours: str, now: int, negated: bool, awaits: bool) -> None:
    matchers = (*SILENCE.matchers, Matcher(Field.HOURS, (hours,), negated=negated))

    assert replace(SILENCE, matchers=matchers).awaits_hours(now) is awaits
    assert not SILENCE.awaits_hours(now)


@pytest.mark.parametrize(
    ("hours", "lasts", "comes"),
    [
        ("12:00-13:00 UTC", 60, True),
        ("12:01-13:00 UTC", 60, False),
        ("12:01-13:00 UTC", 61, True),
        ("11:00-12:00 UTC", DAY - 3_600, False),
        ("11:00-12:00 UTC", DAY - 3_599, True),
        ("Mon 12:00-12:01 UTC", 30 * DAY, True),
    ],
)
def test_a_silence_knows_whether_it_comes_to_its_hours(hours: str, lasts: int, comes: bool) -> None:
    silence = replace(SILENCE, matchers=(Matcher(Field.HOURS, (hours,)),), ends_at=NOON + lasts)

    assert silence.comes_to_its_hours is comes


@pytest.mark.parametrize(
    ("starts_at", "hours"),
    [
        # The hour that clocks lose, on the first of two Sundays.
        ("2027-03-22T00:00:00Z", ("Sun 02:00-03:00 Europe/Berlin",)),
        # Clocks of one zone have changed and those of the other have not.
        ("2027-03-01T00:00:00Z", ("14:00-15:00 Europe/Berlin", "09:00-10:00 America/New_York")),
    ],
)
def test_a_silence_may_come_to_its_hours_after_more_than_a_week(starts_at: str, hours: tuple[str, ...]) -> None:
    begins = parse_time(starts_at) or 0
    matchers = tuple(Matcher(Field.HOURS, (each,)) for each in hours)
    silence = replace(SILENCE, matchers=matchers, starts_at=begins, ends_at=begins + 8 * DAY)

    assert not silence.comes_to_its_hours
    assert replace(silence, ends_at=begins + 30 * DAY).comes_to_its_hours


def test_a_silence_of_very_many_hours_is_not_searched() -> None:
    hours = tuple(f"13:{minute:02}-14:00 UTC" for minute in range(MOST_HOURS + 1))
    many, fewer = (replace(SILENCE, matchers=(Matcher(Field.HOURS, each),)) for each in (hours, hours[1:]))

    assert (many.comes_to_its_hours, fewer.comes_to_its_hours) == (True, False)
