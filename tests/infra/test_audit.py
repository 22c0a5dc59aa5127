"""What is known to be vulnerable fails the audit; a service that cannot be reached is one line, and fails nothing."""

import json
import subprocess
from typing import Any

import pytest

from infra import audit

SOUND = {"name": "idna", "version": "3.20", "vulns": []}
VULNERABLE = {"name": "jinja2", "version": "2.0", "vulns": [{"id": "PYSEC-2019-217", "fix_versions": ["2.10.1"]}]}
UNKNOWN = {"name": "ours", "version": "1", "skip_reason": "Dependency not found"}


@pytest.mark.parametrize(
    ("said", "code", "lines"),
    [
        ("", 0, [audit.NOT_REACHED]),
        ("[]", 0, [audit.NOT_REACHED]),
        (json.dumps({"dependencies": [UNKNOWN, UNKNOWN]}), 0, [audit.NOT_REACHED]),
        (json.dumps({"dependencies": [SOUND]}), 0, [audit.CLEAN]),
        (
            json.dumps({"dependencies": [SOUND, UNKNOWN]}),
            0,
            [audit.CLEAN, "Not audited, as the service does not know them: ours."],
        ),
        (
            json.dumps({"dependencies": [VULNERABLE, SOUND]}),
            1,
            ["jinja2 2.0: PYSEC-2019-217, fixed in 2.10.1"],
        ),
    ],
    ids=["no answer", "another answer", "nothing known", "sound", "one unknown", "vulnerable"],
)
def test_an_audit_fails_for_what_is_known_and_for_nothing_else(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], said: str, code: int, lines: list[str]
) -> None:
    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        assert command[-1] == "requirements.lock"
        return subprocess.CompletedProcess(command, 1, stdout=said)

    monkeypatch.setattr(subprocess, "run", run)

    assert audit.main() == code
    assert capsys.readouterr().out.splitlines() == lines
