"""Foreign text and foreign JSON become safe to keep."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.text import DEEPEST, canonical, clean, digest, shortened, strict

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.text(), st.integers(min_value=1, max_value=50))
def test_clean_text_is_one_printable_line_within_its_limit(text: str, limit: int) -> None:
    cleaned = clean(text, limit)
    assert len(cleaned) <= limit
    assert cleaned.isprintable()
    assert cleaned == " ".join(cleaned.split())


@given(st.text(), st.integers(min_value=1, max_value=50))
def test_cleaning_twice_changes_nothing_more(text: str, limit: int) -> None:
    assert clean(clean(text, limit), limit) == clean(text, limit)


def test_control_format_and_surrogate_characters_become_spaces() -> None:
    assert clean("a\nb\t\x00c\u202ed\ud800e", 50) == "a b c d e"


def test_anything_has_a_clean_text() -> None:
    assert clean({"a": [1]}, 50) == "{'a': [1]}"


def test_text_that_fits_stays_as_it_is() -> None:
    assert shortened("12345", 5) == "12345"


def test_what_is_cut_off_leaves_an_ellipsis_in_the_last_place() -> None:
    assert shortened("12345 7", 6) == "12345…"
    assert shortened("1234 67", 6) == "1234…"


@given(JSON)
def test_strict_json_survives_a_round_trip(value: Any) -> None:
    strictly = strict(value)
    assert json.loads(json.dumps(strictly, allow_nan=False)) == strictly


def test_numbers_without_a_json_form_become_text() -> None:
    assert strict([float("inf"), float("nan"), 1.5]) == ["inf", "nan", 1.5]


def test_keys_and_strange_values_become_text() -> None:
    assert strict({1: b"x", None: (True, {2})}) == {"1": "b'x'", "None": [True, "{2}"]}


def test_what_lies_too_deep_is_named_instead_of_kept() -> None:
    nested: Any = "bottom"
    for _ in range(DEEPEST + 1):
        nested = [nested]
    value = strict(nested)
    for _ in range(DEEPEST):
        value = value[0]
    assert value == f"… nested deeper than {DEEPEST} levels"


def test_what_lies_just_deep_enough_is_kept() -> None:
    nested: Any = "bottom"
    for _ in range(DEEPEST):
        nested = [nested]
    assert strict(nested) == nested


@given(st.dictionaries(st.text(), st.integers()))
def test_canonical_bytes_know_no_order_of_keys(value: dict[str, int]) -> None:
    assert canonical(value) == canonical(dict(reversed(value.items())))


@given(st.lists(st.text()), st.lists(st.text()))
def test_digests_differ_where_the_parts_do(left: list[str], right: list[str]) -> None:
    assert (digest(*left) == digest(*right)) == (left == right)


@given(st.text(min_size=2), st.data())
def test_digests_know_the_borders_between_parts(text: str, data: st.DataObject) -> None:
    cut = data.draw(st.integers(min_value=1, max_value=len(text) - 1))
    assert digest(text[:cut], text[cut:]) != digest(text)


def test_a_digest_is_32_hexadecimal_characters() -> None:
    assert len(bytes.fromhex(digest("a", "b"))) == 16
