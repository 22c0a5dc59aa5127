"""The archive: what becomes of the package that Chalice builds."""

import importlib.util
import marshal
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from infra import archive, chalice_cli, package
from infra.chalice_cli import RUNTIME, UnsuitablePythonError
from infra.template import read_template

ROOT = Path(__file__).parent.parent.parent
SOURCES = {
    "app.py": "WORDS = {'event', 'alert', 'silence', 'digest'}\n",
    "chalicelib/__init__.py": '"""A library."""\n',
}
NEEDLESS = {
    "chalicelib/__pycache__/__init__.cpython-313.pyc": "stale",
    "markupsafe/tests/test_escape.py": "",
    "markupsafe/_speedups.pyi": "",
    "requests-2.34.2.dist-info/RECORD": "",
    "templates/slack/alarm.j2": "{{ event.title }}\n",
}
METADATA = "requests-2.34.2.dist-info/METADATA"


def build(path: Path, names: Sequence[str], year: int) -> Path:
    """Write a package as Chalice would, its files in the order of `names` and of a year."""
    contents = SOURCES | NEEDLESS | {METADATA: "Name: requests\n"}
    with zipfile.ZipFile(path, "w") as built:
        for name in names:
            built.writestr(zipfile.ZipInfo(name, (year, 1, 2, 3, 4, 6)), contents[name])
    return path


@pytest.fixture(scope="module")
def names() -> list[str]:
    return [*SOURCES, *NEEDLESS, METADATA]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    archive.finish(build(folder / "built.zip", names, 2025), folder / "finished.zip")
    return folder / "finished.zip"


def test_the_same_content_makes_the_same_bytes_in_whatever_order_and_year(
    finished: Path, names: list[str], tmp_path: Path
) -> None:
    archive.finish(build(tmp_path / "built.zip", names[::-1], 2026), tmp_path / "again.zip")

    assert (tmp_path / "again.zip").read_bytes() == finished.read_bytes()


def test_what_never_runs_is_left_out_and_what_scanners_read_stays(finished: Path) -> None:
    with zipfile.ZipFile(finished) as package:
        found = set(package.namelist())

    assert found >= {*SOURCES, METADATA}
    assert not found & set(NEEDLESS) - {"chalicelib/__pycache__/__init__.cpython-313.pyc"}


def test_every_source_has_bytecode_of_its_own_that_names_the_folder_of_lambda(finished: Path) -> None:
    with zipfile.ZipFile(finished) as package:
        for source in (name for name in package.namelist() if name.endswith(".py")):
            bytecode = package.read(importlib.util.cache_from_source(source))
            assert bytecode[:4] == importlib.util.MAGIC_NUMBER
            assert bytecode[4:8] == (0b01).to_bytes(4, "little")
            assert bytecode[8:16] == importlib.util.source_hash(package.read(source))
            assert marshal.loads(bytecode[16:]).co_filename == f"/var/task/{source}"


def test_the_templates_are_there_as_python_too(finished: Path) -> None:
    with zipfile.ZipFile(finished) as package:
        compiled = {name for name in package.namelist() if name.startswith("templates/") and name.endswith(".py")}

    folders = [ROOT / "templates" / name for name in ("email", "slack", "ui", "web")]
    assert len(compiled) == sum(len(list(folder.glob("*.j2"))) for folder in folders)


def test_the_table_adds_up(finished: Path) -> None:
    weights = archive.weigh(finished)
    with zipfile.ZipFile(finished) as archived:
        sizes = [entry.file_size for entry in archived.infolist()]

    assert {"app", "chalicelib", "templates", "requests"} == {each.name for each in weights}
    assert sum(each.unpacked for each in weights) == sum(sizes)
    assert package.table(finished).count("\n") == len(weights) + 2


def test_the_runtime_is_the_one_that_the_agents_declare() -> None:
    assert read_template(ROOT / "infra" / "agent.yaml")["Resources"]["Scan"]["Properties"]["Runtime"] == RUNTIME


def test_another_python_is_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class OtherVersion:
        major, minor = 3, 12

    monkeypatch.setattr(sys, "version_info", OtherVersion)

    assert chalice_cli.run(["package", "out"]) != 0
    assert capsys.readouterr().err.splitlines() == [
        "The functions run on python3.13, and this is python3.12: install Python 3.13, then `make clean` and try again."
    ]


def test_no_package_is_built_for_another_runtime() -> None:
    with pytest.raises(UnsuitablePythonError):
        chalice_cli.check_python("python3.14")
