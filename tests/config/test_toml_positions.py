"""tomllib says what a text holds; this says where."""

import json
import tomllib
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.config.toml_positions import KeyPath, line_at, lines_of

TEXT = '''# Everything that could lead astray: = [ { " in a comment
top = 1.5

[default]
receivers = [
  "a",   # the first
  'b,]', { deep = [1,
    2] },
]

[[route]]
name = "x"
match.account = "p-*"
"not" = { kind = """one
two = 3 ""and" """, 'a.b'.c = 1979-05-27 07:32:00 }
[route.match.tags]
team = \'\'\'
not = a key
\'\'\'
[[route]]
[[route.step]]
[[route.step]]
n = "quote \\" and # no comment"
[accounts.111122223333]
'''


def places(value: Any, place: KeyPath = ()) -> Iterator[KeyPath]:
    """Iterate over the places of all values in what tomllib has read."""
    yield place
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in pairs:
        yield from places(each, (*place, key))


def test_every_key_and_element_has_its_line() -> None:
    lines = lines_of(TEXT)
    assert {*lines} == {*places(tomllib.loads(TEXT))} - {()}
    assert {place: line for place, line in lines.items() if line < 18} == {
        ("top",): 2,
        ("default",): 4,
        ("default", "receivers"): 5,
        ("default", "receivers", 0): 6,
        ("default", "receivers", 1): 7,
        ("default", "receivers", 2): 7,
        ("default", "receivers", 2, "deep"): 7,
        ("default", "receivers", 2, "deep", 0): 7,
        ("default", "receivers", 2, "deep", 1): 8,
        ("route",): 11,
        ("route", 0): 11,
        ("route", 0, "name"): 12,
        ("route", 0, "match"): 13,
        ("route", 0, "match", "account"): 13,
        ("route", 0, "not"): 14,
        ("route", 0, "not", "kind"): 14,
        ("route", 0, "not", "a.b"): 15,
        ("route", 0, "not", "a.b", "c"): 15,
        ("route", 0, "match", "tags"): 16,
        ("route", 0, "match", "tags", "team"): 17,
    }


def test_what_is_not_there_has_the_line_of_what_would_be_around_it() -> None:
    lines = lines_of(TEXT)
    assert line_at(lines, ("default", "name")) == 4
    assert line_at(lines, ("nowhere",)) == line_at(lines, ()) == 1


KEYS = st.text("abc-_1", min_size=1, max_size=4) | st.text(max_size=4)
SCALARS = st.booleans() | st.integers(-9, 99) | st.text("a\"'\\#=[]{},.\n\t é", max_size=8)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3))
TABLES = st.dictionaries(KEYS, VALUES, max_size=4)


def quoted(text: str) -> str:
    """Write text as TOML's basic string, which is JSON's but for one character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def written(value: Any, gap: str) -> str:
    """Write a value as TOML, `gap` between the elements of arrays."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{quoted(key)} = {written(each, gap)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return f"[{gap}" + f",{gap}".join(written(each, gap) for each in value) + "]"
    return quoted(value) if isinstance(value, str) else json.dumps(value)


@given(
    st.lists(TABLES, min_size=1, max_size=4),
    st.dictionaries(KEYS.filter(lambda key: key != "route"), TABLES, max_size=3),
    st.sampled_from(["", " ", "\n", " # a ] comment\n\n  "]),
    st.integers(0, 3),
)
def test_any_text_is_found_its_way_through(
    routes: list[dict[str, Any]], tables: dict[str, dict[str, Any]], gap: str, blank: int
) -> None:
    """Each key is written on the line where it is found, whatever stands around it."""
    text = ""
    known: dict[KeyPath, int] = {}
    headers: list[tuple[KeyPath, str, dict[str, Any]]] = [
        (("route", number), "[[route]]", each) for number, each in enumerate(routes)
    ]
    headers += [((name,), f"[{quoted(name)}]", each) for name, each in tables.items()]
    for place, header, table in headers:
        text += '# [[route]] = "\n' * blank
        known[place] = text.count("\n") + 1
        text += header + "\n"
        for key, value in table.items():
            known[(*place, key)] = text.count("\n") + 1
            text += f"{quoted(key)} = {written(value, gap)}\r\n"
    lines = lines_of(text)
    assert {*lines} == {*places(tomllib.loads(text))} - {()}
    assert {place: lines[place] for place in known} == known
