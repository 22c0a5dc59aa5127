"""Pages are HTML in which nothing foreign is more than text, and which a browser lets do no more than they need."""

import base64
import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
from jinja2 import UndefinedError
from markupsafe import escape

from chalicelib.api.html_templates import Pages, ago, date, times
from chalicelib.gateways.templates import ROOT
from tests.domain.given import NOON

REFUSAL = {"heading": "Heading", "message": "Message", "next": "Next", "request_id": "1"}


def refusal(**values: Any) -> str:
    return Pages().render("refusal", REFUSAL | values)


@pytest.mark.parametrize("field", REFUSAL)
@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", '"><img src=x onerror=y>', "</style>", "&lt;", "{{ 7 * 7 }}"]
)
def test_foreign_text_is_text(field: str, text: str) -> None:
    page = refusal(**{field: text})

    assert str(escape(text)) in page
    assert page.count("<script") == page.count("<img") == 0
    assert page.count("</style>") == 1


def test_a_value_that_is_missing_is_no_empty_place() -> None:
    with pytest.raises(UndefinedError):
        Pages().render("refusal", {"heading": "Heading"})


def test_the_policy_allows_the_stylesheet_as_it_stands_in_the_page_and_nothing_else() -> None:
    pages = Pages()
    (style,) = re.findall(r"<style>(.*?)</style>", pages.render("refusal", REFUSAL), re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()

    assert pages.policy.split("; ") == [
        "default-src 'none'",
        f"style-src 'sha256-{digest}'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ]


@pytest.mark.parametrize("path", sorted((ROOT / "web").glob("*")), ids=lambda path: path.name)
def test_no_page_needs_anything_from_elsewhere_nor_a_script(path: Path) -> None:
    text = path.read_text()

    assert not re.search(r"https?:|//|url\(|@import|<script|\bon\w+=|javascript:|<link|<img|\bstyle=|\| *safe", text)


def test_the_time_is_reported_with_the_day_where_it_is_another_one() -> None:
    assert date(NOON, NOON + 60) == '<time datetime="2026-03-02T12:00:00+00:00">12:00 UTC</time>'
    assert date(NOON, NOON + 86_400) == '<time datetime="2026-03-02T12:00:00+00:00">2026-03-02 12:00 UTC</time>'


@pytest.mark.parametrize(
    ("time", "text"), [(NOON, "just now"), (NOON - 59, "just now"), (NOON - 60, "1 min ago"), (NOON + 5, "just now")]
)
def test_how_long_ago_it_was_is_reported_in_words(time: int, text: str) -> None:
    assert ago(time, NOON) == text


def test_how_often_is_reported_in_words() -> None:
    assert [times(count) for count in (1, 2, 1_000)] == ["1 time", "2 times", "1,000 times"]
