"""Inventory: the log groups that functions and containers really write to."""

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.stub import Stubber
from moto import mock_aws

from chalicelib.domain.logs import LogGroup
from chalicelib.gateways import inventory as module
from chalicelib.gateways.inventory import Inventory
from tests.gateways.aws import REGION, aws

SERVICES = ("lambda", "ecs", "logs", "resourcegroupstaggingapi", "iam")


class Account:
    """An account in moto, with what a scan may find there."""

    def __init__(self) -> None:
        self.functions, self.containers, self.logs, self.tagging, self.iam = (aws(service) for service in SERVICES)
        trust = {"Version": "2012-10-17", "Statement": []}
        self.role = self.iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]

    def inventory(self, tag: str = "") -> Inventory:
        """Return the inventory of this account."""
        return Inventory(self.functions, self.containers, self.logs, self.tagging, tag)

    def add_log_groups(self, *names: str) -> None:
        """Create log groups."""
        for name in names:
            self.logs.create_log_group(logGroupName=name)

    def add_function(self, name: str, **tags: str) -> None:
        """Create a function."""
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("app.py", "")
        self.functions.create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role=self.role,
            Handler="app.handler",
            Code={"ZipFile": code.getvalue()},
            Tags=tags,
        )

    def add_task_definition(self, family: str, *containers: dict[str, Any], **tags: str) -> None:
        """Register a task definition's next revision."""
        self.containers.register_task_definition(
            family=family,
            containerDefinitions=[
                {"name": f"c{number}", "image": "busybox", "memory": 64} | each
                for number, each in enumerate(containers)
            ],
            tags=[{"key": key, "value": value} for key, value in tags.items()],
        )


@pytest.fixture
def account() -> Iterator[Account]:
    with mock_aws():
        yield Account()


def logging_to(log_group: str, driver: str = "awslogs", **options: str) -> dict[str, Any]:
    options = {"awslogs-group": log_group, "awslogs-region": REGION, "awslogs-stream-prefix": "s"} | options
    return {"logConfiguration": {"logDriver": driver, "options": options}}


def found(inventory: Inventory) -> list[tuple[str, str, str]]:
    return [(each.name, each.service, each.resource) for each in inventory.list_log_groups().log_groups]


def test_a_function_s_log_group_is_named_after_it(account: Account) -> None:
    account.add_function("pay")
    account.add_log_groups("/aws/lambda/pay", "/aws/lambda/of-nobody")

    (log_group,) = account.inventory().list_log_groups().log_groups

    assert (log_group.name, log_group.service, log_group.resource) == ("/aws/lambda/pay", "lambda", "pay")
    assert log_group.created_at > 1_760_000_000


def test_a_function_can_name_its_log_group() -> None:
    """The answers are written by hand, for moto forgets this setting."""
    inventory = stubbed(
        functions=[{"FunctionName": "pay", "FunctionArn": "arn:pay", "LoggingConfig": {"LogGroup": "/shop/pay"}}],
        log_groups=[{"logGroupName": "/shop/pay"}, {"logGroupName": "/aws/lambda/pay"}],
    )

    assert found(inventory) == [("/shop/pay", "lambda", "pay")]


def test_a_function_that_was_never_invoked_has_no_log_group(account: Account) -> None:
    account.add_function("idle")

    assert found(account.inventory()) == []


def test_functions_and_log_groups_beyond_a_page_are_seen(account: Account) -> None:
    names = [f"f-{number:03}" for number in range(120)]
    for name in names:
        account.add_function(name)
        account.add_log_groups(f"/aws/lambda/{name}")

    assert [resource for _, _, resource in found(account.inventory())] == names


def test_our_own_log_groups_are_never_scanned(account: Account) -> None:
    """Failure 11: the monitoring's own logs contain "error", match the next scan, and feed back."""
    account.add_function("monitoring-prod-query_error_logs")
    account.add_function("monitoring-agent-scan")
    account.add_function("pay-monitoring")
    account.add_task_definition("monitoring-tools", logging_to("/ecs/tools"))
    account.add_task_definition("shop", logging_to("/aws/lambda/monitoring-prod-query_error_logs"))
    account.add_log_groups(
        "/aws/lambda/monitoring-prod-query_error_logs",
        "/aws/lambda/monitoring-agent-scan",
        "/aws/lambda/pay-monitoring",
        "/ecs/tools",
    )

    assert found(account.inventory()) == [("/aws/lambda/pay-monitoring", "lambda", "pay-monitoring")]


def test_our_own_functions_are_known_by_name_whatever_log_group_they_have() -> None:
    inventory = stubbed(
        functions=[
            {"FunctionName": "monitoring-scan", "FunctionArn": "arn:own", "LoggingConfig": {"LogGroup": "/shop/own"}}
        ],
        log_groups=[{"logGroupName": "/shop/own"}],
    )

    assert found(inventory) == []


