"""Each type of receiver as the contract of delivery needs it: played by a server that answers as a test says."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Played:
    """A type: what the secret of a receiver is, and with what it takes a message."""

    secret: Callable[[Server], str]
    status: int = 200
    body: str = ""


TYPES = {
    "slack_webhook": Played(lambda server: server.url, body="ok"),
    "webhook": Played(lambda server: json.dumps({"url": server.url, "secrets": [WHSEC]})),
    "teams": Played(lambda server: server.url, 202),
    "slack": Played(lambda _server: SECRET, body='{"ok": true, "ts": "1.0", "channel": "C0123456789"}'),
    "pagerduty": Played(lambda _server: SECRET.replace("/", ""), 202, '{"status": "success"}'),
}


class Stand:
    """A receiver of a type behind a server, and the hub's notifiers in front of it, each made anew after a crash."""

    def __init__(self, name: str, server: Server) -> None:
        self.type, self.server, self.played = name, server, TYPES[name]
        self.clock, self.references = FakeClock(NOON + 60), FakeReferences()
        self.accept()

    def accept(self) -> None:
        """Take what comes from now on."""
        self.server.status, self.server.body, self.server.headers = self.played.status, self.played.body, {}

    def notifiers(self, crash: Crash | None = None) -> Notifiers:
        """Return the notifiers of a function that was just started."""
        plan = crash or Crash()
        context = a_context(
            receiver=lambda _name: Receiver(type=self.type, channel="C0123456789"),
            secret=plan.around("secret", lambda _parameter: self.played.secret(self.server)),
            http=faulty(HttpClient(timeout=QUICKLY if self.server.silent else 5.0), plan),
            clock=self.clock,
            references=faulty(self.references, plan),
            pagerduty_url=f"http://127.0.0.1:{self.server.port}",
            slack_url=f"http://127.0.0.1:{self.server.port}/api",
        )
        return Notifiers(context)
