"""Blocks are drawn whole, in order, and whatever stands in them stays text."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.slack import limits, render
from local.slack.blockkit import accept
from tests.local.markup import Seen, read

NOW = datetime(2026, 11, 18, 9, 40, tzinfo=UTC)
HOSTILE = "<img src=x onerror=alert(1)>\"'&<!channel>"
TAGS = {"div", "h3", "hr", "p", "b", "a", "button", "figure", "figcaption", "span", "svg", "rect", "mark"}

type Json = dict[str, Any]


def drawn(payload: Json) -> Seen:
    return read(render.message(accept(payload), NOW))


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def every_block(text: str) -> list[Json]:
    picture = {"type": "image", "image_url": "https://example.com/a.png", "alt_text": text}
    link = {"type": "button", "text": plain(text), "url": "https://example.com/", "style": "primary"}
    return [
        {"type": "header", "text": plain(text)},
        {"type": "section", "text": mrkdwn(text), "fields": [plain(text), mrkdwn(text)], "accessory": link},
        {"type": "section", "text": plain(text), "accessory": picture, "expand": True},
        {"type": "divider"},
        {"type": "context", "elements": [mrkdwn(text), plain(text), picture]},
        {"type": "actions", "elements": [link, {"type": "button", "text": plain(text), "value": text}]},
        {**picture, "title": plain(text)},
    ]


TEXTS_IN_EVERY_BLOCK = 1 + 4 + 2 + 0 + 3 + 2 + 2  # block by block


def test_every_block_shows_every_text_it_has() -> None:
    assert drawn({"blocks": every_block("needle")}).text.count("needle") == TEXTS_IN_EVERY_BLOCK


def test_blocks_in_attachments_are_drawn_as_well() -> None:
    seen = drawn({"attachments": [{"color": "#1d9bd1", "blocks": every_block("needle")}]})
    assert seen.text.count("needle") == TEXTS_IN_EVERY_BLOCK


def test_hostile_text_in_any_block_stays_text() -> None:
    seen = drawn({"text": HOSTILE, "attachments": [{"text": HOSTILE, "blocks": every_block(HOSTILE)}]})
    assert (seen.balanced, seen.names <= TAGS) == (True, True)


@given(st.text(min_size=1, max_size=60, alphabet=st.characters(exclude_categories=["Cs"])))
def test_no_text_breaks_out_of_its_block(text: str) -> None:
    seen = drawn({"blocks": every_block(text)})
    assert seen.balanced
    assert {name for _, attributes in seen.tags for name in attributes if name.startswith("on")} == set()


def test_the_text_beside_blocks_is_for_notifications_only() -> None:
    assert drawn({"text": "short", "blocks": [{"type": "section", "text": mrkdwn("long")}]}).text == "long"


def test_the_text_beside_attachments_stands_above_them() -> None:
    assert drawn({"text": "above", "attachments": [{"text": "attached"}]}).text == "aboveattached"


def test_an_attachment_without_words_shows_its_fallback() -> None:
    assert drawn({"attachments": [{"fallback": "what to say"}]}).text == "what to say"


def test_an_attachments_bar_has_its_colour() -> None:
    assert drawn({"attachments": [{"color": "#a1b2c3", "text": "x"}]}).values("fill") == ["#a1b2c3"]


def test_a_text_beyond_slacks_length_is_cut_off() -> None:
    assert len(drawn({"text": "x" * (limits.MESSAGE_TEXT + 1)}).text) == limits.MESSAGE_TEXT


def test_no_picture_is_fetched() -> None:
    assert drawn({"blocks": every_block("x")}).values("src") == []


@pytest.mark.parametrize(("emoji", "text"), [(True, "🔔 x"), (False, ":bell: x")])
def test_a_plain_text_can_decline_emoji(emoji: bool, text: str) -> None:
    assert drawn({"blocks": [{"type": "header", "text": {**plain(":bell: x"), "emoji": emoji}}]}).text == text


def test_a_plain_text_calls_nobody() -> None:
    assert drawn({"blocks": [{"type": "header", "text": plain("<!channel>")}]}).text == "<!channel>"


@pytest.mark.parametrize(("expand", "classes"), [(True, "text expanded"), (False, "text")])
def test_a_section_can_opt_out_of_folding(expand: bool, classes: str) -> None:
    section = {"type": "section", "text": plain("x"), "expand": expand}
    assert classes in drawn({"blocks": [section]}).values("class")


def test_a_button_without_an_address_leads_nowhere() -> None:
    seen = drawn({"blocks": [{"type": "actions", "elements": [{"type": "button", "text": plain("x")}]}]})
    assert (seen.values("href"), "button" in seen.names) == ([], True)
