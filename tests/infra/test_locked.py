"""What ships is what `requirements.lock` names, to the byte."""

import hashlib
import re
import zipfile
from pathlib import Path

import pytest
from chalice.deploy.packager import PackageDownloadError, PipRunner, SubprocessPip
from chalice.utils import OSUtils

from infra.chalice_cli import RUNTIME
from infra.locked import LOCK, LockedDependencies
from tests.infra.test_requirements import PINNED, ROOT

ABI = "cp" + RUNTIME.removeprefix("python").replace(".", "")


def wheel(folder: Path) -> Path:
    """Make a wheel for Lambda's platform, which this machine need not have."""
    path = folder / f"small-1.0-{ABI}-{ABI}-manylinux2014_x86_64.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("small.py", "ANSWER = 42\n")
        archive.writestr("small-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: small\nVersion: 1.0\n")
        archive.writestr("small-1.0.dist-info/WHEEL", f"Wheel-Version: 1.0\nTag: {ABI}-{ABI}-manylinux2014_x86_64\n")
        archive.writestr("small-1.0.dist-info/RECORD", "")
    return path


def build(folder: Path, monkeypatch: pytest.MonkeyPatch, requirement: str) -> list[str]:
    """Fetch one requirement from a folder, and return what would be packed."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    lock, target = folder / LOCK, folder / "packed"
    lock.write_text(requirement)
    osutils = OSUtils()
    builder = LockedDependencies(osutils, PipRunner(SubprocessPip(osutils), osutils))
    builder.build_site_packages(ABI, str(lock), str(target))
    return [path.name for path in target.glob("*.py")]


def test_a_wheel_of_the_right_hash_is_packed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = hashlib.sha256(wheel(tmp_path).read_bytes()).hexdigest()

    assert build(tmp_path, monkeypatch, f"small==1.0 --hash=sha256:{right}\n") == ["small.py"]


@pytest.mark.parametrize("requirement", ["small==1.0", f"small==1.0 --hash=sha256:{'0' * 64}"])
def test_what_has_another_hash_or_none_is_never_packed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, requirement: str
) -> None:
    wheel(tmp_path)

    with pytest.raises(PackageDownloadError):
        build(tmp_path, monkeypatch, requirement)


def test_the_lock_has_hashes_of_what_is_pinned_and_of_nothing_else() -> None:
    text = (ROOT / LOCK).read_text()
    locked = re.findall(r"^([\w-]+)==([\w.]+)((?: \\\n    --hash=sha256:[0-9a-f]{64})+)$", text, re.MULTILINE)

    assert {name: version for name, version, _ in locked} == PINNED
    assert text.count("==") == len(PINNED)
