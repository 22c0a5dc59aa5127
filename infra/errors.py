"""Errors of the commands in here: one line each, for whoever typed the command."""

import sys
from collections.abc import Callable

from botocore.exceptions import BotoCoreError, ClientError

FAILED = 1


class DeployError(Exception):
    """Something that a person has to mend; the text says what."""


def in_one_line(work: Callable[[], int]) -> int:
    """Do the work of a command; returns its exit code, and tells in one line what kept it from its end."""
    try:
        return work()
    except (DeployError, ClientError, BotoCoreError) as error:
        sys.stderr.write(f"{' '.join(str(error).split())}\n")
        return FAILED
