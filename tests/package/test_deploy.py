"""`make deploy` from a clean state, again, and after a change: everything is there, and so are the nets."""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn
from urllib.error import URLError

import pytest

from app import app
from chalicelib.gateways.failure_destinations import FailureDestinations
from chalicelib.handlers import rules_of
from chalicelib.services.operations.dlq_check import HANDLERS
from chalicelib.sources import registry
from infra import chalice_cli, deploy, verify
from infra.checks import interface
from infra.deploy import Order
from infra.functions import functions_of
from infra.gateway_responses import RESPONSES
from infra.policies import spelt_out
from infra.throttling import BURST, RATE
from tests.package.deployed import ROOT, Aws, aws_server, copy_project

STAGE = "test"
REGION, ACCOUNT = "us-east-1", "123456789012"
FUNCTIONS = functions_of(app)
VARIABLES = {"Stage": STAGE, "AWS::Partition": "aws", "AWS::Region": REGION, "AWS::AccountId": ACCOUNT}
ORGANIZATION = {"OrganizationId": "o-a1b2c3d4e5"}

pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse .* not supported by moto")
needs_the_runtime = pytest.mark.skipif(
    chalice_cli.this_python() != chalice_cli.RUNTIME, reason=f"only {chalice_cli.RUNTIME} may deploy"
)


@needs_the_runtime
def test_a_stage_is_deployed_from_nothing_then_again_and_after_a_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project = copy_project(tmp_path)
    with aws_server(monkeypatch, os.environ) as aws:
        deploy.run(Order(STAGE, ORGANIZATION, project=project))
        assert_functions_are_as_configured(aws)
        assert_roles_are_allowed_what_their_files_say(aws)
        assert_rules_wake_their_functions(aws)
        assert_failure_destinations_hold(aws)
        assert_every_route_has_its_authorizer(aws)
        assert_gateway_responses_have_our_shape(aws, project)
        assert len(capsys.readouterr().out.splitlines()) < 20
        assert_what_can_be_verified_holds(monkeypatch, capsys)

        before = inventory(aws)
        deploy.run(Order(STAGE, {}, project=project))
        assert inventory(aws) == before
        assert_failure_destinations_hold(aws)

        change(project)
        deploy.deploy_application(Order(STAGE, {}, project=project))
        assert not all(destinations(aws).holds_rule(name) for name in rules(aws)), "Chalice erases its own"
        deploy.run(Order(STAGE, {}, restore_only=True, project=project))
        assert_the_change_is_there(aws)
        assert_failure_destinations_hold(aws)
        assert_gateway_responses_have_our_shape(aws, project)


# Of what infra.verify reads, that which moto's CloudFormation cannot make.
MOTO_LACKS = re.compile(r"FAILS +(alarm|metric filter|(time to live|point-in-time recovery) of|queue .* takes) .*")
# What a newly deployed stage has not yet been given.
NOT_YET_GIVEN = re.compile(r"FAILS +(secret of a receiver|a token for the API|somebody has subscribed).*")


