"""A payload at one of Slack's limits is taken, and one beyond it is refused with Slack's word."""

from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk.models.blocks import (
    ActionsBlock,
    ButtonElement,
    ContextBlock,
    HeaderBlock,
    ImageElement,
    SectionBlock,
)

from local.slack import limits
from local.slack.blockkit import NEUTRAL_COLOR, Attachment, UnacceptablePayloadError, accept

type Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def header(text: str) -> Json:
    return {"type": "header", "text": plain(text)}


def section(**properties: Any) -> Json:
    return {"type": "section", **properties}


def button(**properties: Any) -> Json:
    return {"type": "button", "text": plain("Open"), **properties}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def image(**properties: Any) -> Json:
    return {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "a graph", **properties}


def context(*elements: Json) -> Json:
    return {"type": "context", "elements": list(elements)}


def url_of(length: int) -> str:
    return "https://example.com/".ljust(length, "x")


BOUNDED: dict[str, tuple[int, Callable[[int], Json]]] = {
    "header text": (limits.HEADER_TEXT, lambda n: header("x" * n)),
    "section text": (limits.TEXT_OBJECT, lambda n: section(text=mrkdwn("x" * n))),
    "number of fields": (limits.SECTION_FIELDS, lambda n: section(fields=[mrkdwn("x")] * n)),
    "field text": (limits.FIELD_TEXT, lambda n: section(fields=[mrkdwn("x" * n)])),
    "block_id": (limits.BLOCK_ID, lambda n: {"type": "divider", "block_id": "x" * n}),
    "number of context elements": (limits.CONTEXT_ELEMENTS, lambda n: context(*[mrkdwn("x")] * n)),
    "context text": (limits.TEXT_OBJECT, lambda n: context(mrkdwn("x" * n))),
    "number of buttons": (limits.ACTIONS_ELEMENTS, lambda n: actions(*[button()] * n)),
    "button text": (limits.BUTTON_TEXT, lambda n: actions(button(text=plain("x" * n)))),
    "button value": (limits.BUTTON_VALUE, lambda n: actions(button(value="x" * n))),
    "button label": (limits.BUTTON_LABEL, lambda n: actions(button(accessibility_label="x" * n))),
    "button url": (limits.URL, lambda n: section(text=mrkdwn("x"), accessory=button(url=url_of(n)))),
    "action_id": (limits.ACTION_ID, lambda n: actions(button(action_id="x" * n))),
    "image url": (limits.URL, lambda n: image(image_url=url_of(n))),
    "image alternative text": (limits.IMAGE_ALT_TEXT, lambda n: context(image(alt_text="x" * n))),
    "image title": (limits.IMAGE_TITLE, lambda n: image(title=plain("x" * n))),
}
EACH_BOUND = pytest.mark.parametrize(("limit", "block"), BOUNDED.values(), ids=BOUNDED)


def reason_against(payload: Json) -> str:
    with pytest.raises(UnacceptablePayloadError) as refusal:
        accept(payload)
    return refusal.value.reason


@EACH_BOUND
def test_a_block_at_its_limit_is_taken(limit: int, block: Callable[[int], Json]) -> None:
    assert accept({"blocks": [block(limit)]}).blocks


@EACH_BOUND
def test_a_block_beyond_its_limit_is_refused(limit: int, block: Callable[[int], Json]) -> None:
    assert reason_against({"blocks": [block(limit + 1)]}) == "invalid_blocks"


@EACH_BOUND
def test_blocks_in_attachments_have_the_same_limits(limit: int, block: Callable[[int], Json]) -> None:
    assert reason_against({"attachments": [{"blocks": [block(limit + 1)]}]}) == "invalid_attachments"


@pytest.mark.parametrize(
    "block",
    [
        header(""),
        section(),
        section(text=mrkdwn("")),
        section(fields=[]),
        section(fields=[mrkdwn("")]),
        context(),
        context(mrkdwn("")),
        actions(),
        actions(button(text=plain(""))),
        image(alt_text=""),
        {"type": "divider", "block_id": ""},
    ],
)
def test_nothing_may_be_empty(block: Json) -> None:
    assert reason_against({"text": "x", "blocks": [block]}) == "invalid_blocks"


