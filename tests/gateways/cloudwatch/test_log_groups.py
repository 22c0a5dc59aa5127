"""Inventory: the log groups that functions and containers really write to."""

import io
import json
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any, ClassVar
from unittest.mock import Mock

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.model import OperationModel
from moto import mock_aws

from chalicelib.config.scan import ScanFile
from chalicelib.domain.scanning.error_groups import LogGroup
from chalicelib.gateways.cloudwatch import log_owners
from chalicelib.gateways.cloudwatch.log_groups import Inventory
from tests.fakes import FakeClock
from tests.gateways.aws import REGION, aws

FILE = ScanFile()
SERVICES = ("lambda", "ecs", "apigateway", "apigatewayv2", "stepfunctions", "resourcegroupstaggingapi", "logs")


class Account:
    """An account in moto, with what a scan may find there."""

    def __init__(self) -> None:
        self.functions, self.containers, self.logs, self.iam = map(aws, ("lambda", "ecs", "logs", "iam"))
        trust = {"Version": "2012-10-17", "Statement": []}
        self.role = self.iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]

    def inventory(self, file: ScanFile = FILE, tag: str = "") -> Inventory:
        """Return the inventory of this account."""
        return Inventory(aws, FakeClock(), file, tag)

    def add_log_groups(self, *names: str, **tags: str) -> None:
        """Create log groups."""
        for name in names:
            self.logs.create_log_group(logGroupName=name, tags=tags)

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


def test_a_listing_takes_few_calls_however_many_functions_there_are(account: Account) -> None:
    for number in range(120):
        account.add_function(f"f-{number:03}")
        account.add_log_groups(f"/aws/lambda/f-{number:03}")
    made: Counter[str] = Counter()

    Inventory(counting(made), FakeClock(), FILE).list_log_groups()

    assert made.pop("ListFunctions") <= 3  # moto's pages hold more than AWS's
    assert made.pop("DescribeLogGroups") == 3
    assert made == dict.fromkeys(
        ["ListClusters", "ListTaskDefinitions", "GetRestApis", "GetApis", "ListStateMachines"], 1
    )


def test_what_can_change_is_asked_once_an_hour(account: Account) -> None:
    """What takes a call for each API and state machine is remembered; new log groups are seen all the same."""
    add_rest_api("shop", "/access/shop")
    add_state_machine(account.role, "pay", "/workflows/pay")
    made: Counter[str] = Counter()
    clock = FakeClock()
    inventory = Inventory(counting(made), clock, FILE)

    for _ in range(3):
        inventory.list_log_groups()
        clock.sleep(300)
    account.add_log_groups("/access/shop", "/workflows/pay")
    assert [name for name, _, _ in found(inventory)] == ["/access/shop", "/workflows/pay"]
    assert (made["GetStages"], made["DescribeStateMachine"], made["ListTaskDefinitions"]) == (1, 1, 1)
    clock.sleep(log_owners.TRUE_FOR)
    inventory.list_log_groups()

    assert (made["GetStages"], made["DescribeStateMachine"], made["ListTaskDefinitions"]) == (2, 2, 2)


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

    assert [name for name, _, _ in found(account.inventory(tag=tag))] == ["/aws/lambda/pay", "/ecs/web"]


def test_a_tag_of_another_value_chooses_nothing(account: Account) -> None:
    account.add_function("pay", team="shop")
    account.add_log_groups("/aws/lambda/pay")

    assert found(account.inventory(tag="team=else")) == []


def test_what_was_read_of_task_definitions_is_kept_and_the_rest_is_said(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_owners, "DESCRIBED_PER_RUN", 2)
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


class Stubs:
    """Clients whose answers are written by hand; those that have none have nothing to list."""

    ANSWERS: ClassVar[dict[str, dict[str, Any]]] = {
        "lambda": {"list_functions": {"Functions": []}},
        "ecs": {"list_clusters": {"clusterArns": []}, "list_task_definitions": {"taskDefinitionArns": []}},
        "apigateway": {"get_rest_apis": {"items": []}},
        "apigatewayv2": {"get_apis": {"Items": []}},
        "stepfunctions": {"list_state_machines": {"stateMachines": []}},
    }

    def __init__(self, log_groups: list[dict[str, Any]], **result_pages: Any) -> None:
        self.clients: dict[str, Any] = {}
        self.refusing: dict[str, str] = {}
        result_pages = {service: self.ANSWERS.get(service, {}) | result_pages.get(service, {}) for service in SERVICES}
        result_pages["logs"] = {"describe_log_groups": {"logGroups": log_groups}}
        for service, said in result_pages.items():
            self.clients[service] = client = aws(service)
            client.meta.events.register("before-call", partial(self._answer, service, said))

    def _answer(self, service: str, said: dict[str, Any], model: OperationModel, **_: Any) -> Any:
        if service in self.refusing:
            error = {"Error": {"Code": self.refusing[service], "Message": "no"}}
            return SimpleNamespace(status_code=400), error
        return SimpleNamespace(status_code=200), said[xform_name(model.name)]

    def inventory(self, file: ScanFile = FILE, tag: str = "") -> Inventory:
        """Return an inventory that asks these clients."""
        return Inventory(self.clients.__getitem__, FakeClock(), file, tag)


