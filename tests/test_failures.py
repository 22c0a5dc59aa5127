"""docs/failures.md names a test for each of the eighteen known failures, and each test that it names is there."""

import ast
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "failures.md").read_text()
FLAGS = re.MULTILINE | re.DOTALL
SECTIONS = {int(number): text for number, text in re.findall(r"^## (\d+)\. (.*?)(?=^## |\Z)", PAGE, FLAGS)}
KNOWN = range(1, 19)
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)

# A webhook as Slack makes them, an access key of AWS that is no example, a private key.
SECRETS = re.compile(
    rb"hooks\.slack\.com/services/T\w{8,}/B\w{8,}/\w{20,}"
    rb"|\bAKIA(?!\w*EXAMPLE)[A-Z2-7]{16}\b"
    rb"|-----BEGIN [A-Z ]*PRIVATE KEY"
)


@cache
def functions_of(path: str) -> set[str]:
    """Return the names of the functions in a file."""
    tree = ast.parse((ROOT / path).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_failure_is_reported_in_order() -> None:
    assert list(SECTIONS) == list(KNOWN)


@pytest.mark.parametrize("number", KNOWN)
def test_a_failure_has_a_test(number: int) -> None:
    assert re.search(r"^\* `tests/[\w/]+\.py::test_\w+`$", SECTIONS[number], re.MULTILINE)


def test_every_named_test_is_there() -> None:
    assert NAMED
    assert [(path, name) for path, name in NAMED if name not in functions_of(path)] == []


@pytest.mark.parametrize(
    "parts",
    [
        ("https://hooks.slack.com/services/", "T00000000/B00000000/", "XXXXXXXXXXXXXXXXXXXXXXXX"),
        ("key = AKIA", "ABCDEFGHIJKLMNOP"),
        ("-----BEGIN ", "RSA PRIVATE KEY-----"),
    ],
)
def test_a_secret_would_be_seen(parts: tuple[str, ...]) -> None:
    assert SECRETS.search("".join(parts).encode())


def test_no_webhook_and_no_key_stands_in_the_repository() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    files = [ROOT / name for name in listed.decode().split("\0") if name]
    found = [path.name for path in files if path.is_file() and SECRETS.search(path.read_bytes())]
    assert files
    assert found == []
