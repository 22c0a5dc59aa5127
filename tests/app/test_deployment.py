"""What is deployed: how long and how often functions may run, what they are told, and that Chalice can package them."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.redrive import PATIENT
from tests.app.world import ROOT
from tests.infra.templates import read

CONFIG = json.loads((ROOT / ".chalice" / "config.json").read_text())
FUNCTIONS: dict[str, dict[str, Any]] = CONFIG["lambda_functions"]


def test_no_function_outlives_lambda_and_the_api_not_its_gateway() -> None:
    timeouts = {name: each.get("lambda_timeout", CONFIG["lambda_timeout"]) for name, each in FUNCTIONS.items()}

    assert max(timeouts.values()) <= 900
    assert timeouts["api_handler"] <= 29
    assert timeouts["query_error_logs"] == timeouts["daily_report"] == 900


@pytest.mark.parametrize("name", ["backfill_error_logs", "redrive"])
def test_what_a_command_waits_for_ends_before_nat_drops_the_connection(name: str) -> None:
    assert FUNCTIONS[name]["lambda_timeout"] <= 240
    assert PATIENT.read_timeout > FUNCTIONS[name]["lambda_timeout"]  # type: ignore[attr-defined]  # botocore sets it


def test_a_backfill_takes_no_place_from_the_scan() -> None:
    assert {"query_error_logs", "backfill_error_logs"} <= FUNCTIONS.keys()
    assert "DependsOn" in read("agent.yaml")["Resources"]["Backfill"]
    assert read("agent.yaml")["Resources"]["Backfill"]["Properties"]["Timeout"] <= 240


def test_a_storm_waits_in_lambdas_queue_and_scans_do_not_overlap() -> None:
    assert FUNCTIONS["handle_monitoring_events"]["reserved_concurrency"] > 1
    assert FUNCTIONS["query_error_logs"]["reserved_concurrency"] == 1


def test_a_flood_of_requests_takes_no_capacity_from_events_or_messages() -> None:
    for name in ("api_handler", "authorize", "handle_monitoring_events", "deliver_notifications"):
        assert FUNCTIONS[name]["reserved_concurrency"] >= 2, name


@pytest.mark.parametrize("stage", ["dev", "test", "prod"])
def test_a_stage_has_its_table_and_no_secret(stage: str) -> None:
    assert CONFIG["stages"][stage]["environment_variables"] == {"STAGE": stage, "TABLE_NAME": f"monitoring-{stage}"}


def test_chalice_packages_the_app(tmp_path: Path) -> None:
    """The dependencies are left out: to fetch them takes a network and a minute."""
    project = tmp_path / "project"
    ignored = shutil.ignore_patterns("__pycache__", "deployed", "deployments")
    for folder in ("chalicelib", ".chalice"):
        shutil.copytree(ROOT / folder, project / folder, ignore=ignored)
    shutil.copy(ROOT / "app.py", project)
    (project / "requirements.txt").touch()
    chalice = "import sys; from chalice.cli import main; sys.exit(main())"

    subprocess.run(
        [sys.executable, "-c", chalice, "package", "--stage", "prod", str(tmp_path / "out")],
        cwd=project,
        check=True,
        capture_output=True,
    )

    resources = json.loads((tmp_path / "out" / "sam.json").read_text())["Resources"]
    functions = {each["Properties"]["Handler"] for each in resources.values() if "Handler" in each["Properties"]}
    assert functions == {f"app.{name}" for name in FUNCTIONS if name != "api_handler"} | {"app.app"}
    assert sum(each["Type"] == "AWS::IAM::Role" for each in resources.values()) == len(FUNCTIONS)
