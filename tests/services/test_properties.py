"""Whatever the routes file says, whatever is silenced and however events come: nothing vanishes, and order is nothing.

Routes files are drawn as text and read as the hub reads them; events come in any order, twice, while alerts are too
busy to be written and Slack is away, and time does something in between.
"""

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import given, reject
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.config import routes
from chalicelib.config.compiled import Defaults, RoutesFile
from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.errors import Invalid
from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.notification import Delivery, Reason
from chalicelib.domain.routing.matchers import Field, Matcher
from chalicelib.domain.routing.notification_policy import Policy
from chalicelib.domain.routing.routes import HOUR
from chalicelib.domain.routing.silences import Silence
from chalicelib.domain.timestamps import iso
from chalicelib.services.notifying.ports import Rejected, Retry
from tests.examples import examples
from tests.fakes import NOW
from tests.services.world import World, envelope

DEFAULTS = Defaults(Severity.MEDIUM, 4 * HOUR)
ACCOUNTS = ("111122223333", "444455556666")
RECEIVERS = ("team", "pager", "archive")

# --- a routes file

MATCHES = st.sampled_from(
    [
        'match.severity = "HIGH"',
        'match.severity = "CRITICAL"',
        'not.severity = "HIGH"',
        'match.kind = ["guard*", "custom"]',
        'match.account = "payments"',
        'not.account = "payments"',
        'match.tags.stage = "prod"',
        'match.title = "*1*"',
        'match.hours = "08:00-08:55 UTC"',
        'match.hours = ["Thu 09:00-18:00 UTC", "22:00-06:00 Europe/Berlin"]',
    ]
)
TELLING = st.lists(
    st.sampled_from(
        [
            'minimum = "LOW"',
            'minimum = "CRITICAL"',
            "every_event = true",
            'repeat_interval = "5m"',
            'group_by = ["account"]',
            'group_by = ["severity", "kind"]',
            "min_count = 2",
            "min_count = 3",
        ]
    ),
    max_size=2,
    unique_by=lambda line: line.split()[0],
).filter(lambda lines: "every_event = true" not in lines or lines == ["every_event = true"])
TO = st.lists(st.sampled_from(RECEIVERS), min_size=1, max_size=2, unique=True)


@st.composite
def files(draw: st.DrawFn) -> str:
    """Return the text of a routes file that can be read."""
    lines = ["[default]", f"receivers = {draw(TO)}", *draw(TELLING)]
    for number in range(draw(st.integers(0, 3))):
        matches = draw(st.lists(MATCHES, min_size=1, max_size=2, unique_by=lambda line: line.split()[0]))
        goes_on = ["continue = true"] * draw(st.booleans())
        lines += ["[[route]]", f'name = "r{number}"', f"receivers = {draw(TO)}", *matches, *draw(TELLING), *goes_on]
    if draw(st.booleans()):
        lines += ["[[silence]]", 'name = "window"', 'reason = "expected"', draw(MATCHES)]
    lines += [f"[accounts.{ACCOUNTS[0]}]", 'name = "payments"', 'tags.stage = "prod"']
    return "\n".join(lines)


def read(text: str) -> RoutesFile:
    """Read a routes file; one that has a route which is never reached is drawn again."""
    try:
        return routes.read(text, "routes.toml", DEFAULTS)
    except Invalid as error:
        if all("is never reached" in each.message for each in error.violations):
            reject()
        raise


# --- what people silence, and what happens

SILENCES = st.lists(
    st.builds(
        lambda matcher, after, lasts: Silence(
            id="s", matchers=(matcher,), starts_at=NOW + after, ends_at=NOW + after + lasts, author="a", reason="r"
        ),
        st.sampled_from(
            [
                Matcher(Field.ACCOUNT, (ACCOUNTS[0],)),
                Matcher(Field.SEVERITY, ("MEDIUM", "LOW")),
                Matcher(Field.TITLE, ("Finding 1",), negated=True),
            ]
        ),
        st.integers(-600, 600),
        st.integers(60, 3_600),
    ),
    max_size=2,
)
SEVERITIES = st.sampled_from([0.0, 2.0, 5.0, 8.0, 9.5])


