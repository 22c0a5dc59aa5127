"""Package: builds `deployment.zip` and `sam.json`, and tells what is in them by weight.

`python -m infra.package --stage prod dist`
"""

import argparse
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from app import app
from infra import archive, chalice_cli, check_config, event_files
from infra.functions import functions_of
from infra.merge import merge_template

PACKAGE = "deployment.zip"
# Nothing in package or template depends on the region, but Chalice wants to hear of one.
ANY_REGION = "us-east-1"


def build(stage: str, folder: Path) -> int:
    """Write the package and its template into `folder`; returns Chalice's exit code."""
    os.environ.setdefault("AWS_DEFAULT_REGION", ANY_REGION)
    with tempfile.TemporaryDirectory() as temporary:
        merge = Path(temporary) / "merge.json"
        merge.write_text(json.dumps(merge_template(stage, functions_of(app))))
        return chalice_cli.run(["package", "--stage", stage, "--merge-template", str(merge), str(folder)])


def table(package: Path) -> str:
    """Return a table of what is in a package, and below it the whole and its hash."""
    weights = archive.weigh(package)
    lines = [f"{'':24}{'in the ZIP':>12}{'unpacked':>12}"]
    lines += [_line(each.name, each.packed, each.unpacked) for each in weights]
    lines.append(_line("all", package.stat().st_size, sum(each.unpacked for each in weights)))
    lines.append(f"SHA-256 {hashlib.sha256(package.read_bytes()).hexdigest()}")
    return "\n".join(lines)


def _line(name: str, packed: int, unpacked: int) -> str:
    return f"{name:24}{packed / 1_000:9,.0f} kB{unpacked / 1_000:9,.0f} kB"


def main(arguments: Sequence[str]) -> int:
    """Build, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m infra.package", description=__doc__.splitlines()[0])
    parser.add_argument("--stage", required=True)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("dist"))
    chosen = parser.parse_args(arguments)
    try:
        check_config.check(chosen.stage)
    except event_files.WrongError as error:
        sys.stderr.writelines(f"{line}\n" for line in error.lines)
        return check_config.WRONG
    code = build(chosen.stage, chosen.folder)
    if code == 0:
        sys.stdout.write(f"{table(chosen.folder / PACKAGE)}\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
