"""Restore: what `chalice deploy` does not know, or has just erased; run it as often as you like.

Chalice puts a rule's target afresh at every deployment, without its dead-letter queue; knows of no destinations;
imports the API afresh, without our gateway responses; and does not publish the API's address.
"""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.sources.registry import event_patterns
from infra.errors import DeployError
from infra.functions import Function
from infra.gateway_responses import put_gateway_responses
from infra.hub_stack import Outputs
from infra.throttling import stage_patches

API_STAGE = "api"
# A role's new permission takes some seconds to be known everywhere, and Lambda looks whether it is there.
PATIENCE = 5.0
ATTEMPTS = 12


@dataclass(frozen=True, slots=True)
class Api:
    """The stage's API, as Chalice wrote it down."""

    id: str
    url: str

    @classmethod
    def of(cls, project: Path, stage: str) -> "Api":
        """Read Chalice's own record of a stage; DeployError where it is not here."""
        record = project / ".chalice" / "deployed" / f"{stage}.json"
        try:
            resources = json.loads(record.read_text())["resources"]
            (found,) = [each for each in resources if each["resource_type"] == "rest_api"]
            return cls(found["rest_api_id"], found["rest_api_url"].rstrip("/"))
        except FileNotFoundError:
            raise DeployError(
                f"There is no {record.relative_to(project)}: stage {stage} was not deployed from here, nor in this way."
            ) from None
        except (ValueError, KeyError, TypeError):
            raise DeployError(f"{record.relative_to(project)} names no API: deploy the stage again.") from None


class Restore:
    """Puts back what a stage lacks; `session` is boto3's, `outputs` are those of the hub's stack."""

    def __init__(self, session: Any, stage: str, outputs: Outputs) -> None:
        self._stage, self._outputs = stage, outputs
        self._events, self._functions = session.client("events"), session.client("lambda")
        self._gateway, self._parameters = session.client("apigateway"), session.client("ssm")

    def run(self, functions: Sequence[Function], api: Api) -> Iterator[str]:
        """Restore everything, and say so."""
        asynchronous = [each for each in functions if each.is_asynchronous]
        rules = [rule for function in asynchronous for rule in function.rule_names(self._stage)]
        for function in asynchronous:
            self.put_further_rules(function)
            self.catch_failed(function)
        for rule in rules:
            self.catch_undelivered(rule)
        yield f"{len(rules)} rules and {len(asynchronous)} functions have their failure destinations"
        self.put_responses(api)
        yield "the API has our gateway responses, and is throttled"
        self.publish(api)
        yield f"/monitoring/{self._stage}/base-url is {api.url}"

    def put_further_rules(self, function: Function) -> None:
        """Make the rules that Chalice does not know, which lead to the function as the first one does; none stays over.

        An event that one of them matches is the function's like any other.
        """
        _, *names = function.rule_names(self._stage)
        for name, pattern in zip(names, event_patterns()[1:], strict=bool(names)):
            arn = self._events.put_rule(Name=name, EventPattern=json.dumps(pattern))["RuleArn"]
            self._let_invoke(function, name, arn)
            target = self._functions.get_function_configuration(FunctionName=function.name(self._stage))["FunctionArn"]
            self._events.put_targets(
                Rule=name,
                Targets=[{"Id": "1", "Arn": target, "DeadLetterConfig": {"Arn": self._outputs["UndeliveredArn"]}}],
            )
        self._remove_rules_behind(function)

    def _let_invoke(self, function: Function, name: str, rule: str) -> None:
        try:
            self._functions.add_permission(
                FunctionName=function.name(self._stage),
                StatementId=name,
                Action="lambda:InvokeFunction",
                Principal="events.amazonaws.com",
                SourceArn=rule,
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceConflictException":  # it may already
                raise

    def _remove_rules_behind(self, function: Function) -> None:
        """Remove the rules of an earlier version that had more of them."""
        first = function.rule_name(self._stage)
        known = function.rule_names(self._stage)
        for rule in self._events.list_rules(NamePrefix=f"{first}-").get("Rules", ()):
            if rule["Name"] not in known:
                targets = self._events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
                if targets:
                    self._events.remove_targets(Rule=rule["Name"], Ids=[each["Id"] for each in targets])
                self._events.delete_rule(Name=rule["Name"])

    def catch_undelivered(self, rule: str) -> None:
        """Give all targets of a rule its dead-letter queue."""
        try:
            targets = self._events.list_targets_by_rule(Rule=rule)["Targets"]
        except self._events.exceptions.ResourceNotFoundException:
            targets = []
        if not targets:
            raise DeployError(f"The rule {rule} is not there, or leads nowhere: deploy the stage again.")
        queue = {"DeadLetterConfig": {"Arn": self._outputs["UndeliveredArn"]}}
        response = self._events.put_targets(Rule=rule, Targets=[each | queue for each in targets])
        if response["FailedEntryCount"]:
            raise DeployError(
                f"The rule {rule} has no dead-letter queue: {response['FailedEntries'][0].get('ErrorMessage')}"
            )

    def catch_failed(self, function: Function) -> None:
        """Give a function its destination for events that it fails on, and let no schedule wait for too long."""
        config: dict[str, Any] = {
            "FunctionName": function.name(self._stage),
            "DestinationConfig": {"OnFailure": {"Destination": self._outputs["FailedArn"]}},
        }
        if function.longest_wait:
            config["MaximumEventAgeInSeconds"] = function.longest_wait
        for left in reversed(range(ATTEMPTS)):
            try:
                self._functions.put_function_event_invoke_config(**config)
            except ClientError as error:
                if not left or error.response["Error"]["Code"] != "InvalidParameterValueException":
                    raise
                time.sleep(PATIENCE)
            else:
                return

    def put_responses(self, api: Api) -> None:
        """Let API Gateway speak as we do, which takes a deployment, and throttle."""
        for response in put_gateway_responses():
            self._gateway.put_gateway_response(restApiId=api.id, **response)
        self._gateway.create_deployment(restApiId=api.id, stageName=API_STAGE)
        self._gateway.update_stage(restApiId=api.id, stageName=API_STAGE, patchOperations=stage_patches())

    def publish(self, api: Api) -> None:
        """Tell the functions where the API is."""
        self._parameters.put_parameter(
            Name=f"/monitoring/{self._stage}/base-url", Value=api.url, Type="String", Overwrite=True
        )
