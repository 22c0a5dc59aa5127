"""What is in the package, and that building it again gives the same."""

import importlib.util
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path, PurePosixPath

import pytest
from jinja2 import ModuleLoader

from infra.archive import commit, weigh

ROOT = Path(__file__).parent.parent.parent
PROJECT = ("app.py", "requirements.lock", ".chalice", "chalicelib", "infra", "local", "templates", "vendor")
# All that is ours or required, by the first part of its name. Lambda brings boto3, and of Chalice two files run.
PARTS = {
    *("app", "chalicelib", "templates", "chalice"),
    *("jinja2", "markupsafe", "msgspec", "pythonjsonlogger", "python_json_logger"),
    *("requests", "urllib3", "certifi", "idna", "charset_normalizer", "tzdata"),
    *("pydantic", "pydantic_core", "annotated_types", "typing_extensions", "typing_inspection"),
}
# Bytes: a deployment of a few seconds, and far below Lambda's 250 MB.
LARGEST, LARGEST_UNPACKED = 8_000_000, 20_000_000


@pytest.fixture(scope="module")
def names(package: Path) -> list[str]:
    """Return the names of the files in the package."""
    with zipfile.ZipFile(package) as archive:
        return archive.namelist()


def test_the_package_holds_what_runs_and_nothing_else(package: Path, names: list[str]) -> None:
    assert {each.name for each in weigh(package)} == PARTS
    assert sorted(name for name in names if name.startswith("chalice/") and name.endswith(".py")) == [
        "chalice/__init__.py",
        "chalice/app.py",
    ]
    assert not [name for name in names if "tests" in PurePosixPath(name).parts]


def test_the_package_is_small(package: Path) -> None:
    assert package.stat().st_size < LARGEST
    assert sum(each.unpacked for each in weigh(package)) < LARGEST_UNPACKED


def test_the_package_knows_its_commit(package: Path) -> None:
    with zipfile.ZipFile(package) as archive:
        assert archive.read("chalicelib/COMMIT").decode() == f"{commit(ROOT)}\n"


def test_every_template_is_compiled_where_the_code_searches_for_it(names: list[str]) -> None:
    folder = ROOT / "templates"
    templates = {path.relative_to(folder).as_posix() for path in folder.rglob("*.j2")}

    assert templates
    assert {f"templates/compiled/{ModuleLoader.get_module_filename(each)}" for each in templates} <= set(names)
    assert not [name for name in names if name.endswith(".j2")]


def test_all_bytecode_is_of_this_python_and_of_the_source_beside_it(package: Path, names: list[str]) -> None:
    with zipfile.ZipFile(package) as archive:
        for source in (name for name in names if name.endswith(".py")):
            head = archive.read(importlib.util.cache_from_source(source))[:16]
            expected = importlib.util.MAGIC_NUMBER + (0b01).to_bytes(4, "little")
            assert head == expected + importlib.util.source_hash(archive.read(source)), source


def test_another_build_elsewhere_gives_the_same_package(package: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "another" / "folder"
    ignored = shutil.ignore_patterns("__pycache__", "deployed", "deployments")
    elsewhere.mkdir(parents=True)
    for source in (ROOT / name for name in PROJECT):
        if source.is_dir():
            shutil.copytree(source, elsewhere / source.name, ignore=ignored, symlinks=True)
        else:
            shutil.copy(source, elsewhere)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}

    command = [sys.executable, "-m", "infra.package", "--stage", "prod", "out"]
    subprocess.run(
        command, cwd=elsewhere, env=environment | {"TZ": "Asia/Tokyo", "COMMIT": commit(ROOT)}, check=True, umask=0o077
    )

    assert (elsewhere / "out" / "deployment.zip").read_bytes() == package.read_bytes()
