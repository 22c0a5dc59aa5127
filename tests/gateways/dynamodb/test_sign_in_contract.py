"""What every store promises of sign-ins, and of how many alerts there are."""

from chalicelib.domain.alerts.alert import Status
from chalicelib.services.operations.ports import WrongSignIns
from tests.domain.given import NOON, an_event
from tests.gateways.dynamodb.stores import Store, a_record
from tests.gateways.dynamodb.test_agent_contract import an_agent

ONE, TWO = WrongSignIns(1, NOON), WrongSignIns(2, NOON + 1)


def test_what_is_used_up_is_so_once(store: Store) -> None:
    assert not store.sign_ins.is_used_up("link-1")
    assert store.sign_ins.use_up("link-1", NOON)
    assert not store.sign_ins.use_up("link-1", NOON)
    assert store.sign_ins.is_used_up("link-1")
    assert not store.sign_ins.is_used_up("link-2")


def test_wrong_sign_ins_come_back_as_they_were_counted(store: Store) -> None:
    assert store.sign_ins.wrong("here") is None
    assert store.sign_ins.count_wrong("here", ONE, None)
    assert store.sign_ins.count_wrong("here", TWO, ONE)
    assert store.sign_ins.wrong("here") == TWO
    assert store.sign_ins.wrong("there") is None


def test_who_knows_other_wrong_sign_ins_counts_none(store: Store) -> None:
    store.sign_ins.count_wrong("here", TWO, None)

    assert not store.sign_ins.count_wrong("here", WrongSignIns(2, NOON + 5), ONE)
    assert store.sign_ins.wrong("here") == TWO


def test_what_was_forgotten_is_counted_anew(store: Store) -> None:
    store.sign_ins.count_wrong("here", TWO, None)

    assert store.sign_ins.count_wrong("here", ONE, None)
    assert store.sign_ins.wrong("here") == ONE


def test_alerts_are_counted_up_to_a_number(store: Store) -> None:
    store.add(*[a_record(an_event(NOON + each, fingerprint=f"{each:032x}")) for each in range(5)])

    assert store.counter.count(Status.FIRING, 1_000) == 5
    assert store.counter.count(Status.FIRING, 3) == 3
    assert store.counter.count(Status.RESOLVED, 1_000) == 0


def test_all_names_are_those_of_each_account_s_first_agent_with_one(store: Store) -> None:

    for region, name in (("eu-west-1", ""), ("eu-west-2", "shop"), ("us-east-1", "store")):
        store.agents.save(an_agent(region=region, name=name))

    assert set(store.names.names().values()) - {""} == {"shop"}
