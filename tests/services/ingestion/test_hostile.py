"""Two thousand hostile events: each ends stored with an outcome, and whatever is said of it is a valid message."""

import random
from collections.abc import Callable
from typing import Any

from chalicelib.domain.events.envelope import RESOURCE_LENGTH
from chalicelib.domain.events.event import TITLE_LENGTH
from chalicelib.domain.notifications.notification import Delivery
from chalicelib.services.notifying.ports import ANYHOW, Delivered, Handling, Message, Rejected, Retry
from chalicelib.sources.registry import KINDS, OWN, SOURCES
from tests.fakes import FakeNotifier
from tests.gateways.slack.messages import a_composer, judge, judge_harmless
from tests.services.world import World
from tests.sources.samples import NAMES, TEAMS, load

EVENTS = 2_000
TEXTS = (
    "",
    " ",
    "\x00\x1b[31m\u202e",
    "\ud800",
    "<!channel> <@U1> <https://evil.example|bank>",
    '"quoted" \\ back\nslash\ttab &amp; &',
    "``` *bold* _it_ ~no~ `x`",
    "{{ 7 * 7 }} {% raw %}",
    "x" * 5_000,
    "error " * 2_000,
    "naïve 日本語 \N{PARTY POPPER} \N{MATHEMATICAL FRAKTUR CAPITAL U}",
    "2026-11-22T20:30:00Z",
    "0000-99-99",
    "9999-12-31T23:59:59Z",
)


def anything(chance: random.Random, depth: int = 0) -> Any:
    """Return some JSON value, small or huge, flat or deep."""
    makers: list[Callable[[], Any]] = [
        lambda: chance.choice(TEXTS),
        lambda: chance.choice([0, -1, 10**30, 1e308, 0.1]),
        lambda: chance.choice([None, True, float("nan"), float("inf")]),
        lambda: [anything(chance, depth + 1) for _ in range(chance.randrange(4))],
        lambda: {chance.choice(TEXTS): anything(chance, depth + 1) for _ in range(chance.randrange(4))},
        lambda: nested(chance.randrange(1, 900)),
        lambda: [chance.choice(TEXTS)] * chance.randrange(200),
    ]
    return chance.choice(makers[: 3 if depth > 3 else None])()


def nested(depth: int) -> Any:
    """Return a value inside `depth` lists and objects."""
    value: Any = "core"
    for level in range(depth):
        value = [value] if level % 2 else {"in": value}
    return value


def garbage(chance: random.Random) -> Any:
    """Return an envelope of which any part may be missing or be anything, about a known source or not."""
    known = chance.choice((*SOURCES, *OWN))
    fields: dict[str, Any] = {
        "version": "0",
        "id": str(chance.random()),
        "source": known.source,
        "detail-type": known.detail_type,
        "account": "111122223333",
        "region": "eu-west-1",
        "time": "2025-10-09T08:53:20Z",
        "resources": [],
        "detail": {},
    }
    for name in chance.sample(list(fields), chance.randrange(1, 5)):
        fields[name] = anything(chance)
    if chance.random() < 0.2:
        del fields[chance.choice(list(fields))]
    return fields if chance.random() < 0.98 else anything(chance)


def damaged(chance: random.Random, name: str) -> Any:
    """Return the sample of this name, in which a few values, at any depth, are hostile ones."""
    raw = load(name)
    for _ in range(chance.randrange(1, 4)):
        place = raw
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            key = chance.choice(keys)
            if not (isinstance(place[key], dict | list) and place[key]) or chance.random() < 0.1:
                break
            place = place[key]
        place[key] = chance.choice(TEXTS) if chance.random() < 0.6 else anything(chance)
    return raw


class Judge(FakeNotifier):
    """Composes for Slack as production does, and fails on any message that Slack would refuse or that could ping."""

    def __init__(self) -> None:
        super().__init__()
        self._composer = a_composer()

    def handling(self, _receiver: str) -> Handling:
        """Take messages in any form."""
        return ANYHOW

    def notify(self, message: Message) -> Delivered | Retry | Rejected:
        """Judge one message."""
        composed = self._composer.compose(message)
        judge(composed)
        judge_harmless(composed)
        return super().notify(message)


def test_two_thousand_hostile_events_are_all_stored_and_every_message_is_valid() -> None:
    world, chance = World(slack=Judge()), random.Random(20261122)

    for number in range(EVENTS // 2):
        world.ingest(garbage(chance))
        world.ingest(damaged(chance, NAMES[number % len(NAMES)]))
    world.next_minute()

    records = list(world.store.records.values())
    assert len(records) > EVENTS * 0.6  # some are equal, and equal events are one
    assert set(KINDS) - {record.event.kind for record in records} <= TEAMS
    assert world.statuses() == {Delivery.DELIVERED, Delivery.SUPPRESSED}
    assert set(world.announced()) == set(world.store.notifications)
    assert sum(alert.total for alert in world.store.alerts.values()) == len(records)
    for record in records:
        assert 0 < len(record.event.title) <= TITLE_LENGTH
        assert len(record.event.resource) <= RESOURCE_LENGTH
        assert record.event.title.isprintable()
