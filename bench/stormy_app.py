"""The Slack app in simulated time, in front of its look-alike: calls fail, some of them after their effect."""

import json
from collections.abc import Iterator, Mapping
from threading import get_ident
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from msgspec.structs import replace

from bench.simulation import Died, Simulation
from chalicelib.domain.routing.receivers import Receiver
from chalicelib.gateways.http import Response
from chalicelib.gateways.notifiers import Notifiers
from chalicelib.services.notifying.ports import Delivered, Handling, Message, Rejected, Retry
from local.slack.conversations import Conversations
from tests.fakes import FakeCallBudgets
from tests.gateways.notifier_contexts import a_context

if TYPE_CHECKING:
    from tests.fakes import FakeStore

CHANNEL, TOKEN = "C0123456789", "xoxb-storm"
# Of the calls: never arrive, arrive and are never answered, arrive and the function dies, are turned away.
UNSENT, UNANSWERED, DIES, BUSY = 0.05, 0.05, 0.02, 0.05


class StormyApp:
    """Notifies a channel by the real notifier; `unknown` counts posts of which the hub cannot know what became."""

    def __init__(self, simulation: Simulation, store: "FakeStore") -> None:
        self._simulation = simulation
        self.slack = Conversations({CHANNEL: "ops"}, TOKEN, lambda: simulation.time)
        self._store = store
        self.posts: list[tuple[float, Message]] = []
        self.last: dict[int, Message] = {}
        self.attempts = self.unknown = 0
        context = a_context(
            receiver=lambda _name: Receiver(type="slack", channel=CHANNEL),
            secret=lambda _name: TOKEN,
            http=self,
            clock=simulation,
            alert=store.alerts.get,
            references=store.references,
            budgets=FakeCallBudgets(),
        )
        self._notifiers = Notifiers(context)

    def handling(self, receiver: str) -> Handling:
        """Return how a channel wants to be sent to."""
        return self._notifiers.handling(receiver)

    def notify(self, message: Message) -> Delivered | Retry | Rejected:
        """Bring the channel up to date, and keep what it accounts for."""
        self.attempts += 1
        self.last.pop(get_ident(), None)
        result = self._notifiers.notify(message)
        if isinstance(result, Delivered):
            those = [each for each in message.notifications if each.id not in result.left]
            self.last[get_ident()] = accounted = replace(message, notifications=those)
            self.posts.append((self._simulation.time, accounted))
        return result

    def problems_with_messages(self) -> Iterator[str]:
        """Iterate over the problems of the messages in the channel that are about one: twice, where it has two."""
        for root in self.slack.roots():
            ids = root.metadata["event_payload"]["id"] if root.metadata else ""
            if ids and _is_about_one(root.payload):
                yield self._store.notifications[ids].fingerprint

    def post(self, url: str, body: bytes, headers: dict[str, str], _longest: int = 0) -> Response:
        """Call a method, if it arrives; and answer, if that does."""
        method, chance = url.rpartition("/")[2], self._simulation.chance
        self._simulation.sleep(chance.uniform(0.1, 0.4))
        fate, is_post = chance.random(), method == "chat.postMessage"
        if fate < UNSENT:
            self.unknown += is_post
            self._simulation.sleep(5)
            return Response(0, "ConnectTimeout")
        if fate > 1 - BUSY:
            return Response(429, "{}", str(chance.randrange(1, 31)))
        reply = self.slack.call(method, TOKEN, _arguments(body, headers))
        if fate < UNSENT + UNANSWERED + DIES:
            self.unknown += is_post
            if fate > UNSENT + UNANSWERED:
                raise Died
            self._simulation.sleep(5)
            return Response(0, "ReadTimeout")
        return Response(reply.status, json.dumps(reply.document), str(reply.retry_after or ""))


def _is_about_one(payload: Mapping[str, Any]) -> bool:
    return "alerts at once" not in str(payload["text"]) and "notifications about" not in str(payload["text"])


def _arguments(body: bytes, headers: dict[str, str]) -> dict[str, Any]:
    if "form" in headers["Content-Type"]:
        return {name: values[0] for name, values in parse_qs(body.decode()).items()}
    arguments: dict[str, Any] = json.loads(body)
    return arguments
