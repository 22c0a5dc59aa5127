"""Accounts to list the log groups of: in moto, and with responses written by hand."""

import io
import json
import zipfile
from collections import Counter
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any, ClassVar

from botocore import xform_name
from botocore.model import OperationModel

from chalicelib.config.compiled_scan import ScanFile
from chalicelib.gateways.cloudwatch.log_groups import LogGroupInventory
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

    def inventory(self, file: ScanFile = FILE, tag: str = "") -> LogGroupInventory:
        """Return the inventory of this account."""
        return LogGroupInventory(aws, FakeClock(), file, tag)

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


def logging_to(log_group: str, driver: str = "awslogs", **options: str) -> dict[str, Any]:
    options = {"awslogs-group": log_group, "awslogs-region": REGION, "awslogs-stream-prefix": "s"} | options
    return {"logConfiguration": {"logDriver": driver, "options": options}}


def found(inventory: LogGroupInventory) -> list[tuple[str, str, str]]:
    return [(each.name, each.service, each.resource) for each in inventory.list_log_groups().log_groups]


class Stubs:
    """Clients whose answers are written by hand; those that have none have nothing to list."""

    RESPONSES: ClassVar[dict[str, dict[str, Any]]] = {
        "lambda": {"list_functions": {"Functions": []}},
        "ecs": {"list_clusters": {"clusterArns": []}, "list_task_definition_families": {"families": []}},
        "apigateway": {"get_rest_apis": {"items": []}},
        "apigatewayv2": {"get_apis": {"Items": []}},
        "stepfunctions": {"list_state_machines": {"stateMachines": []}},
    }

    def __init__(self, log_groups: list[dict[str, Any]], **responses: Any) -> None:
        self.clients: dict[str, Any] = {}
        self.refusing: dict[str, str] = {}
        responses = {service: self.RESPONSES.get(service, {}) | responses.get(service, {}) for service in SERVICES}
        responses["logs"] = {"describe_log_groups": {"logGroups": log_groups}}
        for service, said in responses.items():
            self.clients[service] = client = aws(service)
            client.meta.events.register("before-call", partial(self._answer, service, said))

    def _answer(self, service: str, said: dict[str, Any], model: OperationModel, **_: Any) -> Any:
        if service in self.refusing:
            error = {"Error": {"Code": self.refusing[service], "Message": "no"}}
            return SimpleNamespace(status_code=400), error
        return SimpleNamespace(status_code=200), said[xform_name(model.name)]

    def inventory(self, file: ScanFile = FILE, tag: str = "") -> LogGroupInventory:
        """Return an inventory that asks these clients."""
        return LogGroupInventory(self.clients.__getitem__, FakeClock(), file, tag)


def stubbed(functions: list[dict[str, Any]], log_groups: list[dict[str, Any]]) -> LogGroupInventory:
    stubs = Stubs(log_groups, **{"lambda": {"list_functions": {"Functions": functions}}})
    return stubs.inventory()


def named(*names: str) -> list[dict[str, Any]]:
    return [{"logGroupName": name} for name in names]


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
