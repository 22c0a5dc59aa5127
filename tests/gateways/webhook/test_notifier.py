"""Webhooks: signed as Standard Webhooks' own library verifies, and shaped as our schema says."""

import base64
import json
import time
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from msgspec.structs import replace
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from chalicelib.domain.events.event import Signal
from chalicelib.domain.notifications.notification import Notification, Reason, Record
from chalicelib.domain.routing.receivers import Receiver
from chalicelib.gateways.http import Response
from chalicelib.gateways.notifiers import Notifiers
from chalicelib.services.notifying.ports import Delivered, Message, Rejected, Retry
from infra.generate import WEBHOOK_SCHEMA
from local.receivers.webhooks import TOLERANCE, WebhookProgram
from tests.domain.given import an_event
from tests.fakes import FakeClock
from tests.gateways.notifier_contexts import a_context
from tests.gateways.slack.messages import a_busy_day, a_report, an_announcement, the_links

OLD, NEW, OTHER = (f"whsec_{base64.b64encode(each * 32).decode()}" for each in (b"a", b"b", b"c"))
VALIDATOR = Draft202012Validator(json.loads(WEBHOOK_SCHEMA.read_text()))


class Endpoint:
    """Keeps what was posted; answers with a status."""

    def __init__(self, *secrets: str, url: str = "https://hook.example.com") -> None:
        self.posts: list[tuple[str, bytes, dict[str, str]]] = []
        self.kept, self.clock = json.dumps({"url": url, "secrets": secrets}), FakeClock(int(time.time()))
        self.status = 200

    def post(self, url: str, body: bytes, headers: dict[str, str]) -> Response:
        """Keep a webhook."""
        self.posts.append((url, body, headers))
        return Response(self.status, "")

    def notify(self, notification: Notification, record: Record | None = None) -> Delivered | Retry | Rejected:
        """Send a webhook about a notification."""
        context = a_context(
            receiver=lambda _: Receiver(type="webhook"),
            secret={"/monitoring/test/webhook/hook": self.kept}.get,
            http=self,
            clock=self.clock,
            links=the_links(),
        )
        return Notifiers(context).notify(Message("hook", [replace(notification, receiver="hook")], record))

    @property
    def last(self) -> tuple[bytes, dict[str, str]]:
        """The body and the headers of the last webhook."""
        return self.posts[-1][1:]


def about(reason: Reason = Reason.FIRST, signal: Signal = Signal.FIRING) -> tuple[Notification, Record]:
    """Return a notification about an alert, and its event."""
    return an_announcement(an_event(signal=signal), reason, episode=1)


def verify(secret: str, endpoint: Endpoint) -> Any:
    """Return the last webhook, as Standard Webhooks' own library verifies it."""
    return Webhook(secret).verify(*endpoint.last)


def test_a_webhook_is_verified_by_the_library_of_standard_webhooks() -> None:
    endpoint, (notification, record) = Endpoint(NEW), about()

    assert endpoint.notify(notification, record) == Delivered()
    assert verify(NEW, endpoint)["data"]["notification"]["id"] == notification.id
    with pytest.raises(WebhookVerificationError):
        verify(OTHER, endpoint)


def test_while_a_secret_is_replaced_both_verify() -> None:
    endpoint = Endpoint(NEW, OLD)
    endpoint.notify(*about())

    assert verify(OLD, endpoint) == verify(NEW, endpoint)


def test_a_webhook_that_is_sent_again_has_the_same_id_and_another_time() -> None:
    endpoint = Endpoint(NEW)
    for _ in range(2):
        endpoint.notify(*about())
        endpoint.clock.sleep(60)
    first, second = (headers for _, _, headers in endpoint.posts)

    assert first["webhook-id"] == second["webhook-id"]
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) == 60


