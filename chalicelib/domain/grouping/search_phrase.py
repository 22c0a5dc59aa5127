"""Literals: words that an error's lines share, whatever else changes in them, to search a log for."""

import re
from collections.abc import Collection

SHORTEST, LONGEST = 5, 80
# Titles are short; what somebody forged may not be.
READ = 500
# What changes from line to line, or was replaced before it left its account: quoted and bracketed text, and words with
# a digit, a path, an address or a value in them.
ENCLOSED = re.compile(r"""'[^']*+'|"[^"]*+"|`[^`]*+`|\[[^\[\]]*+\]|<[^<>]*+>|\{[^{}]*+\}""")
CHANGING = re.compile(r"(?<!\S)[^\s\d@=/\\]*+[\d@=/\\]\S*+", re.ASCII)
# What a query or a line in JSON would have to escape.
FOREIGN = re.compile(r"[^A-Za-z .,:;()_-]++")
CUT = "|"
EDGES = " .,:;()_-"


def shared_literal(title: str, lines: Collection[str]) -> str:
    """Return the longest stretch of a title that is likely in all of its lines; nothing where none is in those given.

    It holds neither quotes nor backslashes, and nothing but ASCII.
    """
    steady = CHANGING.sub(CUT, ENCLOSED.sub(CUT, title[:READ]))
    pieces = (piece.strip(EDGES)[:LONGEST].rstrip(EDGES) for piece in FOREIGN.split(steady))
    found = (each for each in pieces if len(each) >= SHORTEST and all(each in line for line in lines))
    return max(found, key=len, default="") if lines else ""
