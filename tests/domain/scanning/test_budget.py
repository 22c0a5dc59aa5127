"""Spend: what a day's scans have cost, and what the day will come to."""

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.scanning.budget import SAMPLED_OF, Allowance, Budget, Excess, Spend, is_sample
from chalicelib.domain.scanning.windows import Window
from chalicelib.domain.timestamps import DAY

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
    assert spend.forecast(NOON, passes=2) == 600 + 2 * 2 * DAY // 2
    assert spend.forecast(NOON + DAY) == 600


def test_without_a_budget_everything_is_allowed() -> None:
    spend = Spend().at(NOON).plus(10**15, 300)

    assert Budget().allowance(spend, NOON) is Allowance.ALL
    assert Budget().has_to_spare(spend, NOON, passes=2)


def test_what_is_used_up_is_used_up() -> None:
    spend = Spend().at(NOON).plus(1_000, 300)

    for excess in Excess:
        assert Budget(1_000, excess).allowance(spend, NOON) is Allowance.NOTHING
        assert Budget(1_000, excess).allowance(spend, NOON + DAY) is Allowance.ALL


def test_a_scan_that_is_to_stop_goes_on_until_then() -> None:
    spend = Spend().at(NOON).plus(999, 300)

    assert Budget(1_000, Excess.STOP).allowance(spend, NOON) is Allowance.ALL


def test_what_a_day_has_to_spare_is_known_once_something_was_scanned_in_it() -> None:
    spend = Spend().at(NOON)

    assert not Budget(10**9).has_to_spare(spend, NOON, passes=1)
    assert Budget(10**9).has_to_spare(spend.plus(1, 300), NOON, passes=1)
    assert not Budget(100).has_to_spare(spend.plus(1, 300), NOON, passes=1)


@given(price=st.integers(1, 1_000), share=st.floats(0.2, 3))
def test_a_day_that_is_sampled_in_time_costs_what_it_may_and_is_examined_to_its_end(price: int, share: float) -> None:
    budget = Budget(int(DAY * price * share))
    spend, scanned = Spend(), []
    for at in range(NOON - DAY // 2, NOON + DAY // 2, 300):
        allowance = budget.allowance(spend, at)
        spend = spend.at(at)
        if allowance is Allowance.ALL or (allowance is Allowance.SAMPLE and is_sample(Window(at, at + 300))):
            spend = spend.plus(300 * price, 300)
            scanned.append(at)

    assert spend.bytes <= budget.limit + SAMPLED_OF * 300 * price
    assert spend.bytes >= min(DAY * price, budget.limit) - SAMPLED_OF * 300 * price
    assert scanned[-1] >= NOON + DAY // 2 - SAMPLED_OF * 300 - 300
