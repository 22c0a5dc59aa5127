"""The commands of the one who deploys: what goes wrong is told in one line, and what can go on goes on."""

import io
import json
import os
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, NoCredentialsError, WaiterError

from infra import chalice_cli, deploy, functions, redrive, restore
from infra.errors import DeployError, exit_with, in_one_line
from infra.hub_stack import HubStack
from infra.restore import Api, Restore

OUTPUTS = {
    "UndeliveredArn": "arn:aws:sqs:eu-west-1:1:monitoring-prod-undelivered",
    "FailedArn": "arn:aws:sqs:eu-west-1:1:failed",
}


def client_error(code: str, message: str = "") -> ClientError:
    """Return what AWS answers where it refuses."""
    return ClientError({"Error": {"Code": code, "Message": message}}, "Operation")


class CloudFormation:
    """One stack, or none, as CloudFormation shows it."""

    def __init__(self, stack: Mapping[str, Any] | None, events: tuple[tuple[str, str, str], ...] = ()) -> None:
        self._stack, self._events = stack, events

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        """Return the stack."""
        if self._stack is None:
            raise client_error("ValidationError", f"Stack with id {StackName} does not exist")
        return {"Stacks": [self._stack]}

    def create_stack(self, **_: Any) -> None:
        """Begin to make a stack."""

    def get_waiter(self, name: str) -> "CloudFormation":
        """Return who waits."""
        return self

    def wait(self, **_: Any) -> None:
        """Find that the stack failed."""
        raise WaiterError("stack_create_complete", "terminal failure", {})

    def describe_stack_events(self, **_: Any) -> dict[str, Any]:
        """Return the events, the newest first."""
        names = ("LogicalResourceId", "ResourceStatus", "ResourceStatusReason")
        return {"StackEvents": [dict(zip(names, each, strict=True)) for each in self._events]}


def test_a_stack_that_is_not_there_is_named() -> None:
    with pytest.raises(DeployError, match=r"^There is no stack monitoring-prod-hub: deploy the stage first\.$"):
        HubStack(CloudFormation(None), "prod").outputs()


def test_a_stack_that_does_not_say_where_its_queues_are_is_to_be_updated() -> None:
    outputs = [{"OutputKey": "UndeliveredArn", "OutputValue": "arn"}]

    with pytest.raises(DeployError, match="has no output FailedArn"):
        HubStack(CloudFormation({"Outputs": outputs}), "prod").outputs()


def test_a_stack_that_fails_says_what_failed_first_this_time() -> None:
    events = (
        ("monitoring-prod-hub", "ROLLBACK_IN_PROGRESS", ""),
        ("Failed", "CREATE_FAILED", "Resource creation cancelled"),
        ("Table", "CREATE_FAILED", "monitoring-prod already exists"),
        ("monitoring-prod-hub", "CREATE_IN_PROGRESS", "User Initiated"),
        ("Table", "CREATE_FAILED", "of the time before"),
    )

    with pytest.raises(DeployError, match=r"failed: Table: monitoring-prod already exists$"):
        HubStack(CloudFormation(None, events), "prod").deploy({})


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (DeployError("Do this\nfirst."), "Do this first.\n"),
        (NoCredentialsError(), "Unable to locate credentials\n"),
        (client_error("AccessDenied", "not you"), "(AccessDenied)"),
    ],
    ids=["ours", "botocore's", "AWS's"],
)
def test_what_kept_a_command_from_its_end_is_reported_in_one_line(
    capsys: pytest.CaptureFixture[str], error: Exception, said: str
) -> None:
    def work() -> int:
        raise error

    assert in_one_line(work) == 1
    announced = capsys.readouterr().err
    assert said in announced
    assert announced.count("\n") == 1


def test_a_reader_who_has_gone_ends_a_command_without_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    def work() -> int:
        raise BrokenPipeError

    closed: list[int] = []
    monkeypatch.setattr(os, "dup2", lambda new, old: closed.extend((new, old)))

    with pytest.raises(SystemExit, match="1"):
        exit_with(work)
    assert len(closed) == 2
    os.close(closed[0])