def stubbed(functions: list[dict[str, Any]], log_groups: list[dict[str, Any]]) -> Inventory:
    stubs = Stubs(log_groups, **{"lambda": {"list_functions": {"Functions": functions}}})
    return stubs.inventory()


def named(*names: str) -> list[dict[str, Any]]:
    return [{"logGroupName": name} for name in names]


def test_names_tell_what_databases_write_to_and_which_of_it_are_errors(account: Account) -> None:
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


def test_the_hub_s_own_api_is_never_scanned_whatever_a_rule_includes(account: Account) -> None:
    own = add_rest_api("monitoring", "/access/own")
    account.add_log_groups(f"API-Gateway-Execution-Logs_{own}/api", "/access/own", "/aws/lambda/monitoring-prod-x")

    assert found(account.inventory(ScanFile(include=("*",)))) == []


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


def test_log_groups_are_chosen_by_name_and_by_tag_and_exclusion_has_the_last_word(account: Account) -> None:
    account.add_function("pay")
    account.add_log_groups("/aws/lambda/pay", "/app/web", "/app/noisy", "/else")
    file = ScanFile(include=("/app/*",), exclude=("/app/noisy", "*/pay"))

    assert found(account.inventory(file)) == [("/app/web", "other", "")]


def test_log_groups_with_a_tag_of_theirs_are_scanned() -> None:
    stubs = Stubs(
        named("/app/web", "/app/job", "/else"),
        resourcegroupstaggingapi={
            "get_resources": {
                "ResourceTagMappingList": [
                    tagged("/app/web", team="shop-1"),
                    tagged("/app/job", team="else"),
                ]
            }
        },
    )

    assert found(stubs.inventory(ScanFile(tags={"team": ("shop-*",)}))) == [("/app/web", "other", "")]


def test_services_that_are_not_wanted_are_not_scanned(account: Account) -> None:
    account.add_function("pay")
    account.add_task_definition("web", logging_to("/ecs/web"))
    account.add_log_groups("/aws/lambda/pay", "/ecs/web", "/aws/rds/instance/orders/error")

    assert found(account.inventory(ScanFile(services=("rds",)))) == [
        ("/aws/rds/instance/orders/error", "rds", "orders")
    ]


def test_a_service_that_may_not_be_asked_is_said_and_the_others_are_listed() -> None:
    stubs = Stubs(named("/aws/rds/instance/orders/error", "/aws/vendedlogs/states/ship-Logs"))
    stubs.refusing = {"ecs": "AccessDeniedException", "stepfunctions": "AccessDeniedException"}

    listing = stubs.inventory().list_log_groups()

    assert [each.resource for each in listing.log_groups] == ["orders", "ship"]
    assert listing.refused == ("ecs", "stepfunctions")


def test_where_functions_cannot_be_listed_names_tell_of_them_and_ours_are_left_out() -> None:
    stubs = Stubs(named("/aws/lambda/pay", "/aws/lambda/monitoring-agent-dev"))
    stubs.refusing = {"lambda": "AccessDeniedException"}

    assert found(stubs.inventory()) == [("/aws/lambda/pay", "lambda", "pay")]


def test_where_apis_cannot_be_listed_none_is_scanned_as_any_might_be_our_own() -> None:
    stubs = Stubs(named("API-Gateway-Execution-Logs_a1/api", "/app/web"))
    stubs.refusing = {"apigateway": "AccessDeniedException"}

    listing = stubs.inventory(ScanFile(include=("*",))).list_log_groups()

    assert [each.name for each in listing.log_groups] == ["/app/web"]
    assert listing.refused == ("apigateway",)


def test_a_service_that_has_no_time_stops_the_listing_for_what_it_has_would_be_missed() -> None:
    stubs = Stubs(named("/aws/lambda/pay"))
    stubs.refusing = {"lambda": "TooManyRequestsException"}

    with pytest.raises(ClientError):
        stubs.inventory().list_log_groups()


