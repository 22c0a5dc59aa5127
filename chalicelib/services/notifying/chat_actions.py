"""Chat actions: what people ask for in a chat is done in their name, once, and shows in the message that all see."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.config.durations import seconds_in
from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.errors import Conflict, NotFound
from chalicelib.domain.notifications.chat_requests import ChatAction, ChatRequest, ChatRequestKind
from chalicelib.domain.notifications.feedback import Feedback
from chalicelib.domain.notifications.notification import Notification, Reason, notification_about
from chalicelib.domain.routing.silences import Silence
from chalicelib.domain.text import digest
from chalicelib.domain.timestamps import DAY, iso

if TYPE_CHECKING:
    from chalicelib.domain.notifications.chat_requests import ChatPerson
    from chalicelib.services.notifying.ports import FeedbackStore
    from chalicelib.services.ports import Clock, Outbox

log = logging.getLogger(__name__)

HOUR, MORNING = 3_600, 9 * 3_600
SHORTEST, LONGEST = 60, 7 * DAY
ID = 16
TOMORROW = "tomorrow"
# Whether a message was useful, as a button says it.
FEEDBACK: Mapping[str, bool] = {ChatAction.USEFUL: True, ChatAction.NOT_USEFUL: False}


class Chat(Protocol):
    """The chat in which people ask for something."""

    def person(self, request: ChatRequest) -> ChatPerson | None:
        """Return who asks; None where the chat does not say."""
        ...

    def say(self, request: ChatRequest, text: str, silence_id: str = "") -> None:
        """Say something to whoever asked alone; with a silence, offer to end it."""
        ...

    def text(self, lines: Sequence[str]) -> str:
        """Return lines as the chat shows them, whatever stands in them."""
        ...

    def open_silence_form(self, request: ChatRequest, alert: Alert) -> str:
        """Open the form of a silence; returns what it is known by, nothing where it could not be opened."""
        ...

    def show_covered(self, form: str, request: ChatRequest, alert: Alert, titles: Sequence[str], count: int) -> None:
        """Say in an open form what the silence would cover."""
        ...


class ChatAlerts(Protocol):
    """What people do to alerts."""

    def get(self, fingerprint: str) -> Alert:
        """Return an alert; NotFound where there is none."""
        ...

    def acknowledge(self, fingerprint: str, by: str) -> Alert:
        """Say that somebody works on it."""
        ...

    def assign(self, fingerprint: str, by: str) -> Alert:
        """Say that another works on it from now on."""
        ...

    def resolve(self, fingerprint: str, by: str) -> Alert:
        """Say that it is over."""
        ...

    def reopen(self, fingerprint: str, by: str) -> Alert:
        """Say that it is not over, or that nobody works on it."""
        ...


class ChatSilences(Protocol):
    """What holds messages back for a while."""

    def quiet(self, silence_id: str, alert: Alert, duration: int, author: str, *, reason: str) -> Silence:
        """Return the silence of this id, which is made now if it is not there."""
        ...

    def expire(self, silence_id: str) -> None:
        """End a silence now; NotFound where there is none."""
        ...


class ChatActions(Struct, frozen=True):
    """Does what buttons and forms say; `receivers` are those of the chat by their channels.

    `covered` returns the titles of what a silence on an alert would cover, and how many they are. `wake` lets what is
    pending be sent at once. Guests, and people of other organisations, may do nothing unless `guests` says so.
    """

    chat: Chat
    alerts: ChatAlerts
    silences: ChatSilences
    outbox: Outbox
    feedback: FeedbackStore
    clock: Clock
    receivers: Mapping[str, str]
    covered: Callable[[Alert], tuple[Sequence[str], int]]
    commands: Callable[[str, str], Sequence[str]]
    wake: Callable[[], None]
    guests: bool = False
    team: str = ""

    def __call__(self, request: ChatRequest) -> Mapping[str, Any]:
        """Do what is asked for, and return what the chat is to be answered at once: nothing, most times."""
        person = self._admitted(request)
        if isinstance(person, str):
            return self._refused(request, person)
        if request.kind is ChatRequestKind.COMMAND:
            return {"response_type": "ephemeral", "text": self.chat.text(self.commands(request.text, person.name))}
        try:
            return self._form(request, person) if request.kind is ChatRequestKind.FORM else self._press(request, person)
        except (Conflict, NotFound) as error:
            return self._refused(request, str(error))

    def _admitted(self, request: ChatRequest) -> ChatPerson | str:
        """Return who asks, or why they may not."""
        if self.team and request.team != self.team:
            return "This hub belongs to another workspace."
        if request.channel not in self.receivers and request.kind is not ChatRequestKind.COMMAND:
            return "The hub does not send to this channel."
        person = self.chat.person(request)
        if person is None:
            return "Slack did not say who you are; try again."
        if person.is_guest and not self.guests:
            return "Guests may not do that."
        return person

    def _refused(self, request: ChatRequest, why: str) -> Mapping[str, Any]:
        log.info("Chat request refused", extra={"kind": request.kind, "person": request.person_id, "reason": why})
        match request.kind:
            case ChatRequestKind.COMMAND:
                return {"response_type": "ephemeral", "text": self.chat.text([why])}
            case ChatRequestKind.FORM:
                return {"response_action": "errors", "errors": {"duration": why}}
            case ChatRequestKind.BUTTON:
                self.chat.say(request, why)
                return {}

    def _press(self, request: ChatRequest, person: ChatPerson) -> Mapping[str, Any]:
        if request.action == ChatAction.END_SILENCE:
            self.silences.expire(request.subject)
            self.chat.say(request, "The silence has ended.")
            return {}
        alert = self.alerts.get(request.fingerprint)
        if request.action in FEEDBACK:
            self._keep_feedback(request, alert, person)
            return {}
        if alert.episodes != request.episode:
            raise Conflict("The problem has ended and begun again since this message; the message will be updated.")
        deeds: Mapping[str, Callable[[], object]] = {
            ChatAction.ACKNOWLEDGE: lambda: self.alerts.acknowledge(alert.fingerprint, person.name),
            ChatAction.ASSIGN: lambda: self.alerts.assign(alert.fingerprint, person.name),
            ChatAction.RESOLVE: lambda: self.alerts.resolve(alert.fingerprint, person.name),
            ChatAction.REOPEN: lambda: self.alerts.reopen(alert.fingerprint, person.name),
            ChatAction.SILENCE: lambda: self._silence(request, alert, HOUR, person),
            ChatAction.SILENCE_MORE: lambda: self._open_form(request, alert),
        }
        if request.action in deeds:
            deeds[request.action]()
            log.info("Chat request done", extra=_about(request, person))
            self.wake()
        return {}

    def _keep_feedback(self, request: ChatRequest, alert: Alert, person: ChatPerson) -> None:
        """Keep what somebody says of a message; who says it again, or something else, has said the last of it."""
        useful = FEEDBACK[request.action]
        given = Feedback(
            fingerprint=alert.fingerprint,
            episode=request.episode,
            kind=alert.kind,
            title=alert.title,
            useful=useful,
            by=person.name,
            person_id=person.id,
            at=self.clock.now(),
        )
        self.feedback.save(given)
        log.info("Chat request done", extra=_about(request, person))
        self.chat.say(request, "Thank you: the weekly report counts it as " + ("useful." if useful else "not useful."))

    def _form(self, request: ChatRequest, person: ChatPerson) -> Mapping[str, Any]:
        duration = seconds_of(request.duration, self.clock.now(), person.clock_ahead)
        if not SHORTEST <= duration <= LONGEST:
            return self._refused(request, "Give a duration of 1 minute to 7 days, such as 90m, 3h or 2d.")
        self._silence(request, self.alerts.get(request.fingerprint), duration, person)
        log.info("Chat request done", extra=_about(request, person))
        self.wake()
        return {"response_action": "clear"}

    def _open_form(self, request: ChatRequest, alert: Alert) -> None:
        form = self.chat.open_silence_form(request, alert)
        if not form:
            raise Conflict("Slack did not open the form; press again.")
        self.chat.show_covered(form, request, alert, *self.covered(alert))

    def _silence(self, request: ChatRequest, alert: Alert, duration: int, person: ChatPerson) -> None:
        """Silence an alert: however often the same press comes, it is one silence, and one line in the thread."""
        identity = digest("chat silence", request.at, alert.fingerprint)[:ID]
        silence = self.silences.quiet(identity, alert, duration, person.name, reason=request.reason)
        self.outbox.enqueue(_silenced(alert, silence, self.receivers[request.channel], self.clock.now()))
        self.chat.say(request, f"Silenced until {iso(silence.ends_at)}.", silence.id)


def seconds_of(duration: str, now: int, clock_ahead: int) -> int:
    """Return how long `90m`, `3h`, `2d` or `tomorrow` is, for somebody whose clock is so far ahead; 0 for the rest."""
    if duration == TOMORROW:
        local = now + clock_ahead
        return local // DAY * DAY + DAY + MORNING - local
    try:
        return seconds_in(duration)
    except ValueError:
        return 0


def _silenced(alert: Alert, silence: Silence, receiver: str, now: int) -> Notification:
    """Return the notification of a silence: by whom, and due when it ends."""
    return replace(
        notification_about(alert, Reason.SILENCED, now),
        id=digest(silence.id, receiver),
        receiver=receiver,
        by=silence.author,
        due_at=silence.ends_at,
    )


def _about(request: ChatRequest, person: ChatPerson) -> dict[str, str]:
    action = request.action or str(request.kind)
    return {"action": action, "fingerprint": request.fingerprint, "person": person.name}
