"""A message's Block Kit to the HTML that the page shows: one short rule per block and element."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup, escape

from local.slack import emoji, limits
from local.slack.blockkit import (
    Actions,
    AnyBlock,
    Attachment,
    Button,
    Context,
    Divider,
    Header,
    Image,
    Mrkdwn,
    Payload,
    Picture,
    PlainText,
    Section,
)
from local.slack.mrkdwn import Reader


def message(payload: Payload, now: datetime) -> Markup:
    """Draw a message as it looks at `now`, an aware time in the reader's zone."""
    pen = _Pen(now)
    # With blocks, the text is what a phone's notification says; the channel does not show it.
    body = pen.blocks(payload.blocks) if payload.blocks else pen.words(payload.text[: limits.MESSAGE_TEXT])
    return body + _all(pen.attachment(one) for one in payload.attachments)


def _all(parts: Iterable[Markup]) -> Markup:
    return Markup("").join(parts)


@dataclass(frozen=True, slots=True)
class _Pen:
    now: datetime

    def blocks(self, blocks: Iterable[AnyBlock]) -> Markup:
        return _all(self.block(block) for block in blocks)

    def block(self, block: AnyBlock) -> Markup:
        match block:
            case Header():
                return Markup('<h3 class="block">{}</h3>').format(self.text(block.text))
            case Section():
                return self.section(block)
            case Context():
                elements = _all(map(self.small_print, block.elements))
                return Markup('<div class="block context">{}</div>').format(elements)
            case Actions():
                return Markup('<div class="block actions">{}</div>').format(_all(map(self.button, block.elements)))
            case Divider():
                return Markup('<hr class="block">')
            case Picture():
                return self.picture(block)

    def section(self, section: Section) -> Markup:
        words = self.foldable(self.text(section.text), expanded=section.expand) if section.text else ""
        fields = _all(Markup('<div class="field">{}</div>').format(self.text(field)) for field in section.fields or ())
        grid = Markup('<div class="fields">{}</div>').format(fields) if fields else ""
        aside = self.accessory(section.accessory) if section.accessory else ""
        return Markup('<div class="block section"><div class="words">{}{}</div>{}</div>').format(words, grid, aside)

    def foldable(self, words: Markup, *, expanded: bool = False) -> Markup:
        return Markup('<div class="text{}">{}</div>').format(" expanded" if expanded else "", words)

    def accessory(self, element: Button | Image) -> Markup:
        drawn = self.button(element) if isinstance(element, Button) else self.image(element)
        return Markup('<div class="accessory">{}</div>').format(drawn)

    def small_print(self, element: PlainText | Mrkdwn | Image) -> Markup:
        drawn = self.image(element) if isinstance(element, Image) else self.text(element)
        return Markup("<div>{}</div>").format(drawn)

    def picture(self, picture: Picture) -> Markup:
        title = self.text(picture.title) if picture.title else ""
        return Markup('<figure class="block"><figcaption>{}</figcaption>{}</figure>').format(title, self.image(picture))

    def image(self, image: Image | Picture) -> Markup:
        return Markup('<span class="image" role="img" title="{}">🖼️ {}</span>').format(image.image_url, image.alt_text)

    def button(self, button: Button) -> Markup:
        words, style = self.text(button.text), button.style or "default"
        label = button.accessibility_label or button.text.text
        if button.url is None:
            return Markup(
                '<button type="button" class="button {}" aria-label="{}" data-action="{}" data-value="{}">{}</button>'
            ).format(style, label, button.action_id or "", button.value or "", words)
        return Markup(
            '<a class="button {}" aria-label="{}" href="{}" title="{}" target="_blank" rel="noopener noreferrer">{}</a>'
        ).format(style, label, button.url, button.url, words)

    def attachment(self, attachment: Attachment) -> Markup:
        # An SVG's fill is an attribute, not a style: the page's Content-Security-Policy can forbid inline styles.
        bar = Markup('<svg class="bar" aria-hidden="true"><rect width="100%" height="100%" fill="{}"/></svg>').format(
            attachment.bar
        )
        words = attachment.text or ("" if attachment.blocks else attachment.fallback)
        return Markup('<div class="attachment">{}<div class="attached">{}{}</div></div>').format(
            bar, self.words(words), self.blocks(attachment.blocks)
        )

    def words(self, text: str) -> Markup:
        if not text:
            return Markup("")
        return Markup('<div class="block">{}</div>').format(self.foldable(Reader(self.now).html(text)))

    def text(self, text: PlainText | Mrkdwn) -> Markup:
        match text:
            case Mrkdwn():
                return Reader(self.now, text.verbatim).html(text.text)
            case PlainText():
                return emoji.in_plain_text(text.text) if text.emoji else escape(text.text)
