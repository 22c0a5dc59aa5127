"""The redaction bench counts what it is given, and says so in its last line."""

import json
from pathlib import Path

import pytest

from bench.redaction import SEPARATOR, main


def test_shares_are_counted_and_the_separator_is_taken_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = (
        ("pw", "password=hunter2", "hunter2"),
        ("missed", "the word is swordfish", "swordfish"),
        ("key", f"key AK{SEPARATOR}IAIOSFODNN7EXAMPLE", "IOSFODNN7EXAMPLE"),
        ("harmless", "token expired", None),
    )
    lines = tmp_path / "lines.jsonl"
    lines.write_text("".join(json.dumps({"kind": k, "line": line, "secret": s}) + "\n" for k, line, s in rows))

    assert main([str(lines), "--wrong"]) == 1

    printed = capsys.readouterr().out.splitlines()
    assert printed[-2].startswith("missed: missed: ")
    assert json.loads(printed[-1]) == {"secrets": 0.6667, "harmless": 1.0}