def test_another_python_is_refused_in_one_line_before_anything_is_touched(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(chalice_cli, "this_python", lambda: "python3.12")
    monkeypatch.setattr(deploy, "HubStack", None)

    assert deploy.main(["--stage", "prod"]) == 1
    assert capsys.readouterr().err == (
        "The functions run on python3.13, and this is python3.12: "
        "install Python 3.13, then `make clean` and try again.\n"
    )


class Limited:
    """Lambda in an account that may run so many functions at once; None where nobody may ask."""

    def __init__(self, limit: int | None) -> None:
        self._limit = limit

    def get_account_settings(self) -> dict[str, Any]:
        """Return the account's limits."""
        if self._limit is None:
            raise client_error("AccessDeniedException")
        return {"AccountLimit": {"ConcurrentExecutions": self._limit}}


def test_an_account_that_is_too_small_is_refused_before_anything_is_touched() -> None:
    needed = deploy.reserved(deploy.PROJECT)
    deploy.check_capacity(Limited(needed + 100), needed)
    deploy.check_capacity(Limited(10), 0)
    deploy.check_capacity(Limited(None), needed)

    with pytest.raises(DeployError, match=rf"^Lambda runs at most 10 functions at once .*, and {needed} are reserved "):
        deploy.check_capacity(Limited(10), needed)


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "CREATE_FAILED"])
def test_a_stack_that_can_only_be_deleted_says_why_and_how(status: str) -> None:
    failed = ("Table", "CREATE_FAILED", "monitoring-prod already exists")
    begun = ("monitoring-prod-hub", "CREATE_IN_PROGRESS", "User Initiated")
    stack = HubStack(CloudFormation({"StackStatus": status}, (failed, begun)), "prod")

    with pytest.raises(DeployError) as announced:
        stack.deploy({})

    assert str(announced.value) == (
        f"The stack monitoring-prod-hub is {status} and can only be deleted; its first failure was Table: "
        "monitoring-prod already exists. Mend that, then: aws cloudformation delete-stack "
        "--stack-name monitoring-prod-hub"
    )


# --- the step after chalice deploy


class Session:
    """Hands out the one client that there is, whatever it is asked for."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def client(self, service: str) -> Any:
        """Return it."""
        return self._client


CHECK = functions.Function("check_agents", functions.Trigger.SCHEDULE, 300)


class Lambda:
    """A service that answers errors before it answers."""

    def __init__(self, *errors: ClientError) -> None:
        self._errors = list(errors)
        self.destinations: dict[str, Any] = {}

    def put_function_event_invoke_config(self, **config: Any) -> None:
        """Keep a destination, and how old an event may grow."""
        if self._errors:
            raise self._errors.pop(0)
        self.destinations[config.pop("FunctionName")] = config


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return how long was slept, which nobody does."""
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    return pauses


def test_a_role_that_is_not_known_everywhere_yet_is_waited_for(slept: list[float]) -> None:
    lambdas = Lambda(*[client_error("InvalidParameterValueException")] * 2)

    Restore(Session(lambdas), "prod", OUTPUTS).catch_failed(CHECK)

    assert lambdas.destinations == {
        "monitoring-prod-check_agents": {
            "DestinationConfig": {"OnFailure": {"Destination": OUTPUTS["FailedArn"]}},
            "MaximumEventAgeInSeconds": 300,
        }
    }
    assert len(slept) == 2


@pytest.mark.parametrize(
    ("code", "pauses"), [("InvalidParameterValueException", restore.ATTEMPTS - 1), ("AccessDeniedException", 0)]
)
def test_what_does_not_pass_is_reported(slept: list[float], code: str, pauses: int) -> None:
    lambdas = Lambda(*[client_error(code)] * restore.ATTEMPTS)

    with pytest.raises(ClientError, match=code):
        Restore(Session(lambdas), "prod", OUTPUTS).catch_failed(CHECK)

    assert len(slept) == pauses


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (None, "stage prod was not deployed from here"),
        ("{", "names no API"),
        ('{"resources": []}', "names no API"),
        ('{"resources": [{"resource_type": "rest_api"}]}', "names no API"),
    ],
)
def test_a_stage_without_chalices_record_cannot_be_restored(tmp_path: Path, record: str | None, said: str) -> None:
    folder = tmp_path / ".chalice" / "deployed"
    folder.mkdir(parents=True)
    if record is not None:
        (folder / "prod.json").write_text(record)

    with pytest.raises(DeployError, match=said):
        Api.of(tmp_path, "prod")


