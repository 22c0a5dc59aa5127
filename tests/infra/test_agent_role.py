"""What the scanner may do: what it asks of AWS, where it asks it."""

import inspect
import re
from collections.abc import Iterator
from typing import Any

from botocore import xform_name
from botocore.session import Session

from chalicelib.container.scanning import build_agent, build_backfill
from chalicelib.gateways import account_info, eventbridge, ssm
from chalicelib.gateways.cloudwatch import log_groups, log_owners, logs_insights
from tests.infra.templates import read

(POLICY,) = read("agent.yaml")["Resources"]["ScanRole"]["Properties"]["Policies"]
STATEMENTS = POLICY["PolicyDocument"]["Statement"]
# By Lambda itself, not by our code.
SERVICE = {"logs:CreateLogStream", "logs:PutLogEvents", "sqs:SendMessage"}
# Needs no permission: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
FREE = {"sts:GetCallerIdentity"}
# boto3's name of a service, and IAM's where it is another.
SERVICES = {
    "account": "account",
    "apigateway": "apigateway",
    "apigatewayv2": "apigateway",
    "ecs": "ecs",
    "events": "events",
    "lambda": "lambda",
    "logs": "logs",
    "resourcegroupstaggingapi": "tag",
    "ssm": "ssm",
    "stepfunctions": "states",
    "sts": "sts",
}
# These have no resources that one could name: the service authorization reference.
NAMELESS = {
    *("ecs:DescribeTaskDefinition", "ecs:ListClusters", "ecs:ListTaskDefinitionFamilies", "ecs:ListTasks"),
    *("lambda:ListFunctions", "logs:GetQueryResults", "logs:StopQuery", "states:ListStateMachines", "tag:GetResources"),
}


def actions(statement: dict[str, Any]) -> list[str]:
    listed = statement["Action"]
    return [listed] if isinstance(listed, str) else list(listed)


def called() -> Iterator[str]:
    """Iterate over what a scan's gateways call, as far as their text tells."""
    modules = (account_info, eventbridge, log_groups, log_owners, logs_insights, ssm)
    # Several parameters at once are the hub's secrets.
    text = re.sub(r"\bget_parameters\w*", "", "".join(map(inspect.getsource, modules)))
    words = set(re.findall(r'[."](\w+)', text))
    session = Session()
    for service, prefix in SERVICES.items():
        operations = session.get_service_model(service).operation_names
        found = (name for name in operations if xform_name(name) in words)
        # Of API Gateway, IAM knows the methods of HTTP only.
        yield from (f"{prefix}:{'GET' if prefix == 'apigateway' else name}" for name in found)


def test_the_scanner_may_do_what_it_does_and_nothing_else() -> None:
    allowed = {action for each in STATEMENTS for action in actions(each)}

    assert allowed - SERVICE == set(called()) - FREE


def test_whatever_can_be_named_is_named() -> None:
    unnamed = {action for each in STATEMENTS if each["Resource"] == "*" for action in actions(each)}

    assert unnamed == NAMELESS


def test_the_scanner_remembers_how_far_it_came_where_it_may() -> None:
    (memory,) = (each for each in STATEMENTS if "ssm:PutParameter" in actions(each))
    names = [
        name.replace("{settings.stage}", "${Stage}")
        for build in (build_agent, build_backfill)
        for name in re.findall(r'parameter=f"(.+)"', inspect.getsource(build))
    ]

    assert [each["Fn::Sub"].partition(":parameter")[2] for each in memory["Resource"]] == names


def test_the_scanner_speaks_for_an_agent_alone() -> None:
    (publishing,) = (each for each in STATEMENTS if "events:PutEvents" in actions(each))

    assert publishing["Resource"]["Fn::Sub"].endswith(":${AWS::Region}:${AWS::AccountId}:event-bus/default")
    assert publishing["Condition"] == {"ForAllValues:StringLike": {"events:source": "monitoring.agent.*"}}