@pytest.mark.parametrize(
    ("reason", "signal", "name"),
    [
        (Reason.FIRST, Signal.FIRING, "alert.firing"),
        (Reason.WORSENED, Signal.FIRING, "alert.firing"),
        (Reason.ACKNOWLEDGED, Signal.FIRING, "alert.acknowledged"),
        (Reason.REOPENED, Signal.FIRING, "alert.reopened"),
        (Reason.RESOLVED, Signal.RESOLVED, "alert.resolved"),
        (Reason.EVERY_EVENT, Signal.RESOLVED, "alert.resolved"),
        (Reason.SUMMARY, Signal.INFORMATIONAL, "backfill.summary"),
    ],
)
def test_a_webhook_says_by_its_type_what_it_is_about(reason: Reason, signal: Signal, name: str) -> None:
    endpoint = Endpoint(NEW)
    endpoint.notify(*about(reason, signal))

    assert verify(NEW, endpoint)["type"] == name


@pytest.mark.parametrize("reason", [each for each in Reason if each is not Reason.SCHEDULED])
def test_every_webhook_is_as_the_schema_says(reason: Reason) -> None:
    endpoint = Endpoint(NEW)
    for notification, record in (about(reason), (about(reason)[0], None)):
        endpoint.notify(notification, record)
        VALIDATOR.validate(json.loads(endpoint.last[0]))


def test_the_report_of_a_day_is_sent_with_its_figures() -> None:
    endpoint = Endpoint(NEW)
    endpoint.notify(a_report(a_busy_day()))
    document = json.loads(endpoint.last[0])

    VALIDATOR.validate(document)
    assert (document["type"], document["version"]) == ("report.daily", 1)
    assert document["data"]["report"]["events"]["count"] > 0
    assert document["data"]["alert"] is None


@pytest.mark.parametrize(
    "kept",
    [
        "https://hook.example.com",
        "{",
        '{"url": "https://hook.example.com"}',
        '{"url": "https://hook.example.com", "secrets": []}',
        json.dumps({"url": "https://hook.example.com", "secrets": ["secret"]}),
        json.dumps({"url": "https://hook.example.com", "secrets": ["whsec_???"]}),
        json.dumps({"url": "https://hook.example.com", "secrets": ["whsec_c2hvcnQ="]}),
        json.dumps({"url": "https://hook.example.com", "secrets": [OLD, NEW, OTHER]}),
        json.dumps({"url": "http://hook.example.com", "secrets": [NEW]}),
    ],
)
def test_a_parameter_of_no_use_is_a_reason_to_try_again_and_is_not_repeated(kept: str) -> None:
    endpoint = Endpoint()
    endpoint.kept = kept
    result = endpoint.notify(*about())

    assert isinstance(result, Retry)
    assert "/monitoring/test/webhook/hook must hold" in result.why
    assert "hook.example.com" not in result.why
    assert endpoint.posts == []


def test_each_webhook_goes_alone_at_the_pace_of_the_routes_file() -> None:
    context = a_context(receiver=lambda _: Receiver(type="webhook", per_minute=120))
    handling = Notifiers(context).handling("hook")

    assert (handling.combines, handling.pace) == (False, 0.5)


def test_the_lookalike_takes_each_webhook_once_and_refuses_what_is_forged_or_old() -> None:
    endpoint = Endpoint(NEW)
    endpoint.notify(*about())
    body, headers = endpoint.last
    program = WebhookProgram(NEW, endpoint.clock.now)

    assert [program.receive(body, headers).status for _ in range(2)] == [204, 204]
    assert len(program.taken) == 1
    assert program.receive(body + b" ", headers).status == 401
    assert program.receive(body, {}).status == 400
    assert WebhookProgram(OTHER, endpoint.clock.now).receive(body, headers).status == 401
    endpoint.clock.sleep(TOLERANCE + 1)
    assert program.receive(body, headers).status == 400


def test_the_lookalike_refuses_what_is_not_as_the_schema_says() -> None:
    endpoint = Endpoint(NEW)
    from chalicelib.gateways.webhook.signing import endpoint_in, headers_of  # noqa: PLC0415 - for this test alone

    known = endpoint_in(endpoint.kept)
    assert known
    headers = headers_of("1", endpoint.clock.now(), b"{}", known.keys())
    assert WebhookProgram(NEW, endpoint.clock.now).receive(b"{}", headers).status == 422
