"""Verify: what AWS says becomes a line that says what holds, what does not, and what to do."""

import json
import re
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, NoCredentialsError
from botocore.parsers import ResponseParserError
from moto import mock_aws

from chalicelib.domain.agents.agent import Agent, AgentStatus
from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.notification import Notification, Reason
from chalicelib.domain.pagination import Page
from chalicelib.domain.scanning.rules import NO_RULES
from infra.checks.agents import Agents
from infra.checks.canaries import CanaryArrivals
from infra.checks.check import Check, CheckStatus, Finding, judged
from infra.checks.functions import Functions
from infra.checks.interface import Interface
from infra.functions import Function, Trigger
from infra.generate import DEPLOY
from infra.verify import checks_of, report

PLACE = {"AWS::Partition": "aws", "AWS::Region": "eu-west-1", "AWS::AccountId": "123456789012", "Stage": "prod"}

NEEDED = tuple(f"/monitoring/prod/slack/{each}" for each in ("monitoring", "report", "night"))


def raising(error: Exception) -> Any:
    def find() -> Iterator[Finding]:
        yield judged("before", holds=True)
        raise error

    return find


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "Operation")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (refused("AccessDenied"), CheckStatus.UNKNOWN),
        (refused("ResourceNotFoundException"), CheckStatus.FAILS),
        (NoCredentialsError(), CheckStatus.UNKNOWN),
        (ResponseParserError("html"), CheckStatus.UNKNOWN),
    ],
)
def test_what_aws_does_not_say_is_no_traceback_and_hides_nothing(error: Exception, status: CheckStatus) -> None:
    first, last = Check("table", raising(error)).findings()

    assert first.status is CheckStatus.HOLDS
    assert (last.subject, last.status) == ("table", status)
    assert last.detail


def test_only_what_does_not_hold_is_printed_unless_all_is_requested() -> None:
    findings = [
        judged("table", holds=True, detail="it is off", remedy="switch it on"),
        judged("archive", holds=False, detail="it is off", remedy="switch it on"),
        Finding("agents", CheckStatus.UNKNOWN, "none has reported yet"),
    ]

    assert list(report(findings, everything=False)) == [
        "FAILS    archive: it is off - switch it on",
        "unknown  agents: none has reported yet",
        "1 hold, 1 fail, 1 are unknown",
    ]
    assert next(report(findings, everything=True)) == "ok       table"


