"""TOML positions: the line of each key, which tomllib does not tell.

The text is valid TOML, as tomllib has read it before, so it only needs to be split into keys, values and brackets.
https://toml.io/en/v1.0.0
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from itertools import takewhile
from typing import NamedTuple

type KeyPath = tuple[str | int, ...]
"""The way to a value: keys, and positions in arrays."""

TOKEN = re.compile(
    r"""
      (?P<blank>   [ \t\r]+ | \#[^\n]* )
    | (?P<newline> \n )
    | (?P<text>    \"{3} (?: \"{0,2} (?: \\. | [^"\\] ) )* \"{3,5}
                 | '{3} (?: '{0,2} [^'] )* '{3,5}
                 | (?<!\\) " (?: \\. | [^"\\\n] )*+ "
                 | ' [^'\n]* ' )
    | (?P<mark>    [][{},=.] )
    | (?P<bare>    [^][{},=.\s"'#]+ )
    """,
    re.VERBOSE | re.DOTALL,
)
BRACKETS = {"[": "]", "{": "}"}
ENDS = {"\n", ",", "]", "}"}


class Token(NamedTuple):
    """A word, a mark or the end of a line, and the line (from 1) on which it begins."""

    text: str
    line: int


def lines_of(text: str) -> Mapping[KeyPath, int]:
    """Return the line (from 1) of each table, key and element; of a table written in pieces, of its first."""
    return _Reading(text).lines


def line_at(lines: Mapping[KeyPath, int], path: KeyPath) -> int:
    """Return the line of a path, or of the nearest path around it; the first where there is none."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


class _Reading:
    """One reading of a text, from its first token to its last."""

    def __init__(self, text: str) -> None:
        self.lines: dict[KeyPath, int] = {}
        self._counts: dict[KeyPath, int] = {}
        self._tokens = _tokens(text)
        table: KeyPath = ()
        for token in self._tokens:
            if token.text == "[":
                table = self._header(token.line)
            elif token.text != "\n":
                self._pair(table, token)

    def _header(self, line: int) -> KeyPath:
        """Read the rest of the line that begins a table, and return the table's path."""
        words = [token.text for token in takewhile(lambda each: each.text != "\n", self._tokens)]
        *around, key = (_key(word) for word in words if word not in {"[", "]", "."})
        table: KeyPath = ()
        for each in around:
            table = self._newest((*table, each))
            self.lines.setdefault(table, line)
        table = (*table, key)
        if words[0] == "[":
            self._counts[table] = self._counts.get(table, -1) + 1
            self.lines.setdefault(table, line)
        table = self._newest(table)
        self.lines.setdefault(table, line)
        return table

    def _newest(self, table: KeyPath) -> KeyPath:
        """Return the newest element of an array of tables; a table that is none as it is."""
        return (*table, self._counts[table]) if table in self._counts else table

    def _pair(self, path: KeyPath, token: Token) -> str:
        """Read a dotted key, which begins with a token, and its value; returns the mark behind that."""
        while token.text != "=":
            if token.text != ".":
                path = (*path, _key(token.text))
                self.lines.setdefault(path, token.line)
            token = next(self._tokens)
        return self._value(path, next(self._tokens))

    def _value(self, path: KeyPath, token: Token) -> str:
        """Read a value, which begins with a token; returns the mark behind it."""
        if token.text not in BRACKETS:
            return next(each.text for each in self._tokens if each.text in ENDS)
        is_array, end = token.text == "[", BRACKETS[token.text]
        mark, number = ",", 0
        while mark != end:
            token = next(each for each in self._tokens if each.text not in {"\n", ","})
            if token.text == end:
                break
            if is_array:
                self.lines.setdefault((*path, number), token.line)
            mark = self._value((*path, number), token) if is_array else self._pair(path, token)
            number += 1
        return next(self._tokens).text


def _tokens(text: str) -> Iterator[Token]:
    """Iterate over the tokens; the last one ends a line."""
    line = 1
    for found in TOKEN.finditer(f"{text}\n"):
        if found.lastgroup != "blank":
            yield Token(found.group(), line)
        line += found.group().count("\n")


def _key(token: str) -> str:
    """Return a key without its quotes."""
    if token[0] not in "\"'":
        return token
    key: str = tomllib.loads(f"key = {token}")["key"]
    return key
