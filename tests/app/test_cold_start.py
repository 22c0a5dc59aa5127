"""A cold start: what holds from the app's import until its first job is done."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from chalicelib import lambda_runtime
from chalicelib.gateways import aws_clients
from tests.app.world import ROOT

PREFLIGHT = {
    "requestContext": {"httpMethod": "OPTIONS", "resourcePath": "/events", "requestId": "one"},
    "headers": {},
    "multiValueQueryStringParameters": None,
    "pathParameters": {},
    "stageVariables": None,
    "body": None,
}


SETTINGS = {"TABLE_NAME": "monitoring-dev", "STAGE": "dev", "LOG_LEVEL": "ERROR"}
AWS = {"AWS_DEFAULT_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
# It brings pydantic along.
MODELS = "chalicelib.api.contract"
# Whoever calls anybody is told so.
ALONE = """
import socket, sys
def connect(*_): print("called somebody")
socket.socket.connect = connect
"""


def run(script: str, environment: Mapping[str, str] = SETTINGS) -> list[str]:
    """Return what a fresh Python prints."""
    command = [sys.executable, "-c", script]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    ).stdout.splitlines()


def test_no_garbage_is_searched_for_until_the_first_job_is_done() -> None:
    script = f"import app, gc; print(gc.isenabled()); app.app({PREFLIGHT!r}, None); print(gc.isenabled())"

    assert run(script) == ["False", "True"]


def test_a_session_knows_the_services_that_there_are_and_no_others() -> None:
    session = aws_clients.session()

    assert {"dynamodb", "ssm", "events"} <= set(session.get_available_services())
    with pytest.raises(Exception, match="no-such-service"):
        session.create_client("no-such-service", region_name="eu-central-1")


@pytest.mark.parametrize(
    ("handler", "is_imported"), [("app.app", True), ("app.authorize", False), ("app.daily_report", False), ("", False)]
)
def test_the_models_are_read_before_the_first_request_by_the_api_alone(handler: str, is_imported: bool) -> None:
    script = f"import os; os.environ['_HANDLER'] = {handler!r}; import app, sys; print({MODELS!r} in sys.modules)"

    assert run(script) == [str(is_imported)]


def test_what_a_function_uses_is_made_before_its_first_event_and_nobody_is_called() -> None:
    script = f"""{ALONE}
import app, os
from chalicelib import container
for handler in (*container.PARTS, *container.SCANNING):
    os.environ["_HANDLER"] = "app." + handler
    container.prepare()
made = vars(container.hub())
print([part for parts in container.PARTS.values() for part in parts if part not in made])
print(container.scanner.cache_info().currsize, "requests" in sys.modules, "jinja2" in sys.modules)
"""

    assert run(script, SETTINGS | AWS) == ["[]", "1 False False"]


def test_what_wakes_another_sweep_is_made_when_it_is_used_and_holds_no_sweep_up() -> None:
    script = f"""{ALONE}
import app, os
from chalicelib import container
os.environ["_HANDLER"] = "app.deliver_notifications"
container.prepare()
print("wake_sender" in vars(container.hub()))
config = container.hub().wake_sender._client.meta.config
print(config.read_timeout, config.retries["total_max_attempts"])
"""

    assert run(script, SETTINGS | AWS | {"AWS_LAMBDA_FUNCTION_NAME": "deliver_notifications"}) == ["False", "5 1"]


def test_outside_lambda_nothing_is_made_before_it_is_used() -> None:
    script = "import app, sys; print('botocore' in sys.modules, 'chalicelib.container.services' in sys.modules)"

    assert run(script) == ["False False"]


def test_a_wrong_setting_fails_the_first_event_and_not_the_import() -> None:
    script = """
import app
from chalicelib import container
try:
    container.hub()
except Exception as error:
    print(error)
"""

    assert run(script, AWS | {"_HANDLER": "app.deliver_notifications", "STAGE": "dev"}) == ["TABLE_NAME is not set"]


# As if AWS's botocore wanted more than it does today.
DEMANDING = """
import sys
class Demanding:
    count = 0
    def find_spec(self, name, *_):
        self.count += name == "botocore.docs.utils"
        if name == "botocore.docs.utils" and self.count == 1:
            raise ImportError(name)
sys.meta_path.insert(0, Demanding())
"""
# As if it came to calculate with what urllib3 asks of packages, or to use a text about a method.
CALCULATING = """
from chalicelib import lambda_runtime
def number(module, name):
    return 1 // 0
lambda_runtime.StandIn.__getattr__ = number
"""
READING = """
from chalicelib import lambda_runtime
def text(cls, *_, **__):
    return "".missing
