"""The parts of the one-machine stack that need no stack: ports, accounts, timetable, feed and what it lets happen."""

import errno
import io
import logging
import os
import random
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.events.event import Event
from chalicelib.domain.grouping.resource_names import generic
from chalicelib.domain.logs.classifier import is_error
from chalicelib.domain.notifications.notification import Reason
from chalicelib.domain.timestamps import iso
from chalicelib.handlers import SCHEDULES
from chalicelib.services.alerting.policy_provider import REMEMBERED_FOR
from chalicelib.services.notifying.ports import ANYHOW
from chalicelib.sources.registry import event_patterns, interpret
from infra.event_pattern import matches
from local import aws, feed, stack, tour
from local.api import Api
from local.aws import ACCOUNTS, DATA, PAYMENTS, WEB, Account
from local.cli import main
from local.errors import LocalError
from local.feed import STACK
from local.hub import DAILY, DAY, EVERY, Timetable
from local.living_message import FUNCTION
from local.samples import COMMUNICATIONS, ERROR_RATE, Sample
from local.stack import Options
from local.state import State, find, published, running
from local.workloads import RECORDERS, WORKLOADS, Transition, Workload, healthy
from tests.fakes import FakeClock
from tests.services.world import World

NOW = 1_795_000_000
STATE = State(api="http://127.0.0.1:1", slack="http://127.0.0.1:2", aws="http://127.0.0.1:1", token="t", table="hub")


