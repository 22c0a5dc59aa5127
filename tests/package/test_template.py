"""The package path: what `chalice package` says of the hub, with what we merge into it, and what SAM makes of that."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest
from cfnlint.api import lint_file  # type: ignore[import-untyped]  # it ships no types
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from app import app
from infra.functions import functions_of
from infra.gateway_responses import RESPONSES
from infra.merge import merge_template
from infra.throttling import sam_method_settings

ROOT = Path(__file__).parent.parent.parent
STAGE = "prod"
NEW = {"BaseUrl"}
CHALICE = (sys.executable, "-m", "infra.chalice_cli")


def package(project: Path, *arguments: str) -> Path:
    """Package a copy of the app without its dependencies, which would take longest and are not in the template."""
    shutil.copy(ROOT / "app.py", project)
    for folder in ("chalicelib", ".chalice"):
        shutil.copytree(ROOT / folder, project / folder, ignore=shutil.ignore_patterns("__pycache__", "deployed*"))
    (project / "requirements.lock").write_text("")
    environment = os.environ | {
        "AWS_DEFAULT_REGION": "eu-west-1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(ROOT),
    }
    subprocess.run(
        [*CHALICE, "package", "--stage", STAGE, *arguments, "out"],
        cwd=project,
        env=environment,
        check=True,
        capture_output=True,
    )
    return project / "out" / "sam.json"


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return the template that Chalice makes by itself."""
    template: dict[str, Any] = json.loads(package(tmp_path_factory.mktemp("plain")).read_text())
    return template


@pytest.fixture(scope="module")
def merged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the path of the merged template."""
    project = tmp_path_factory.mktemp("merged")
    (project / "merge.json").write_text(json.dumps(merge_template(STAGE, functions_of(app))))
    return package(project, "--merge-template", "merge.json")


def test_what_is_merged_is_there_to_be_merged_into(plain: dict[str, Any]) -> None:
    """A handler that was renamed would leave an orphan: a resource without a type."""
    into = merge_template(STAGE, functions_of(app))["Resources"]

    assert into.keys() - NEW <= plain["Resources"].keys()
    for name in into.keys() - NEW:
        events = plain["Resources"][name]["Properties"].get("Events", {})
        merged = into[name]["Properties"].get("Events", {})
        # Further rules are new, and so whole.
        assert {key for key, each in merged.items() if "Type" not in each} == events.keys()


def test_every_function_that_chalice_packages_is_merged_into(plain: dict[str, Any]) -> None:
    functions = {name for name, each in plain["Resources"].items() if each["Type"] == "AWS::Serverless::Function"}

    assert functions <= merge_template(STAGE, functions_of(app))["Resources"].keys()


def test_chalice_makes_no_log_groups_as_they_are_the_hubs(plain: dict[str, Any]) -> None:
    assert not [name for name, each in plain["Resources"].items() if each["Type"] == "AWS::Logs::LogGroup"]


def test_the_merged_template_is_valid(merged: Path) -> None:
    assert lint_file(merged) == []


def test_sam_makes_of_it_the_names_that_chalice_deploy_gives(merged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    resources = translated(merged, monkeypatch)["Resources"]

    def names(kind: str, key: str) -> set[str]:
        return {each["Properties"][key] for each in resources.values() if each["Type"] == kind}

    functions = functions_of(app)
    assert names("AWS::Lambda::Function", "FunctionName") == {each.name(STAGE) for each in functions}
    assert names("AWS::Events::Rule", "Name") == {
        name for each in functions if each.is_asynchronous for name in each.rule_names(STAGE)
    }


def test_sam_keeps_both_failure_destinations_and_our_responses(merged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    resources = translated(merged, monkeypatch)["Resources"].values()

    for each in (each for each in resources if each["Type"] == "AWS::Events::Rule"):
        (target,) = each["Properties"]["Targets"]
        assert target["DeadLetterConfig"]["Arn"]["Fn::Sub"].endswith(":monitoring-prod-undelivered")
    destinations = [each for each in resources if each["Type"] == "AWS::Lambda::EventInvokeConfig"]
    assert len(destinations) == sum(each.is_asynchronous for each in functions_of(app))
    (api,) = (each for each in resources if each["Type"] == "AWS::ApiGateway::RestApi")
    responses = api["Properties"]["Body"]["x-amazon-apigateway-gateway-responses"]
    assert set(responses) == {each.kind for each in RESPONSES}


def test_sam_makes_one_stage_which_is_throttled(merged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    resources = translated(merged, monkeypatch)["Resources"].values()
    (stage,) = (each["Properties"] for each in resources if each["Type"] == "AWS::ApiGateway::Stage")
    deployments = [each["Properties"] for each in resources if each["Type"] == "AWS::ApiGateway::Deployment"]

    assert stage["StageName"] == "api"
    assert not any("StageName" in each for each in deployments)
    assert stage["MethodSettings"] == sam_method_settings()


def translated(template: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Return what the SAM transform makes of a template."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    sam = json.loads(template.read_text())
    for each in sam["Resources"].values():
        if "CodeUri" in each.get("Properties", {}):
            each["Properties"]["CodeUri"] = "s3://bucket/deployment.zip"  # as `aws cloudformation package` does
    made: dict[str, Any] = Translator({}, Parser(), boto_session=boto3.Session()).translate(sam, {})
    return made
