"""Log owners: the log groups that services really write to."""

from collections import Counter
from typing import Any
from unittest.mock import Mock

import pytest
from botocore.exceptions import ClientError

from chalicelib.gateways.cloudwatch import log_owners
from chalicelib.gateways.cloudwatch.log_groups import LogGroupInventory
from tests.fakes import FakeClock
from tests.gateways.aws import aws
from tests.gateways.cloudwatch.accounts import (
    FILE,
    Account,
    add_http_api,
    add_rest_api,
    add_state_machine,
    counting,
    found,
    logging_to,
    run_task,
    stubbed,
)


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


def test_what_can_change_is_described_once_an_hour(account: Account) -> None:
    """What takes a call for each API and state machine is remembered; new log groups are seen all the same."""
    add_rest_api("shop", "/access/shop")
    add_state_machine(account.role, "pay", "/workflows/pay")
    account.add_task_definition("shop", logging_to("/ecs/shop"))
    made: Counter[str] = Counter()
    clock = FakeClock()
    inventory = LogGroupInventory(counting(made), clock, FILE)

    for _ in range(3):
        inventory.list_log_groups()
        clock.sleep(300)
    account.add_log_groups("/access/shop", "/workflows/pay")
    assert [name for name, _, _ in found(inventory)] == ["/access/shop", "/workflows/pay"]
    assert (made["GetStages"], made["DescribeStateMachine"], made["DescribeTaskDefinition"]) == (1, 1, 1)
    clock.sleep(log_owners.TRUE_FOR)
    inventory.list_log_groups()

    assert (made["GetStages"], made["DescribeStateMachine"], made["DescribeTaskDefinition"]) == (2, 2, 2)


def test_containers_log_groups_are_scanned_and_that_of_exec_sessions_is_not(account: Account) -> None:
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


def test_what_was_read_of_task_definitions_is_kept_and_the_rest_is_said(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_owners, "DESCRIBED_PER_RUN", 2)
    for number in range(5):
        account.add_task_definition(f"job-{number}", logging_to(f"/ecs/job-{number}"))
        account.add_log_groups(f"/ecs/job-{number}")
    inventory = account.inventory()

    listings = [inventory.list_log_groups() for _ in range(3)]

    assert [(len(each.log_groups), each.unresolved_count) for each in listings] == [(2, 3), (4, 1), (5, 0)]


def test_names_say_what_databases_write_to_and_which_of_it_are_errors(account: Account) -> None:
    account.add_log_groups(
        "/aws/rds/instance/orders/error",
        "/aws/rds/instance/orders/slowquery",
        "/aws/rds/cluster/shop/postgresql",
        "/aws/rds/instance/orders/audit",
    )

    assert found(account.inventory()) == [
        ("/aws/rds/cluster/shop/postgresql", "rds", "shop"),
        ("/aws/rds/instance/orders/error", "rds", "orders"),
    ]


def test_apis_are_scanned_where_they_log_executions_and_accesses(account: Account) -> None:
    shop, gone = add_rest_api("shop", "/access/shop"), "0123456789"
    events = add_http_api("events", "/access/events")
    account.add_log_groups(
        *(f"API-Gateway-Execution-Logs_{api}/live" for api in (shop, gone)),
        *(
            "/access/shop",
            "/access/events",
            "/access/else",
            f"/aws/apigateway/{events}/live",
            "/aws/apigateway/welcome",
        ),
    )

    assert found(account.inventory()) == sorted(
        [
            (f"API-Gateway-Execution-Logs_{shop}/live", "apigateway", "shop"),
            ("/access/shop", "apigateway", "shop"),
            ("/access/events", "apigateway", "events"),
            (f"/aws/apigateway/{events}/live", "apigateway", "events"),
        ]
    )


def test_state_machines_are_scanned_where_they_log(account: Account) -> None:
    account.add_log_groups("/aws/vendedlogs/states/ship-Logs", "/workflows/pay", "/workflows/else")
    add_state_machine(account.role, "pay", "/workflows/pay")
    add_state_machine(account.role, "quiet")

    assert found(account.inventory()) == [
        ("/aws/vendedlogs/states/ship-Logs", "stepfunctions", "ship"),
        ("/workflows/pay", "stepfunctions", "pay"),
    ]


