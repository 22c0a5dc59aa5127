"""The scan loop: nothing is skipped, nothing is forgotten, and whatever happens is said."""

import json
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress

import pytest
from msgspec.structs import replace

from chalicelib.domain.errors import Misconfigured, PublishFailed
from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.events.outgoing import Entry
from chalicelib.domain.scanning.coverage import Coverage
from chalicelib.domain.scanning.error_groups import LogGroup
from chalicelib.domain.scanning.gaps import Gap, GapReason
from chalicelib.domain.scanning.windows import Window
from chalicelib.domain.timestamps import DAY
from chalicelib.services.scanning.plan import ScanPlan
from chalicelib.sources.registry import HEARTBEAT, interpret
from tests.scan_fakes import Crash, SlowRules
from tests.services.scanning.scan_rig import PARAMETER, PAY, SHIP, START, Rig, coverage_of, error


def failing(reason: GapReason, log_group: str = PAY) -> Callable[[Sequence[str], Window], GapReason | None]:
    return lambda names, window: reason if log_group in names else None


def test_a_first_run_scans_the_last_whole_window() -> None:
    rig = Rig(lines=[error(START - 300), error(START - 1), error(START), error(START - 301)])

    report = rig.run()

    assert (report.windows, report.errors, report.events, report.left) == (1, 2, 1, 0)
    assert rig.state == Coverage(START - 300, START)


def test_what_is_found_becomes_an_event_that_the_hub_understands() -> None:
    rig = Rig(lines=[error(START - 7), error(START - 5, message="INFO 0 errors")])

    rig.run()

    (entry,) = rig.bus.events.values()
    raw = {
        "id": "1",
        "source": entry.source,
        "detail-type": entry.detail_type,
        "account": "111122223333",
        "region": "eu-central-1",
        "time": "2025-10-09T08:55:00Z",
        "detail": json.loads(json.dumps(entry.detail)),
    }
    event = interpret(Envelope.parse(raw, START))
    assert (event.kind, event.title, event.published_at) == ("error_logs", "pay: Error: card refused", START)
    assert entry.time == START
    assert entry.detail["window"] == {"start": START - 300, "end": START}
    assert entry.detail["samples"] == [{"timestamp": START - 7, "stream": "stream", "message": "Error: card refused"}]


def test_a_late_run_scans_every_window_since_the_last_one() -> None:
    """Failure 4: a schedule that slips by three windows leaves no time unscanned."""
    rig = Rig(lines=[error(START + 300 * late) for late in range(-1, 4)])
    rig.run()
    rig.clock.time += 4 * 300

    report = rig.run()

    assert report.windows == 4
    assert rig.bus.counts == {"Error: card refused": 5}
    assert rig.state.watermark == START + 1_200


def test_a_long_outage_is_caught_up_over_several_runs() -> None:
    rig = Rig(plan=ScanPlan(windows=12))
    rig.run()
    rig.clock.time += 20 * 300

    left = [rig.run().left for _ in range(3)]

    assert left == [8, 0, 0]
    assert [window.start for _, window in rig.logs.requested] == [START + 300 * at for at in range(-1, 20)]


def test_lines_younger_than_the_delivery_latency_wait() -> None:
    rig = Rig()
    rig.run()
    rig.clock.time += 299

    assert rig.run().windows == 0
    assert rig.state.watermark == START


def test_a_clock_that_goes_back_scans_nothing_and_forgets_nothing() -> None:
    rig = Rig()
    rig.run()
    rig.clock.time -= 10_000

    assert rig.run().windows == 0
    assert rig.state.watermark == START


@pytest.mark.parametrize("reason", [GapReason.FAILED, GapReason.TIMED_OUT, GapReason.CANCELLED, GapReason.THROTTLED])
def test_a_query_that_failed_is_a_gap_and_is_tried_again_first(reason: GapReason) -> None:
    """Failure 3: Failed is not "no errors"."""
    rig = Rig(lines=[error(START - 1)])
    rig.logs.fault = failing(reason)
    rig.run()
    assert rig.state == Coverage(START - 300, START, (Gap(Window(START - 300, START), (), reason),))
    assert rig.heartbeat["coverage"]["gaps"] == ({"window": [START - 300, START], "reason": reason},)
    rig.logs.fault = lambda names, window: None
    rig.clock.time += 300

    report = rig.run()

    assert [window.start for _, window in rig.logs.requested] == [START - 300, START - 300, START]
    assert (report.gaps, rig.bus.counts) == (0, {"Error: card refused": 1})