def test_all_containers_log_groups_are_scanned_and_the_exec_session_s_is_not(account: Account) -> None:
    """Failure 9: the log group of ECS Exec was scanned instead of the containers'."""
    account.add_log_groups("/ecs/exec", "/ecs/web", "/ecs/sidecar", "/ecs/elsewhere", "/ecs/fluent")
    session = {"logging": "OVERRIDE", "logConfiguration": {"cloudWatchLogGroupName": "/ecs/exec"}}
    account.containers.create_cluster(clusterName="shop", configuration={"executeCommandConfiguration": session})
    account.add_task_definition(
        "shop",
        logging_to("/ecs/web"),
        logging_to("/ecs/sidecar"),
        logging_to("/ecs/elsewhere", **{"awslogs-region": "us-east-1"}),
        logging_to("/ecs/fluent", driver="awsfirelens"),
        {},
    )

    assert found(account.inventory()) == [("/ecs/sidecar", "ecs", "shop"), ("/ecs/web", "ecs", "shop")]


def test_of_a_family_the_newest_revision_counts(account: Account) -> None:
    account.add_log_groups("/ecs/old", "/ecs/new")
    for revision in range(11):
        account.add_task_definition("shop", logging_to("/ecs/new" if revision == 10 else "/ecs/old"))

    assert found(account.inventory()) == [("/ecs/new", "ecs", "shop")]


def test_a_log_group_with_several_owners_is_listed_once(account: Account) -> None:
    account.add_log_groups("/ecs/shared")
    for family in ("van", "parcel", "route"):
        account.add_task_definition(family, logging_to("/ecs/shared"))

    assert found(account.inventory()) == [("/ecs/shared", "ecs", "parcel and 2 more")]


@pytest.mark.parametrize("tag", ["team=shop", "team"])
def test_a_tag_chooses_functions_and_task_definitions(tag: str, account: Account) -> None:
    account.add_function("pay", team="shop")
    account.add_function("other", squad="shop")
    account.add_task_definition("web", logging_to("/ecs/web"), team="shop")
    account.add_task_definition("job", logging_to("/ecs/job"))
    account.add_log_groups("/aws/lambda/pay", "/aws/lambda/other", "/ecs/web", "/ecs/job")

    assert [name for name, _, _ in found(account.inventory(tag))] == ["/aws/lambda/pay", "/ecs/web"]


def test_a_tag_of_another_value_chooses_nothing(account: Account) -> None:
    account.add_function("pay", team="shop")
    account.add_log_groups("/aws/lambda/pay")

    assert found(account.inventory("team=else")) == []


def test_what_was_read_of_task_definitions_is_kept_and_the_rest_is_said(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "DESCRIBED_PER_RUN", 2)
    for number in range(5):
        account.add_task_definition(f"job-{number}", logging_to(f"/ecs/job-{number}"))
        account.add_log_groups(f"/ecs/job-{number}")
    inventory = account.inventory()

    listings = [inventory.list_log_groups() for _ in range(3)]

    assert [(len(each.log_groups), each.unlisted) for each in listings] == [(2, 3), (4, 1), (5, 0)]


def test_what_insights_cannot_read_is_left_out_and_what_it_reads_apart_is_marked() -> None:
    inventory = stubbed(
        functions=[{"FunctionName": name, "FunctionArn": name} for name in ("cold", "far", "hot")],
        log_groups=[
            {
                "logGroupName": "/aws/lambda/cold",
                "logGroupClass": "INFREQUENT_ACCESS",
                "creationTime": 1_760_000_000_123,
            },
            {"logGroupName": "/aws/lambda/far", "logGroupClass": "DELIVERY"},
            {"logGroupName": "/aws/lambda/hot", "logGroupClass": "STANDARD"},
        ],
    )

    assert inventory.list_log_groups().log_groups == (
        LogGroup("/aws/lambda/cold", "lambda", "cold", 1_760_000_000, "INFREQUENT_ACCESS"),
        LogGroup("/aws/lambda/hot", "lambda", "hot"),
    )


def stubbed(functions: list[dict[str, Any]], log_groups: list[dict[str, Any]]) -> Inventory:
    clients = [aws(service) for service in SERVICES[:4]]
    stubs = [Stubber(client) for client in clients[:3]]
    stubs[0].add_response("list_functions", {"Functions": functions})
    stubs[1].add_response("list_task_definitions", {"taskDefinitionArns": []})
    stubs[2].add_response("describe_log_groups", {"logGroups": log_groups})
    for stub in stubs:
        stub.activate()
    return Inventory(*clients)
