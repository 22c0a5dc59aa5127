"""Plans: which storms are played, and what each may cost and take."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

from chalicelib.domain.text import digest
from chalicelib.domain.timestamps import iso

START = 1_795_380_000
MINUTE = 60
ACCOUNTS = 200
WORST = 17
SAMPLE = json.loads((Path(__file__).parent.parent / "tests/samples/guardduty-ec2.json").read_text())


class Plan(Struct, frozen=True, kw_only=True):
    """A storm: so many events of so many problems in a minute, handled by so many functions at once.

    For `outage` minutes from its beginning Slack takes no message; with `app` the receiver is a channel of the Slack
    app. The goals are at most `most_units` write units for an event and `most_messages` for a problem, which are more
    for one that alone fires ten thousand times: it is announced at steps.
    """

    name: str = "storm"
    events: int = 10_000
    problems: int = 40
    writers: int = 20
    outage: int = 0
    app: bool = False
    most_units: float = 8
    most_messages: int = 3

    @property
    def over_at(self) -> int:
        """When all events are in, and Slack takes messages (epoch seconds): from then on the hub drains."""
        return START + MINUTE * max(1, self.outage)


# What `make bench-storm` plays: the first with many seeds, the others with one.
PLANS = (
    Plan(events=3_000),
    Plan(name="30,000 events", events=30_000),
    Plan(name="one problem, 16 writers", problems=1, writers=16, most_units=10, most_messages=8),
    Plan(name="an outage of Slack", outage=20),
    Plan(name="the Slack app", events=3_000, app=True),
)


def the_events(plan: Plan, seed: int) -> Iterator[Any]:
    """Return the incident: GuardDuty findings of about 2 kB, a few problems more frequent than most, in any order."""
    chance = random.Random(seed)  # noqa: S311 - a story, not a secret
    weights = [1 / (1 + problem % 8) for problem in range(plan.problems)]
    for number, problem in enumerate(chance.choices(range(plan.problems), weights, k=plan.events)):
        at = START + MINUTE * number // plan.events - chance.randrange(30)
        yield _an_event(number, problem, at, is_worst=problem == WORST % plan.problems)


def _an_event(number: int, problem: int, at: int, *, is_worst: bool) -> Any:
    """Return one of a problem's events; only one problem is critical."""
    account = f"{100_000_000_000 + problem * 7 % ACCOUNTS:012d}"
    detail = {
        **SAMPLE["detail"],
        "id": digest(str(problem)),
        "title": f"Problem {problem}",
        "severity": 9.5 if is_worst else 5.0 + problem % 4,
        "accountId": account,
        "updatedAt": f"{iso(at)[:-1]}.{number:06d}Z",
    }
    return SAMPLE | {"id": str(number), "account": account, "time": iso(at), "detail": detail}