@dataclass
class RecordedWorld:
    """A world in which nothing happens but that it is written down."""

    clock: int = NOW
    happened: list[tuple[Account, str, Sample]] = field(default_factory=list)
    failed: list[Workload] = field(default_factory=list)
    reports: int = 0
    crowded: list[int] = field(default_factory=list)
    silenced: list[tuple[str, str]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    lost: list[Account] = field(default_factory=list)
    resolved: list[str] = field(default_factory=list)
    pressed: list[tuple[str, str]] = field(default_factory=list)

    def now(self) -> int:
        """Let a second pass."""
        self.clock += 1
        return self.clock

    def put(self, account: Account, region: str, sample: Sample) -> None:
        """Write the event down."""
        self.happened.append((account, region, sample))

    def fail(self, workload: Workload, count: int) -> None:
        """Write the workload down."""
        self.failed.append(workload)

    def silence(self, account: Account, resource: str, seconds: int, reason: str) -> None:
        """Write down what is to be quiet."""
        self.silenced.append((account.id, resource))

    def offers(self, title: str, action: str) -> bool:
        """Offer everything."""
        return bool(title and action)

    def press(self, title: str, action: str) -> None:
        """Write down what is pressed."""
        self.pressed.append((title, action))

    def lose_a_query(self, account: Account) -> None:
        """Write the account down."""
        self.lost.append(account)

    def resolve(self, resource: str, events: int, by: str) -> bool:
        """Write it down."""
        self.resolved.append(resource)
        return True

    def has_returned(self, resource: str) -> bool:
        """Say so."""
        return True

    def crowd_slack(self, *, crowded: bool) -> None:
        """Write down after how many events that was."""
        self.crowded.append(len(self.happened))

    def report(self) -> None:
        """Count the report."""
        self.reports += 1

    def say(self, text: str) -> None:
        """Write it down."""
        self.said.append(text)

    def delivered(self) -> Iterator[dict[str, Any]]:
        """Iterate over what the buses would deliver."""
        for number, (account, region, sample) in enumerate(self.happened):
            yield {
                "version": "0",
                "id": f"envelope-{number}",
                "source": sample.source,
                "detail-type": sample.detail_type,
                "account": account.id,
                "region": region,
                "time": iso(sample.at),
                "resources": list(sample.resources),
                "detail": sample.detail,
            }


@dataclass
class StandingWorld(RecordedWorld):
    """A world whose clock stands still."""

    def now(self) -> int:
        """Let no time pass."""
        return self.clock


def announced(
    scenes: Callable[[RecordedWorld], Iterator[float]], count: int | None = None, world: RecordedWorld | None = None
) -> RecordedWorld:
    world = world or RecordedWorld()
    list(islice(scenes(world), count))
    return world


def events_of(world: RecordedWorld) -> list[Event]:
    return [interpret(Envelope.parse(raw, NOW + 1_000)) for raw in world.delivered()]


def test_the_opening_has_a_scene_for_every_kind_of_event_and_the_report() -> None:
    world = announced(feed.opening)
    kinds = {"alarm", "health", "guardduty", "stack", "custom", "error_logs"}
    assert {event.kind for event in events_of(world)} == kinds
    assert set(world.failed) == {*WORKLOADS, *RECORDERS}  # whose lines the scan turns into error logs
    assert world.reports == 1


def test_the_opening_ends_within_a_minute() -> None:
    assert sum(feed.opening(RecordedWorld())) < 50  # and then each message takes its second


def test_copies_of_a_communication_of_aws_are_one_event_and_the_next_is_an_update() -> None:
    public = [event for event in events_of(announced(feed.opening)) if event.account == "*"]
    assert len(public) == 2 * len(ACCOUNTS) * len(COMMUNICATIONS)
    assert len({event.id for event in public}) == len({event.revision for event in public}) == len(COMMUNICATIONS)
    assert [event.signal for event in public][:: 2 * len(ACCOUNTS)] == ["firing", "firing", "resolved"]
    assert len({event.fingerprint for event in public}) == 1


def test_the_alarm_of_the_opening_resolves_returns_and_flaps_before_it_ends() -> None:
    alarms = [event for event in events_of(announced(feed.opening)) if event.resource == ERROR_RATE.name]
    assert [event.signal for event in alarms] == ["firing", "resolved"] * 4
    assert len({event.fingerprint for event in alarms}) == 1


def test_the_alarm_of_the_opening_is_announced_five_times_the_last_time_as_flapping() -> None:
    hub = World(clock=FakeClock(NOW))
    alarms = [raw for raw in announced(feed.opening).delivered() if raw["detail"].get("alarmName") == ERROR_RATE.name]
    records = []
    for raw in alarms:
        records.append(hub.ingest(raw))
        hub.clock.sleep(1)
    reasons = [record.outcome.reason for record in records if record.outcome.deliveries]
    assert reasons == [Reason.FIRST, Reason.RESOLVED, Reason.REGRESSION, Reason.RESOLVED, Reason.FLAPPING]


def test_alarms_change_a_second_apart_however_fast_the_story_runs() -> None:
    world = announced(feed.opening, world=StandingWorld())
    times = [sample.at for _, _, sample in world.happened if sample.detail.get("alarmName") == ERROR_RATE.name]
    assert times == sorted(set(times))


def test_what_is_silenced_in_the_opening_fires_and_ends() -> None:
    world = announced(feed.opening)
    (silenced,) = world.silenced
    covered = [event for event in events_of(world) if (event.account, event.resource) == silenced]
    assert [event.signal for event in covered] == ["firing", "resolved"]


def test_what_is_silenced_in_the_opening_fires_when_the_silence_is_known_everywhere() -> None:
    world, waited = RecordedWorld(), 0.0
    for pause in feed.opening(world):
        waited += pause
        if (events_of(world)[-1].account, events_of(world)[-1].resource) in world.silenced:
            break
    assert waited - pause >= REMEMBERED_FOR


def test_the_storm_is_more_than_is_announced_one_by_one_while_slack_is_busy() -> None:
    world = announced(feed.opening)
    begun, ended = world.crowded
    assert ended == len(world.happened)
    assert len({event.fingerprint for event in events_of(world)[begun:]}) > ANYHOW.burst


def test_one_error_in_three_accounts_is_resolved_and_returns_after_a_deployment() -> None:
    world = announced(feed.opening)
    assert [each for each in world.failed if each in RECORDERS] == [*RECORDERS, *RECORDERS]
    assert {each.account for each in RECORDERS} == {PAYMENTS, WEB, DATA}
    assert {generic(each.name, each.account.id, each.region) for each in RECORDERS} == {"audit-trail-Recorder-*"}
    assert world.resolved == [STACK]
    deployed = [event.account for event in events_of(world) if (event.kind, event.resource) == ("stack", STACK)]
    assert deployed == [each.account.id for each in RECORDERS]
    assert world.lost == [RECORDERS[-1].account]


def test_one_problem_spreads_gets_worse_and_is_taken_on_and_ended_in_slack() -> None:
    hub, world = World(clock=FakeClock(NOW + 1_000)), announced(feed.opening)
    changes = [hub.ingest(raw) for raw in world.delivered() if raw["detail"].get("resource") == FUNCTION]

    assert [each.outcome.reason for each in changes] == [Reason.FIRST, Reason.JOINED, Reason.JOINED, Reason.WORSENED]
    assert len({each.event.fingerprint for each in changes}) == 1
    assert world.pressed == [(FUNCTION, "acknowledge"), (FUNCTION, "resolve")]


def test_a_message_that_never_offers_a_button_does_not_hold_the_story_up_for_ever() -> None:
    class Silent(RecordedWorld):
        def offers(self, title: str, action: str) -> bool:
            return not (title and action)

    assert sum(feed.opening(Silent())) < 130


def test_what_takes_too_long_does_not_hold_the_story_up_for_ever() -> None:
    class Patient(RecordedWorld):
        def resolve(self, resource: str, events: int, by: str) -> bool:
            return False

    assert sum(feed.opening(Patient())) < 80


def test_everything_that_happens_each_day_is_understood_and_subscribed_to() -> None:
    world = announced(lambda world: feed.everyday(world, random.Random(7)), 200)
    kinds = Counter(event.kind for event in events_of(world))
    customs = sum(sample.source.startswith("custom.") for _, _, sample in world.happened)
    assert kinds["custom"] == customs
    assert kinds.keys() == {"alarm", "health", "guardduty", "stack", "custom"}
    patterns = event_patterns()
    assert all(any(matches(pattern, raw) for pattern in patterns) for raw in world.delivered())


def test_a_tour_leads_to_ten_kinds_of_the_catalogue_and_one_of_a_teams_own() -> None:
    world = announced(tour.around_aws)
    kinds = {event.kind for event in events_of(world)}
    assert len(kinds) == 11
    assert "invoice_run" in kinds
    assert "unknown" not in kinds
    assert {event.signal for event in events_of(world)} <= {"firing", "occurred"}
    assert {event.account for event in events_of(world)} == {PAYMENTS.id, WEB.id, DATA.id}
    patterns = event_patterns()
    assert all(any(matches(pattern, raw) for pattern in patterns) for raw in world.delivered())


def test_pauses_of_the_everyday_are_calm() -> None:
    pauses = [pause for pause in islice(feed.everyday(RecordedWorld(), random.Random(7)), 100) if pause]
    assert min(pauses) >= feed.CALM[0]
    assert max(pauses) <= feed.CALM[1]


@pytest.mark.parametrize("workload", [*WORKLOADS, RECORDERS[0]], ids=lambda workload: workload.name)
def test_a_workload_that_fails_writes_an_error_and_a_healthy_one_does_not(workload: Workload) -> None:
    moment = Transition(NOW, "5b1c0a52-0b5e-4a0e-9d2f-3c1f6f0f8a11")
    for failure in workload.failures:
        assert any(is_error(line) for line in failure(moment))
    assert not any(is_error(line) for line in healthy(moment))


def test_what_the_clock_wakes_is_due_at_once_and_then_again_after_its_interval() -> None:
    now = [float(NOW)]
    timetable = Timetable(["check_agents", "something_new"], lambda: now[0])
    assert timetable.take() == ["check_agents", "something_new"]
    now[0] += EVERY["check_agents"]
    assert timetable.take() == ["check_agents"]


def test_the_daily_report_waits_for_midnight() -> None:
    now = [NOW // DAY * DAY + DAY - 1.0]
    timetable = Timetable([DAILY], lambda: now[0])
    assert timetable.take() == []
    now[0] += 1
    assert timetable.take() == [DAILY]


def test_only_handlers_that_run_by_the_clock_have_a_pace_of_their_own() -> None:
    assert EVERY.keys() | {DAILY} <= SCHEDULES.keys()


def test_an_account_is_found_by_name_and_by_id() -> None:
    assert aws.find_account("payments-prod") == aws.find_account("111122223333") == PAYMENTS


def test_an_unknown_account_is_answered_with_those_that_there_are() -> None:
    with pytest.raises(LocalError, match=r"payments-prod \(111122223333\), web-staging"):
        aws.find_account("nobody")


def test_nothing_of_the_surroundings_leads_to_the_real_aws() -> None:
    composer_context = {"AWS_PROFILE": "prod", "AWS_ENDPOINT_URL_S3": "https://example.com", "AWS_SESSION_TOKEN": "x"}
    ours = aws.environment("http://127.0.0.1:8002", composer_context | {"PATH": "/bin", "HTTPS_PROXY": "http://proxy"})
    assert {"AWS_PROFILE", "AWS_ENDPOINT_URL_S3", "AWS_SESSION_TOKEN"}.isdisjoint(ours)
    assert ours["AWS_ENDPOINT_URL"] == "http://127.0.0.1:8002"
    assert ours["AWS_CONFIG_FILE"] == os.devnull
    assert "127.0.0.1" in ours["NO_PROXY"]
    assert ours["PATH"] == "/bin"


def test_a_taken_port_is_one_clear_line_and_a_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code = main(["--slack-port", str(port), "--api-port", "0", "--aws-port", "0", "--state", str(tmp_path / "s")])
    assert code == 1
    said = capsys.readouterr()
    assert said.out == ""
    reason = os.strerror(errno.EADDRINUSE)
    assert said.err == (
        f"Port {port} for the Slack page is not free ({reason}). Choose another with --slack-port, or 0 for any.\n"
    )


def test_a_port_that_cannot_be_is_one_clear_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["--api-port", "70000", "--state", str(tmp_path / "s")]) == 1
    assert capsys.readouterr().err.startswith("Port 70000 for the API is not free (a port lies from 0 to 65535).")


@pytest.mark.parametrize("command", [["report"], ["scan"], ["send", "-"], ["backfill", "--since", "2026-11-20"]])
def test_a_command_without_a_stack_says_so_in_one_line(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO('{"source": "custom.a", "detail-type": "b", "detail": {}}'))
    assert main(["--state", str(tmp_path / "none.json"), *command]) == 1
    assert capsys.readouterr().err == "No stack runs here. Start one with `make run` and leave it running.\n"


def test_a_stack_is_found_while_it_runs_and_not_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    with socket.create_server(("127.0.0.1", 0)) as server:
        here = State(**{**vars_of(STATE), "aws": f"http://127.0.0.1:{server.getsockname()[1]}"})
        with published(here, path):
            assert running(path) == here
            assert path.stat().st_mode & 0o777 == 0o600
    assert not path.exists()


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"api": 1}'])
def test_a_damaged_state_file_is_no_stack(content: str, tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text(content)
    assert find(path) is None


def test_a_state_file_that_a_killed_stack_left_is_no_stack(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    with published(STATE, path):
        assert find(path) is None


def vars_of(state: State) -> dict[str, str]:
    return {name: getattr(state, name) for name in ("api", "slack", "aws", "token", "table")}


@dataclass
class FakeWorks(RecordedWorld):
    """Works that need a few turns until all is delivered."""

    turns: int = 0

    def turn(self) -> bool:
        """Have something to do four times."""
        self.turns += 1
        return self.turns < 5

    @property
    def is_settled(self) -> bool:
        """Have nothing pending."""
        return True


def test_once_ends_when_the_opening_ends_and_all_is_delivered() -> None:
    works = FakeWorks()
    stack.play(works, Options(once=True, pace=0))
    assert works.reports == 1
    assert works.turns >= 5


def test_without_a_feed_nothing_happens() -> None:
    works = FakeWorks()
    stack.play(works, Options(once=True, feed=False))
    assert not works.happened


def test_the_end_of_the_api_is_said_once() -> None:
    works = FakeWorks()
    stack.play(works, Options(once=True, feed=False), lambda: "The API has ended.")
    assert works.said == ["The API has ended."]


def test_an_api_that_ends_by_itself_says_with_what_code_and_last_words(tmp_path: Path) -> None:
    log = tmp_path / "api.log"
    log.write_text("Serving\nMemoryError\n\n")
    with subprocess.Popen([sys.executable, "-c", "input(); raise SystemExit(3)"], stdin=subprocess.PIPE) as process:
        api = Api(process, "http://127.0.0.1:1", log)
        assert api.obituary() == ""
        process.communicate(b"\n")
    assert api.obituary() == f"The API has ended, with code 3; the last line of {os.path.relpath(log)}: MemoryError"


class HalfMade:
    """Something that Ctrl-C keeps from getting all that it needs to go in peace."""

    def __init__(self) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        self.opened: list[int] = []

    def __del__(self) -> None:
        self.opened.clear()


def test_ctrl_c_interrupts_whatever_is_being_made_and_nothing_complains(monkeypatch: pytest.MonkeyPatch) -> None:
    complaints: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", hear := complaints.append)
    monkeypatch.setattr(logging, "raiseExceptions", True)
    interrupted = False

    with stack.ending_on_signals():
        try:
            HalfMade()
        except KeyboardInterrupt:
            interrupted = True

    assert interrupted
    assert complaints == []
    assert sys.unraisablehook is hear
    assert not logging.raiseExceptions
