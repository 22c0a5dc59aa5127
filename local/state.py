"""Where a running stack can be found: a small file, written when it is up and removed when it ends."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from local.errors import LocalError

DEFAULT = Path(__file__).parent.parent / ".cache" / "local.json"
QUICKLY = 1.0  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A running stack: its URLs, the API's token and the table's name."""

    api: str
    slack: str
    aws: str
    token: str
    table: str
    receivers: str = ""

    @property
    def is_alive(self) -> bool:
        """Whether somebody still listens where its AWS was."""
        address = urlsplit(self.aws)
        try:
            socket.create_connection((address.hostname, address.port or 0), timeout=QUICKLY).close()
        except OSError:
            return False
        return True


def find(path: Path) -> State | None:
    """Return the stack that a file speaks of, if it runs."""
    try:
        state = State(**json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return state if state.is_alive else None


def running(path: Path) -> State:
    """Return the stack that a file speaks of; LocalError where none runs."""
    state = find(path)
    if state is None:
        raise LocalError("No stack runs here. Start one with `make run` and leave it running.")
    return state


@contextmanager
def published(state: State, path: Path) -> Iterator[None]:
    """Keep the file while the context lasts; it holds the token, so it is for its owner's eyes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(json.dumps(asdict(state), indent=2), encoding="utf-8")
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
