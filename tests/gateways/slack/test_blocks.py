"""Blocks keep Slack's limits whatever they are given."""

from chalicelib.gateways.slack.blocks import (
    BLOCKS,
    BUTTON_TEXT,
    BUTTONS,
    HEADER_TEXT,
    NO_TITLE,
    NOTICE,
    TEXT,
    WHOLE,
    Button,
    buttons,
    context,
    header,
    message,
    sections,
)
from chalicelib.gateways.slack.mrkdwn import URL
from local.slack import limits as slack
from tests.gateways.slack.messages import blocks_of, judge, texts_of


def test_the_limits_are_those_that_slack_publishes() -> None:
    assert (BLOCKS, HEADER_TEXT, TEXT) == (
        slack.BLOCKS_PER_MESSAGE,
        slack.HEADER_TEXT,
        slack.TEXT_OBJECT,
    )
    assert (BUTTONS, BUTTON_TEXT, URL) == (slack.ACTIONS_ELEMENTS, slack.BUTTON_TEXT, slack.URL)


def test_a_section_is_cut_at_its_limit() -> None:
    (section,) = sections(["x" * 100_000])
    assert 2_900 < len(section["text"]["text"]) <= 3_000


def test_sections_end_where_the_whole_message_would_be_too_long() -> None:
    blocks = sections(["x" * 2_900] * 100)
    assert WHOLE - NOTICE <= sum(len(text["text"]) for text in texts_of(blocks)) <= WHOLE


def test_a_header_is_never_empty_nor_too_long() -> None:
    assert header(" \n")["text"]["text"] == NO_TITLE
    assert len(header("x" * 227)["text"]["text"]) == HEADER_TEXT


def test_a_header_shows_foreign_markup_as_it_stands() -> None:
    assert header("a <b> & c")["text"] == {"type": "plain_text", "text": "a <b> & c"}


def test_a_buttons_label_keeps_its_limit() -> None:
    (actions,) = buttons([Button("x" * 100, "https://example.com/")])
    assert len(actions["elements"][0]["text"]["text"]) == BUTTON_TEXT


def test_a_button_without_a_label_still_opens() -> None:
    (actions,) = buttons([Button("", "https://example.com/")])
    assert actions["elements"][0]["text"]["text"] == "Open"


def test_a_url_beyond_the_limit_is_no_button() -> None:
    assert buttons([Button("Open", "https://example.com/" + "x" * 2_980)]) != []
    assert buttons([Button("Open", "https://example.com/" + "x" * 2_981)]) == []


def test_a_row_has_no_more_buttons_than_slack_takes() -> None:
    (actions,) = buttons([Button("Open", "https://example.com/")] * 30)
    assert len(actions["elements"]) == BUTTONS


def test_a_button_may_have_a_style_and_no_other() -> None:
    (actions,) = buttons([Button("A", "https://example.com/", "primary"), Button("B", "https://example.com/")])
    assert [button.get("style") for button in actions["elements"]] == ["primary", None]


def test_a_message_has_no_more_blocks_than_slack_takes() -> None:
    long = message("text", "title", [context("small print")] * 200, "#2eb67d")
    judge(long)
    assert len(blocks_of(long)) == BLOCKS
