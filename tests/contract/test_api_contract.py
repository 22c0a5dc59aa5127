"""The running API keeps to docs/openapi.json, whatever schemathesis sends; a client generated from it works.

The variable API_CASES says how many requests to try; `make check-api` sets it.
"""

import json
import math
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from infra.openapi import DOCUMENT
from tests.contract.responses import WRITTEN
from tests.contract.seeds import Seeded, authorized, seeded_stack
from tests.local.running import PROJECT

pytestmark = pytest.mark.contract

CASES = int(os.environ.get("API_CASES", "100"))
# So many cases at least come of what schemathesis tries by itself: each bound of each parameter.
MANY = 3_000
PHASES = "examples,coverage,fuzzing" if CASES > MANY else "examples,fuzzing"
# Of all cases, how many have a token.
SHARES = {"with": 0.8, "without": 0.2}
SEED = 20_260_131
# API Gateway answers unknown methods itself, and in no documented way.
EXCLUDED = "unsupported_method,allow_header_conformance"
# A loaded machine takes its time for a case.
SECONDS_PER_CASE, SECONDS_TO_START = 3.0, 600.0
# So long API Gateway waits for an answer.
PATIENCE = 29
CONFIG = Path(__file__).with_name("schemathesis.toml")
OPERATIONS = [each for methods in WRITTEN["paths"].values() for each in methods.values()]
# Of the others there is only one request.
VARIED = [each for each in OPERATIONS if {"parameters", "requestBody"} & each.keys()]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seeded]:
    folder = tmp_path_factory.mktemp("stack")
    with seeded_stack(folder, patience=SECONDS_TO_START + CASES * SECONDS_PER_CASE) as seeded:
        yield seeded


def test_the_stack_has_something_of_everything(stack: Seeded) -> None:
    assert [name for name, ids in stack.ids.items() if not ids] == []


@pytest.mark.parametrize("token", SHARES)
def test_no_request_gets_an_undocumented_response(
    stack: Seeded, token: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    headers = authorized(stack.token) if token == "with" else {}
    cases = CASES * SHARES[token]

    done = run_schemathesis(stack, headers, math.ceil(cases / len(VARIED)), tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    summary = done.stdout[done.stdout.index("= SUMMARY =") :]
    with capsys.disabled():
        sys.stdout.write(f"\n{token} a token: {summary}")
    assert f"Tested: {len(OPERATIONS)}" in summary
    (generated,) = re.findall(r"(\d+) generated", summary)
    assert int(generated) >= cases


def run_schemathesis(
    stack: Seeded, headers: dict[str, str], examples: int, folder: Path
) -> "subprocess.CompletedProcess[str]":
    known = {"SCHEMATHESIS_HOOKS": "tests.contract.hooks", "CONTRACT_IDS": json.dumps(stack.ids)}
    options = ["--url", stack.url, "--checks", "all", "--exclude-checks", EXCLUDED, "--phases", PHASES]
    options += ["--seed", str(SEED), "--max-examples", str(examples), "--continue-on-failure"]
    options += ["--request-timeout", str(PATIENCE)]
    options += [part for name, value in headers.items() for part in ("--header", f"{name}: {value}")]
    return subprocess.run(
        [Path(sys.executable).with_name("st"), "--config-file", CONFIG, "run", DOCUMENT, *options],
        cwd=folder,
        env=os.environ | known | {"PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_generated_client_lists_events_and_creates_a_silence(
    stack: Seeded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generate_client(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    connection: Any = import_module("hub_client").AuthenticatedClient(base_url=stack.url, token=stack.token)
    models: Any = import_module("hub_client.models")

    with connection as client:
        page = call("events.list_events", client, severity=[models.ListEventsSeverityItem.HIGH], limit=5)
        text = {"field": "account", "patterns": ["none-*"]}
        planned = models.NewSilence.from_dict({"matchers": [text], "duration": "2h", "reason": "A drill."})
        silence = call("silences.create_silence", client, body=planned)
        shown = call("silences.get_silence", client, silence_id=silence.id)

    assert {each.severity for each in page.items} == {"HIGH"}
    assert [each.to_dict()["field"] for each in shown.matchers] == ["account"]
    assert shown.id == silence.id
    assert shown.reason == "A drill."


def generate_client(folder: Path) -> None:
    """Write the package `hub_client` into a folder."""
    config = folder / "config.json"
    config.write_text(json.dumps({"post_hooks": [], "package_name_override": "hub_client"}), encoding="utf-8")
    generator = Path(sys.executable).with_name("openapi-python-client")
    options: list[str | Path] = ["--path", DOCUMENT, "--config", config, "--output-path", folder / "hub_client"]
    command = [generator, "generate", "--meta", "none", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARNING" not in done.stdout + done.stderr


def call(operation: str, client: Any, **arguments: Any) -> Any:
    """Call an operation, and return what its response holds."""
    return import_module(f"hub_client.api.{operation}").sync(client=client, **arguments)
