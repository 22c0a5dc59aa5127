"""A hub's world on loopback: moto plays AWS, AWS's own DynamoDB Local holds the table, a look-alike takes Slack's part.

And what wakes the functions there: one event for each handler, as Lambda would hand it over.
"""

import hashlib
import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

from chalicelib.domain.timestamps import iso
from chalicelib.handlers import SCHEDULES
from local import dynamodb_local
from local.aws import HUB, HUB_REGION, STAGE, Cloud, adopt, claim_port, environment, serve_aws
from local.receivers import demo
from local.slack import SlackLookalike
from local.slack.conversations import Conversations
from local.slack.interactivity import PERSON
from local.stack import receivers
from local.table import create_table

PROJECT = Path(__file__).parent.parent
SAMPLES = PROJECT / "tests" / "samples"
TABLE = f"monitoring-{STAGE}"
TOKEN = "a-token-for-benchmarks"  # noqa: S105 - it opens nothing but this world


@dataclass(frozen=True)
class World:
    """The world, and what a function has to know of it."""

    slack: SlackLookalike
    environment: Mapping[str, str]

    @cached_property
    def cloud(self) -> Cloud:
        """Clients for whoever is in the world but no function."""
        return Cloud()

    @property
    def table(self) -> Any:
        """A client for the table."""
        return self.cloud.client("dynamodb")

    def items(self) -> list[dict[str, Any]]:
        """Return what is in the table."""
        pages = self.table.get_paginator("scan").paginate(TableName=TABLE, ConsistentRead=True)
        return [item for page in pages for item in page["Items"]]

    def begin_anew(self) -> None:
        """Empty the table, forget what was posted, and how far logs were scanned."""
        for item in self.items():
            self.table.delete_item(TableName=TABLE, Key={name: item[name] for name in ("pk", "sk")})
        self.slack.clear()
        states = [f"/monitoring/{STAGE}/{name}" for name in ("scan", "backfill")]
        self.cloud.client("ssm").delete_parameters(Names=states)

    def put(self, items: Iterable[dict[str, Any]]) -> None:
        """Put items into the table."""
        for item in items:
            self.table.put_item(TableName=TABLE, Item=item)

    def keep_secrets(self) -> None:
        """Write the parameters that an operator would write."""
        token = {"sha256": hashlib.sha256(TOKEN.encode()).hexdigest(), "scopes": ["read", "write"]}
        secrets = {f"slack/{receiver}": self.slack.webhook(receiver) for receiver in receivers()}
        secrets |= demo.secrets(self.slack.url)
        secrets["api-tokens/bench"] = json.dumps(token)
        for name, value in secrets.items():
            self.cloud.client("ssm").put_parameter(Name=f"/monitoring/{STAGE}/{name}", Value=value, Type="SecureString")


@contextmanager
def world() -> Iterator[World]:
    """Start all of it, with an empty table; dynamodb_local.Unavailable where there is no Java."""
    before = dict(os.environ)
    with serve_aws(claim_port(0, "AWS", "")) as aws, dynamodb_local.running() as table, SlackLookalike() as slack:
        # What is measured is work: no function is to wait for others.
        here = {"AWS_ENDPOINT_URL_DYNAMODB": table, "GROUP_WAIT_SECONDS": "0", "SLACK_URL": f"{slack.url}/api"}
        functions = environment(aws, {}) | deployed() | here
        adopt(os.environ, before | functions)
        try:
            slack.app = Conversations({demo.CHANNEL: "ops"}, demo.BOT_TOKEN, time.time)
            slack.app.people[str(PERSON["id"])] = PERSON
            measured = World(slack, functions)
            create_table(measured.table, TABLE)
            measured.keep_secrets()
            yield measured
        finally:
            adopt(os.environ, before)


def deployed(stage: str = STAGE) -> dict[str, str]:
    """Return the variables that a function is deployed with."""
    config = json.loads((PROJECT / ".chalice" / "config.json").read_text())
    variables: dict[str, str] = config["stages"][stage]["environment_variables"]
    return variables


def alarm(name: str = "checkout-errors") -> dict[str, Any]:
    """Return an event that is announced: an alarm that went off just now, and never before."""
    event = sample("alarm-metric-alarm")
    event["detail"]["alarmName"] = name
    event["resources"] = [f"arn:aws:cloudwatch:eu-west-1:111122223333:alarm:{name}"]
    return event


def sample(name: str) -> dict[str, Any]:
    """Return a sample event, new and dated now."""
    event: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text())
    return event | {"id": str(uuid4()), "time": iso(int(time.time()))}


def schedule(handler: str) -> dict[str, Any]:
    """Return what a scheduled rule sends."""
    return {
        "version": "0",
        "id": str(uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": HUB.id,
        "time": iso(int(time.time())),
        "region": HUB_REGION,
        "resources": [f"arn:aws:events:{HUB_REGION}:{HUB.id}:rule/monitoring-{STAGE}-{handler}-event"],
        "detail": {},
    }


def authorization(token: str = TOKEN) -> dict[str, Any]:
    """Return what API Gateway asks the authorizer."""
    arn = f"arn:aws:execute-api:{HUB_REGION}:{HUB.id}:abcdefghij/api/GET/events"
    return {"type": "TOKEN", "authorizationToken": f"Bearer {token}", "methodArn": arn}


def request(
    resource: str, method: str = "GET", caller: Mapping[str, Any] | None = None, **parts: Any
) -> dict[str, Any]:
    """Return what API Gateway sends to the API; `caller` is the context that the authorizer gave."""
    context = {"httpMethod": method, "resourcePath": resource, "requestId": str(uuid4()), "identity": {}}
    return {
        "resource": resource,
        "path": resource,
        "httpMethod": method,
        "headers": {},
        "multiValueHeaders": {},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": context | ({"authorizer": dict(caller)} if caller else {}),
        "body": None,
        "isBase64Encoded": False,
    } | parts


def occasions() -> dict[str, Any]:
    """Return an event for each handler, by the handler's name in `app.py`."""
    return {
        "handle_monitoring_events": alarm(),
        "update_deployment": sample("stack-agent-create-complete"),
        **{each: schedule(each) for each in SCHEDULES},
        "authorize": authorization(),
        "app": request("/events", caller={"name": "bench", "scopes": "read write"}),
    }
