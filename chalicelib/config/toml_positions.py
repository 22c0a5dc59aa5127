"""The lines of a TOML text: where each key stands, which tomllib does not say.

The text is known to be TOML, as tomllib has read it before; so this only has to tell keys, values and brackets apart.
https://toml.io/en/v1.0.0
"""

import re
import tomllib
from collections.abc import Mapping
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
        self._next = 0
        table: KeyPath = ()
        while (token := self._peek()) is not None:
            if token.text == "\n":
                self._take()
            elif token.text == "[":
                table = self._header()
            else:
                self._pair(table)

    def _peek(self) -> Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _take(self) -> Token:
        self._next += 1
        return self._tokens[self._next - 1]

    def _header(self) -> KeyPath:
        line = self._take().line
        is_array = self._tokens[self._next].text == "["
        if is_array:
            self._take()
        *around, key = self._keys("]")
        if is_array:
            self._take()
        table: KeyPath = ()
        for each in around:
            table = self._newest((*table, each))
            self._note(table, line)
        table = (*table, key)
        if is_array:
            self._counts[table] = self._counts.get(table, -1) + 1
            self._note(table, line)
        table = self._newest(table)
        self._note(table, line)
        return table

    def _newest(self, table: KeyPath) -> KeyPath:
        """Return the newest element of an array of tables; a table that is none as it is."""
        return (*table, self._counts[table]) if table in self._counts else table

    def _pair(self, table: KeyPath) -> None:
        line = self._tokens[self._next].line
        for key in self._keys("="):
            table = (*table, key)
            self._note(table, line)
        self._value(table)

    def _keys(self, end: str) -> list[str]:
        """Take a dotted key and the mark behind it."""
        keys = []
        while (token := self._take()).text != end:
            if token.text != ".":
                keys.append(_key(token.text))
        return keys

    def _value(self, path: KeyPath) -> None:
        match self._take().text:
            case "[":
                self._elements(path)
            case "{":
                self._pairs(path)
            case _:
                while (token := self._peek()) is not None and token.text not in {"\n", ",", "]", "}"}:
                    self._take()

    def _elements(self, path: KeyPath) -> None:
        number = 0
        while (token := self._tokens[self._next]).text != "]":
            if token.text in {"\n", ","}:
                self._take()
                continue
            self._note((*path, number), token.line)
            self._value((*path, number))
            number += 1
        self._take()

    def _pairs(self, path: KeyPath) -> None:
        while (token := self._tokens[self._next]).text != "}":
            if token.text in {"\n", ","}:
                self._take()
            else:
                self._pair(path)
        self._take()

    def _note(self, path: KeyPath, line: int) -> None:
        self.lines.setdefault(path, line)


def _tokens(text: str) -> list[Token]:
    tokens, line = [], 1
    for found in TOKEN.finditer(text):
        if found.lastgroup != "blank":
            tokens.append(Token(found.group(), line))
        line += found.group().count("\n")
    return tokens


def _key(token: str) -> str:
    """Return a key without its quotes."""
    if token[0] not in "\"'":
        return token
    key: str = tomllib.loads(f"key = {token}")["key"]
    return key
