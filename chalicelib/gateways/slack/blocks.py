"""Block Kit: the few blocks that our messages consist of, always within Slack's limits.

https://docs.slack.dev/reference/block-kit/blocks, https://docs.slack.dev/reference/block-kit/composition-objects
"""

from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

from chalicelib.domain.text import ELLIPSIS, clean
from chalicelib.gateways.slack.mrkdwn import FENCE, PARTIAL, Mrkdwn, safe_url

BLOCKS = 50
HEADER_TEXT = 150
TEXT = 3_000
BUTTONS = 25
BUTTON_TEXT = 75
# Slack rejects blocks of more than about 13,200 characters in all, which is documented nowhere: slackapi/bolt-js issue
# 2509.
WHOLE = 10_000
# The line that phones show.
NOTICE = 300
NO_TITLE = "(no title)"

type Block = dict[str, Any]
type SlackMessage = dict[str, Any]
"""A message as Slack takes it: `text`, `blocks` and `attachments`."""


class Button(NamedTuple):
    """A button that opens a page."""

    label: str
    url: str
    style: Literal["", "primary", "danger"] = ""


def header(text: str) -> Block:
    """Return a line in large type; it is plain text, so nothing needs escaping."""
    return {"type": "header", "text": {"type": "plain_text", "text": clean(text, HEADER_TEXT) or NO_TITLE}}


def sections(texts: Iterable[str], room: int = WHOLE, *, folds: bool = True) -> list[Block]:
    """Return a section for each text until `room` characters are used up; the last text is cut.

    Slack folds long text, on phones even more; without `folds` every section is shown completely.
    """
    shown = {} if folds else {"expand": True}
    fitting: list[Mrkdwn] = []
    for text in texts:
        fitting.append(cut(text, min(TEXT, room)))
        room -= len(fitting[-1])
        if room < NOTICE:
            break
    return [{"type": "section", "text": _mrkdwn(text)} | shown for text in fitting]


def context(text: str) -> Block:
    """Return a line of small print."""
    return {"type": "context", "elements": [_mrkdwn(cut(text, TEXT))]}


def buttons(row: Iterable[Button]) -> list[Block]:
    """Return a row of buttons, without those with an invalid URL; no row if there are none."""
    leading = [(button, address) for button in row if (address := safe_url(button.url))]
    elements = [_button(button, address) for button, address in leading]
    return [{"type": "actions", "elements": elements[:BUTTONS]}] if elements else []


def message(text: str, title: str, body: list[Block], color: str) -> SlackMessage:
    """Return a message: the title, below it the body with a coloured bar, and a text for where neither is shown."""
    notice = str(cut(text, NOTICE))
    return {
        "text": notice,
        "blocks": [header(title)],
        "attachments": [{"color": color, "fallback": notice, "blocks": body[: BLOCKS - 1]}],
        "unfurl_links": False,
        "unfurl_media": False,
    }


def cut(text: str, limit: int) -> Mrkdwn:
    """Return mrkdwn of at most `limit` characters with no half of a link, entity or code block at its end."""
    if len(text) <= limit:
        return Mrkdwn(text)
    head = PARTIAL.sub("", text[: limit - len(ELLIPSIS) - len(f"\n{FENCE}")])
    return Mrkdwn(head + ELLIPSIS + (f"\n{FENCE}" if head.count(FENCE) % 2 else ""))


def _button(button: Button, address: str) -> Block:
    text = {"type": "plain_text", "text": button.label[:BUTTON_TEXT] or "Open"}
    drawn = {"type": "button", "text": text, "url": address}
    return drawn | ({"style": button.style} if button.style else {})


def _mrkdwn(text: Mrkdwn) -> Block:
    # Verbatim: Slack makes no links of URLs, nor mentions of names, that stand in foreign text.
    return {"type": "mrkdwn", "text": str(text) or " ", "verbatim": True}