# --- redrive


def tally(queue: str, **counts: Any) -> dict[str, Any]:
    """Return what the function answers for one run."""
    nothing = {"seen": 0, "redriven": 0, "overtaken": 0, "unreadable": 0, "failed": 0, "has_more": False, "lines": []}
    return nothing | {"queue": queue} | counts


class Redriving:
    """The function `redrive`, which answers what it is told to, run by run."""

    def __init__(self, *responses: Any, failed: bool = False) -> None:
        self._responses, self._failed = list(responses), failed
        self.orders: list[tuple[str, Any]] = []

    def client(self, *_: Any, **__: Any) -> "Redriving":
        """Stand for the session and its client."""
        return self

    def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 - boto3's names
        """Answer the next."""
        self.orders.append((FunctionName, json.loads(Payload)))
        answer = {"Payload": io.BytesIO(json.dumps(self._responses.pop(0)).encode())}
        return answer | ({"FunctionError": "Unhandled"} if self._failed else {})


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Return what runs the command against a function that answers so."""

    def command(function: Redriving, *arguments: str) -> int:
        monkeypatch.setattr(boto3, "Session", lambda: function)
        return redrive.main(["--stage", "prod", *arguments])

    return command


def test_redriving_goes_on_while_there_is_more_and_it_gets_somewhere(
    run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    function = Redriving(
        tally("failed", redriven=500, has_more=True, lines=["put back: one"]), tally("failed", redriven=3)
    )

    assert run(function, "--queue", "failed") == 0
    assert function.orders == [("monitoring-prod-redrive", {"queue": "failed", "dry_run": False})] * 2
    announced = capsys.readouterr().out.splitlines()
    assert announced[0] == "  put back: one"
    assert announced[1] == "failed: 500 put back, 0 overtaken by later runs, 0 failed again, 0 unreadable"


def test_redriving_ends_where_everything_fails_again(run: Callable[..., int]) -> None:
    function = Redriving(tally("failed", failed=500, has_more=True))

    assert run(function, "--queue", "failed") == 1
    assert len(function.orders) == 1


def test_a_dry_run_inspects_both_queues_and_takes_nothing(
    run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    function = Redriving(tally("undelivered", seen=2), tally("failed", seen=500, has_more=True))

    assert run(function, "--dry-run") == 0
    assert [order["queue"] for _, order in function.orders] == ["undelivered", "failed"]
    assert all(order["dry_run"] for _, order in function.orders)
    assert capsys.readouterr().out.splitlines() == [
        "undelivered: 2 waiting, 0 of them unreadable",
        "failed: 500 waiting, 0 of them unreadable, and more behind them",
    ]


def test_a_function_that_fails_is_reported_in_one_line(
    run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    function = Redriving({"errorMessage": "TABLE_NAME is not set"}, failed=True)

    assert run(function) == 1
    assert capsys.readouterr().err == "The function monitoring-prod-redrive failed: TABLE_NAME is not set\n"


def test_an_answer_of_a_stand_in_is_one_line_and_no_traceback(
    run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(Redriving({"queue": "undelivered", "dry_run": True}), "--dry-run") == 1
    assert "answers in another way" in capsys.readouterr().err


def test_deploying_without_a_stage_is_refused_whatever_the_environment_says() -> None:
    make = subprocess.run(
        ["make", "--old-file", ".venv/.installed", "deploy"],
        cwd=deploy.PROJECT,
        env=os.environ | {"STAGE": "prod"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert make.returncode
    assert "Name the stage: make deploy STAGE=prod" in make.stderr
    assert len(make.stderr.splitlines()) == 1
