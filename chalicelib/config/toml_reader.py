"""TOML files read into pydantic models; all errors are reported at once, with file and line."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from chalicelib.config.fields import complaint, shown
from chalicelib.config.models import by_key, model_at
from chalicelib.config.toml_positions import KeyPath, line_at, lines_of
from chalicelib.domain.errors import Invalid, Violation

# Where tomllib says what is wrong.
POSITION = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")

type Mistake = tuple[KeyPath, str]
type Tables = Mapping[str, Any]


class Table(BaseModel):
    """A table of a file: it has no other keys than its fields, whose descriptions editors show."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def hint(cls, _key: str) -> str:
        """Say what to write instead of a key that is unknown."""
        return f"expected one of {', '.join(by_key(cls))}"


def misplaced(message: str, *key: str) -> PydanticCustomError:
    """Return the error about a key of the table that is being validated, or about all of it."""
    return PydanticCustomError("misplaced", "{message}", {"message": message, "key": key})


def tables_in(text: str, name: str) -> Tables:
    """Parse the text of the file called `name`; Invalid has one problem, its field as routes.toml:12."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = POSITION.search(str(error))
        line = int(found[1]) if found and found[1] else text.count("\n") + 1
        raise _invalid([(line, f"invalid TOML: {POSITION.sub('', str(error))}")], name) from None
    except RecursionError:
        raise _invalid([(1, "nested too deeply")], name) from None


def validated[File: Table](model: type[File], tables: Tables) -> tuple[File | None, list[Mistake]]:
    """Return the file's model, or all errors in it."""
    try:
        return model.model_validate(tables), []
    except ValidationError as error:
        errors = error.errors(include_url=False)
        # Of a list of which nothing could be read it is said as well that it is empty.
        return None, [_mistake(each, model) for each in errors if each["type"] != "too_short" or not each["input"]]


def accepted[File: Table](file: File | None, mistakes: list[Mistake], text: str, name: str) -> File:
    """Return what the text of the file called `name` says; Invalid has a problem for each mistake."""
    if file is None or mistakes:
        lines = lines_of(text)
        raise _invalid([(line_at(lines, path), complaint) for path, complaint in mistakes], name)
    return file


def elements(tables: Tables, key: str) -> Iterator[tuple[KeyPath, Tables]]:
    """Iterate over the tables that are written as [[key]], as far as they are tables."""
    array = tables.get(key)
    for number, each in enumerate(array if isinstance(array, list) else []):
        if isinstance(each, dict):
            yield (key, number), each


def doubles(what: str, tables: Iterable[tuple[KeyPath, Tables]]) -> Iterator[Mistake]:
    """Iterate over tables with the same name as an earlier one."""
    known = [None]
    for path, table in tables:
        name = table.get("name")
        if name and name in known:
            yield (*path, "name"), f"name: there is {what} {shown(name)} already"
        known.append(name)


def _mistake(error: ErrorDetails, model: type[Table]) -> Mistake:
    path = (*(each for each in error["loc"] if each != "[key]"), *error.get("ctx", {}).get("key", ()))
    key = next((each for each in reversed(path) if isinstance(each, str)), "")
    return path, f"{key}: {_complaint(error, model_at(model, path[:-1]), key)}".removeprefix(": ")


def _complaint(error: ErrorDetails, table: type[Table], key: str) -> str:
    if error["type"] == "extra_forbidden":
        return f"unknown key; {table.hint(key)}"
    if error["type"] == "missing":
        description = by_key(table)[key].description or ""
        return f"required ({description[:1].lower()}{description[1:]})"
    return complaint(error, key)


def _invalid(mistakes: Iterable[tuple[int, str]], name: str) -> Invalid:
    violations = [Violation(f"{name}:{line}", complaint) for line, complaint in sorted(dict.fromkeys(mistakes))]
    return Invalid(f"{name} is invalid.", *violations)
