"""Literals: words that an error's lines share, whatever else changes in them, to search a log for."""

import re
from collections.abc import Collection

SHORTEST, LONGEST = 5, 80
# Titles are short; what somebody forged may not be.
READ = 500
# What changes from line to line, or was replaced before it left its account: quoted and bracketed text, words with a
# digit, a path, an address or a value in them; and what a query or a line in JSON would have to escape.
CHANGING = re.compile(
    r"""'[^']*'|"[^"]*"|`[^`]*`|\[[^\]]*\]|<[^>]*>|\{[^}]*\}|\S*[\d@=/\\]\S*|[^A-Za-z .,:;()_-]+""", re.ASCII
)
EDGES = " .,:;()_-"


def shared_literal(title: str, lines: Collection[str]) -> str:
    """Return the longest stretch of a title that is likely in all of its lines; nothing where none is in those given.

    It holds neither quotes nor backslashes, and nothing but ASCII.
    """
    pieces = (piece.strip(EDGES)[:LONGEST].rstrip(EDGES) for piece in CHANGING.split(title[:READ]))
    found = (each for each in pieces if len(each) >= SHORTEST and all(each in line for line in lines))
    return max(found, key=len, default="") if lines else ""
