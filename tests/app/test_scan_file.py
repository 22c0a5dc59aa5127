"""The scan file that is deployed: where it lies, and that a wrong one stops the agent."""

from pathlib import Path

import pytest

from chalicelib import container
from chalicelib.config.compiled_scan import ScanFile
from chalicelib.container import files
from chalicelib.domain.errors import Misconfigured
from tests.app.world import ROOT


def test_as_shipped_all_services_are_scanned_and_there_are_no_rules() -> None:
    assert container.scan_file() == ScanFile()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            b"[[error]]\nmatch = 7\nwhat = 1",
            "scan.toml:1: name: required .*; scan.toml:2: match: invalid .*; scan.toml:3",
        ),
        (b"error]", "scan.toml:1: invalid TOML"),
        (b"\xff", "scan.toml cannot be read"),
        (None, "scan.toml cannot be read"),
    ],
)
def test_a_wrong_file_stops_the_agent_at_its_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: bytes | None, complaint: str
) -> None:
    path = tmp_path / "scan.toml"
    if text is not None:
        path.write_bytes(text)
    monkeypatch.setattr(files, "SCAN", path)

    with pytest.raises(Misconfigured, match=complaint):
        container.scan_file()


def test_the_file_lies_where_chalice_packages_it() -> None:
    assert container.SCAN == ROOT / "chalicelib" / "config" / "scan.toml"
