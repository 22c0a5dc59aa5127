"""Errors of the commands in here: one line each, for whoever typed the command."""

import os
import sys
from collections.abc import Callable
from typing import NoReturn

from botocore.exceptions import BotoCoreError, ClientError

FAILED = 1


class DeployError(Exception):
    """Something that a person has to fix; the text says what."""


def in_one_line(work: Callable[[], int]) -> int:
    """Do the work of a command; returns its exit code, and tells in one line what kept it from its end."""
    try:
        return work()
    except (DeployError, ClientError, BotoCoreError) as error:
        sys.stderr.write(f"{' '.join(str(error).split())}\n")
        return FAILED


def exit_with(work: Callable[[], int]) -> NoReturn:
    """End the process with the code of a command, also where whoever read its lines has gone, as `head` does."""
    try:
        code = work()
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = FAILED
    sys.exit(code)