@pytest.mark.parametrize(
    "block",
    [
        {"type": "marquee", "text": plain("x")},
        {"text": plain("x")},
        "header",
        None,
        {"type": "header", "text": mrkdwn("x")},
        {"type": "header", "text": "x"},
        {"type": "header", "text": {**plain("x"), "verbatim": True}},
        {**header("x"), "colour": "red"},
        section(text=mrkdwn("x"), accessory={"type": "lever"}),
        section(text=mrkdwn("x"), accessory=mrkdwn("x")),
        context(button()),
        actions({"type": "lever"}),
        actions(image()),
        actions(button(style="gold")),
        actions(button(text=mrkdwn("x"))),
        actions(button(url="javascript:alert(1)")),
        actions(button(url="https:///no-host")),
        actions(button(action_id="a"), button(action_id="a")),
        section(text={"type": "markdown", "text": "x"}),
        section(text={"type": "mrkdwn", "text": 5}),
        section(text=mrkdwn("\ud800")),
    ],
)
def test_what_slack_does_not_know_is_refused(block: Any) -> None:
    assert reason_against({"text": "x", "blocks": [block]}) == "invalid_blocks"


def test_fifty_blocks_are_taken() -> None:
    assert len(accept({"blocks": [header("x")] * limits.BLOCKS_PER_MESSAGE}).blocks) == 50


def test_fifty_one_blocks_are_refused() -> None:
    assert reason_against({"blocks": [header("x")] * 51}) == "invalid_blocks"


def test_fifty_one_blocks_in_an_attachment_are_refused() -> None:
    assert reason_against({"attachments": [{"blocks": [header("x")] * 51}]}) == "invalid_attachments"


def test_a_hundred_attachments_are_taken() -> None:
    assert len(accept({"attachments": [{"text": "x"}] * limits.ATTACHMENTS_PER_MESSAGE}).attachments) == 100


def test_a_hundred_and_one_attachments_are_refused() -> None:
    assert reason_against({"attachments": [{"text": "x"}] * 101}) == "too_many_attachments"


@pytest.mark.parametrize("attachment", ["red", {"color": 5, "text": "x"}, {"blocks": "x"}, {"blocks": [{"type": "x"}]}])
def test_a_malformed_attachment_is_refused(attachment: Any) -> None:
    assert reason_against({"text": "x", "attachments": [attachment]}) == "invalid_attachments"


@pytest.mark.parametrize(
    "payload",
    [{}, {"text": ""}, {"text": " \n"}, {"blocks": []}, {"attachments": []}, {"attachments": [{"color": "good"}]}],
)
def test_a_message_must_say_something(payload: Json) -> None:
    assert reason_against(payload) == "no_text"


@pytest.mark.parametrize("text", [5, None, ["x"]])
def test_a_text_that_is_no_text_is_refused(text: Any) -> None:
    assert reason_against({"text": text}) == "invalid_payload"


def test_a_block_id_stands_once_in_a_message() -> None:
    divider = {"type": "divider", "block_id": "line"}
    assert reason_against({"blocks": [divider, divider]}) == "invalid_blocks"


def test_a_block_id_of_the_message_stands_in_none_of_its_attachments() -> None:
    divider = {"type": "divider", "block_id": "line"}
    assert reason_against({"blocks": [divider], "attachments": [{"blocks": [divider]}]}) == "invalid_attachments"


def test_properties_of_a_message_that_do_not_matter_here_are_ignored() -> None:
    assert accept({"text": "x", "username": "hub", "attachments": [{"text": "y", "footer": "z"}]}).text == "x"


def test_a_refusal_says_where() -> None:
    with pytest.raises(UnacceptablePayloadError, match="blocks/1/header/text: text must have at most 150 characters"):
        accept({"blocks": [header("x"), header("x" * 151)]})


@pytest.mark.parametrize(
    ("color", "bar"),
    [
        ("danger", "#e01e5a"),
        ("#1d9bd1", "#1d9bd1"),
        ("1D9BD1", "#1D9BD1"),
        ('red" onload="x', NEUTRAL_COLOR),
        (None, NEUTRAL_COLOR),
    ],
)
def test_a_bar_has_a_colour_whatever_was_sent(color: str | None, bar: str) -> None:
    assert Attachment(color=color).bar == bar


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (limits.BLOCK_ID, SectionBlock.block_id_max_length),
        (limits.HEADER_TEXT, HeaderBlock.text_max_length),
        (limits.TEXT_OBJECT, SectionBlock.text_max_length),
        (limits.SECTION_FIELDS, SectionBlock.fields_max_length),
        (limits.CONTEXT_ELEMENTS, ContextBlock.elements_max_length),
        (limits.ACTIONS_ELEMENTS, ActionsBlock.elements_max_length),
        (limits.BUTTON_TEXT, ButtonElement.text_max_length),
        (limits.BUTTON_VALUE, ButtonElement.value_max_length),
        (limits.URL, ButtonElement.url_max_length),
        (limits.ACTION_ID, ButtonElement.action_id_max_length),
        (limits.IMAGE_ALT_TEXT, ImageElement.alt_text_max_length),
    ],
)
def test_our_limits_are_those_of_slacks_own_client(ours: int, theirs: int) -> None:
    assert ours == theirs
