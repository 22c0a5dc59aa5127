"""Argument types: what commands take, refused with a line where it cannot be."""

import argparse
from pathlib import Path


def at_least_one(text: str) -> int:
    """Read a whole number from 1 on."""
    if not (text.isascii() and text.isdecimal() and int(text)):
        raise argparse.ArgumentTypeError(f"invalid number {text!r}; expected a whole one from 1 on")
    return int(text)


def existing_file(text: str) -> Path:
    """Read the path of a file."""
    path = Path(text)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"there is no file {text!r}")
    return path


def refuse_arguments(module: str, purpose: str) -> None:
    """End a command that takes no arguments where somebody gave it one."""
    argparse.ArgumentParser(prog=f"python -m {module}", description=purpose.splitlines()[0]).parse_args()
