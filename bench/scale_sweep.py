"""What a hub does each minute, measured: alerts that are due, silent agents, what is pending, and what is merged."""

import math
from collections.abc import Iterator, Sequence
from itertools import batched
from typing import Any

from msgspec.structs import replace

from bench.scale_hub import KEPT, NOW, ScaledHub, a_notification, a_record, an_event
from bench.scale_meter import SECONDS_PER_CALL
from bench.scale_reads import Figure
from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.notification import Outcome, Reason, Recording, record_announcement
from chalicelib.domain.routing.matchers import Field, Matcher
from chalicelib.domain.routing.next_evaluation import with_next_evaluation
from chalicelib.domain.routing.notification_policy import Policy
from chalicelib.domain.routing.silences import Silence
from chalicelib.domain.timestamps import DAY
from chalicelib.gateways.dynamodb import items
from chalicelib.gateways.dynamodb.expressions import Item, StringSet, encode
from chalicelib.gateways.dynamodb.unmerged_events import MOST_ENTRIES, key_of_entries
from chalicelib.services.alerting.evaluator import WRITTEN_AT_ONCE
from chalicelib.services.ports import Ledger

HOUR = 3_600
DUE, SILENCED_DUE = 50_000, 20_000
SWEEP = 60
# Of a sweep's 48 seconds messages take a third before alerts are evaluated, and a sixth is left for others behind.
EVALUATING = 24
AGENTS = 1_000
PENDING = 4_000
UNMERGED = 5_000
TOKEN = "0a1b2c3d"  # noqa: S105 - nothing that opens anything


