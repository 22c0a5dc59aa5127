"""The release: which version of the hub runs, and the commit that its package was built from.

`GET /health` and each heartbeat have both, so that a rollout can be watched.
"""

from functools import cache
from pathlib import Path

from chalicelib import __version__

UNKNOWN = "unknown"
COMMIT_FILE = Path(__file__).with_name("COMMIT")  # written by packaging; a bare checkout has none

VERSION = __version__


@cache
def commit() -> str:
    """Return the commit that the package was built from; `unknown` in a bare checkout."""
    try:
        return COMMIT_FILE.read_text(encoding="ascii").strip() or UNKNOWN
    except (OSError, UnicodeDecodeError):
        return UNKNOWN
