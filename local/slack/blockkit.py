"""A webhook's payload as Slack accepts it: typed blocks, every limit kept, anything else refused with Slack's own word.

Slack's strictness is copied where a sender can trip over it: unknown blocks, unknown properties, empty texts, double
ids. It knows fewer blocks than Slack does: those a monitoring message is made of. A block that the page could not draw
is refused, so that nobody believes to have seen it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from local.slack import limits

NAMED_COLORS = {"good": "#2eb67d", "warning": "#ecb22e", "danger": "#e01e5a"}
NEUTRAL_COLOR = "#8d8d8d"


class UnacceptablePayloadError(ValueError):
    """A payload Slack would refuse: `reason` is Slack's word for it, `detail` says where and why in ours."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


def text_up_to(length: int) -> StringConstraints:
    """Constrain a text to 1 to `length` characters."""
    return StringConstraints(min_length=1, max_length=length)


def _web_address(url: str) -> str:
    if not re.match(r"https?://[^\s/]", url):
        raise ValueError("must be an http or https URL")
    return url


type Identifier = Annotated[str, text_up_to(limits.BLOCK_ID)]
type ActionId = Annotated[str, text_up_to(limits.ACTION_ID)]
type WebAddress = Annotated[str, text_up_to(limits.URL), AfterValidator(_web_address)]


class Part(BaseModel):
    """Any piece of Block Kit; a property that Slack does not know is an error."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class PlainText(Part):
    """Text drawn as it stands, apart from emoji names."""

    type: Literal["plain_text"]
    text: Annotated[str, text_up_to(limits.TEXT_OBJECT)]
    emoji: bool = True


class Mrkdwn(Part):
    """Text in Slack's markup; `verbatim` leaves bare URLs unlinked."""

    type: Literal["mrkdwn"]
    text: Annotated[str, text_up_to(limits.TEXT_OBJECT)]
    verbatim: bool = False


type Text = Annotated[PlainText | Mrkdwn, Field(discriminator="type")]


def _at_most(length: int) -> AfterValidator:
    """Hold a text object to fewer characters than text objects may have in general."""

    def check[T: PlainText | Mrkdwn](text: T) -> T:
        if len(text.text) > length:
            raise ValueError(f"text must have at most {length} characters, not {len(text.text)}")
        return text

    return AfterValidator(check)


class Button(Part):
    """A button; with a `url` it opens a page, without one it would call the app."""

    type: Literal["button"]
    text: Annotated[PlainText, _at_most(limits.BUTTON_TEXT)]
    action_id: ActionId | None = None
    url: WebAddress | None = None
    value: Annotated[str, text_up_to(limits.BUTTON_VALUE)] | None = None
    style: Literal["primary", "danger"] | None = None
    accessibility_label: Annotated[str, text_up_to(limits.BUTTON_LABEL)] | None = None


class Image(Part):
    """A picture inside a section or context; never fetched here, its alternative text stands in."""

    type: Literal["image"]
    image_url: WebAddress
    alt_text: Annotated[str, text_up_to(limits.IMAGE_ALT_TEXT)]


type FieldText = Annotated[Text, _at_most(limits.FIELD_TEXT)]
type Accessory = Annotated[Button | Image, Field(discriminator="type")]
type SmallPrint = Annotated[PlainText | Mrkdwn | Image, Field(discriminator="type")]


class Block(Part):
    """What all blocks have."""

    block_id: Identifier | None = None


class Header(Block):
    """One line in large type."""

    type: Literal["header"]
    text: Annotated[PlainText, _at_most(limits.HEADER_TEXT)]


class Section(Block):
    """Text, or fields in two columns, or both, and perhaps an element at the right."""

    type: Literal["section"]
    text: Text | None = None
    fields: Annotated[list[FieldText], Field(min_length=1, max_length=limits.SECTION_FIELDS)] | None = None
    accessory: Accessory | None = None
    expand: bool = False

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.text is None and self.fields is None:
            raise ValueError("a section needs text or fields")
        return self


