"""Dates, as AWS writes them for people."""

import pytest

from chalicelib.domain.timestamps import read_date


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("Fri, 27 Jan 2023 06:02:51 GMT", 1_674_799_371),
        ("Fri, 27 Jan 2023 06:02:51 -0000", 1_674_799_371),
        ("Fri, 27 Jan 2023 07:02:51 +0100", 1_674_799_371),
        ("2023-01-27T06:02:51Z", 1_674_799_371),
        ("Jan 27, 2023, 6:02:51 AM", 1_674_799_371),
        ("Jan 27, 2023, 6:02:51\u202fAM", 1_674_799_371),
        ("Jan 27, 2023, 6:02:51 PM", 1_674_842_571),
        ("Jan 27, 2023, 12:02:51 AM", 1_674_777_771),
        ("Jan 27, 2023, 12:02:51 PM", 1_674_820_971),
        ("PM", None),
        ("soon PM", None),
        ("", None),
        ("soon", None),
        ("Fri, 99 Jan 2023 06:02:51 GMT", None),
    ],
)
def test_dates_are_read_as_aws_writes_them(text: str, time: int | None) -> None:
    assert read_date(text) == time
