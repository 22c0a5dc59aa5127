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
# By its partitions a statement may be limited to items of the table; a partition that no function has anything in.
PARTITIONS, NOBODYS = "dynamodb:LeadingKeys", "NOBODYS#1"
TABLE = "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/monitoring-${Stage}"
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
        statements = spelt_out(json.loads(text), self._variables)["Statement"]
        for statement in statements:
            actions, resources = _list(statement["Action"]), _list(statement["Resource"])
            partitions = _partitions_of(statement)
            decisions = [self._decisions(role, actions, resources, each) for each in partitions or [""]]
            refused = sorted({action for each in decisions for action, is_allowed in each.items() if not is_allowed})
            yield judged(
                f"permissions of {name}, {statement['Sid']}",
                holds=not refused,
                detail=f"denied {', '.join(refused)}",
                remedy="is there a permissions boundary or a service control policy? " + DEPLOY,
            )
        yield self._end(name, role, statements)

    def _end(self, name: str, role: str, statements: list[dict[str, Any]]) -> Finding:
        """Find out whether a function may do what it must not: to the table, or to items that are not its own."""
        resources = [spelt_out({"Fn::Sub": TABLE}, self._variables)]
        allowed = self._decisions(role, [FORBIDDEN], resources)
        limited = {action for each in statements if _partitions_of(each) for action in _list(each["Action"])}
        limited -= {action for each in statements if not _partitions_of(each) for action in _list(each["Action"])}
        if limited:
            allowed |= self._decisions(role, sorted(limited), resources, NOBODYS)
        return judged(
            f"permissions of {name} end there",
            holds=not any(allowed.values()),
            detail=f"it may {', '.join(sorted(action for action, is_allowed in allowed.items() if is_allowed))}",
            remedy="its role has more policies than ours, or others: take them away, or " + DEPLOY,
        )

    def _decisions(self, role: str, actions: list[str], resources: list[str], partition: str = "") -> dict[str, bool]:
        """Return whether the simulator allows each action for all resources, in a partition if there is one."""
        # Its API takes no wildcard where a name is meant, and an ARN that ends in one stands for all that begin so.
        named = [each if each == "*" else each.replace("*", "any") for each in resources]
        keys = [{"ContextKeyName": PARTITIONS, "ContextKeyType": "stringList", "ContextKeyValues": [partition]}]
        response = self._iam.simulate_principal_policy(
            PolicySourceArn=role, ActionNames=actions, ResourceArns=named, ContextEntries=keys if partition else []
        )
        decisions = dict.fromkeys(actions, True)
        for each in response["EvaluationResults"]:
            decisions[each["EvalActionName"]] &= each["EvalDecision"] == "allowed"
        return decisions


def _partitions_of(statement: dict[str, Any]) -> list[str]:
    """Return a partition for each pattern that a statement is limited to; none where it is to all of the table."""
    conditions: dict[str, dict[str, list[str]]] = statement.get("Condition", {})
    return [each.replace("*", "1") for limits in conditions.values() for each in limits.get(PARTITIONS, [])]


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
