"""docs/extending.md is right about sources: three files and one command add one, or a few lines of TOML."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parent.parent.parent
TESTS = (
    *("tests/sources/test_contract.py", "tests/sources/test_properties.py", "tests/sources/test_docs.py"),
    *("tests/infra/test_rules.py", "tests/infra/test_templates.py", "tests/gateways/slack/test_messages.py"),
)
UPDATE = ("tests/gateways/slack/test_messages.py", "--snapshot-update")

MODULE = '''\
"""Transcoding jobs: MediaConvert transcoded a file, or could not."""

from chalicelib.domain.events.event import Envelope, Severity, Signal, Summary
from chalicelib.sources.schema import Declaration, Detail, Name, Text, console


class TranscodingJob(Detail, frozen=True, kw_only=True):
    """One job's change of state."""

    jobId: Name
    status: Name
    queue: Text = ""

    def summary(self, envelope: Envelope) -> Summary:
        """Take a queue's jobs for one problem: the next one that succeeds ends it."""
        failed = self.status in {"ERROR", "CANCELED"}
        return Summary(
            title=f"Transcoding {self.status.lower()}: {self.queue or self.jobId}",
            severity=Severity.HIGH if failed else Severity.LOW,
            identity=(envelope.account, envelope.region, self.queue or self.jobId),
            occurrence=(envelope.account, envelope.region, self.jobId, self.status),
            signal=Signal.FIRING if failed else Signal.RESOLVED,
            resource=self.queue,
            link=console(envelope.region, "mediaconvert", f"/jobs/summary/{self.jobId}"),
        )


SOURCE = Declaration(
    TranscodingJob,
    source="aws.mediaconvert",
    detail_types=("MediaConvert Job State Change",),
    identity="account, region, queue",
    occurrence="account, region, job, status",
    origin="envelope",
)
'''
TEMPLATE = "{{ detail.errorMessage }}\n"
SAMPLE = {
    "version": "0",
    "id": "5d6e7f80-9101-4a2b-8c3d-4e5f60718293",
    "detail-type": "MediaConvert Job State Change",
    "source": "aws.mediaconvert",
    "account": "111122223333",
    "time": "2026-03-02T10:00:00Z",
    "region": "eu-west-1",
    "resources": ["arn:aws:mediaconvert:eu-west-1:111122223333:jobs/1"],
    "detail": {
        "jobId": "1772446200123-abcdef",
        "status": "ERROR",
        "queue": "arn:aws:mediaconvert:eu-west-1:111122223333:queues/Default",
        "errorCode": 1040,
        "errorMessage": "The input has no video.",
    },
}
FILES = {
    "chalicelib/sources/transcoding_job.py": MODULE,
    "templates/slack/transcoding_job.j2": TEMPLATE,
    "tests/samples/transcoding_job-failed.json": json.dumps(SAMPLE, indent=2) + "\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a copy of what is committed or about to be."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file() or (ROOT / name).is_symlink():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tmp_path / name, follow_symlinks=False)
    return tmp_path


def run(project: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV"))}
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


def add(project: Path) -> None:
    for name, text in FILES.items():
        (project / name).write_text(text)


def test_a_source_is_three_files_and_one_command(project: Path) -> None:
    add(project)
    before = run(project, "pytest", "-q", "tests/sources/test_contract.py")
    assert "run: make generate" in before.stdout

    assert run(project, "infra.generate").returncode == 0
    run(project, "pytest", "-q", *UPDATE)
    after = run(project, "pytest", "-q", *TESTS)

    assert after.returncode == 0, after.stdout


DECLARED = """
[[source]]
kind = "stock_take"
about = "a stock-take failed, or went well"
source = "custom.stores"
detail_types = "Stock-take"
state = "outcome"
problems = "failed"
ends = "done"
severity = "HIGH"
identity = "run"
title = "Stock-take of {run}: {outcome}[ ({reason})]"
"""


def test_a_source_is_a_few_lines_of_toml_and_one_command(project: Path) -> None:
    """A team adds it without code, and the hub reads its events."""
    with (project / "chalicelib" / "config" / "sources.toml").open("a") as file:
        file.write(DECLARED)
    raw = {"source": "custom.stores", "detail-type": "Stock-take", "account": "111122223333", "region": "eu-west-1"}
    event = project / "event.json"
    event.write_text(json.dumps(raw | {"detail": {"run": "March", "outcome": "failed", "reason": "no scales"}}))

    assert run(project, "infra.generate").returncode == 0
    explained = json.loads(run(project, "infra.explain", "--json", "event.json").stdout)

    assert (explained["kind"], explained["severity"], explained["signal"]) == ("stock_take", "HIGH", "firing")
    assert explained["title"] == "Stock-take of March: failed (no scales)"
    assert (explained["forwarded"], explained["subscribed"]) == (True, True)
    assert "`stock_take`" in (project / "docs" / "sources.md").read_text()
