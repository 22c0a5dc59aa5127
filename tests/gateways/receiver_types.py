"""Each type of receiver as the contract of delivery needs it: played by a server that answers as a test says."""

from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.domain.routing.receivers import Receiver
from chalicelib.gateways.http import HttpClient
from chalicelib.gateways.notifiers import NotifierContext, Notifiers
from tests.domain.given import NOON
from tests.fakes import Crash, FakeClock, faulty
from tests.gateways.http_server import Server
from tests.gateways.slack.messages import Names

RECEIVER = "on-call"
QUICKLY = 0.05


@dataclass(frozen=True)
class Played:
    """A type: what the secret of a receiver is, and with what it takes a message."""

    secret: Callable[[Server], str]
    status: int = 200
    body: str = ""


TYPES = {"slack_webhook": Played(lambda server: server.url, body="ok")}


class Stand:
    """A receiver of a type behind a server, and the hub's notifiers in front of it, each made anew after a crash."""

    def __init__(self, name: str, server: Server) -> None:
        self.type, self.server, self.played = name, server, TYPES[name]
        self.clock = FakeClock(NOON + 60)
        self.accept()

    def accept(self) -> None:
        """Take what comes from now on."""
        self.server.status, self.server.body, self.server.headers = self.played.status, self.played.body, {}

    def notifiers(self, crash: Crash | None = None) -> Notifiers:
        """Return the notifiers of a function that was just started."""
        plan = crash or Crash()
        context = NotifierContext(
            receiver=lambda _name: Receiver(type=self.type),
            secret=plan.around("secret", lambda _parameter: self.played.secret(self.server)),
            stage="test",
            http=faulty(HttpClient(timeout=QUICKLY if self.server.silent else 5.0), plan),
            clock=self.clock,
            names=Names(),
        )
        return Notifiers(context)
