"""docs/extending.md is right about sources: three files and one command add one."""

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
"""Backup jobs: AWS Backup made a copy of a resource, or could not."""

from chalicelib.domain.events.event import Envelope, Severity, Signal, Summary
from chalicelib.sources.schema import Declaration, Detail, Name, Text, console


class BackupJob(Detail, frozen=True, kw_only=True):
    """One job's change of state."""

    backupJobId: Name
    state: Name
    resourceArn: Text = ""

    def summary(self, envelope: Envelope) -> Summary:
        """Take a resource's backups for one problem: the next one that succeeds ends it."""
        failed = self.state in {"FAILED", "ABORTED", "EXPIRED"}
        return Summary(
            title=f"Backup {self.state.lower()}: {self.resourceArn or self.backupJobId}",
            severity=Severity.HIGH if failed else Severity.LOW,
            identity=(envelope.account, envelope.region, self.resourceArn or self.backupJobId),
            occurrence=(envelope.account, envelope.region, self.backupJobId, self.state),
            signal=Signal.FIRING if failed else Signal.RESOLVED,
            resource=self.resourceArn,
            link=console(envelope.region, "backup", f"/jobs/backup/details/{self.backupJobId}"),
        )


SOURCE = Declaration(
    BackupJob,
    source="aws.backup",
    detail_types=("Backup Job State Change",),
    identity="account, region, resource",
    occurrence="account, region, job, state",
    origin="envelope",
)
'''
TEMPLATE = "{{ detail.statusMessage }}\n"
SAMPLE = {
    "version": "0",
    "id": "5d6e7f80-9101-4a2b-8c3d-4e5f60718293",
    "detail-type": "Backup Job State Change",
    "source": "aws.backup",
    "account": "111122223333",
    "time": "2026-03-02T10:00:00Z",
    "region": "eu-west-1",
    "resources": ["arn:aws:backup:eu-west-1:111122223333:recovery-point:1"],
    "detail": {
        "backupJobId": "3F2504E0-4F89-41D3-9A0C-0305E82C3301",
        "state": "FAILED",
        "resourceArn": "arn:aws:rds:eu-west-1:111122223333:db:orders",
        "statusMessage": "The backup window ended before the job had begun.",
    },
}
FILES = {
    "chalicelib/sources/backup_job.py": MODULE,
    "templates/slack/backup_job.j2": TEMPLATE,
    "tests/samples/backup_job-failed.json": json.dumps(SAMPLE, indent=2) + "\n",
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
