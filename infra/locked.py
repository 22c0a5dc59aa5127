"""Locked dependencies: what ships is fetched as `requirements.lock` names it, by its hash, for Lambda and no other."""

from typing import override

from chalice.deploy.packager import DependencyBuilder, Package, PackageDownloadError

LOCK = "requirements.lock"


class LockedDependencies(DependencyBuilder):
    """Fetches the wheels that Lambda runs, on whatever machine.

    Chalice would fetch what this machine runs first, and then, without hashes, what Lambda runs instead.
    """

    @override
    def _download_dependencies(
        self, abi: str, directory: str, requirements_filename: str
    ) -> tuple[set[Package], set[Package]]:
        """Return the wheels, and those that Lambda could not run; PackageDownloadError where a hash is another."""
        platforms = [part for each in self._get_pip_platforms(abi) for part in ("--platform", each)]
        strictly = ["--require-hashes", "--no-deps", "--only-binary=:all:", "--python-version", abi.removeprefix("cp")]
        code, _, error = self._pip._execute(  # noqa: SLF001 - its public methods pass no hashes on
            "download", [*strictly, *platforms, "--dest", directory, "-r", requirements_filename]
        )
        if code:
            raise PackageDownloadError(error.decode(errors="replace"))
        return self._categorize_wheel_files(abi, directory)
