"""A company with a sign-in of its own: npm's oidc-provider on loopback, installed as its lock file says."""

import hashlib
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.aws import LOOPBACK, claim_port
from local.npm_packages import CACHE, UnfetchableError

FILES = Path(__file__).parent / "provider"
INSTALLED = "package.json", "package-lock.json"
SECRET = "secret of/the+hub:"


def install(cache: Path = CACHE) -> Path:
    """Return the folder in which the provider is installed, at first use; UnfetchableError where it cannot be."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if not (npm and node):
        raise UnfetchableError("npm or node is not installed")
    digest = hashlib.sha256(b"".join((FILES / each).read_bytes() for each in INSTALLED)).hexdigest()[:12]
    folder = cache / f"oidc-provider-{digest}"
    folder.mkdir(parents=True, exist_ok=True)
    for each in FILES.iterdir():
        shutil.copy(each, folder)
    if not (folder / "node_modules").exists():
        command = [npm, "ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"]
        installed = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if installed.returncode:
            raise UnfetchableError(f"npm cannot install the provider: {installed.stderr.strip()[-200:]}")
    return folder


@contextmanager
def signing_in(redirect_uri: str, *, in_token: bool) -> Iterator[str]:
    """Run the provider while the context lasts; returns its issuer. Groups are in the ID token, or asked for."""
    folder, port = install(), claim_port(0, "the provider", "")
    command = ["node", "provider.js", str(port), redirect_uri, "yes" if in_token else "no"]
    with (folder / "provider.log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            assert process.stdout
            if process.stdout.readline() != "ready\n":
                raise UnfetchableError((folder / "provider.log").read_text()[-500:])
            yield f"http://{LOOPBACK}:{port}"
        finally:
            process.terminate()
            process.communicate()
