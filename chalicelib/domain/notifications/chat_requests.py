"""Chat requests: what people request in a chat, by a button, a form or a command."""

from enum import StrEnum

from msgspec import Struct


class ChatRequestKind(StrEnum):
    """The ways to request something."""

    BUTTON = "button"
    FORM = "form"
    COMMAND = "command"


class ChatAction(StrEnum):
    """What a button does."""

    ACKNOWLEDGE = "acknowledge"
    ASSIGN = "assign"
    SILENCE = "silence"
    SILENCE_MORE = "silence_more"
    END_SILENCE = "end_silence"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    USEFUL = "useful"
    NOT_USEFUL = "not_useful"


class ChatPerson(Struct, frozen=True, kw_only=True):
    """The person who makes a request: id and name in the chat, and the offset of their clock from UTC in seconds.

    A guest is somebody of another organisation, or with limited rights in this one.
    """

    id: str
    name: str
    is_guest: bool = False
    clock_ahead: int = 0


class ChatRequest(Struct, frozen=True, kw_only=True):
    """A request: what, by whom and where; `at` distinguishes presses of a button.

    `subject` is what a button is about, if not an alert. `trigger` allows opening a form, within seconds.
    """

    kind: ChatRequestKind
    person_id: str
    person_name: str
    team: str
    person_team: str
    channel: str = ""
    action: str = ""
    fingerprint: str = ""
    episode: int = 0
    subject: str = ""
    at: str = ""
    trigger: str = ""
    duration: str = ""
    reason: str = ""
    text: str = ""
