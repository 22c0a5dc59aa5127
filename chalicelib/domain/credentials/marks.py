"""Marks: what stands in a secret's place; it names the secret's kind and holds nothing of it."""

import re


def mark(kind: str) -> str:
    """Return what replaces a secret."""
    return f"[redacted: {kind}]"


def marked(found: re.Match[str], group: str, kind: str) -> str:
    """Return what a match found, one of its groups replaced."""
    start, end = found.start(group) - found.start(), found.end(group) - found.start()
    return f"{found[0][:start]}{mark(kind)}{found[0][end:]}"


def is_marked(text: str) -> bool:
    """Return whether a secret stood here."""
    return text.startswith("[redacted: ")