def assert_what_can_be_verified_holds(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Run infra.verify; the API that it names is nowhere, and nothing outside this machine is called."""

    def nobody(*_: Any, **__: Any) -> NoReturn:
        raise URLError("unreachable")

    with monkeypatch.context() as patched:
        patched.setattr(interface, "urlopen", nobody)
        assert verify.main(["--stage", STAGE, "--all"]) == 1
    *lines, last = capsys.readouterr().out.splitlines()
    failed = [line for line in lines if line.startswith("FAILS")]
    assert [line for line in failed if not (MOTO_LACKS.match(line) or NOT_YET_GIVEN.match(line))] == []
    assert last.startswith(f"{sum(line.startswith('ok') for line in lines)} hold, {len(failed)} fail, ")
    for subject in ("table monitoring-test", "archive keeps what the hub takes", "one stage of the API"):
        assert f"ok       {subject}" in lines


def rules(aws: Aws) -> dict[str, Mapping[str, Any]]:
    return {each["Name"]: each for each in aws.client("events").list_rules(NamePrefix="monitoring-")["Rules"]}


def functions(aws: Aws) -> dict[str, Mapping[str, Any]]:
    pages = aws.client("lambda").get_paginator("list_functions").paginate()
    return {each["FunctionName"]: each for page in pages for each in page["Functions"]}


def destinations(aws: Aws) -> FailureDestinations:
    return FailureDestinations(aws.client("events"), aws.client("lambda"))


def policies(aws: Aws) -> dict[str, Any]:
    iam = aws.client("iam")
    names = (each["RoleName"] for each in iam.list_roles()["Roles"])
    return {
        role: [iam.get_role_policy(RoleName=role, PolicyName=each)["PolicyDocument"] for each in listed]
        for role in names
        if (listed := iam.list_role_policies(RoleName=role)["PolicyNames"])
    }


def inventory(aws: Aws) -> dict[str, Any]:
    """Return everything that a deployment may change."""
    stack = aws.client("cloudformation").describe_stacks(StackName=f"monitoring-{STAGE}-hub")["Stacks"][0]
    targets = {name: aws.client("events").list_targets_by_rule(Rule=name)["Targets"] for name in rules(aws)}
    about = ("CodeSha256", "Role", "Handler", "Timeout", "MemorySize", "Environment", "Runtime")
    return {
        "stack": {each["ParameterKey"]: each["ParameterValue"] for each in stack["Parameters"]},
        "functions": {name: [each.get(key) for key in about] for name, each in functions(aws).items()},
        "policies": policies(aws),
        "rules": rules(aws),
        "targets": targets,
        "api": aws.apis,
    }


def configuration() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the configuration of all functions, and what each has of its own."""
    config = json.loads((ROOT / ".chalice" / "config.json").read_text())
    return config, config["lambda_functions"]


def assert_functions_are_as_configured(aws: Aws) -> None:
    config, own = configuration()
    found = functions(aws)
    assert found.keys() == {each.name(STAGE) for each in FUNCTIONS}
    for each in FUNCTIONS:
        made, wanted = found[each.name(STAGE)], config | own[each.handler or "api_handler"]
        assert made["Runtime"] == chalice_cli.RUNTIME
        assert made["Handler"] == f"app.{each.handler or 'app'}"
        assert (made["Timeout"], made["MemorySize"]) == (wanted["lambda_timeout"], wanted["lambda_memory_size"])
        assert made["Environment"]["Variables"].items() >= {"STAGE": STAGE, "TABLE_NAME": f"monitoring-{STAGE}"}.items()


def assert_roles_are_allowed_what_their_files_say(aws: Aws) -> None:
    _, own = configuration()
    written = {
        f"monitoring-{STAGE}-{name}": [
            spelt_out(json.loads((ROOT / ".chalice" / each["iam_policy_file"]).read_text()), VARIABLES)
        ]
        for name, each in own.items()
    }
    assert policies(aws) == written
    assert "${" not in json.dumps(written)


def assert_rules_wake_their_functions(aws: Aws) -> None:
    found = rules(aws)
    assert found.keys() == {name for each in FUNCTIONS if each.is_asynchronous for name in each.rule_names(STAGE)}
    event_sources: list[Any] = list(app.event_sources)
    for source in event_sources:
        rule = found[f"monitoring-{STAGE}-{source.name}-event"]
        if pattern := getattr(source, "event_pattern", None):
            assert json.loads(rule["EventPattern"]) == pattern
        else:
            schedule = source.schedule_expression
            assert rule["ScheduleExpression"] == (schedule if isinstance(schedule, str) else schedule.to_string())
        (target,) = aws.client("events").list_targets_by_rule(Rule=rule["Name"])["Targets"]
        assert target["Arn"].endswith(f":function:monitoring-{STAGE}-{source.name}")
    names = rules_of(STAGE, "handle_monitoring_events")
    assert [json.loads(found[name]["EventPattern"]) for name in names] == list(registry.event_patterns())
    for name in names:
        (target,) = aws.client("events").list_targets_by_rule(Rule=name)["Targets"]
        assert target["Arn"].endswith(f":function:monitoring-{STAGE}-handle_monitoring_events")


def assert_failure_destinations_hold(aws: Aws) -> None:
    queue = f"arn:aws:sqs:{REGION}:{ACCOUNT}:monitoring-{STAGE}"
    for handler in HANDLERS:
        name = f"monitoring-{STAGE}-{handler}"
        assert all(destinations(aws).holds_rule(rule) for rule in rules_of(STAGE, handler))
        assert destinations(aws).holds_function(name)
        (target,) = aws.client("events").list_targets_by_rule(Rule=f"{name}-event")["Targets"]
        assert target["DeadLetterConfig"] == {"Arn": f"{queue}-undelivered"}
        config = aws.client("lambda").get_function_event_invoke_config(FunctionName=name)
        assert config["DestinationConfig"]["OnFailure"] == {"Destination": f"{queue}-failed"}
    assert len(aws.client("sqs").list_queues(QueueNamePrefix=f"monitoring-{STAGE}-")["QueueUrls"]) == 2


def assert_every_route_has_its_authorizer(aws: Aws) -> None:
    (document,) = aws.apis.values()
    found = {
        (path, method.upper()): each.get("security", [])
        for path, methods in document["paths"].items()
        for method, each in methods.items()
    }
    wanted: dict[tuple[str, str], list[Any]] = {
        (path, method): [{entry.authorizer.name: []}] if entry.authorizer else []
        for path, methods in app.routes.items()
        for method, entry in methods.items()
    }
    assert found == wanted
    (authorizer,) = document["securityDefinitions"].values()
    assert f":function:monitoring-{STAGE}-authorize/" in authorizer["x-amazon-apigateway-authorizer"]["authorizerUri"]


def assert_gateway_responses_have_our_shape(aws: Aws, project: Path) -> None:
    (api,) = aws.apis
    gateway = aws.client("apigateway")
    found = {each["responseType"]: each for each in gateway.get_gateway_responses(restApiId=api)["items"]}
    assert {kind: each["responseTemplates"]["application/json"] for kind, each in found.items()} == {
        each.kind: each.template for each in RESPONSES
    }
    (stage,) = gateway.get_stages(restApiId=api)["item"]
    *_, newest = gateway.get_deployments(restApiId=api)["items"]  # as they were made; their dates are equal
    assert (stage["stageName"], stage["deploymentId"]) == ("api", newest["id"])
    assert stage["methodSettings"]["*/*"]["throttlingRateLimit"] == RATE
    assert stage["methodSettings"]["*/*"]["throttlingBurstLimit"] == BURST
    address = aws.client("ssm").get_parameter(Name=f"/monitoring/{STAGE}/base-url")["Parameter"]["Value"]
    assert address == f"https://{api}.execute-api.{REGION}.amazonaws.com/api"
    assert (project / ".chalice" / "deployed" / f"{STAGE}.json").is_file()


def change(project: Path) -> None:
    """Change what a deployment has to carry over: a function's limits, a schedule, a route."""
    path = project / ".chalice" / "config.json"
    config = json.loads(path.read_text())
    config["lambda_functions"]["check_agents"]["lambda_timeout"] = 45
    path.write_text(json.dumps(config))
    text = (project / "app.py").read_text()
    text = text.replace('@app.route("/health")', '@app.route("/alive")').replace("Rate(1, unit", "Rate(2, unit")
    (project / "app.py").write_text(text)


def assert_the_change_is_there(aws: Aws) -> None:
    (document,) = aws.apis.values()
    assert "/alive" in document["paths"]
    assert "/health" not in document["paths"]
    assert functions(aws)[f"monitoring-{STAGE}-check_agents"]["Timeout"] == 45
    assert rules(aws)[f"monitoring-{STAGE}-deliver_notifications-event"]["ScheduleExpression"] == "rate(2 minutes)"
