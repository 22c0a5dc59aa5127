"""Packages of npm, of which a part is unpacked into a cache at first use; nothing of them is installed or run."""

import shutil
import subprocess
import tarfile
import tempfile
from contextlib import suppress
from pathlib import Path

CACHE = Path(__file__).parent.parent / ".cache"


class UnfetchableError(Exception):
    """The package cannot be had on this machine; the text says why."""


def fetch(package: str, version: str, part: str, cache: Path = CACHE) -> Path:
    """Return where a file or folder of a package is, fetched at first use; UnfetchableError where it can't be."""
    target = cache / f"{package}-{version}" / part
    if target.exists():
        return target
    npm = shutil.which("npm")
    if npm is None:
        raise UnfetchableError(f"npm is not installed, and fetches {package} once")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as unpacked:
        pack = [npm, "pack", f"{package}@{version}", "--silent", "--pack-destination", unpacked]
        packed = subprocess.run(pack, capture_output=True, text=True, check=False)  # noqa: S603 - nothing foreign in it
        if packed.returncode:
            raise UnfetchableError(f"npm cannot fetch {package}: {packed.stderr.strip()[-200:]}")
        with tarfile.open(next(Path(unpacked).glob("*.tgz"))) as archive:
            archive.extractall(unpacked, filter="data")
        # Whoever else fetches it at the same time moves the same files to the same place.
        with suppress(OSError):
            (Path(unpacked) / "package" / part).rename(target)
    return target
