"""Spend: what a day's scans have cost, and what the day will come to."""

from chalicelib.domain.event import DAY
from chalicelib.domain.spend import Spend

NOON = 20_000 * DAY + DAY // 2


def test_before_the_first_scan_nothing_is_known() -> None:
    assert (Spend().day, Spend().forecast(NOON)) == ("", 0)


def test_what_is_scanned_adds_up_over_the_day() -> None:
    spend = Spend().at(NOON).plus(1_000, 300).plus(500, 300)

    assert (spend.day, spend.bytes) == ("2024-10-04", 1_500)


def test_a_day_begins_at_midnight_with_nothing() -> None:
    spend = Spend().at(NOON).plus(1_000, 300)

    assert spend.at(NOON + DAY // 2 - 1) == spend
    assert spend.at(NOON + DAY // 2) == Spend(midnight=20_001 * DAY)


def test_a_clock_that_goes_back_over_midnight_forgets_nothing() -> None:
    spend = Spend().at(NOON).plus(1_000, 300)

    assert spend.at(NOON - DAY) == spend


def test_the_forecast_takes_the_price_of_a_second_for_what_is_left_of_the_day() -> None:
    spend = Spend().at(NOON).plus(600, 300)

    assert spend.forecast(NOON) == 600 + 2 * DAY // 2
    assert spend.forecast(NOON, looks=2) == 600 + 2 * 2 * DAY // 2
    assert spend.forecast(NOON + DAY) == 600