class Context(Block):
    """A line of small print."""

    type: Literal["context"]
    elements: Annotated[list[SmallPrint], Field(min_length=1, max_length=limits.CONTEXT_ELEMENTS)]


class Actions(Block):
    """A row of buttons."""

    type: Literal["actions"]
    elements: Annotated[list[Button], Field(min_length=1, max_length=limits.ACTIONS_ELEMENTS)]

    @model_validator(mode="after")
    def _has_distinct_buttons(self) -> Self:
        if double := _doubles(button.action_id for button in self.elements):
            raise ValueError(f"action_id {double[0]!r} stands twice")
        return self


class Divider(Block):
    """A thin line."""

    type: Literal["divider"]


class Picture(Block):
    """An image block; never fetched here, its alternative text stands in."""

    type: Literal["image"]
    image_url: WebAddress
    alt_text: Annotated[str, text_up_to(limits.IMAGE_ALT_TEXT)]
    title: Annotated[PlainText, _at_most(limits.IMAGE_TITLE)] | None = None


type AnyBlock = Annotated[Header | Section | Context | Actions | Divider | Picture, Field(discriminator="type")]
type Blocks = Annotated[list[AnyBlock], Field(max_length=limits.BLOCKS_PER_MESSAGE)]


class Attachment(BaseModel):
    """A coloured bar with blocks, or with plain old text; the older properties are ignored."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    color: str | None = None
    blocks: Blocks = []
    text: str = ""
    fallback: str = ""

    @property
    def bar(self) -> str:
        """The bar's colour as `#rrggbb`; a colour Slack would not understand is grey."""
        color = NAMED_COLORS.get(self.color or "", self.color or "")
        return f"#{color.removeprefix('#')}" if re.fullmatch(r"#?[0-9a-fA-F]{6}", color) else NEUTRAL_COLOR


class Payload(BaseModel):
    """A whole message; beside text, blocks and attachments everything is ignored."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    text: str = ""
    blocks: Blocks = []
    attachments: Annotated[list[Attachment], Field(max_length=limits.ATTACHMENTS_PER_MESSAGE)] = []


def accept(payload: Mapping[str, Any]) -> Payload:
    """Read a payload, or raise UnacceptablePayloadError with the word Slack would return."""
    try:
        message = Payload.model_validate(payload)
    except ValidationError as error:
        raise _refusal(error) from error
    _require_words(message)
    _require_distinct_blocks(message)
    return message


def _refusal(error: ValidationError) -> UnacceptablePayloadError:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = "/".join(str(step) for step in first["loc"])
    match first["loc"], first["type"]:
        case ("attachments",), "too_long":
            reason = "too_many_attachments"
        case ("attachments", *_), _:
            reason = "invalid_attachments"
        case ("blocks", *_), _:
            reason = "invalid_blocks"
        case _:
            reason = "invalid_payload"
    return UnacceptablePayloadError(reason, f"{where}: {first['msg'].removeprefix('Value error, ')}")


def _require_words(message: Payload) -> None:
    speaks = any(one.blocks or one.text.strip() or one.fallback.strip() for one in message.attachments)
    if not (message.text.strip() or message.blocks or speaks):
        raise UnacceptablePayloadError("no_text", "neither text nor blocks nor attachments")


def _require_distinct_blocks(message: Payload) -> None:
    own = [block.block_id for block in message.blocks]
    attached = [block.block_id for attachment in message.attachments for block in attachment.blocks]
    if double := _doubles(own):
        raise UnacceptablePayloadError("invalid_blocks", f"block_id {double[0]!r} stands twice")
    if double := _doubles(own + attached):
        raise UnacceptablePayloadError("invalid_attachments", f"block_id {double[0]!r} stands twice")


def _doubles(identifiers: Iterable[str | None]) -> list[str]:
    counted = Counter(identifier for identifier in identifiers if identifier is not None)
    return [identifier for identifier, times in counted.items() if times > 1]