@st.composite
def events(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Return events of a few problems, each at its own second, the oldest first."""
    seconds = draw(st.lists(st.integers(-1_200, 0), min_size=1, max_size=10, unique=True))
    return [draw(st.sampled_from([finding, order]))(draw, NOW + at) for at in sorted(seconds)]


def finding(draw: st.DrawFn, at: int) -> dict[str, Any]:
    """Return a finding about one of two problems: there, worse or over."""
    number, account = draw(st.integers(1, 2)), draw(st.sampled_from(ACCOUNTS))
    detail: Mapping[str, Any] = {
        "id": f"finding-{number}",
        "title": f"Finding {number}",
        "severity": draw(SEVERITIES),
        "accountId": account,
        "region": "eu-west-1",
        "updatedAt": iso(at),
        "service": {"archived": draw(st.booleans())},
    }
    return envelope("aws.guardduty", "GuardDuty Finding", account=account, detail=detail, time=iso(at))


def order(draw: st.DrawFn, at: int) -> dict[str, Any]:
    """Return an event that no module knows, of a problem that nobody says is over."""
    return envelope("custom.shop", "Order Lost", account=draw(st.sampled_from(ACCOUNTS)), id=str(at), time=iso(at))


@dataclass(frozen=True)
class Plan:
    """In which order events come, how often, how busy their alerts are, and what happens in between."""

    seed: int
    busy: bool
    troubles: tuple[Retry | Rejected, ...] = ()
    lifted: bool = False

    def play(self, world: World, given: list[dict[str, Any]]) -> None:
        """Let all events come, with repetitions."""
        chance = random.Random(self.seed)
        coming = given + chance.choices(given, k=len(given) // 2)
        chance.shuffle(coming)
        for receiver in RECEIVERS:
            world.slack.fail(receiver, *self.troubles)
        between: tuple[Callable[[], object], ...] = (lambda: sweep(world), lambda: world.clock.sleep(70), lambda: None)
        for raw in coming:
            world.store.conflicts = 3 * (self.busy and chance.random() < 0.5)
            world.ingest(raw)
            chance.choice(between)()
        if self.lifted:
            world.policy = replace(world.policy, silences=())


TROUBLES = st.lists(
    st.sampled_from([Retry(60, "HTTP 503"), Rejected("HTTP 404", receiver_gone=True), Rejected("invalid_blocks")]),
    max_size=4,
).map(tuple)
PLANS = st.builds(Plan, st.integers(0, 1_000), st.booleans(), TROUBLES, st.booleans())


def a_world(file: RoutesFile, silences: Iterable[Silence] = (), quiet: int = 9 * HOUR) -> World:
    return World(
        policy=Policy(file.routes, (*file.silences, *silences), {"custom": quiet, "unknown": quiet}, file.account)
    )


def sweep(world: World) -> None:
    """Do what the hub does each minute, for all receivers of the file."""
    world.clock.sleep(61)
    world.store.conflicts = 0
    world.sweep.merger()
    world.evaluator()
    for receiver in RECEIVERS:
        world.dispatcher.drain(receiver)


def settle(world: World) -> None:
    """Sweep until nothing is pending; Slack takes everything by then."""
    for _ in range(12):
        sweep(world)
        if Delivery.PENDING not in {*world.statuses(), *(each.status for each in world.store.notifications.values())}:
            return


@examples(0.6)
@given(files(), SILENCES, events(), PLANS)
def test_no_route_silence_or_trouble_loses_an_event_or_a_notification(
    text: str, silences: list[Silence], given: list[dict[str, Any]], plan: Plan
) -> None:
    world = a_world(read(text), silences, quiet=600)
    plan.play(world, given)
    settle(world)

    store = world.store
    assert len(store.records) == len(given)
    assert world.statuses() <= {Delivery.DELIVERED, Delivery.SUPPRESSED, Delivery.FAILED}
    assert Delivery.FAILED not in world.statuses() or plan.troubles
    assert all(each.outcome.reason is not Reason.PROCESSING and each.outcome.by for each in store.records.values())
    pending = {
        (event_id, receiver): delivery
        for event_id, record in store.records.items()
        for receiver, delivery in record.outcome.deliveries.items()
    }
    notifications = store.notifications.values()
    assert pending == {(each.event_id, each.receiver): each.status for each in notifications if each.event_id}
    assert sorted(each.id for each in notifications if each.status is Delivery.DELIVERED) == sorted(world.announced())
    assert sum(alert.total for alert in store.alerts.values()) == len(given)


@examples(0.6)
@given(files(), events(), PLANS)
def test_any_order_and_repetition_of_the_same_events_ends_in_the_same_alerts(
    text: str, given: list[dict[str, Any]], plan: Plan
) -> None:
    file = read(text)
    in_order, in_disorder = a_world(file), a_world(file)
    for raw in given:
        in_order.ingest(raw)
    plan.play(in_disorder, given)
    settle(in_disorder)

    assert how_it_stands(in_disorder) == how_it_stands(in_order)
    assert in_disorder.store.records.keys() == in_order.store.records.keys()


def how_it_stands(world: World) -> list[Alert]:
    """Return the alerts without what depends on when people were told."""
    alerts = (
        replace(each, announcement=None, due=0, can_wait=False, version=0) for each in world.store.alerts.values()
    )
    return sorted(alerts, key=lambda alert: alert.fingerprint)
