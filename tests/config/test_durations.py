"""Durations are read and written in one unit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.config.durations import as_text, seconds_in


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("30m", 1_800), ("4h", 14_400), ("2d", 172_800)])
def test_a_duration_is_a_number_and_a_unit(text: str, seconds: int) -> None:
    assert seconds_in(text) == seconds


@pytest.mark.parametrize("text", ["", "4", "h", "0h", "-1h", "1.5h", "4 h", "1h30m", "1w", "4H", "٣h"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"invalid duration .* expected one such as 90s, 30m, 4h or 2d"):
        seconds_in(text)


@given(st.integers(1, 10_000_000))
def test_what_is_written_is_read_again(seconds: int) -> None:
    assert seconds_in(as_text(seconds)) == seconds
