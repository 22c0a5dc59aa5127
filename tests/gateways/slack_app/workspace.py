"""A hub in front of the look-alike of Slack's Web API, without HTTP, that crashes and times out as a test plans."""

import json
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.notification import Notification, Reason
from chalicelib.domain.routing.receivers import Receiver
from chalicelib.domain.text import digest
from chalicelib.gateways.http import Response
from chalicelib.gateways.notifiers import Notifiers
from chalicelib.gateways.slack_app.rates import MethodRates
from chalicelib.services.notifying.ports import Delivered, Message, Rejected, Retry
from local.slack.conversations import Conversations, Reply
from tests.domain.given import NOON, an_event
from tests.fakes import Crash, FakeCallBudgets, FakeClock, FakeReferences, faulty
from tests.gateways.notifier_contexts import a_context
from tests.gateways.slack.messages import an_announcement

CHANNEL, TOKEN = "C0123456789", "xoxb-test"


class Wire:
    """The way to Slack: `lost` responses are lost on their way back, `unsent` requests on their way there."""

    def __init__(self, slack: Conversations) -> None:
        self._slack, self.lost, self.unsent = slack, 0, 0
        self.calls: list[str] = []

    def post(self, url: str, body: bytes, headers: dict[str, str], _longest: int = 0) -> Response:
        """Call a method."""
        method = url.rpartition("/")[2]
        self.calls.append(method)
        if self.unsent:
            self.unsent -= 1
            return Response(0, "ConnectTimeout")
        text = body.decode()
        is_form = "form" in headers["Content-Type"]
        arguments: dict[str, Any] = (
            {name: values[0] for name, values in parse_qs(text).items()} if is_form else json.loads(text)
        )
        reply: Reply = self._slack.call(method, headers["Authorization"].removeprefix("Bearer "), arguments)
        if self.lost:
            self.lost -= 1
            return Response(0, "ReadTimeout")
        return Response(reply.status, json.dumps(reply.document), str(reply.retry_after or ""))


class Hub:
    """One alert's notifications on their way into a channel; every call makes a function's notifiers anew."""

    def __init__(self, channel: str = CHANNEL, **given: Any) -> None:
        self.clock, self.references, self.budgets = FakeClock(NOON + 60), FakeReferences(), FakeCallBudgets()
        self.slack = Conversations({CHANNEL: "ops"}, TOKEN, lambda: self.clock.time, rates=False)
        self.wire, self.alerts, self.channel = Wire(self.slack), dict[str, Alert](), channel
        self.given = given

    def notifiers(self, crash: Crash | None = None) -> Notifiers:
        """Return the notifiers of a function that was just started."""
        plan = crash or Crash()
        values: dict[str, Any] = {
            "receiver": lambda _name: Receiver(type="slack", channel=self.channel),
            "secret": {"/monitoring/test/slack-app/bot-token": TOKEN}.get,
            "http": faulty(self.wire, plan),
            "clock": self.clock,
            "alert": self.alerts.get,
            "references": faulty(self.references, plan),
            "budgets": self.budgets,
        }
        return Notifiers(a_context(**values | self.given))

    def notify(self, *notifications: Notification, crash: Crash | None = None) -> Delivered | Retry | Rejected:
        """Send what is pending."""
        return self.notifiers(crash).notify(Message("ops", notifications))

    def deliver(self, *notifications: Notification) -> None:
        """Send what is pending, again and again until Slack has it."""
        for _ in range(10):
            result = self.notify(*notifications)
            if isinstance(result, Delivered):
                return
            assert isinstance(result, Retry), result
            self.clock.sleep(result.after)
        raise AssertionError("not delivered")

    def deliver_all(self, *notifications: Notification) -> None:
        """Send what is pending, and again what a message has left, until Slack has all of it."""
        left = list(notifications)
        for _ in range(10):
            result = self.notify(*left)
            self.clock.sleep(result.after if isinstance(result, Retry) else 1)
            left = [each for each in left if not isinstance(result, Delivered) or each.id in result.left]
            if not left:
                return
        raise AssertionError("not delivered")

    @property
    def rates(self) -> MethodRates:
        """How often methods may be called."""
        return MethodRates(self.budgets, self.clock, TOKEN)

    @property
    def story(self) -> list[str]:
        """What stands in the first message's thread, the first words of each line."""
        (root, *_) = self.slack.roots()
        return [line for each in self.slack.replies(root.ts) for line in each.payload["text"].splitlines()]

    @property
    def titles(self) -> list[str]:
        """What the messages of the channel are called now."""
        return [each.payload["blocks"][0]["text"]["text"] for each in self.slack.roots()]


def an_alert(number: int = 1, severity: Severity = Severity.HIGH) -> Alert:
    """Return an alert that has just begun to fire."""
    event = an_event(title=f"queue-{number} is full", fingerprint=digest("alert", str(number)), severity=severity)
    return Alert.about(event).observe(event)[0]


def about(alert: Alert, reason: Reason, number: int = 0, **changes: Any) -> Notification:
    """Return a notification about an alert, for a reason."""
    values: dict[str, Any] = {
        "id": f"{number:08x}" + alert.fingerprint[8:],
        "receiver": "ops",
        "fingerprint": alert.fingerprint,
        "episode": alert.episodes,
        "severity": alert.severity,
        "title": alert.title,
        "count": alert.count,
        "since": alert.since,
        "created_at": NOON + 30 + number,
    }
    notification, _ = an_announcement(an_event(), reason, **values | changes)
    return notification


BROKEN = Reply({"ok": False, "error": "fatal_error"}, HTTPStatus.OK)
