"""A Slack in simulated time that takes a message a second, fails three posts in ten, and may be out for minutes."""

from threading import get_ident

from bench.simulation import Simulation
from chalicelib.services.notifying.ports import ANYHOW, Delivered, Handling, Message, Retry

FAILS = 0.3
TIME_OUT = 5


class StormySlack:
    """A Slack that takes a message a second, and fails three posts in ten; of time-outs each second post arrived.

    `unknown` counts these. Until `out_until` (epoch seconds) no post arrives. `last` is what each thread sent last.
    """

    def __init__(self, simulation: Simulation, out_until: float = 0) -> None:
        self.simulation, self.out_until = simulation, out_until
        self.posts: list[tuple[float, Message]] = []
        self.last: dict[int, Message] = {}
        self.attempts = self.unknown = 0

    def handling(self, _receiver: str) -> Handling:
        """Take messages in any form."""
        return ANYHOW

    def notify(self, message: Message) -> Delivered | Retry:
        """Take a message for whatever receiver, but not three times in ten, nor where it comes too fast."""
        self.attempts += 1
        self.last.pop(get_ident(), None)
        chance, now = self.simulation.chance, self.simulation.time
        self.simulation.sleep(chance.uniform(0.1, 0.4))
        if chance.random() < FAILS or now < self.out_until:
            return self._fail(message)
        if self.posts and now - self.posts[-1][0] < 1:
            return Retry(1, "HTTP 429")
        self.posts.append((now, message))
        self.last[get_ident()] = message
        return Delivered()

    def _fail(self, message: Message) -> Retry:
        chance = self.simulation.chance
        match chance.choice(("429", "503", "nothing")):
            case "429":
                return Retry(chance.randrange(1, 31), "HTTP 429")
            case "503":
                return Retry(30, "HTTP 503", passing=True)
            case _:
                if chance.random() < 1 / 2 and self.simulation.time >= self.out_until:
                    self.unknown += 1
                    self.posts.append((self.simulation.time, message))
                self.simulation.sleep(TIME_OUT)
                return Retry(30, "ReadTimeout", may_have_arrived=True, passing=True)
