"""Each type of receiver as the contract of delivery needs it: played by a server that answers as a test says."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config

from chalicelib.domain.routing.receivers import Receiver
from chalicelib.gateways.http import HttpClient
from chalicelib.gateways.notifiers import Notifiers
from tests.domain.given import NOON
from tests.fakes import Crash, FakeClock, FakeReferences, faulty
from tests.gateways.http_server import SECRET, Server
from tests.gateways.notifier_contexts import a_context

RECEIVER = "on-call"
WHSEC = "whsec_" + base64.b64encode(b"0123456789abcdef01234567").decode()
QUICKLY = 0.05
BY_SES = Receiver(type="email", sender="hub@example.com", to=("ops@example.com",), region="eu-west-1")
BY_SNS = Receiver(type="email", topic="arn:aws:sns:eu-west-1:111122223333:ops")
PUBLISHED = "<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>"
REFUSED = "<ErrorResponse><Error><Code>{}</Code></Error></ErrorResponse>"


def no_secret(_server: Server) -> str:
    """Return nothing."""
    return ""


@dataclass(frozen=True)
class Played:
    """A type: what the secret of a receiver is, and with what it takes a message."""

    secret: Callable[[Server], str]
    status: int = 200
    body: str = ""
    receiver: Receiver | None = None
    refusal: str = "{}"  # with what it says in it


TYPES = {
    "slack_webhook": Played(lambda server: server.url, body="ok"),
    "webhook": Played(lambda server: json.dumps({"url": server.url, "secrets": [WHSEC]})),
    "teams": Played(lambda server: server.url, 202),
    "slack": Played(lambda _server: SECRET, body='{"ok": true, "ts": "1.0", "channel": "C0123456789"}'),
    "pagerduty": Played(lambda _server: SECRET.replace("/", ""), 202, '{"status": "success"}'),
    "email": Played(no_secret, body='{"MessageId": "1"}', receiver=BY_SES),
    "email by SNS": Played(no_secret, body=PUBLISHED, receiver=BY_SNS, refusal=REFUSED),
}


class Stand:
    """A receiver of a type behind a server, and the hub's notifiers in front of it, each made anew after a crash."""

    def __init__(self, name: str, server: Server) -> None:
        self.server, self.played = server, TYPES[name]
        self.receiver = self.played.receiver or Receiver(type=name, channel="C0123456789")
        self.clock, self.references = FakeClock(NOON + 60), FakeReferences()
        self.accept()

    def accept(self) -> None:
        """Take what comes from now on."""
        self.server.status, self.server.body, self.server.headers = self.played.status, self.played.body, {}

    def refuse(self, status: int, body: str) -> None:
        """Refuse what comes from now on, in the form that the type has for that."""
        self.server.status, self.server.body = status, self.played.refusal.format(body)

    def notifiers(self, crash: Crash | None = None) -> Notifiers:
        """Return the notifiers of a function that was just started."""
        plan = crash or Crash()
        context = a_context(
            receiver=lambda _name: self.receiver,
            secret=plan.around("secret", lambda _parameter: self.played.secret(self.server)),
            http=faulty(HttpClient(timeout=QUICKLY if self.server.silent else 5.0), plan),
            clock=self.clock,
            references=faulty(self.references, plan),
            pagerduty_url=f"http://127.0.0.1:{self.server.port}",
            slack_url=f"http://127.0.0.1:{self.server.port}/api",
            client=lambda service, region: faulty(self._client(service, region), plan),
        )
        return Notifiers(context)

    def _client(self, service: str, region: str) -> Any:
        """Return a client of AWS where the server plays it."""
        timeout = QUICKLY if self.server.silent else 5.0
        config = Config(read_timeout=timeout, retries={"mode": "standard", "total_max_attempts": 1})
        make: Any = boto3.client
        return make(service, region, endpoint_url=f"http://127.0.0.1:{self.server.port}", config=config)
