"""Archive: makes of the package that Chalice builds the one that is deployed: lean, ready to run, the same every time.

Chalice's has sources without bytecode in the order of the disk, dated now. Lambda cannot keep what it compiles, so that
every cold start would compile all of it again. Here everything is compiled in advance, what never runs is left out, and
nothing depends on when, where or by whom it was built. It also gets to know the commit that it was made of.
"""

import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

from chalicelib import release

PROJECT = Path(__file__).parent.parent
# Where Lambda unpacks a package: tracebacks name this place instead of the one where the bytecode was made.
TASK_ROOT = "/var/task"
# The earliest date that a ZIP can hold.
EPOCH = (1980, 1, 1, 0, 0, 0)
FILE_MODE = 0o100644
UNIX = 3
SMALLEST = 9
# Names the commit where there is no repository, as in an export of the sources.
COMMIT = "COMMIT"

# What never runs. Of a distribution's metadata its licences stay, and what scanners for vulnerabilities read.
NEEDLESS = (
    "*.pyc",
    "*.pyi",
    "*/py.typed",
    "*/.*",
    "*/tests/*",
    "bin/*",
    "*.dist-info/RECORD",
    "*.dist-info/WHEEL",
    "*.dist-info/INSTALLER",
    "*.dist-info/top_level.txt",
    "*.dist-info/entry_points.txt",
    "*.dist-info/sboms/*",
    "urllib3/contrib/emscripten/*",
    # Nobody guesses an encoding here, and requests is imported without it (chalicelib/gateways/http.py).
    "charset_normalizer/*",
    # Templates are compiled here, and what reads them is left out there (chalicelib/gateways/templates.py).
    *("templates/*.j2", "jinja2/bccache.py", "jinja2/compiler.py", "jinja2/lexer.py", "jinja2/parser.py"),
    *("jinja2/_identifier.py", "jinja2/idtracking.py", "jinja2/optimizer.py", "jinja2/visitor.py"),
    *("jinja2/constants.py", "jinja2/ext.py", "jinja2/meta.py", "jinja2/nativetypes.py", "jinja2/sandbox.py"),
    *("pydantic/color.py", "pydantic/mypy.py", "pydantic/networks.py"),
    *("pydantic/deprecated/*", "pydantic/experimental/*", "pydantic/v1/*"),
    *("annotated_types/test_cases.py", "idna/cli.py", "idna/codec.py", "markupsafe/_speedups.c", "requests/help.py"),
    *("pythonjsonlogger/msgspec.py", "pythonjsonlogger/orjson.py", "tzdata/zones"),
    *("tzdata/zoneinfo/*.tab", "tzdata/zoneinfo/leapseconds", "tzdata/zoneinfo/tzdata.zi"),
    *("urllib3/contrib/pyopenssl.py", "urllib3/contrib/socks.py", "urllib3/http2/connection.py"),
)


@dataclass(frozen=True, slots=True)
class Weight:
    """What a part of a package weighs in bytes, in the ZIP and unpacked."""

    name: str
    packed: int
    unpacked: int


def finish(built: Path, finished: Path) -> None:
    """Write to `finished` what is to be deployed of the package that was built; the same bytes for the same content."""
    with tempfile.TemporaryDirectory() as folder:
        task = Path(folder)
        with zipfile.ZipFile(built) as archive:
            archive.extractall(task, [name for name in archive.namelist() if is_needed(name)])
        _shorten_metadata(task)
        (task / "chalicelib" / release.COMMIT_FILE.name).write_text(f"{commit(PROJECT)}\n")
        compile_all(task)
        _write(task, finished)


def _shorten_metadata(task: Path) -> None:
    """Leave of each distribution's metadata what programs read; behind it stands its page for people."""
    for path in task.glob("*.dist-info/METADATA"):
        path.write_text(path.read_text(encoding="utf-8").partition("\n\n")[0] + "\n", encoding="utf-8")


def commit(project: Path) -> str:
    """Return the commit that is checked out, `-dirty` behind it where files differ from it; `unknown` without one."""
    if given := os.environ.get(COMMIT):
        return given
    command = ("git", "describe", "--always", "--abbrev=12", "--exclude=*", "--dirty")
    try:
        described = subprocess.run(command, cwd=project, capture_output=True, check=True, text=True)  # noqa: S603 - nothing foreign in it
    except (OSError, subprocess.CalledProcessError):
        return release.UNKNOWN
    return described.stdout.strip()


def is_needed(name: str) -> bool:
    """Return whether a file of a package has to be deployed."""
    return not any(fnmatch(name, pattern) for pattern in NEEDLESS)


def compile_all(task: Path) -> None:
    """Compile templates and configuration, then all sources below `task`, each in a process of its own."""
    _run("-m", "infra.precompile", str(task), folder=PROJECT)
    # -S: what is installed here must not matter. Unchecked: nobody may write to the task, so that no function has to
    # read and hash each source to see that its bytecode is of it; a test of the package has seen it.
    places = ("-s", str(task), "-p", TASK_ROOT, str(task))
    _run("-S", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", *places, folder=task)


def weigh(package: Path) -> list[Weight]:
    """Return what is in a package by weight, the heaviest first; a distribution counts with its metadata."""
    packed: dict[str, int] = {}
    unpacked: dict[str, int] = {}
    with zipfile.ZipFile(package) as archive:
        for entry in archive.infolist():
            name = _part(entry.filename)
            packed[name] = packed.get(name, 0) + entry.compress_size
            unpacked[name] = unpacked.get(name, 0) + entry.file_size
    weights = (Weight(name, packed[name], unpacked[name]) for name in packed)
    return sorted(weights, key=lambda each: (-each.unpacked, each.name))


def _run(*arguments: str, folder: Path) -> None:
    """Run Python, with a hash seed that is always the same: it orders what a set lists."""
    environment = {"PYTHONHASHSEED": "0", "PATH": os.defpath}
    subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, check=True)  # noqa: S603 - nothing foreign in it


def _part(name: str) -> str:
    """Return the top of a path, as its owner is called: `urllib3`, `markupsafe`, `chalicelib`."""
    path = PurePosixPath(name)
    top = path.name if path.parts[0] == "__pycache__" else path.parts[0]
    return top.partition(".")[0].partition("-")[0]


def _write(task: Path, finished: Path) -> None:
    with zipfile.ZipFile(finished, "w", zipfile.ZIP_DEFLATED, compresslevel=SMALLEST) as archive:
        for name in sorted(_files(task)):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.external_attr = FILE_MODE << 16
            entry.create_system = UNIX
            archive.writestr(entry, (task / name).read_bytes(), zipfile.ZIP_DEFLATED, SMALLEST)


def _files(task: Path) -> Iterator[str]:
    return (path.relative_to(task).as_posix() for path in task.rglob("*") if path.is_file())