def test_a_gap_names_the_log_groups_when_others_were_scanned() -> None:
    names = [f"/aws/lambda/f-{number:03}" for number in range(60)]
    rig = Rig(names=names, lines=[error(START - 1, names[0]), error(START - 1, names[-1])])
    rig.logs.fault = failing(GapReason.FAILED, names[-1])

    report = rig.run()

    assert report.events == 1
    assert rig.state.gaps == (Gap(Window(START - 300, START), (), GapReason.FAILED, span=(names[50], names[59])),)
    assert rig.heartbeat["coverage"]["gaps"] == (
        {"window": [START - 300, START], "reason": "failed", "span": (names[50], names[59])},
    )
    rig.logs.fault = lambda names, window: None
    assert rig.run().gaps == 0
    assert rig.logs.requested[-1] == (tuple(names[50:]), Window(START - 300, START))


def test_a_gap_counts_its_tries_and_lets_fresher_gaps_go_first() -> None:
    rig = Rig(plan=ScanPlan(refills=1))
    rig.logs.fault = failing(GapReason.FAILED)
    for _ in range(3):
        rig.run()
        rig.clock.time += 300
    assert rig.state.gaps == (
        Gap(Window(START - 300, START + 300), (), GapReason.FAILED, tries=2),
        Gap(Window(START + 300, START + 600), (), GapReason.FAILED, tries=1),
    )

    rig.run()

    assert rig.logs.requested[-2][1] == Window(START + 300, START + 600)


def test_a_missing_log_group_stops_no_other_and_is_no_gap() -> None:
    """Failure 9: one log group that does not exist, and all that followed were not scanned."""
    rig = Rig(lines=[error(START - 1, SHIP)])
    rig.logs.missing = {PAY}

    report = rig.run()

    assert (report.missing, report.events, report.gaps) == ({PAY}, 1, 0)
    assert rig.heartbeat["coverage"]["missing"] == (PAY,)


