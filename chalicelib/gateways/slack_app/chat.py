"""Slack as a chat: looks up who makes a request, replies to them, and shows the form of a silence."""

import json
import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.notifications.chat_requests import ChatAction, ChatPerson, ChatRequest
from chalicelib.domain.text import clean, plural
from chalicelib.gateways.slack.mrkdwn import Mrkdwn, bold, line
from chalicelib.gateways.slack_app.rates import MethodRates
from chalicelib.gateways.slack_app.requests import CUSTOM, DURATION, REASON
from chalicelib.gateways.slack_app.web_api import Called, SlackWebApi

if TYPE_CHECKING:
    from chalicelib.gateways.http import HttpClient

log = logging.getLogger(__name__)

TOKEN = "slack-app/bot-token"  # noqa: S105 - where it lies
NAME, TITLE, SHOWN = 64, 150, 5
DURATIONS = (
    ("1h", "1 hour"),
    ("4h", "4 hours"),
    ("tomorrow", "until tomorrow, 9:00"),
    ("1d", "1 day"),
    ("7d", "1 week"),
)


class SlackChat:
    """Replies to people with the app's token; `secret` returns a parameter's value, None where there is none.

    `rates` returns the rate budgets of a token.
    """

    def __init__(
        self,
        secret: Callable[[str], str | None],
        stage: str,
        url: str,
        http: "HttpClient",
        rates: Callable[[str], MethodRates],
    ) -> None:
        self._secret, self._stage, self._url, self._http, self._rates = secret, stage, url, http, rates

    def person(self, request: ChatRequest) -> ChatPerson | None:
        """Return the person who makes a request; None where Slack does not say."""
        result = self._api().read("users.info", {"user": request.person_id})
        if not isinstance(result, Called):
            log.warning("Slack user not found", extra={"reason": getattr(result, "why", "")})
            return None
        user: Any = result.document.get("user") or {}
        profile = user.get("profile") or {}
        name = profile.get("display_name") or user.get("real_name") or request.person_name
        is_foreign = request.person_team != request.team or bool(user.get("is_stranger"))
        return ChatPerson(
            id=request.person_id,
            name=clean(name, NAME) or request.person_id,
            is_guest=is_foreign or bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
            clock_ahead=int(user.get("tz_offset") or 0),
        )

    def say(self, request: ChatRequest, text: str, silence_id: str = "") -> None:
        """Reply in the channel, visible only to that person; for a silence, with a button to end it."""
        body: dict[str, Any] = {"channel": request.channel, "user": request.person_id, "text": str(line(text))}
        if silence_id:
            section = {"type": "section", "text": _mrkdwn(line(text))}
            value = json.dumps({"subject": silence_id})
            undo = {"type": "button", "text": _plain("Undo"), "action_id": ChatAction.END_SILENCE, "value": value}
            body["blocks"] = [section, {"type": "actions", "elements": [undo]}]
        self._api().write("chat.postEphemeral", body)

    def text(self, lines: Sequence[str]) -> str:
        """Return lines as escaped mrkdwn."""
        return "\n".join(line(each) for each in lines)

    def open_silence_form(self, request: ChatRequest, alert: Alert) -> str:
        """Open the form for a silence on an alert; return its id, empty on failure."""
        view = _form(request, alert, "Counting what it covers …")
        result = self._api().write("views.open", {"trigger_id": request.trigger, "view": view})
        return str((result.document.get("view") or {}).get("id", "")) if isinstance(result, Called) else ""

    def show_covered(self, form: str, request: ChatRequest, alert: Alert, titles: Sequence[str], count: int) -> None:
        """Show in an open form what the silence would cover."""
        shown = "\n".join(f"• {line(each, TITLE)}" for each in titles[:SHOWN])
        more = f"\nand {count - SHOWN:,} more" if count > SHOWN else ""
        view = _form(request, alert, Mrkdwn(f"It covers {plural(count, 'alert')} now:\n{shown}{more}"))
        self._api().write("views.update", {"view_id": form, "view": view})

    def _api(self) -> SlackWebApi:
        token = self._secret(f"/monitoring/{self._stage}/{TOKEN}") or ""
        return SlackWebApi(self._url, self._http, "the chat", self._rates(token.strip()))


def _form(request: ChatRequest, alert: Alert, covered: str) -> dict[str, Any]:
    about = {"fingerprint": alert.fingerprint, "episode": alert.episodes, "channel": request.channel}
    options = [{"text": _plain(label), "value": value} for value, label in DURATIONS]
    select = {"type": "static_select", "action_id": DURATION, "options": options, "initial_option": options[0]}
    return {
        "type": "modal",
        "callback_id": "silence",
        "private_metadata": json.dumps(about),
        "title": _plain("Silence"),
        "submit": _plain("Silence"),
        "close": _plain("Cancel"),
        "blocks": [
            {"type": "section", "text": _mrkdwn(bold(clean(alert.title, TITLE)))},
            _input(DURATION, "How long", select),
            _input(CUSTOM, "Or as long as this", {"type": "plain_text_input", "placeholder": _plain("90m, 3h, 2d")}),
            _input(REASON, "Why", {"type": "plain_text_input", "max_length": TITLE}),
            {"type": "context", "elements": [_mrkdwn(covered)]},
        ],
    }


def _input(block: str, label: str, element: dict[str, Any]) -> dict[str, Any]:
    optional = block != DURATION
    labelled = {"type": "input", "block_id": block, "optional": optional, "label": _plain(label)}
    return labelled | {"element": element | {"action_id": block}}


def _plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


def _mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": str(text), "verbatim": True}
