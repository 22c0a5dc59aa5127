"""The workspace takes, refuses and fails as told, by injected clocks."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http import HTTPStatus
from itertools import repeat

import pytest

from local.slack.pace import RateLimit
from local.slack.workspace import FAILURES, Response, Workspace

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
HELLO = json.dumps({"text": "hello"}).encode()


class Clock:
    """A monotonic clock that moves when told."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:  # noqa: D102 (it reads the clock)
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def workspace(clock: Clock) -> Workspace:
    return Workspace(monotonic=clock, now=lambda: NOON)


def outcomes(workspace: Workspace, times: int, channel: str = "ops") -> list[str]:
    return [workspace.receive(channel, HELLO).reason for _ in repeat(None, times)]


def test_a_message_is_kept_as_it_came(workspace: Workspace) -> None:
    workspace.receive("ops", HELLO)
    (message,) = workspace.messages
    assert (message.number, message.channel, message.received_at, message.payload) == (
        1,
        "ops",
        NOON,
        {"text": "hello"},
    )


@pytest.mark.parametrize("body", [b"", b"hello", b"[]", b'"text"', b"\xff", b"{", b"[" * 100_000, b"payload=%7B%7D"])
def test_what_is_no_json_object_is_an_invalid_payload(workspace: Workspace, body: bytes) -> None:
    assert workspace.receive("ops", body).reason == "invalid_payload"


def test_a_refused_message_is_remembered_with_its_reason(workspace: Workspace) -> None:
    workspace.receive("ops", b"{}")
    (refusal,) = workspace.refusals
    assert (refusal.channel, refusal.status, refusal.reason, workspace.messages) == ("ops", 400, "no_text", ())


def test_an_unknown_channel_has_no_service() -> None:
    answer = Workspace(channels=("ops",)).receive("attic", HELLO)
    assert (answer.status, answer.reason) == (HTTPStatus.NOT_FOUND, "no_service")


@pytest.mark.parametrize("channel", ["", "Ops", "a b", "x" * 81, "../etc", "<b>"])
def test_a_name_that_no_channel_can_have_has_no_service(workspace: Workspace, channel: str) -> None:
    assert workspace.receive(channel, HELLO).reason == "no_service"


def test_channels_appear_as_they_are_written_to(workspace: Workspace) -> None:
    for channel in ("ops", "report", "ops"):
        workspace.receive(channel, HELLO)
    assert workspace.channels == ("ops", "report")


def test_given_channels_are_there_from_the_start() -> None:
    assert Workspace(channels=("ops", "report")).channels == ("ops", "report")


def limited(clock: Clock) -> Workspace:
    return Workspace(rate_limit=RateLimit(per_second=1.0, burst=3), monotonic=clock)


def test_a_short_burst_is_tolerated_and_no_more(clock: Clock) -> None:
    assert outcomes(limited(clock), 4) == ["ok", "ok", "ok", "rate_limited"]


def test_a_refusal_for_haste_says_when_to_come_back(clock: Clock) -> None:
    workspace = limited(clock)
    outcomes(workspace, 3)
    assert workspace.receive("ops", HELLO) == Response(HTTPStatus.TOO_MANY_REQUESTS, "rate_limited", "too fast", 1)


def test_who_waits_as_long_as_required_is_accepted(clock: Clock) -> None:
    workspace = limited(clock)
    outcomes(workspace, 4)
    clock.seconds += 1
    assert outcomes(workspace, 2) == ["ok", "rate_limited"]


def test_a_message_a_second_is_never_too_fast(clock: Clock) -> None:
    workspace = limited(clock)

    def each_second() -> Iterator[str]:
        for _ in range(60):
            yield workspace.receive("ops", HELLO).reason
            clock.seconds += 1

    assert set(each_second()) == {"ok"}


def test_a_long_pause_earns_one_burst_only(clock: Clock) -> None:
    workspace = limited(clock)
    outcomes(workspace, 1)
    clock.seconds += 3_600
    assert outcomes(workspace, 4).count("ok") == 3


def test_channels_do_not_slow_each_other_down(clock: Clock) -> None:
    workspace = limited(clock)
    outcomes(workspace, 4, "ops")
    assert outcomes(workspace, 1, "report") == ["ok"]


@pytest.mark.parametrize(("failure", "expected"), FAILURES.items())
def test_an_outage_responds_with_its_failure(
    workspace: Workspace, failure: str, expected: tuple[HTTPStatus | None, str]
) -> None:
    workspace.strike(failure)
    answer = workspace.receive("ops", HELLO)
    assert ((answer.status, answer.reason), workspace.messages) == (expected, ())


def test_only_a_429_says_when_to_try_again(workspace: Workspace) -> None:
    def retry_after(failure: str) -> int | None:
        workspace.strike(failure)
        return workspace.receive("ops", HELLO).retry_after

    assert {failure: retry_after(failure) for failure in FAILURES if retry_after(failure)} == {"429": 1}


def test_an_outage_of_some_messages_passes(workspace: Workspace) -> None:
    workspace.strike("500", messages=2)
    assert outcomes(workspace, 3) == ["rollup_error", "rollup_error", "ok"]


def test_an_outage_of_some_seconds_passes(workspace: Workspace, clock: Clock) -> None:
    workspace.strike("500", seconds=30)
    during = outcomes(workspace, 1)
    clock.seconds += 30
    assert (during, outcomes(workspace, 1)) == (["rollup_error"], ["ok"])


def test_an_outage_of_one_channel_spares_the_others(workspace: Workspace) -> None:
    workspace.strike("410", channel="ops")
    assert outcomes(workspace, 1, "ops") + outcomes(workspace, 1, "report") == ["channel_is_archived", "ok"]


def test_an_outage_is_lifted(workspace: Workspace) -> None:
    workspace.strike("500")
    workspace.strike(None)
    assert outcomes(workspace, 1) == ["ok"]


def test_an_outage_is_named_while_it_lasts(workspace: Workspace) -> None:
    def named(act: Callable[[], object]) -> str | None:
        act()
        return workspace.outage

    assert [
        named(lambda: workspace.strike("500", messages=1)),
        named(lambda: outcomes(workspace, 1)),
    ] == ["500", None]


def test_an_unknown_failure_is_an_error(workspace: Workspace) -> None:
    with pytest.raises(ValueError, match="418"):
        workspace.strike("418")


def test_clearing_forgets_everything(workspace: Workspace) -> None:
    before = workspace.epoch
    outcomes(workspace, 1)
    workspace.receive("ops", b"")
    workspace.strike("500")
    workspace.clear()
    assert (workspace.messages, workspace.refusals, workspace.outage) == ((), (), None)
    assert workspace.epoch != before
