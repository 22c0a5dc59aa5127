"""What every store promises of the backlog that a sweep notes."""

from chalicelib.domain.agents.canary import CanaryArrival
from chalicelib.services.operations.ports import Backlog, ReceiverBacklogState
from tests.domain.given import NOON
from tests.gateways.dynamodb.stores import Store


def test_the_backlog_that_was_noted_last_comes_back(store: Store) -> None:
    assert store.backlogs.find() is None
    older = Backlog(at=NOON, overdue_since=0, receivers=(), canaries={})
    receivers = (ReceiverBacklogState("monitoring", 3, 1, NOON - 60), ReceiverBacklogState("übung", 0, 0, 0))
    newer = Backlog(at=NOON + 60, overdue_since=NOON - 9, receivers=receivers, canaries={"r": CanaryArrival(NOON, 2)})
    for each in (older, newer):
        store.backlogs.save(each)

    assert store.backlogs.find() == newer
