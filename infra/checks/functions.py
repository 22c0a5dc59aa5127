"""Checks of the hub's functions: they are there, may do what they need, and lose nothing that comes to them."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.gateways.failure_destinations import FailureDestinations
from infra.checks.check import Check, Finding, judged
from infra.functions import Function
from infra.policies import spelt_out

DEPLOY = "deploy the stage again"
RESTORE = "python -m infra.deploy --restore-only --stage {}"
POLICIES = Path(__file__).parents[2] / ".chalice"
API = "api_handler"
# Something that no function of the hub may do.
FORBIDDEN = "dynamodb:DeleteTable"


class Functions:
    """The functions of a stage; `session` is boto3's, `variables` are those of the policies."""

    def __init__(self, session: Any, stage: str, functions: tuple[Function, ...], variables: dict[str, str]) -> None:
        self._functions, self._stage, self._variables = functions, stage, variables
        self._lambda, self._events, self._iam = (session.client(each) for each in ("lambda", "events", "iam"))
        self._destinations = FailureDestinations(self._events, self._lambda)
        self._roles: dict[str, str] = {}

    def checks(self) -> Iterator[Check]:
        """Iterate over the checks, the existence of the functions first."""
        yield Check("functions", self._exist)
        yield Check("rules", self._rules)
        yield Check("failure destinations", self._failures)
        for function in self._functions:
            yield Check(f"permissions of {function.name(self._stage)}", partial(self._permissions, function))

    def _exist(self) -> Iterator[Finding]:
        for function in self._functions:
            name = function.name(self._stage)
            try:
                found = self._lambda.get_function_configuration(FunctionName=name)
            except ClientError as error:
                if error.response["Error"]["Code"] != "ResourceNotFoundException":
                    raise
                yield judged(f"function {name}", holds=False, detail="it is not there", remedy=DEPLOY)
                continue
            self._roles[name] = found["Role"]
            state = (found.get("State", "Active"), found.get("LastUpdateStatus", "Successful"))
            yield judged(
                f"function {name}",
                holds=state == ("Active", "Successful"),
                detail=f"its state is {state[0]}, its last update {state[1]}",
                remedy=DEPLOY,
            )

    def _rules(self) -> Iterator[Finding]:
        for function in self._functions:
            if not function.is_asynchronous:
                continue
            for name in function.rule_names(self._stage):
                yield from self._rule(name)

    def _rule(self, name: str) -> Iterator[Finding]:
        try:
            state = self._events.describe_rule(Name=name)["State"]
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            yield judged(f"rule {name}", holds=False, detail="it is not there", remedy=DEPLOY)
            return
        yield judged(f"rule {name}", holds=state == "ENABLED", detail=f"it is {state}", remedy="enable it")
        yield judged(
            f"dead-letter queue of rule {name}",
            holds=self._destinations.holds_rule(name),
            detail="a target has none, or there is no target",
            remedy=RESTORE.format(self._stage),
        )

    def _failures(self) -> Iterator[Finding]:
        for function in self._functions:
            if function.is_asynchronous:
                yield judged(
                    f"on-failure destination of {function.name(self._stage)}",
                    holds=self._destinations.holds_function(function.name(self._stage)),
                    detail="there is none",
                    remedy=RESTORE.format(self._stage),
                )

    def _permissions(self, function: Function) -> Iterator[Finding]:
        """Ask IAM's simulator for each statement of the function's policy, and for what must be denied."""
        name = function.name(self._stage)
        role = self._roles.get(name)
        if role is None:
            return
        text = (POLICIES / f"policy-{function.handler or API}.json").read_text()
        for statement in spelt_out(json.loads(text), self._variables)["Statement"]:
            allowed = self._decisions(role, _list(statement["Action"]), _list(statement["Resource"]))
            refused = sorted(action for action, decision in allowed.items() if decision != "allowed")
            yield judged(
                f"permissions of {name}, {statement['Sid']}",
                holds=not refused,
                detail=f"denied {', '.join(refused)}",
                remedy="is there a permissions boundary or a service control policy? " + DEPLOY,
            )
        table = f"arn:{self._variables['AWS::Partition']}:dynamodb:*:*:table/monitoring-{self._stage}"
        yield judged(
            f"permissions of {name} end there",
            holds=self._decisions(role, [FORBIDDEN], [table])[FORBIDDEN] != "allowed",
            detail=f"it may {FORBIDDEN}",
            remedy="its role has more policies than ours: take them away",
        )

    def _decisions(self, role: str, actions: list[str], resources: list[str]) -> dict[str, str]:
        """Return the simulator's decision for each action: the worst over all resources."""
        # Its API takes no wildcard where a name is meant, and an ARN that ends in one stands for all that begin so.
        named = [each if each == "*" else each.replace("*", "any") for each in resources]
        response = self._iam.simulate_principal_policy(PolicySourceArn=role, ActionNames=actions, ResourceArns=named)
        decisions: dict[str, str] = {}
        for each in response["EvaluationResults"]:
            decision = each["EvalDecision"]
            if decisions.get(each["EvalActionName"], "allowed") == "allowed":
                decisions[each["EvalActionName"]] = decision
        return decisions


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
