"""A look-alike of a workflow of Teams that posts cards: it refuses what is no card, or too large, and accepts the rest.

https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format, https://adaptivecards.io/explorer
"""

import threading
from http import HTTPStatus
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, ValidationError
from pydantic.alias_generators import to_camel

from local.receivers.answer import Answer

LARGEST = 28 * 1024

type Color = Literal["default", "dark", "light", "accent", "good", "warning", "attention"]


class _CardPart(BaseModel):
    model_config = ConfigDict(extra="forbid", alias_generator=to_camel)


class TextRun(_CardPart):
    """A run of plain text."""

    type: Literal["TextRun"]
    text: Annotated[str, Field(min_length=1)]
    size: Literal["small", "default", "medium", "large", "extraLarge"] = "default"
    weight: Literal["lighter", "default", "bolder"] = "default"
    color: Color = "default"
    is_subtle: bool = False


class RichTextBlock(_CardPart):
    """A line of runs."""

    type: Literal["RichTextBlock"]
    inlines: Annotated[list[TextRun], Field(min_length=1)]


class OpenUrl(_CardPart):
    """A button that opens a page."""

    type: Literal["Action.OpenUrl"]
    title: Annotated[str, Field(min_length=1)]
    url: HttpUrl


class AdaptiveCard(_CardPart):
    """A card."""

    schema_: str = Field("", alias="$schema")
    type: Literal["AdaptiveCard"]
    version: Literal["1.2", "1.3", "1.4", "1.5"]
    msteams: dict[str, Any] = {}
    body: Annotated[list[RichTextBlock], Field(min_length=1)]
    actions: Annotated[list[OpenUrl], Field(max_length=6)] = []

    @property
    def lines(self) -> list[str]:
        """What a reader sees, a line each."""
        return ["".join(run.text for run in block.inlines) for block in self.body]


class CardAttachment(_CardPart):
    """What is attached to a message."""

    content_type: Literal["application/vnd.microsoft.card.adaptive"]
    content_url: None = None
    content: AdaptiveCard


class TeamsMessage(_CardPart):
    """A message with its card."""

    type: Literal["message"]
    attachments: Annotated[list[CardAttachment], Field(min_length=1, max_length=1)]


class TeamsWorkflow:
    """A workflow that posts what it is sent to a channel; safe to use from many threads."""

    def __init__(self) -> None:
        self._cards: list[AdaptiveCard] = []
        self._lock = threading.Lock()

    @property
    def cards(self) -> tuple[AdaptiveCard, ...]:
        """All cards, the oldest first."""
        with self._lock:
            return tuple(self._cards)

    def receive(self, body: bytes) -> Answer:
        """Accept a message, or refuse it."""
        if len(body) >= LARGEST:
            return Answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        try:
            message = TeamsMessage.model_validate_json(body)
        except ValidationError as error:
            return Answer(HTTPStatus.BAD_REQUEST, str(error.errors(include_url=False)[0]["loc"]))
        with self._lock:
            self._cards.append(message.attachments[0].content)
        return Answer(HTTPStatus.ACCEPTED)