def test_a_noisy_log_group_starves_no_other() -> None:
    """Failure 10: a limit over many log groups is used up by the loudest of them."""
    noise = [error(START - 300 + at // 4, PAY, "Error: noise") for at in range(1_000)]
    rig = Rig(lines=[*noise, error(START - 1, SHIP)])
    rig.logs.limit = 100

    report = rig.run()

    assert rig.bus.counts == {"Error: noise": 1_000, "Error: card refused": 1}
    assert (report.gaps, report.events) == (0, 2)


def test_a_second_with_too_much_is_split_by_log_group() -> None:
    rig = Rig(lines=[error(START - 1, PAY)] * 10 + [error(START - 1, SHIP)] * 10)
    rig.logs.limit = 10

    assert rig.run().gaps == 0
    assert rig.bus.counts == {"Error: card refused": 20}


def test_one_second_with_too_many_lines_is_counted_as_far_as_read_and_is_a_gap() -> None:
    rig = Rig(lines=[error(START - 1, PAY)] * 11)
    rig.logs.limit = 10

    rig.run()

    assert rig.bus.counts == {"Error: card refused": 10}
    assert rig.state.gaps == (Gap(Window(START - 1, START), (PAY,), GapReason.TRUNCATED),)


def test_what_will_never_fit_an_answer_is_tried_three_times_and_stays_known() -> None:
    rig = Rig(lines=[error(START - 1, PAY)] * 11)
    rig.logs.limit = 10

    for _ in range(5):
        rig.run()

    assert rig.logs.requested.count(((PAY,), Window(START - 1, START))) == 3
    assert rig.state.gaps == (Gap(Window(START - 1, START), (PAY,), GapReason.TRUNCATED, tries=3),)


def test_a_window_that_no_run_has_the_time_to_read_is_read_in_smaller_pieces() -> None:
    rig = Rig(lines=[error(START - 300 + at % 300) for at in range(1_500)])
    rig.scanner = replace(
        rig.scanner, search=replace(rig.scanner.search, rules=SlowRules(clock=rig.clock, seconds=0.2))
    )

    for _ in range(20):
        began = rig.clock.time
        rig.run(seconds=240)
        assert rig.clock.time - began <= 240

    assert [gap for gap in rig.state.gaps if gap.window.start < START] == []
    assert rig.bus.counts == {"Error: card refused": 1_500}


def test_a_window_that_takes_longer_than_the_run_leaves_its_rest_as_a_gap() -> None:
    rig = Rig(lines=[error(START - 300 + at) for at in range(300)])
    rig.scanner = replace(rig.scanner, search=replace(rig.scanner.search, at_once=2))
    rig.logs.limit, rig.logs.cost = 10, 30

    rig.run(seconds=240)
    found = rig.bus.counts["Error: card refused"]
    assert 0 < found < 300
    assert {gap.reason for gap in rig.state.gaps} == {GapReason.UNFINISHED}

    rig.logs.cost = 0
    rig.run()
    assert rig.state.gaps == ()
    assert rig.bus.counts == {"Error: card refused": 300}


def test_a_run_near_its_time_limit_stops_before_the_next_window() -> None:
    rig = Rig()
    rig.run()
    rig.clock.time += 10 * 300
    rig.logs.cost = 30

    report = rig.run(seconds=120)

    assert (report.windows, report.left, report.gaps) == (3, 7, 0)
    assert rig.heartbeat["left"] == 7


def test_gaps_take_at_most_half_of_the_time() -> None:
    rig = Rig()
    rig.logs.fault = failing(GapReason.FAILED)
    rig.run()
    rig.clock.time += 6 * 300
    rig.run()
    rig.clock.time += 300
    rig.logs.cost = 30

    rig.run(seconds=240)

    assert rig.state.watermark == START + 7 * 300


def test_an_unpublished_window_is_not_finished() -> None:
    rig = Rig(lines=[error(START - 1)])
    rig.bus.down = True

    with pytest.raises(PublishFailed):
        rig.run()
    assert rig.state.watermark == START - 300
    assert rig.heartbeat["error"] == "PublishFailed"

    rig.bus.down = False
    rig.run()
    assert rig.bus.counts == {"Error: card refused": 1}


def test_a_repeated_window_has_the_same_keys() -> None:
    rig = Rig(lines=[error(START - 1), error(START - 1, SHIP)])
    rig.run()
    keys = set(rig.bus.events)
    rig.begin_at(START - 300)

    rig.run()

    assert len(keys) == 2
    assert set(rig.bus.events) == keys


def test_the_key_distinguishes_account_region_window_log_group_and_fingerprint() -> None:
    rig = Rig(lines=[error(START - 1), error(START - 1, SHIP), error(START - 1, message="Error: else"), error(START)])
    rig.run()
    rig.clock.time += 300
    rig.run()
    elsewhere = replace(rig.scanner.publisher.agent, region="us-east-1")
    scanner = replace(rig.scanner, publisher=replace(rig.scanner.publisher, identify=lambda: elsewhere))
    rig.parameters.values.clear()

    scanner.run()

    assert len(rig.bus.events) == 5


@pytest.mark.parametrize("calls", range(12))
def test_a_crash_at_any_call_loses_nothing_and_counts_nothing_twice(calls: int) -> None:
    rig = Rig(lines=[error(START - 1), error(START + 1, SHIP), error(START + 301)])
    rig.begin_at(START - 300)
    rig.fuse.calls = calls
    with suppress(Crash):
        rig.run()
    rig.fuse.calls = None
    rig.clock.time += 600

    rig.run()

    assert rig.state == Coverage(START - 300, START + 600)
    assert rig.bus.counts == {"Error: card refused": 3}


def test_a_heartbeat_ends_every_run() -> None:
    rig = Rig()
    agent = replace(rig.scanner.publisher.agent, stage="prod", name="shop", version="1.2.3", commit="abc1234")
    rig.scanner = replace(rig.scanner, publisher=replace(rig.scanner.publisher, identify=lambda: agent))

    rig.run()

    (entry,) = rig.bus.heartbeats
    assert (entry.source, entry.detail_type, entry.time) == (HEARTBEAT.source, HEARTBEAT.detail_type, START + 120)
    assert entry.detail == {
        "at": START + 120,
        "heartbeat_seconds": 300,
        "stage": "prod",
        "name": "shop",
        "version": "1.2.3",
        "commit": "abc1234",
        "log_group_count": 2,
        "scan_tag": "",
        "watermark": START,
        "left": 0,
        "gaps": 0,
        "coverage": {
            "since": START - 300,
            "watermark": START,
            "spend": {"midnight": START // DAY * DAY, "bytes": 200, "seconds": 300},
            "forecast": 200 + 200 * 54_180 // 300,
        },
        "scanned": 200,
        "error": "",
    }


def test_damaged_state_is_an_error_that_names_the_parameter_and_no_reset() -> None:
    rig = Rig()
    rig.parameters.values[PARAMETER] = '{"watermark": "yesterday"}'

    with pytest.raises(Misconfigured, match=PARAMETER):
        rig.run()

    assert rig.heartbeat["error"] == "Misconfigured"
    assert rig.heartbeat["coverage"] is None
    assert rig.parameters.values[PARAMETER] == '{"watermark": "yesterday"}'


def test_a_first_run_that_cannot_list_log_groups_still_fixes_where_the_scan_begins() -> None:
    rig = Rig(lines=[error(START - 1)])
    rig.fuse.calls = 2
    with suppress(Crash):
        rig.run()
    rig.clock.time += 900

    rig.run()

    assert rig.bus.counts == {"Error: card refused": 1}


def test_owners_that_could_not_be_listed_are_said() -> None:
    rig = Rig()
    rig.inventory.unresolved_count = 3

    assert coverage_of(rig.run()).unresolved_count == 3


def test_services_that_deny_access_are_reported() -> None:
    rig = Rig()
    rig.inventory.access_denied = ("ecs",)

    assert coverage_of(rig.run()).access_denied == ("ecs",)


def rejecting(log_group: str) -> Callable[[Sequence[str], Window], GapReason | None]:
    """Refuse a whole query because of one log group, as Insights may do for a time before its creation."""
    return lambda names, window: GapReason.REJECTED if log_group in names else None


def test_a_log_group_that_is_younger_than_the_window_spoils_no_other() -> None:
    names = [f"/aws/lambda/f-{number}" for number in range(20)]
    rig = Rig(names=names, lines=[error(START - 1, name) for name in names])
    rig.inventory.log_groups[7] = LogGroup(names[7], created_at=START)
    rig.logs.fault = rejecting(names[7])

    report = rig.run()

    assert (report.events, report.gaps) == (19, 0)


def test_a_log_group_that_is_rejected_otherwise_is_a_gap_of_its_own() -> None:
    rig = Rig(lines=[error(START - 1, SHIP)])
    rig.logs.fault = rejecting(PAY)

    rig.run()

    assert rig.bus.counts == {"Error: card refused": 1}
    assert rig.state.gaps == (Gap(Window(START - 300, START), (PAY,), GapReason.REJECTED),)


def test_lines_from_before_a_log_group_s_creation_are_found_where_insights_has_them() -> None:
    """Lambda makes a function's log group moments after the first line was written."""
    rig = Rig(names=(), lines=[error(START - 1)])
    rig.inventory.log_groups = [LogGroup(PAY, created_at=START + 1)]

    assert rig.run().events == 1


def test_log_groups_of_different_storage_are_queried_separately() -> None:
    rig = Rig(names=())
    rig.inventory.log_groups = [LogGroup(PAY, storage="INFREQUENT_ACCESS"), LogGroup(SHIP)]

    rig.run()

    assert sorted(names for names, _ in rig.logs.requested) == [(PAY,), (SHIP,)]


def test_a_thousand_log_groups_are_twenty_queries() -> None:
    rig = Rig(names=[f"/aws/lambda/f-{number}" for number in range(1_000)])

    rig.run()

    assert len(rig.logs.requested) == 20


def test_no_message_stands_in_our_own_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    rig = Rig(lines=[error(START - 1, message="Error: the password is swordfish")])

    rig.run()

    assert caplog.records
    assert "swordfish" not in "".join(str(record.__dict__) for record in caplog.records)


def test_an_entry_is_an_event_of_ours() -> None:
    rig = Rig(lines=[error(START - 1)])

    rig.run()

    assert all(isinstance(entry, Entry) and entry.source.startswith("monitoring.") for entry in rig.bus.entries)