class Simulator:
    """IAM, that denies some actions, and all that is limited in `foreign` partitions; Lambda has every function."""

    def __init__(self, *denied: str, foreign: tuple[str, ...] = ("NOBODYS#1",)) -> None:
        self._denied, self._foreign, self.requested = denied, foreign, []  # type: ignore[var-annotated]

    def client(self, _service: str) -> "Simulator":
        """Return itself, whatever is wanted."""
        return self

    def get_function_configuration(self, FunctionName: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        """Return a function that is ready."""
        return {"Role": f"arn:aws:iam::123456789012:role/{FunctionName}"}

    def simulate_principal_policy(self, **requested: Any) -> dict[str, Any]:
        """Return a decision for each action and resource."""
        self.requested.append(requested)
        keys = {value for each in requested["ContextEntries"] for value in each["ContextKeyValues"]}
        denied = requested["ActionNames"] if keys & {*self._foreign} else self._denied
        return {
            "EvaluationResults": [
                {"EvalActionName": action, "EvalDecision": "implicitDeny" if action in denied else "allowed"}
                for action in requested["ActionNames"]
                for _ in requested["ResourceArns"]
            ]
        }


def permissions(simulator: Simulator, name: str = "daily_report") -> list[Finding]:
    """Return what is found of the permissions of one function."""
    function = Function(name, Trigger.SCHEDULE, 86_400)
    found = [each for check in Functions(simulator, "prod", (function,), PLACE).checks() for each in _quietly(check)]
    return [each for each in found if each.subject.startswith("permissions")]


def _quietly(check: Check) -> list[Finding]:
    return list(check.findings()) if check.topic.startswith(("functions", "permissions")) else []


def test_the_simulator_evaluates_each_statement_and_what_must_be_denied() -> None:
    simulator = Simulator("dynamodb:DeleteTable")

    assert {each.status for each in permissions(simulator)} == {CheckStatus.HOLDS}
    resources = {each for requested in simulator.requested for each in requested["ResourceArns"]}
    assert "arn:aws:dynamodb:eu-west-1:123456789012:table/monitoring-prod" in resources
    assert not any("${" in each for each in resources)


def test_an_action_that_is_denied_and_a_role_that_may_too_much_fail() -> None:
    failed = [each for each in permissions(Simulator("dynamodb:Query")) if each.status is CheckStatus.FAILS]

    assert any("denied dynamodb:Query" in each.detail for each in failed)
    assert any("it may dynamodb:DeleteTable" in each.detail for each in failed)


def test_the_simulator_evaluates_each_partition_that_a_statement_is_limited_to() -> None:
    simulator = Simulator("dynamodb:DeleteTable")

    assert {each.status for each in permissions(simulator, "deliver_notifications")} == {CheckStatus.HOLDS}
    evaluated = [
        (requested["ActionNames"], *entry.values())
        for requested in simulator.requested
        for entry in requested["ContextEntries"]
    ]
    assert evaluated == [
        (["dynamodb:DeleteItem"], "dynamodb:LeadingKeys", "stringList", ["UNMERGED#1"]),
        (["dynamodb:DeleteItem"], "dynamodb:LeadingKeys", "stringList", ["NOBODYS#1"]),
    ]


def test_a_function_that_may_not_write_its_own_items_or_may_any_others_fails() -> None:
    own = permissions(Simulator("dynamodb:DeleteTable", foreign=("UNMERGED#1", "NOBODYS#1")), "deliver_notifications")
    all_of_them = permissions(Simulator("dynamodb:DeleteTable", foreign=()), "deliver_notifications")

    assert [each.detail for each in own if each.status is CheckStatus.FAILS] == ["denied dynamodb:DeleteItem"]
    assert [each.detail for each in all_of_them if each.status is CheckStatus.FAILS] == ["it may dynamodb:DeleteItem"]


class Api(BaseHTTPRequestHandler):
    """An API that lets nobody in; on `/broken` it answers as API Gateway does by itself."""

    def do_GET(self) -> None:
        """Answer."""
        path = self.path.removeprefix("/api")
        healthy, error = path == "/health", {"code": "unauthorized", "message": "no", "request_id": "1", "details": []}
        status = 200 if healthy else 404 if path == "/no-such-path" else 401
        body = {} if healthy else {"message": "Forbidden"} if "/broken" in path else {"error": error}
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def api() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Api) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/api"
        server.shutdown()


def of_the_api(url: str) -> dict[str, CheckStatus]:
    """Return what is found of the API at this address, and of a stage's secrets."""
    with mock_aws():
        ssm = boto3.client("ssm")
        ssm.put_parameter(Name="/monitoring/prod/base-url", Value=url, Type="String")
        ssm.put_parameter(Name="/monitoring/prod/slack/monitoring", Value="secret", Type="SecureString")
        ssm.put_parameter(Name="/monitoring/prod/slack/report", Value="secret", Type="String")
        checks = Interface(
            boto3.Session(),
            "prod",
            NEEDED,
        ).checks()
        return {
            each.subject: each.status
            for check in checks
            if not check.topic.startswith("throttling")
            for each in check.findings()
        }


def test_an_api_that_lets_nobody_in_holds(api: str) -> None:
    found = of_the_api(api)

    assert {status for subject, status in found.items() if "the API" in subject and "token for" not in subject} == {
        CheckStatus.HOLDS
    }


def test_an_api_that_returns_in_another_shape_or_not_at_all_is_reported(api: str) -> None:
    assert of_the_api(f"{api}/broken")["the API lets nobody in without a token"] is CheckStatus.FAILS
    assert of_the_api("http://127.0.0.1:9/api")["the API lets nobody in without a token"] is CheckStatus.UNKNOWN