def test_a_service_that_has_no_time_stands_by_what_it_said_before() -> None:
    function = {"FunctionName": "pay", "FunctionArn": "arn:pay", "LoggingConfig": {"LogGroup": "/shop/pay"}}
    stubs = Stubs(named("/shop/pay"), **{"lambda": {"list_functions": {"Functions": [function]}}})
    inventory = stubs.inventory()
    before = found(inventory)
    stubs.refusing = {"lambda": "TooManyRequestsException"}

    assert found(inventory) == before == [("/shop/pay", "lambda", "pay")]


def test_a_resource_that_does_not_say_where_it_logs_keeps_no_other_from_its_turn(account: Account) -> None:
    """Seen from here, a state machine under a key that we may not use."""
    clock, asked = FakeClock(), []

    def describe(name: str) -> list[str]:
        asked.append(name)
        if name == "locked":
            raise ClientError({"Error": {"Code": "KmsAccessDeniedException", "Message": ""}}, "DescribeStateMachine")
        return [f"/{name}"]

    described = log_owners.Described(describe, clock, true_for=60)

    assert [described.ask(["locked", "open"]), described.ask(["locked", "open"])] == [1, 1]
    assert asked == ["locked", "open", "locked"]
    assert described.log_groups("open") == ("/open",)
    clock.sleep(60)
    described.ask(["open"])
    assert asked[3:] == ["open"]


def test_after_a_few_that_do_not_answer_the_others_are_asked_the_next_time() -> None:
    def describe(name: str) -> list[str]:
        raise ClientError({"Error": {"Code": "ThrottlingException", "Message": name}}, "GetStages")

    described = log_owners.Described(asked := Mock(side_effect=describe), FakeClock())

    assert described.ask(map(str, range(100))) == 100
    assert asked.call_count == log_owners.ENOUGH


def counting(made: Counter[str]) -> Callable[[str], Any]:
    """Return what makes clients whose calls are counted."""

    def client(service: str) -> Any:
        counted = aws(service)
        counted.meta.events.register("before-call", lambda model, **_: made.update([model.name]))
        return counted

    return client


def tagged(log_group: str, **tags: str) -> dict[str, Any]:
    arn = f"arn:aws:logs:{REGION}:123456789012:log-group:{log_group}"
    return {"ResourceARN": arn, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


def add_rest_api(name: str, access_log: str) -> str:
    client = aws("apigateway")
    api: str = client.create_rest_api(name=name)["id"]
    root = client.get_resources(restApiId=api)["items"][0]["id"]
    client.put_method(restApiId=api, resourceId=root, httpMethod="GET", authorizationType="NONE")
    client.put_integration(restApiId=api, resourceId=root, httpMethod="GET", type="MOCK")
    client.create_deployment(restApiId=api, stageName="live")
    patch = {"op": "replace", "path": "/accessLogSettings/destinationArn", "value": arn_of(access_log)}
    client.update_stage(restApiId=api, stageName="live", patchOperations=[patch])
    return api


def add_http_api(name: str, access_log: str) -> str:
    client = aws("apigatewayv2")
    api: str = client.create_api(Name=name, ProtocolType="HTTP")["ApiId"]
    settings = {"DestinationArn": arn_of(access_log), "Format": "$context.status"}
    client.create_stage(ApiId=api, StageName="live", AccessLogSettings=settings)
    return api


def add_state_machine(role: str, name: str, log_group: str = "") -> None:
    states = {"StartAt": "s", "States": {"s": {"Type": "Succeed"}}}
    destinations = [{"cloudWatchLogsLogGroup": {"logGroupArn": f"{arn_of(log_group)}:*"}}] if log_group else []
    aws("stepfunctions").create_state_machine(
        name=name,
        definition=json.dumps(states),
        roleArn=role,
        loggingConfiguration={"level": "ERROR", "destinations": destinations},
    )


def run_task(cluster: str, definition: str) -> str:
    ec2 = aws("ec2")
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    network = {"awsvpcConfiguration": {"subnets": [subnet]}}
    tasks = aws("ecs").run_task(
        cluster=cluster, taskDefinition=definition, launchType="FARGATE", networkConfiguration=network
    )
    arn: str = tasks["tasks"][0]["taskArn"]
    return arn


def arn_of(log_group: str) -> str:
    return f"arn:aws:logs:{REGION}:123456789012:log-group:{log_group}"
