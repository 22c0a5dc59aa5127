"""A Slack in simulated time that takes a message a second, and fails three posts in ten."""

from bench.simulation import Simulation
from chalicelib.services.notifying.ports import ANYHOW, Delivered, Handling, Message, Retry

FAILS = 0.3


class StormySlack:
    """A Slack that takes a message a second, and fails three posts in ten."""

    def __init__(self, simulation: Simulation) -> None:
        self.simulation = simulation
        self.posts: list[tuple[float, Message]] = []
        self.attempts = 0

    def handling(self, _receiver: str) -> Handling:
        """Take messages in any form."""
        return ANYHOW

    def notify(self, message: Message) -> Delivered | Retry:
        """Take a message for whatever receiver, but not three times in ten, nor where it comes too fast."""
        self.attempts += 1
        chance, now = self.simulation.chance, self.simulation.time
        self.simulation.sleep(chance.uniform(0.1, 0.4))
        if chance.random() < FAILS:
            match chance.choice(("429", "503", "nothing")):
                case "429":
                    return Retry(chance.randrange(1, 31), "HTTP 429")
                case "503":
                    return Retry(30, "HTTP 503")
                case _:
                    self.simulation.sleep(5)
                    return Retry(30, "time-out")
        if self.posts and now - self.posts[-1][0] < 1:
            return Retry(1, "HTTP 429")
        self.posts.append((now, message))
        return Delivered()
