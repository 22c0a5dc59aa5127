"""What every store promises of the references to messages and of budgets of calls."""

from typing import TYPE_CHECKING

from tests.gateways.dynamodb.stores import KEPT, Store, dynamodb_store

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def test_a_reference_is_one_for_each_receiver_and_problem(store: Store) -> None:
    store.references.save("ops", "a problem", "1")
    store.references.save("ops", "another", "2")
    store.references.save("dev", "a problem", "3")
    store.references.save("ops", "a problem", "4")

    found = [store.references.find(*each) for each in (("ops", "a problem"), ("ops", "another"), ("dev", "a problem"))]
    assert found == ["4", "2", "3"]
    assert store.references.find("dev", "another") == ""


def test_references_to_several_problems_are_found_at_once(store: Store) -> None:
    store.references.save("ops", "a problem", "1")
    store.references.save("dev", "another", "2")

    assert store.references.find_all("ops", ["a problem", "another"]) == {"a problem": "1"}
    assert store.references.find_all("ops", []) == {}


def test_a_budget_of_calls_is_one_for_each_name_and_minute(store: Store) -> None:
    taken = [store.budgets.take("chat.update", second, 2) for second in (420, 430, 479)]

    assert taken == [True, True, False]
    assert store.budgets.take("chat.update", 480, 2)
    assert store.budgets.take("views.open", 479, 2)


def test_nobody_calls_during_a_pause_which_may_go_on_into_the_next_minutes(store: Store) -> None:
    store.budgets.pause("chat.update", 470, 550)
    taken = [store.budgets.take("chat.update", second, 2) for second in (471, 500, 549, 550)]

    assert taken == [False, False, False, True]
    assert store.budgets.take("views.open", 471, 2)


def test_of_two_pauses_the_longer_one_holds(store: Store) -> None:
    for until in (550, 500):
        store.budgets.pause("chat.update", 470, until)
    taken = [store.budgets.take("chat.update", second, 2) for second in (479, 505, 549, 550)]

    assert taken == [False, False, False, True]
    for until in (475, 490):
        store.budgets.pause("views.open", 470, until)
    assert [store.budgets.take("views.open", second, 2) for second in (479, 489, 490)] == [False, False, True]


def test_a_pause_is_bounded(store: Store) -> None:
    store.budgets.pause("chat.update", 0, 10**9)

    assert not store.budgets.take("chat.update", 599, 2)
    assert store.budgets.take("chat.update", 600, 2)


def test_a_reference_is_forgotten_after_a_while(client: "DynamoDBClient") -> None:
    store = dynamodb_store(client)
    store.references.save("ops", "a problem", "1")

    store.clock.sleep(KEPT - 1)
    assert store.references.find("ops", "a problem") == "1"
    store.clock.sleep(1)
    assert store.references.find("ops", "a problem") == ""
