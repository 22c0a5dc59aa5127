"""One version, told by the code, the changelog and the API; and the commit that a package was made of."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib import __version__, release
from infra.archive import commit

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    """Let each test read the commit anew."""
    release.commit.cache_clear()
    yield
    release.commit.cache_clear()


def test_the_newest_release_of_the_changelog_is_the_version() -> None:
    releases = re.findall(r"^## (\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)

    assert releases[0] == __version__ == release.VERSION


def test_the_version_is_written_in_one_place() -> None:
    sources = [
        *(ROOT / "chalicelib").rglob("*.py"),
        *(ROOT / "infra").glob("*"),
        ROOT / "app.py",
        ROOT / "pyproject.toml",
    ]
    named = [path.name for path in sources if path.is_file() and f'"{__version__}"' in path.read_text()]

    assert named == ["__init__.py"]


def test_a_package_says_the_commit_that_was_written_into_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release, "COMMIT_FILE", tmp_path / "COMMIT")
    (tmp_path / "COMMIT").write_text("4fa04651c0de\n")

    assert release.commit() == "4fa04651c0de"


@pytest.mark.parametrize("content", [None, b"", b"\n", b"\xff\xfe"])
def test_without_a_readable_commit_it_is_unknown(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(release, "COMMIT_FILE", tmp_path / "COMMIT")
    if content is not None:
        (tmp_path / "COMMIT").write_bytes(content)

    assert release.commit() == "unknown"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a repository with one commit."""
    monkeypatch.delenv("COMMIT", raising=False)
    (tmp_path / "file").write_text("committed")
    author = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    for command in (("init", "-q"), ("add", "file"), (*author, "commit", "-qm", "one"), ("tag", "v1")):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    return tmp_path


def test_packaging_finds_the_commit_and_what_differs_from_it(repository: Path) -> None:
    clean = commit(repository)
    (repository / "file").write_text("changed")

    assert re.fullmatch(r"[0-9a-f]{12}", clean)
    assert commit(repository) == f"{clean}-dirty"


def test_a_commit_that_is_given_needs_no_repository(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMIT", "abc1234")

    assert commit(repository) == "abc1234"


def test_sources_outside_a_repository_have_no_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COMMIT", raising=False)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))

    assert commit(tmp_path) == "unknown"
