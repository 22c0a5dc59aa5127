"""docs/operate.md, rehearsed: each of its commands is typed against the hub on this machine."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import boto3
import pytest

from local import state
from local.aws import HUB_REGION, PAYMENTS, STAGE, environment
from local.failure_queues import FAILED, OF_AN_AGENT
from tests.failure_fakes import failed
from tests.local.running import PATIENCE, PROJECT, Stack, running_stack
from tests.services.world import envelope

pytestmark = pytest.mark.e2e

TEXT = (PROJECT / "docs" / "operate.md").read_text()
BLOCKS = re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
# What stands within a line of text or a table, and is a command and not a request.
INLINE = re.findall(r"`((?:get|send|aws|\.venv/bin/python) [^`]+)`", TEXT)
FUNCTION, VARIABLE = re.compile(r"\w+\(\) \{"), re.compile(r"API=")
# Commands that cannot be rehearsed here, and why. It is empty, and should stay so.
NOT_REHEARSED: dict[str, str] = {}
# Two events that went astray: a function failed on the one, a rule of an agent could not forward the other.
HANDLED, FORWARDED = "Refund lost", "Invoice lost"


def lines_of(block: str) -> Iterator[str]:
    """Iterate over the command lines of a block; one that goes on in the next line is one."""
    for line in block.replace("\\\n", " ").splitlines():
        command = line.strip()
        if command and not command.startswith("#"):
            yield command


LINES = [*(line for block in BLOCKS for line in lines_of(block)), *INLINE]
FUNCTIONS = [line for line in LINES if FUNCTION.match(line)]
(ADDRESS,) = [line for line in LINES if VARIABLE.match(line)]
COMMANDS = [line for line in LINES if line not in FUNCTIONS and line != ADDRESS]


@dataclass
class Rehearsal:
    """A stack in which something has gone wrong, and a shell with the commands of an operator."""

    here: state.State
    variables: dict[str, str]

    def type(self, line: str) -> "subprocess.CompletedProcess[str]":
        """Type a command line, behind the functions that the page defines first."""
        script = "\n".join(("set -e -o pipefail", *FUNCTIONS, line.replace(".venv/bin/python", sys.executable)))
        return subprocess.run(
            ["bash", "-c", script],
            cwd=PROJECT,
            env=self.variables,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def items(self, path: str) -> list[dict[str, Any]]:
        """Return the items of a list of the API."""
        request = Request(self.here.api + path, headers={"Authorization": f"Bearer {self.here.token}"})
        with urlopen(request, timeout=PATIENCE) as response:
            found: list[dict[str, Any]] = json.load(response)["items"]
        return found

    def wait_for(self, path: str, is_it: Callable[[dict[str, Any]], bool] = lambda _: True) -> dict[str, Any]:
        """Return the first item of a list that is the one, as soon as there is one."""
        deadline = time.monotonic() + PATIENCE
        while True:
            for each in self.items(path):
                if is_it(each):
                    return each
            assert time.monotonic() < deadline, f"{path} stays empty"
            time.sleep(0.5)


@pytest.fixture(scope="module")
def rehearsal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """Return a stack with all that the page's commands are about."""
    folder = tmp_path_factory.mktemp("rehearsal")
    with running_stack(folder, "--no-feed") as stack:
        stack.read_until("Ctrl-C ends everything")
        here = state.running(stack.state)
        rehearsal = Rehearsal(here, variables(here, folder))
        refuse_messages(here)
        put_events(stack, folder)
        rehearsal.variables |= {
            "EVENT_ID": rehearsal.wait_for("/events")["id"],
            "NOTIFICATION_ID": rehearsal.wait_for("/notifications?status=failed")["id"],
        }
        keep_what_commands_are_about(here)
        address = rehearsal.type(f'{ADDRESS}; echo "$API"')
        assert address.stdout.strip() == here.api, address.stderr
        rehearsal.variables["API"] = here.api
        yield rehearsal


