"""Chat requests: what people ask for in a chat, by a button, a form or a command."""

from enum import StrEnum

from msgspec import Struct


class ChatRequestKind(StrEnum):
    """In which way something is asked for."""

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
    """Who asks: by what the chat calls them, and how far their clock is ahead of UTC, in seconds.

    A guest is somebody of another organisation, or with limited rights in this one.
    """

    id: str
    name: str
    is_guest: bool = False
    clock_ahead: int = 0


class ChatRequest(Struct, frozen=True, kw_only=True):
    """What is asked for, by whom and where; `at` tells one press of a button from another.

    `subject` is what a button is about, where that is no alert. `trigger` lets a form be opened, within seconds.
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
