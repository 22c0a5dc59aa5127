"""An agent's canaries: one in each interval, however long its runs take and whenever they end."""

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.agents.canary import INTERVAL, slot_of
from chalicelib.services.scanning.publisher import AgentIdentity, Publisher
from chalicelib.sources.registry import CANARY
from tests.fakes import FakeClock
from tests.scan_fakes import FakeBus


@given(start=st.integers(0, 2**40), pauses=st.lists(st.integers(1, INTERVAL), min_size=1, max_size=40))
def test_each_interval_in_which_a_run_ends_has_one_canary(start: int, pauses: list[int]) -> None:
    clock, bus = FakeClock(start), FakeBus()
    publisher = Publisher(bus, clock, lambda: AgentIdentity(account="111122223333", region="eu-west-1", stage="prod"))
    ends = set()
    for pause in pauses:
        publisher.canary()
        ends.add(slot_of(clock.now()))
        clock.sleep(pause)

    sent = [slot_of(entry.detail["sent_at"]) for entry in bus.entries if entry.source == CANARY.source]
    assert sorted(ends) == sent