def sandbox_keys(here: state.State) -> dict[str, str]:
    """Return what leads into the account of an agent."""
    sts = boto3.client("sts", HUB_REGION, endpoint_url=here.aws, aws_access_key_id="local", aws_secret_access_key="l")
    role = f"arn:aws:iam::{PAYMENTS.id}:role/sandbox"
    issued = sts.assume_role(RoleArn=role, RoleSessionName="rehearsal")["Credentials"]
    return {
        "aws_access_key_id": issued["AccessKeyId"],
        "aws_secret_access_key": issued["SecretAccessKey"],
        "aws_session_token": issued["SessionToken"],
    }


def variables(here: state.State, folder: Path) -> dict[str, str]:
    """Return the environment of an operator, in which `aws` is the stand-in and a profile leads to another account."""
    command = folder / "aws"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m tests.local.aws_cli "$@"\n')
    command.chmod(0o755)
    config = folder / "config"
    keys = sandbox_keys(here)
    lines = "".join(f"{name} = {value}\n" for name, value in keys.items())
    config.write_text(f"[profile sandbox]\n{lines}")
    return environment(here.aws, os.environ) | {
        "AWS_CONFIG_FILE": str(config),
        "PATH": f"{folder}:{os.environ['PATH']}",
        "STAGE": STAGE,
        "TOKEN": here.token,
        "WEBHOOK_URL": f"{here.slack}/services/monitoring",
    }


def refuse_messages(here: state.State) -> None:
    """Let Slack refuse the next message for good, so that a notification fails."""
    body = json.dumps({"outage": "404", "for": 1, "channel": "monitoring"}).encode()
    request = Request(f"{here.slack}/_control", body, {"Content-Type": "application/json"})
    urlopen(request, timeout=PATIENCE).close()


def put_events(stack: Stack, folder: Path) -> None:
    """Put in an event that fires."""
    file = folder / "event.json"
    file.write_text(json.dumps({"source": "custom.billing", "detail-type": "Run failed", "detail": {"run": 42}}))
    stack.command("send", str(file))


def keep_what_commands_are_about(here: state.State) -> None:
    """Have a token to delete, and a message in the hub's queue and in an agent's."""
    hub = boto3.Session("local", "local", region_name=HUB_REGION)
    ssm = hub.client("ssm", endpoint_url=here.aws)
    ssm.put_parameter(Name=f"/monitoring/{STAGE}/api-tokens/reports", Value="{}", Type="String")
    record = failed(STAGE, "handle_monitoring_events", envelope(detail_type=HANDLED))
    send(hub.client("sqs", endpoint_url=here.aws), FAILED, record)
    keys: dict[str, Any] = dict(sandbox_keys(here))
    agent = boto3.Session(region_name="eu-west-1", **keys).client("sqs", endpoint_url=here.aws)
    rule = f"arn:aws:events:eu-west-1:{PAYMENTS.id}:rule/monitoring-agent-{STAGE}-custom"
    send(agent, OF_AN_AGENT, envelope(detail_type=FORWARDED, account=PAYMENTS.id), RULE_ARN=rule)


def send(sqs: Any, queue: str, body: Any, **attributes: str) -> None:
    """Put a message into a queue."""
    sqs.send_message(
        QueueUrl=sqs.get_queue_url(QueueName=queue)["QueueUrl"],
        MessageBody=json.dumps(body),
        MessageAttributes={name: {"DataType": "String", "StringValue": each} for name, each in attributes.items()},
    )


def test_the_page_has_commands_and_each_is_typed_or_excused() -> None:
    assert len(COMMANDS) > 20
    assert len(FUNCTIONS) == 2
    assert NOT_REHEARSED.keys() <= set(COMMANDS)


def test_every_command_of_the_page_does_what_it_says(rehearsal: Rehearsal) -> None:
    """In the order of the page, as one command may need what another has done; all that fail are shown."""
    wrong = []
    for line in (each for each in COMMANDS if each not in NOT_REHEARSED):
        done = rehearsal.type(line)
        if done.returncode or done.stderr:
            wrong.append(f"{line}\n  ends with {done.returncode}: {done.stdout}{done.stderr}")
    assert not wrong, "\n".join(wrong)
    # Redriven: what waited in the hub's queue, and in the agent's.
    rehearsal.wait_for("/events", lambda each: each["detail_type"] == HANDLED)
    rehearsal.wait_for("/events", lambda each: each["detail_type"] == FORWARDED)