lambda_runtime.Unused.__new__ = text
"""
DOCUMENTED = """
import sys
from chalicelib.gateways import aws_clients
client = aws_clients.session().create_client("dynamodb")
print("html.parser" in sys.modules, client.get_paginator("query").__class__.__name__, "botocore.docs" in sys.modules)
print("importlib.metadata" in sys.modules)
"""


@pytest.mark.parametrize(
    ("begins", "handler", "printed"),
    [
        ("", "app.authorize", ["False DynamoDB.Paginator.Query False", "False"]),
        ("", "", ["True DynamoDB.Paginator.Query True", "True"]),
        (DEMANDING, "app.authorize", ["True DynamoDB.Paginator.Query True", "True"]),
        (CALCULATING, "app.authorize", ["True DynamoDB.Paginator.Query True", "True"]),
        (READING, "app.authorize", ["True DynamoDB.Paginator.Query True", "True"]),
    ],
)
def test_botocore_leaves_out_what_nobody_uses_in_lambda_alone(begins: str, handler: str, printed: list[str]) -> None:
    variables = {"_HANDLER": handler} if handler else {}

    assert run(f"{begins}{DOCUMENTED}", AWS | variables) == printed


def test_what_stands_for_the_text_about_a_method_is_a_text_as_botocores_own_is() -> None:
    script = """
from chalicelib.gateways import aws_clients
print([aws_clients.session().create_client("sqs").send_message.__doc__])
"""

    assert run(script, AWS | {"_HANDLER": "app.authorize"}) == ["['']"]


def test_boto3_can_still_be_imported_afterwards() -> None:
    script = "from chalicelib.gateways import aws_clients; import boto3; print(boto3.client('sqs').meta.region_name)"

    assert run(script, AWS | {"_HANDLER": "app.authorize"}) == ["eu-west-1"]


# Credentials that a program writes, a time and a search in a response: what is seldom needed, used.
SELDOM = """
import os, sys
from chalicelib.gateways import aws_clients, quick_botocore
client = aws_clients.session().create_client("logs")
print([name for name in quick_botocore.SELDOM if name in sys.modules])
os.environ["AWS_CONFIG_FILE"] = {config!r}
print(aws_clients.session().get_credentials().get_frozen_credentials().token)
from botocore.utils import parse_timestamp
print(parse_timestamp("2026-03-04T05:06:07Z").minute)
client.get_paginator("describe_log_groups")
import xml.etree.ElementTree
print(xml.etree.ElementTree.fromstring("<a><b>found</b></a>").findtext("./b"))
from botocore.config import Config
for mode in ("legacy", "adaptive"):
    aws_clients.session().create_client("logs", config=Config(retries={{"mode": mode}}))
print([name for name in quick_botocore.SELDOM if name not in sys.modules])
"""
KEYS = """#!/bin/sh
echo '{"Version": 1, "AccessKeyId": "one", "SecretAccessKey": "two", "SessionToken": "three"}'
"""


def test_what_botocore_seldom_needs_is_imported_when_it_does(tmp_path: Path) -> None:
    program, config = tmp_path / "keys", tmp_path / "config"
    program.write_text(KEYS)
    program.chmod(0o755)
    config.write_text(f"[default]\ncredential_process = {program}\n")
    variables = {"_HANDLER": "app.authorize", "AWS_DEFAULT_REGION": "eu-west-1", "PATH": os.defpath}
    script = SELDOM.format(config=str(config))

    # Nobody was asked for a password, nothing was copied, nobody watched.
    assert run(script, variables) == ["[]", "three", "6", "found", "['getpass', 'shutil', 'botocore.monitoring']"]


def test_a_function_with_room_does_what_it_did() -> None:
    @lambda_runtime.with_room
    def depth(left: int, *, step: int = 1) -> int:
        return depth(left - step, step=step) + 1 if left > 0 else 0

    assert depth(40) == 40
    assert depth(40, step=2) == 20
    assert depth.__code__.co_stacksize == lambda_runtime.ROOM


# As if pydantic's core came to use what describes its schemas.
USING = """
import sys
class Using:
    count = 0
    def find_spec(self, name, *_):
        self.count += name == "pydantic_core.core_schema"
        if name == "pydantic_core.core_schema" and self.count == 1:
            raise TypeError(name)
sys.meta_path.insert(0, Using())
"""
DESCRIBED = """
import app, typing
from chalicelib.api import contract
from infra import openapi
from pydantic_core import CoreConfig
print(typing.is_typeddict(CoreConfig), typing.is_typeddict(typing.TypedDict("Other", {})))
print(openapi.text() == openapi.DOCUMENT.read_text(encoding="utf-8"))
"""


@pytest.mark.parametrize(
    ("begins", "handler", "is_described"), [("", "app.app", False), ("", "", True), (USING, "app.app", True)]
)
def test_pydantic_leaves_out_what_only_type_checkers_read_in_lambda_alone(
    begins: str, handler: str, is_described: bool
) -> None:
    variables = {"_HANDLER": handler} if handler else {}

    assert run(f"{begins}{DESCRIBED}", AWS | variables) == [f"{is_described} True", "True"]
