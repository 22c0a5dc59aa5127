"""The command that scans the past: run after run until it is done, and one line for whatever keeps it from that."""

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib.domain.scanning.backfill import BackfillOrder
from chalicelib.services.scanning.backfill import Progress
from infra import backfill
from infra.backfill import MOST_IN_VAIN, runs
from infra.errors import DeployError

ORDER = BackfillOrder(1_772_445_600, force=True)
AGENT, HUB = "monitoring-agent-prod-backfill", "monitoring-prod-backfill_error_logs"


def progress(left: int, **changes: Any) -> dict[str, Any]:
    known = Progress(
        since="2026-03-02T10:00:00Z",
        until="2026-03-02T12:00:00Z",
        position="2026-03-02T11:00:00Z",
        left=left,
        gaps=0,
        errors=1_200,
        events=31,
        scanned=2_500_000_000,
        done=not left,
    )
    return known.to_json() | changes


class NoSuchFunctionError(ClientError):
    """No such function."""

    def __init__(self) -> None:
        super().__init__({"Error": {"Code": "ResourceNotFoundException", "Message": ""}}, "GetFunctionConfiguration")


class Lambda:
    """A client for functions of which one is there, and answers one after the other."""

    class exceptions:  # noqa: N801 - boto3's name
        """The errors of the service."""

        ResourceNotFoundException = NoSuchFunctionError

    def __init__(self, function: str, *responses: dict[str, Any]) -> None:
        self.function, self.responses = function, iter(responses)
        self.orders: list[dict[str, Any]] = []

    def get_function_configuration(self, FunctionName: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        """Return something about the one function that is there."""
        if FunctionName != self.function:
            raise NoSuchFunctionError
        return {}

    def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 - boto3's names
        """Answer."""
        assert FunctionName == self.function
        self.orders.append(json.loads(Payload))
        said = next(self.responses)
        failed = {"FunctionError": "Unhandled"} if "errorMessage" in said else {}
        return {"Payload": io.BytesIO(json.dumps(said).encode())} | failed


@pytest.mark.parametrize("function", [AGENT, HUB])
def test_it_invokes_the_function_that_scans_there_run_after_run(function: str) -> None:
    client = Lambda(function, progress(7_200), progress(3_600), progress(0))

    assert [each.left for each in runs(client, "prod", ORDER)] == [7_200, 3_600, 0]
    goes_on = {"since": ORDER.since, "until": 1_772_452_800, "force": False}
    assert client.orders == [{"since": ORDER.since, "until": 0, "force": True}, goes_on, goes_on]


def test_where_nothing_scans_that_is_said() -> None:
    with pytest.raises(DeployError, match="Nothing scans in this account and region"):
        list(runs(Lambda("else"), "prod", ORDER))


def test_what_the_function_says_is_wrong_is_reported() -> None:
    with pytest.raises(DeployError, match="There is nothing to do"):
        list(runs(Lambda(AGENT, {"errorMessage": "There is nothing to do. since must lie before now"}), "prod", ORDER))


def test_runs_that_get_nowhere_come_to_an_end() -> None:
    client = Lambda(AGENT, *[progress(7_200)] * 9)

    with pytest.raises(DeployError, match="gets nowhere"):
        list(runs(client, "prod", ORDER))
    assert len(client.orders) == MOST_IN_VAIN + 1


def test_a_budget_that_is_used_up_ends_it_for_today() -> None:
    client = Lambda(AGENT, progress(7_200, over_budget=True))

    with pytest.raises(DeployError, match="tomorrow"):
        list(runs(client, "prod", ORDER))


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {"left": 5_400},
            "up to 2026-03-02T11:00:00Z, 1.5 hours left: 1,200 errors in 31 events, 2.50 GB read",
        ),
        ({"left": 0, "done": True, "gaps": 2}, "done: 1,200 errors in 31 events, 2.50 GB read, 2 gaps"),
        (
            {"done": True, "over_budget": True, "events": 3},
            "done: 1,200 errors in 3 events, 2.50 GB read, the day's budget is used up",
        ),
        ({"left": 0, "done": True, "gaps": 1}, "done: 1,200 errors in 31 events, 2.50 GB read, 1 gap"),
    ],
)
def test_progress_is_a_line(changes: dict[str, Any], line: str) -> None:
    assert str(Progress(**(progress(1) | changes))) == line


def test_the_command_says_how_far_it_is(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def two_runs(_client: Any, stage: str, order: BackfillOrder) -> Iterator[Progress]:
        assert (stage, order) == ("prod", BackfillOrder(1_772_445_600))
        yield Progress(**progress(3_600))
        yield Progress(**progress(0))

    monkeypatch.setattr(backfill, "runs", two_runs)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")

    assert backfill.main(["--stage", "prod", "--since", "2026-03-02T10:00Z"]) == 0
    assert [line.partition(":")[0][:5] for line in capsys.readouterr().out.splitlines()] == ["up to", "done"]


def test_a_time_that_is_none_is_refused_before_anything_is_queried(capsys: pytest.CaptureFixture[str]) -> None:
    assert backfill.main(["--stage", "prod", "--since", "yesterday"]) == 1
    assert capsys.readouterr().err == "--since must be a time such as 2026-11-20T00:00Z\n"
