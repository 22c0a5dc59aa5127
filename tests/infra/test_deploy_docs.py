"""docs/deploy.md and docs/operate.md: their commands are such as AWS knows; tables and names are those of the code."""

import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name
from botocore.session import Session

from tests.infra.templates import read, resources

DOCS = Path(__file__).parent.parent.parent / "docs"
TEXT = (DOCS / "deploy.md").read_text()
SCRIPTS = re.findall(r"```sh\n(.*?)```", TEXT + (DOCS / "operate.md").read_text(), re.DOTALL)
# What the AWS CLI adds to the services' own operations and parameters.
CLI_COMMANDS = {("cloudformation", "deploy"), ("cloudformation", "package"), ("s3", "cp")}
CLI_OPTIONS = {"region", "query", "output"}


def commands() -> list[list[str]]:
    """Return the words of each AWS command, in the order of the documents."""
    lines = "\n".join(SCRIPTS).replace("\\\n", " ").splitlines()
    found = (re.fullmatch(r"\s*(?:[A-Z]+=\$\()?(aws .*?)\)?", line) for line in lines)
    return [shlex.split(match[1]) for match in found if match]


OPERATIONS = [each for each in commands() if tuple(each[1:3]) not in CLI_COMMANDS]


def names(words: list[str]) -> set[str]:
    return {word[2:] for word in words if word.startswith("--")} - CLI_OPTIONS


@pytest.mark.parametrize("words", OPERATIONS, ids=lambda words: "-".join(words[1:3]))
def test_a_command_is_an_operation_with_its_parameters(words: list[str]) -> None:
    model = Session().get_service_model(words[1])
    by_name = {xform_name(name, "-"): name for name in model.operation_names}

    shape = model.operation_model(by_name[words[2]]).input_shape
    members: dict[str, Any] = dict(shape.members) if shape else {}
    known = {xform_name(name, "-") for name in members}
    switches = {f"no-{xform_name(name, '-')}" for name, each in members.items() if each.type_name == "boolean"}
    assert names(words) <= known | switches
    required = {xform_name(name, "-") for name in (shape.required_members if shape else ())}
    assert required <= names(words) | {each.removeprefix("no-") for each in names(words)}


@pytest.mark.parametrize("words", [each for each in commands() if each[1:3] == ["cloudformation", "deploy"]])
def test_what_is_overridden_is_a_parameter_of_the_template(words: list[str]) -> None:
    template = words[words.index("--template-file") + 1]
    if "--parameter-overrides" in words:
        overrides = {each.partition("=")[0] for each in words[words.index("--parameter-overrides") + 1 :]}
        assert overrides <= read(template.removeprefix("infra/"))["Parameters"].keys()


def test_there_are_commands_to_check() -> None:
    assert len(OPERATIONS) > 10


def test_every_agent_gets_the_parameters_that_it_requires() -> None:
    announced = set(re.findall(r'"ParameterKey": "(\w+)"', TEXT))
    parameters = read("agent.yaml")["Parameters"]

    assert {name for name, each in parameters.items() if "Default" not in each} <= announced <= parameters.keys()


def test_every_alarm_is_explained() -> None:
    explained = set(re.findall(r"^\| `(?:…-|monitoring-agent-<stage>-)([\w-]+)` \|", TEXT, re.MULTILINE))
    alarms = {
        each["Properties"]["AlarmName"]["Fn::Sub"]
        for template in ("hub.yaml", "agent.yaml")
        for each in resources(template, "AWS::CloudWatch::Alarm").values()
    }

    assert {name for name in alarms if not any(name.endswith(f"-{each}") for each in explained)} == set()
    assert {each for each in explained if not any(name.endswith(f"-{each}") for name in alarms)} == set()


@pytest.mark.parametrize(
    ("scanned", "regions"),
    [
        ("all", "us-east-1 us-west-2 eu-west-1"),
        ("eu-west-1,us-east-1", "eu-west-1 us-east-1"),
        ("eu-west-1", "eu-west-1"),
    ],
)
def test_the_code_goes_to_each_region_that_is_scanned(scanned: str, regions: str) -> None:
    (line,) = re.findall(r"^CODE_REGIONS=.*$", TEXT, re.MULTILINE)
    variables = {"SCAN_REGIONS": scanned, "REGIONS": "us-east-1 us-west-2 eu-west-1", "PATH": os.environ["PATH"]}
    done = subprocess.run(
        ["bash", "-c", f"{line}; echo $CODE_REGIONS"], env=variables, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == regions