class WatchedLedger:
    """A ledger that remembers which alerts were written without an event, in their order."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.evaluated: list[str] = []

    def merge(self, records: Sequence[Any], alert: Alert, *more: Any) -> Recording:
        """Merge, and remember of which alert."""
        self.evaluated.append(alert.fingerprint)
        return self._ledger.merge(records, alert, *more)


def due_alerts(scaled: ScaledHub) -> Figure:
    """Return the minutes in which 50,000 alerts that are due are evaluated, by the calls that some of them take."""
    policy = scaled.hub.policies()
    due = [_announced(number, policy) for number in range(scaled.events // 10)]
    scaled.put(items.alert_item(each, KEPT) for each in due)
    scaled.meter.reset()
    evaluated = len(_evaluate_all(scaled))
    calls = scaled.meter.calls.total() / evaluated
    note = f"{calls:.2f} calls each, {_per_sweep(calls):,.0f} a sweep in {WRITTEN_AT_ONCE} threads"
    return Figure(math.ceil(DUE / _per_sweep(calls)) if evaluated == len(due) else math.inf, note)


def silenced_alerts(scaled: ScaledHub) -> Figure:
    """Return for how many minutes 20,000 alerts that are silenced, and due for longer, hold up another."""
    silence = _silence()
    policy = replace(scaled.hub.policies(), silences=(silence,))
    silenced = [_silenced(number, policy) for number in range(scaled.events // 10)]
    scaled.put([items.standing_item(silence)])
    scaled.put(items.alert_item(each, KEPT) for each in silenced)
    other = _announced(0, scaled.hub.policies(), "late")
    scaled.put([items.alert_item(other, KEPT)])
    scaled.hub.policies.forget()
    assert max(each.due for each in silenced) < other.due  # noqa: S101 - they have waited for longer
    scaled.clock.time = other.due + 1
    order = _evaluate_all(scaled)
    scaled.clock.time = NOW
    before = order.index(other.fingerprint) / len(silenced)
    return Figure(math.floor(SILENCED_DUE * before / _per_sweep(1)), f"{before:.0%} of them are evaluated before it")


def _evaluate_all(scaled: ScaledHub) -> list[str]:
    """Evaluate what is due until nothing is, and return the fingerprints in their order."""
    watched = WatchedLedger(scaled.hub.ledger)
    evaluator = replace(scaled.hub.evaluator, ledger=watched)
    while evaluator():
        pass
    return watched.evaluated


def _per_sweep(calls: float) -> float:
    """Return how many alerts a sweep evaluates that take so many calls each."""
    return WRITTEN_AT_ONCE * EVALUATING / (calls * SECONDS_PER_CALL)


def _announced(number: int, policy: Policy, name: str = "due") -> Alert:
    """Return an alert that was announced four hours ago, and has been evaluated since."""
    at = NOW - 4 * HOUR - 60
    alert = record_announcement(
        _firing(f"{name}-{number}", at), Outcome.pending(Reason.FIRST, ["monitoring"], "all"), at
    )
    return replace(with_next_evaluation(alert, policy, at + 60), version=1)


def _silenced(number: int, policy: Policy) -> Alert:
    """Return an alert that is silenced, and was last evaluated twenty minutes ago."""
    at = NOW - 1_200
    return replace(with_next_evaluation(_firing(f"retired-{number}", at), policy, at), version=1)


def _firing(resource: str, at: int) -> Alert:
    event = an_event(0, at, resource, kind="alarm", source="aws.cloudwatch", lines=0)
    return Alert.about(event).observe(event)[0]


def _silence() -> Silence:
    return Silence(
        id="of-what-is-retired",
        matchers=(Matcher(Field.RESOURCE, ("retired-*",)),),
        starts_at=NOW - DAY,
        ends_at=NOW + DAY,
        author="operations",
        reason="It is being replaced.",
        revision=1,
    )


def silent_agents(scaled: ScaledHub) -> Figure:
    """Return the writes of the second check of a thousand agents that are silent."""
    silent = (scaled.agent(10_000 + number, heartbeat_at=NOW - 2 * HOUR) for number in range(AGENTS))
    scaled.put(map(items.agent_item, silent))
    scaled.meter.reset()
    found = len(scaled.hub.agents.check())
    first = scaled.meter.writes
    scaled.clock.sleep(300)
    scaled.meter.reset()
    scaled.hub.agents.check()
    return Figure(scaled.meter.writes if found == AGENTS else math.inf, f"{first:,} calls write at first")


def critical_behind_others(scaled: ScaledHub) -> Figure:
    """Return the seconds from the next sweep on after which one CRITICAL is sent that came after 4,000 MEDIUM."""
    medium = (a_notification(number, Severity.MEDIUM) for number in range(PENDING))
    critical = replace(a_notification(PENDING, Severity.CRITICAL), created_at=NOW)
    scaled.put(items.notification_item(each, KEPT) for each in (*medium, critical))
    begun = scaled.clock.time
    for sweep in range(DUE):
        scaled.hub.dispatcher.catch_up(("monitoring",), scaled.clock.now() + SWEEP)
        sent = [critical.id in post["ids"] for _, post in scaled.notifier.posts]
        if any(sent):
            return Figure(SWEEP * sweep, f"in message {sent.index(True) + 1} of its sweep")
        scaled.clock.time = max(scaled.clock.time, begun + SWEEP * (sweep + 1))
    return Figure(math.inf)


def unmerged_events(scaled: ScaledHub) -> Figure:
    """Return the calls that it takes to merge 5,000 events of one alert."""
    scaled.put(_unmerged())
    scaled.meter.reset()
    merged = scaled.hub.sweep.merger()
    return Figure(scaled.meter.calls.total() if merged == UNMERGED else math.inf, f"{merged:,} events merged")


def _unmerged() -> Iterator[Item]:
    numbers = range(UNMERGED)
    records = [a_record(an_event(number, NOW - 600 + number // 10, "in-a-storm")) for number in numbers]
    for together in batched(records, MOST_ENTRIES):
        name = f"{NOW:010d}-{together[0].event.id}"
        entries = StringSet(f"{each.event.id}#{TOKEN}" for each in together)
        lasting = {"fingerprint": together[0].event.fingerprint, "entered_at": NOW, "expired_at": NOW + KEPT}
        yield encode(key_of_entries(name) | lasting | {"entries": entries})
    for each in records:
        unmerged = replace(each, outcome=Outcome(reason=Reason.PROCESSING))
        yield from filter(None, items.event_items(unmerged, TOKEN))
