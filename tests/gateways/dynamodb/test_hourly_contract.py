"""What every store promises of hourly counts."""

from chalicelib.domain.alerts.hourly_counts import HOUR, hours_until
from tests.gateways.dynamodb.stores import Store

# Two in the night, so that the last 24 hours lie in two days.
NIGHT = 1_760_061_600
HOURS = hours_until(NIGHT)
NOW = NIGHT // HOUR


def test_what_is_added_adds_up_over_both_days(store: Store) -> None:
    store.hourly.add("a", {NOW: 2, NOW - 3: 1})
    store.hourly.add("a", {NOW: 1})
    store.hourly.add("b", {NOW - 23: 5})

    found = store.hourly.find_all(["a", "b", "c"], HOURS)

    assert found == {"a": {NOW: 3, NOW - 3: 1}, "b": {NOW - 23: 5}}


def test_what_is_saved_takes_the_place_of_what_was_counted(store: Store) -> None:
    store.hourly.add("a", {NOW: 2, NOW - 3: 1})
    store.hourly.save("a", {NOW - 1: 4}, HOURS)
    store.hourly.add("a", {NOW - 1: 1})

    assert store.hourly.find_all(["a"], HOURS) == {"a": {NOW - 1: 5}}


def test_nothing_is_found_of_what_nobody_counted(store: Store) -> None:
    assert store.hourly.find_all([], HOURS) == {}
    assert store.hourly.find_all(["a"], HOURS) == {}
