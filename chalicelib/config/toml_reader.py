"""TOML files of ours, read table by table; all that is wrong with one is told at once, with file and line."""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from chalicelib.config.toml_positions import Place, line_at, lines_of
from chalicelib.domain.errors import Invalid, Problem

type Read = Callable[[Any], Any]
"""Reads one value; ValueError says what it must be."""

# Where tomllib says what is wrong.
POSITION = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


def parsed(text: str, name: str) -> Mapping[str, Any]:
    """Parse the text of the file called `name`; Invalid has one problem, its field as routes.toml:12."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = POSITION.search(str(error))
        line = int(found[1]) if found and found[1] else text.count("\n") + 1
        raise _invalid([(line, f"is no TOML: {POSITION.sub('', str(error))}")], name) from None
    except RecursionError:
        raise _invalid([(1, "is nested too deeply")], name) from None


def anything(value: Any) -> Any:
    """Take a value as it is: it is read by hand."""
    return value


class TableReading:
    """One reading of a file's tables; what is wrong is collected by its place."""

    def __init__(self) -> None:
        self.mistakes: list[tuple[Place, str]] = []

    def refuse(self, text: str, name: str) -> None:
        """Raise Invalid if there are mistakes in the text of the file called `name`: a problem for each of them."""
        if self.mistakes:
            lines = lines_of(text)
            raise _invalid([(line_at(lines, place), complaint) for place, complaint in self.mistakes], name)

    def take(self, place: Place, table: Any, fields: Mapping[str, Read]) -> dict[str, Any]:
        """Read the values of a table, as far as they can be read."""
        said = {}
        for key, value in self.table(place, table).items():
            if key not in fields:
                self.blame((*place, key), f"{key}: is unknown here; {self.instead_of(key, fields)}")
                continue
            try:
                said[key] = fields[key](value)
            except ValueError as error:
                self.blame((*place, key), f"{key}: {error}")
        return said

    def instead_of(self, key: str, fields: Mapping[str, Read]) -> str:  # noqa: ARG002 - those who know better override it
        """Say what to write instead of an unknown key."""
        return f"there is {', '.join(fields)}"

    def table(self, place: Place, value: Any) -> Mapping[str, Any]:
        """Return a value that must be a table."""
        if isinstance(value, dict):
            return value
        self.blame(place, f"{place[-1]}: must be a table")
        return {}

    def array(self, tables: Mapping[str, Any], key: str) -> list[Any]:
        """Return the tables that are written as [[key]]."""
        array = tables.get(key, [])
        if isinstance(array, list):
            return array
        self.blame((key,), f"{key}: must be written as [[{key}]], once for each")
        return []

    def demand(self, place: Place, table: Mapping[str, Any], *keys: str) -> None:
        """Blame a table for each key that it lacks."""
        for key in keys:
            if key not in table:
                self.blame(place, f"{key}: is missing")

    def refuse_doubles(self, what: str, places: Iterable[Place], names: list[str]) -> None:
        """Blame all that have a name which one before them has."""
        for number, (place, name) in enumerate(zip(places, names, strict=True)):
            if name and name in names[:number]:
                self.blame((*place, "name"), f"name: there is a {what} {name!r} already")

    def blame(self, place: Place, complaint: str) -> None:
        """Note a mistake."""
        self.mistakes.append((place, complaint))


def _invalid(mistakes: Iterable[tuple[int, str]], name: str) -> Invalid:
    problems = [Problem(f"{name}:{line}", complaint) for line, complaint in sorted(dict.fromkeys(mistakes))]
    return Invalid(f"{name} has mistakes.", *problems)
