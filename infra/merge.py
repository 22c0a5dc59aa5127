"""Merge: what `chalice package` cannot say of the hub, as a template to merge into what it says.

`python -m infra.merge --stage prod > merge.json`, then `chalice package --stage prod --merge-template merge.json …`.
It is made from app.py at each packaging, so that no renamed handler leaves an orphan behind. It names functions and
rules as `chalice deploy` would, so that the queues, alarms and log groups of hub.yaml fit both ways of deploying; adds
both failure destinations, the gateway's own responses in our shape, and the API's address as a parameter.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from chalice.utils import to_cfn_resource_name

from app import app
from chalicelib.sources.registry import event_patterns
from infra.functions import Function, Trigger, functions_of
from infra.gateway_responses import sam_gateway_responses
from infra.throttling import sam_method_settings

API = "RestAPI"
API_HANDLER = "APIHandler"

type Template = dict[str, Any]

CONFIG = Path(__file__).parent.parent / ".chalice" / "config.json"


def merge_template(stage: str, functions: Sequence[Function]) -> Template:
    """Return the template to merge for a stage."""
    resources = {resource_name(function): {"Properties": _properties(function, stage)} for function in functions}
    resources[API] = {
        "Properties": {
            # Without it SAM makes a second stage, called Stage.
            "OpenApiVersion": "2.0",
            "GatewayResponses": sam_gateway_responses(),
            "MethodSettings": sam_method_settings(),
        }
    }
    resources["BaseUrl"] = _base_url(stage)
    return {
        "Description": f"The hub's functions and API, stage {stage}; its table and queues have a stack of their own.",
        "Resources": resources,
    }


def resource_name(function: Function) -> str:
    """Return the name that `chalice package` gives the function's resource."""
    return API_HANDLER if function.trigger is Trigger.API else str(to_cfn_resource_name(function.handler))


def queue_arn(stage: str, queue: str) -> dict[str, str]:
    """Return the ARN of one of hub.yaml's queues, which are in the same account and region."""
    return {"Fn::Sub": f"arn:${{AWS::Partition}}:sqs:${{AWS::Region}}:${{AWS::AccountId}}:monitoring-{stage}-{queue}"}


def _properties(function: Function, stage: str) -> dict[str, Any]:
    properties: dict[str, Any] = {"FunctionName": function.name(stage)}
    if function.is_asynchronous:
        on_failure = {"Type": "SQS", "Destination": queue_arn(stage, "failed")}
        longest = {"MaximumEventAgeInSeconds": function.longest_wait} if function.longest_wait else {}
        properties["EventInvokeConfig"] = {"DestinationConfig": {"OnFailure": on_failure}, **longest}
        first, *further = function.rule_names(stage)
        properties["Events"] = {
            str(to_cfn_resource_name(f"{function.handler}-event")): {"Properties": _rule(function, first, stage)}
        }
        for rule, pattern in zip(further, event_patterns()[1:], strict=bool(further)):
            rest = {"Pattern": pattern, **_rule(function, rule, stage)}
            properties["Events"][str(to_cfn_resource_name(rule))] = {"Type": "EventBridgeRule", "Properties": rest}
    return properties


def _rule(function: Function, rule: str, stage: str) -> dict[str, Any]:
    """Return what a rule lacks; SAM calls a schedule's name otherwise than an event rule's."""
    name = "Name" if function.trigger is Trigger.SCHEDULE else "RuleName"
    return {name: rule, "DeadLetterConfig": {"Arn": queue_arn(stage, "undelivered")}}


def _base_url(stage: str) -> dict[str, Any]:
    return {
        "Type": "AWS::SSM::Parameter",
        "Properties": {
            "Name": f"/monitoring/{stage}/base-url",
            "Type": "String",
            "Description": "Where the hub's API is, for links in messages.",
            "Value": {"Fn::Sub": f"https://${{{API}}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}/api"},
        },
    }


def main(arguments: Sequence[str]) -> None:
    """Print the merge template as JSON."""
    parser = argparse.ArgumentParser(prog="python -m infra.merge", description=__doc__.splitlines()[0])
    parser.add_argument("--stage", required=True, choices=sorted(json.loads(CONFIG.read_text())["stages"]))
    stage = parser.parse_args(arguments).stage
    json.dump(merge_template(stage, functions_of(app)), sys.stdout, indent=2)


if __name__ == "__main__":
    main(sys.argv[1:])
