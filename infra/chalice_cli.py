"""Chalice's own command line, which packages as we do: `python -m infra.chalice_cli deploy --stage prod`.

Both ways of deploying pass through three classes of Chalice's: the packager, what fetches dependencies for it, and the
reader of policies. Ours take their places: they let Chalice do what it always does, and finish that.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import override

from chalice import cli
from chalice.deploy import deployer
from chalice.deploy.packager import LambdaDeploymentPackager

from infra import archive, policies
from infra.locked import LOCK, LockedDependencies

# As infra/agent.yaml declares it; Chalice declares whatever runs it.
RUNTIME = "python3.13"


class UnsuitablePythonError(Exception):
    """This Python would make a package for another runtime."""


class Packager(LambdaDeploymentPackager):
    """Builds the one package of all functions."""

    @override
    def create_deployment_package(self, project_dir: str, python_version: str) -> str:
        """Return the path of the finished package; UnsuitablePythonError under another Python than the runtime's."""
        check_python(python_version)
        built = Path(super().create_deployment_package(project_dir, python_version))
        finished = built.with_name(f"finished-{built.name}")
        archive.finish(built, finished)
        return str(finished)

    @override
    def _get_requirements_filename(self, project_dir: str) -> str:
        return str(Path(project_dir) / LOCK)


def check_python(python_version: str) -> None:
    """Refuse to go on under another Python than the runtime's: neither bytecode nor libraries would fit."""
    if python_version != RUNTIME:
        raise UnsuitablePythonError(
            f"The functions run on {RUNTIME}, and this is {python_version}: "
            f"install Python {RUNTIME.removeprefix('python')}, then `make clean` and try again."
        )


def this_python() -> str:
    """Return this Python as Lambda would call it."""
    return f"python{sys.version_info.major}.{sys.version_info.minor}"


def run(arguments: Sequence[str]) -> int:
    """Run a command of Chalice's and return its exit code."""
    try:
        check_python(this_python())
    except UnsuitablePythonError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    # Where both ways of deploying look for them.
    vars(deployer).update(LambdaDeploymentPackager=Packager, PipDependencyBuilder=LockedDependencies)
    policies.install(exact="deploy" in arguments)
    sys.argv[1:] = arguments
    try:
        return cli.main() or 0
    except SystemExit as end:  # how click ends
        return int(end.code or 0)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