def test_a_secret_that_is_missing_or_no_secret_is_reported(api: str) -> None:
    found = of_the_api(api)

    assert found["secret of a receiver, /monitoring/prod/slack/monitoring"] is CheckStatus.HOLDS
    assert found["secret of a receiver, /monitoring/prod/slack/report"] is CheckStatus.FAILS
    assert found["secret of a receiver, /monitoring/prod/slack/night"] is CheckStatus.FAILS
    assert found["a token for the API"] is CheckStatus.FAILS


def test_silent_agents_fail_and_removed_ones_are_not_searched_for() -> None:
    agents = [
        Agent(account=account, region="eu-west-1", status=status, version=version)
        for account, status, version in (
            ("111122223333", AgentStatus.ACTIVE, "0.2.0"),
            ("222233334444", AgentStatus.STALE, "0.1.0"),
            ("333344445555", AgentStatus.REMOVED, "0.0.9"),
            ("444455556666", AgentStatus.EXPECTED, ""),
        )
    ]
    store: Any = SimpleNamespace(page=lambda _query: Page(tuple(agents)))
    check, *_ = Agents(SimpleNamespace(), "prod", store, NO_RULES).checks()

    assert {each.subject: str(each.status) for each in check.findings()} == {
        "agent 111122223333-eu-west-1": "ok",
        "agent 222233334444-eu-west-1": "FAILS",
        "agent 444455556666-eu-west-1": "ok",
        "one version of all agents": "unknown",
    }


def test_both_queries_of_the_scans_are_queried_over_an_empty_minute() -> None:
    with mock_aws():
        logs = boto3.client("logs")
        logs.create_log_group(logGroupName="/aws/lambda/monitoring-prod-check_agents")
        *_, check = Agents(boto3.Session(), "prod", SimpleNamespace(), NO_RULES).checks()

        assert {each.subject: each.status for each in check.findings()} == {
            "query of the scans": CheckStatus.HOLDS,
            "query for late lines": CheckStatus.HOLDS,
        }


def test_a_canary_that_is_late_fails_where_there_are_agents() -> None:
    now = int(time.time())
    arrived = [
        a_canary("eu-west-1", now - 60),
        a_canary("eu-north-1", now - 3_000),
        a_canary("us-east-1", now - 3_000),
    ]
    store: Any = SimpleNamespace(page=lambda *_: Page(tuple(arrived)))
    (check,) = CanaryArrivals(store, lambda: {"eu-west-1", "eu-north-1"}).checks()

    assert {each.subject.split(",")[0]: str(each.status) for each in check.findings()} == {
        "canary of eu-west-1": "ok",
        "canary of eu-north-1": "FAILS",
    }


def a_canary(region: str, sent_at: int) -> Notification:
    """Return the notification of a canary that took 40 seconds."""
    return Notification(
        id=region,
        receiver="canary",
        kind="canary",
        reason=Reason.SCHEDULED,
        severity=Severity.LOW,
        title="Canary",
        created_at=sent_at,
        region=region,
        settled_at=sent_at + 40,
    )


def test_before_the_first_canary_nothing_is_claimed() -> None:
    store: Any = SimpleNamespace(page=lambda *_: Page(()))
    (check,) = CanaryArrivals(store, lambda: {"eu-west-1"}).checks()

    assert [each.status for each in check.findings()] == [CheckStatus.UNKNOWN]


def test_each_point_that_needs_aws_names_a_check() -> None:
    """The last points are for whoever reads: there is nothing to check, or no way to."""
    text = DEPLOY.read_text()
    section = text.partition("## What could not be checked without AWS")[2].partition("\n## ")[0]
    points = section.split("\n* ")[1:]
    unchecked = [each for each in points if not re.search(r"\(\*|nothing to check|prices", each)]
    named = set(re.findall(r"(?<=\*)[\w ]+(?=\*[,;:)])", section))
    with mock_aws():
        topics = [check.topic for check in checks_of(boto3.Session(), "prod")]

    assert unchecked == []
    assert len(named) > 10
    assert {name for name in named if not any(topic.startswith(name) for topic in topics)} == set()
