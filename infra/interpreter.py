"""Interpreter: refuses, in one line, a Python that cannot run the commands; any Python 3 can read this module."""

import sys
from importlib.util import find_spec

OLDEST = (3, 12)
# Of what the commands need, something that no Python brings along.
NEEDED = "msgspec"


def check() -> None:
    """Exit with one line where this Python is too old, or is not the project's own environment."""
    if sys.version_info < OLDEST:
        found = "{}.{}".format(*sys.version_info[:2])
        sys.exit("This is Python " + found + ": run the command with .venv/bin/python, which `make` creates.")
    if find_spec(NEEDED) is None:
        sys.exit(
            "The project is not installed in this Python: run the command with .venv/bin/python, which `make` creates."
        )