def test_a_task_that_runs_counts_though_its_family_has_a_newer_revision(account: Account) -> None:
    account.add_log_groups("/ecs/old", "/ecs/new")
    account.containers.create_cluster(clusterName="shop")
    account.add_task_definition("shop", logging_to("/ecs/old"))
    run_task("shop", "shop:1")
    account.add_task_definition("shop", logging_to("/ecs/new"))

    assert found(account.inventory()) == [("/ecs/new", "ecs", "shop"), ("/ecs/old", "ecs", "shop")]


def test_a_task_that_has_stopped_counts_for_it_may_have_crashed(account: Account) -> None:
    account.add_log_groups("/ecs/old", "/ecs/new")
    account.containers.create_cluster(clusterName="shop")
    account.add_task_definition("shop", logging_to("/ecs/old"))
    account.containers.stop_task(cluster="shop", task=run_task("shop", "shop:1"))
    account.add_task_definition("shop", logging_to("/ecs/new"))

    assert ("/ecs/old", "ecs", "shop") in found(account.inventory())


def test_a_resource_that_cannot_be_described_keeps_no_other_from_its_turn(account: Account) -> None:
    """Seen from here, a state machine under a key that we may not use."""
    clock, requested = FakeClock(), []

    def describe(name: str) -> list[str]:
        requested.append(name)
        if name == "locked":
            raise ClientError({"Error": {"Code": "KmsAccessDeniedException", "Message": ""}}, "DescribeStateMachine")
        return [f"/{name}"]

    described = log_owners.Described(describe, clock, true_for=60)

    assert [described.refresh(["locked", "open"]), described.refresh(["locked", "open"])] == [1, 1]
    assert requested == ["locked", "open", "locked"]
    assert described.of("open") == ("/open",)
    clock.sleep(60)
    described.refresh(["open"])
    assert requested[3:] == ["open"]


def test_after_a_few_failures_the_others_are_described_the_next_time() -> None:
    def describe(name: str) -> list[str]:
        raise ClientError({"Error": {"Code": "ThrottlingException", "Message": name}}, "GetStages")

    described = log_owners.Described(requested := Mock(side_effect=describe), FakeClock())

    assert described.refresh(map(str, range(100))) == 100
    assert requested.call_count == log_owners.ENOUGH


def test_revisions_of_task_definitions_are_not_listed_however_many_there_are(account: Account) -> None:
    for _ in range(30):
        account.add_task_definition("shop", logging_to("/ecs/shop"))
    made: Counter[str] = Counter()

    LogGroupInventory(counting(made), FakeClock(), FILE).list_log_groups()

    assert made["ListTaskDefinitions"] == 0
    assert (made["ListTaskDefinitionFamilies"], made["DescribeTaskDefinition"]) == (1, 1)


def test_a_task_of_the_newest_revision_is_not_described_twice(account: Account) -> None:
    account.containers.create_cluster(clusterName="shop")
    account.add_task_definition("shop", logging_to("/ecs/shop"))
    run_task("shop", "shop:1")
    made: Counter[str] = Counter()

    LogGroupInventory(counting(made), FakeClock(), FILE).list_log_groups()

    assert made["DescribeTaskDefinition"] == 1


def test_a_state_machine_is_described_without_its_encrypted_definition(account: Account) -> None:
    requests: list[dict[str, Any]] = []
    client = aws("stepfunctions")
    described = "provide-client-params.sfn.DescribeStateMachine"
    client.meta.events.register(described, lambda params, **_: requests.append(params))
    add_state_machine(account.role, "pay", "/workflows/pay")

    owners = list(log_owners.StateMachines(client, FakeClock()).owners())

    assert [owner.log_group for owner in owners] == ["/workflows/pay"]
    assert [each.get("includedData") for each in requests] == ["METADATA_ONLY"]


def test_an_older_client_describes_state_machines_as_it_can(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    client = aws("stepfunctions")
    model = client.meta.service_model.operation_model("DescribeStateMachine")
    monkeypatch.delitem(model.input_shape.members, "includedData")
    add_state_machine(account.role, "pay", "/workflows/pay")

    assert list(log_owners.StateMachines(client, FakeClock()).owners())
