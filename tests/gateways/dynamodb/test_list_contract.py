"""What every store promises of its lists: alerts by status and by what is due, notifications by status and receiver."""

import random
from collections.abc import Iterable, Iterator, Sequence

import pytest
from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Alert, Mark, Status
from chalicelib.domain.alerts.inhibited import Inhibited
from chalicelib.domain.alerts.joined_accounts import MOST_LINES
from chalicelib.domain.alerts.timeline import REMEMBERED, TransitionKind
from chalicelib.domain.events.event import CHILD, MOST_CHILDREN, Event, Severity
from chalicelib.domain.events.lifecycle import Lifecycle
from chalicelib.domain.notifications.notification import (
    Delivery,
    Notification,
    Outcome,
    Reason,
    Recording,
    completed,
    record_announcement,
)
from chalicelib.domain.pagination import Cursor, Direction, Page
from chalicelib.domain.queries import AlertQuery, EventQuery, NotificationQuery
from chalicelib.domain.text import digest
from chalicelib.gateways.dynamodb import table
from chalicelib.services.alerting.affected import AffectedScopeFinder
from tests.domain.given import NOON, a_notice, a_resolution, an_alert, an_event
from tests.gateways.dynamodb.stores import KEPT, Store, a_pending, a_record, an_unmerged

RECEIVERS = ("monitoring", "deployment")


def keep(store: Store, alert: Alert) -> Alert:
    """Write an alert as a fold of nothing would, and return it as it is read."""
    assert store.ledger.merge([], alert, ()) is Recording.RECORDED
    return replace(alert, version=alert.version + 1)


def an_alert_of(number: int, **changes: object) -> Alert:
    """Return the alert of a problem of its own that began at its own second."""
    return replace(an_alert(an_event(NOON + number, fingerprint=digest("problem", str(number)))), **changes)


# --- One alert


def test_an_alert_comes_back_with_all_that_it_knows(store: Store) -> None:
    events = [(a_resolution if n % 3 == 2 else an_event)(NOON + n) for n in range(REMEMBERED + 9)]
    events += [an_event(NOON + 40, account=f"{n:012d}", lines=10**n) for n in range(12)]
    events += [an_event(NOON + 40, account=f"{n:012d}", region="us-east-1") for n in range(3)]
    alert = an_alert(*events).mark(TransitionKind.ACKNOWLEDGED, NOON + 60, "on-call", "looking\ninto it")
    alert = record_announcement(alert, Outcome.pending(Reason.STEP, RECEIVERS, "all"), NOON + 90)
    kept = keep(store, replace(alert, due=NOON + 900))
    assert store.ledger.alert(alert.fingerprint) == store.alerts.find(alert.fingerprint) == kept
    assert [each.lines for each in kept.accounts] == [10**n for n in range(10)] + [MOST_LINES] * 2 + [0]
    assert kept.marked == Mark(at=NOON + 60, kind=TransitionKind.ACKNOWLEDGED, by="on-call", note="looking\ninto it")


@pytest.mark.parametrize("fingerprint", ["", "unheard of", "x" * 5_000, "\ud800"])
def test_what_is_no_alerts_fingerprint_finds_nothing(store: Store, fingerprint: str) -> None:
    assert store.alerts.find(fingerprint) is None
    assert store.alerts.page(AlertQuery(fingerprint=fingerprint or "-"), NOON) == Page(())


def test_an_alert_is_kept_for_as_long_as_anything_is_announced_of_it(store: Store) -> None:
    over = an_alert_of(1).observe(a_resolution(NOON + 60))[0]
    kept = keep(store, record_announcement(over, Outcome.pending(Reason.RESOLVED, ["a"], "all"), NOON + 600))
    store.clock.time = NOON + 600 + KEPT - 1
    assert store.alerts.find(kept.fingerprint) == kept
    store.clock.time += 1
    assert store.alerts.find(kept.fingerprint) is None
    assert store.alerts.page(AlertQuery(), store.clock.now()) == Page(())
    assert store.alerts.page(AlertQuery(fingerprint=kept.fingerprint), store.clock.now()) == Page(())


def test_an_alert_that_is_open_never_expires(store: Store) -> None:
    kept = keep(store, an_alert_of(1))
    store.clock.time = NOON + 9 * KEPT
    assert store.alerts.find(kept.fingerprint) == kept
    assert store.alerts.page(AlertQuery(), store.clock.now()).items == (kept,)


@pytest.mark.parametrize("lifecycle", Lifecycle)
def test_an_alert_keeps_how_it_lasts(store: Store, lifecycle: Lifecycle) -> None:
    alert = an_alert_of(1, lifecycle=lifecycle, revision="0a1b2c3d", due_at=NOON + 60)
    kept = keep(store, record_announcement(alert, Outcome.pending(Reason.FIRST, ["a"], "all"), NOON))
    assert store.alerts.find(kept.fingerprint) == kept


def test_an_alert_keeps_what_it_sums_up_and_what_holds_it_back(store: Store) -> None:
    children = tuple(digest("child", str(number))[:CHILD] for number in range(MOST_CHILDREN))
    inhibited = Inhibited(rule="outage", by=digest("outage"), at=NOON)
    kept = keep(store, an_alert_of(1, children=children, inhibited=inhibited))
    assert store.alerts.find(kept.fingerprint) == kept


def test_alerts_that_hold_back_others_are_listed_and_due_among_the_rest(store: Store) -> None:
    kept = [keep(store, an_alert_of(number, due=NOON + number, inhibits=bool(number % 2))) for number in range(1, 6)]
    holding = sorted((each for each in kept if each.inhibits), key=lambda each: each.fingerprint)
    assert store.inhibitors.inhibitors(10) == holding
    assert len(store.inhibitors.inhibitors(2)) == 2
    assert store.alerts.due(NOON + 4, 3) == kept[:3]
    keep(store, replace(kept[0], inhibits=False, due=0))
    left = [each for each in holding if each.fingerprint != kept[0].fingerprint]
    assert store.inhibitors.inhibitors(10) == left


def test_alerts_that_can_wait_are_due_behind_all_others(store: Store) -> None:
    waiting = [keep(store, an_alert_of(number, due=NOON + number, can_wait=True)) for number in (1, 2)]
    others = [keep(store, an_alert_of(number, due=NOON + number, inhibits=number == 4)) for number in (3, 4)]
    assert store.alerts.due(NOON + 9, 9) == [*others, *waiting]
    assert store.alerts.due(NOON + 9, 3) == [*others, waiting[0]]
    assert store.alerts.due(NOON + 2, 9) == waiting
    assert store.alerts.find(waiting[0].fingerprint) == waiting[0]


def test_an_alert_knows_of_older_episodes_that_came_and_went_by_nature(store: Store) -> None:
    turns = (
        (a_resolution if second % 2 else an_event)(NOON + second, intermittent=True) for second in range(REMEMBERED + 1)
    )
    kept = keep(store, an_alert(*turns))
    assert store.alerts.find(kept.fingerprint) == kept
    assert kept.timeline.before.intermittent


# --- Pages of alerts


@pytest.mark.parametrize("status", Status)
def test_an_alert_stands_with_those_of_its_status_and_nowhere_else(store: Store, status: Status) -> None:
    firing = keep(store, an_alert_of(1))
    acknowledged = keep(store, an_alert_of(2).mark(TransitionKind.ACKNOWLEDGED, NOON + 9))
    resolved = keep(store, an_alert_of(3).mark(TransitionKind.RESOLVED, NOON + 9))
    (found,) = store.alerts.page(AlertQuery(statuses=(status,)), NOON).items
    assert found == {Status.FIRING: firing, Status.ACKNOWLEDGED: acknowledged, Status.RESOLVED: resolved}[status]
    assert store.alerts.page(AlertQuery(), NOON).items == (resolved, acknowledged, firing)


def test_an_alert_moves_as_it_changes(store: Store) -> None:
    alert = keep(store, an_alert_of(1))
    over = keep(store, alert.mark(TransitionKind.RESOLVED, NOON + 9))
    assert store.alerts.page(AlertQuery(statuses=(Status.FIRING,)), NOON).items == ()
    again = keep(store, over.observe(an_event(NOON + 60, fingerprint=alert.fingerprint))[0])
    assert store.alerts.page(AlertQuery(statuses=(Status.FIRING,), start=NOON + 60), NOON).items == (again,)
    assert store.alerts.page(AlertQuery(), NOON).items == (again,)


def test_what_never_fired_is_in_no_list_of_alerts(store: Store) -> None:
    kept = keep(store, an_alert(a_notice(), a_resolution(NOON + 1)))
    assert store.alerts.page(AlertQuery(), NOON) == Page(())
    assert store.alerts.page(AlertQuery(fingerprint=kept.fingerprint), NOON) == Page(())
    assert store.alerts.find(kept.fingerprint) == kept


@pytest.mark.parametrize(
    "query",
    [
        AlertQuery(account="444455556666"),
        AlertQuery(region="us-east-1"),
        AlertQuery(source="aws.health"),
        AlertQuery(min_severity=Severity.CRITICAL),
        AlertQuery(severities=(Severity.CRITICAL,)),
        AlertQuery(kind="health"),
        AlertQuery(text="Queue"),
        AlertQuery(account_name="Other", account_ids=("444455556666",)),
        AlertQuery(statuses=(Status.FIRING,), min_severity=Severity.CRITICAL),
        AlertQuery(fingerprint=digest("problem", "2")),
        AlertQuery(fingerprint=digest("problem", "2"), statuses=(Status.FIRING,), account="444455556666"),
        AlertQuery(start=NOON + 2, end=NOON + 2),
        AlertQuery(fingerprint=digest("problem", "2"), end=NOON + 2),
    ],
)
def test_each_filter_lists_the_alerts_that_fit_it(store: Store, query: AlertQuery) -> None:
    keep(store, an_alert_of(1))
    other = an_alert_of(2, account="444455556666", region="us-east-1", source="aws.health", severity=Severity.CRITICAL)
    other = replace(other, kind="health", title="A queue is full")
    kept = keep(store, other)
    assert store.alerts.page(query, NOON) == Page((kept,))


@pytest.mark.parametrize(
    "query",
    [
        AlertQuery(fingerprint=digest("problem", "1"), statuses=(Status.RESOLVED,)),
        AlertQuery(fingerprint=digest("problem", "1"), start=NOON + 2),
        AlertQuery(fingerprint=digest("problem", "1"), account="444455556666"),
        AlertQuery(start=NOON + 2, end=NOON),
        AlertQuery(account_name="Nobody's", account_ids=()),
    ],
)
def test_alerts_that_do_not_fit_are_not_listed(store: Store, query: AlertQuery) -> None:
    keep(store, an_alert_of(1))
    assert store.alerts.page(query, NOON).items == ()


def some_alerts(chance: random.Random, count: int) -> list[Alert]:
    """Return alerts that share seconds and statuses."""
    alerts = []
    for number in range(count):
        fingerprint = digest(str(number))
        alert = an_alert(an_event(NOON + chance.randrange(6), fingerprint=fingerprint))
        happening = chance.choice([None, TransitionKind.ACKNOWLEDGED, TransitionKind.RESOLVED])
        alerts.append(alert.mark(happening, NOON + 60) if happening else alert)
    return alerts


def walk(store: Store, query: AlertQuery, *, forward: bool) -> Iterator[Page[Alert]]:
    """Yield the pages from the query's cursor to the list's end, or back to its beginning."""
    while True:
        page = store.alerts.page(query, NOON)
        yield page
        cursor = page.next if forward else page.previous
        if cursor is None:
            return
        query = replace(query, cursor=cursor)


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("status", [None, Status.RESOLVED])
def test_pages_of_alerts_lead_through_the_list_and_back(
    store: Store, status: Status | None, direction: Direction
) -> None:
    kept = [keep(store, alert) for alert in some_alerts(random.Random(7), 25)]
    query = AlertQuery(limit=4, statuses=(status,) if status else (), direction=direction)
    pages = list(walk(store, query, forward=True))
    assert [alert for page in pages for alert in page.items] == in_order(kept, query)
    assert all(len(page.items) == query.limit for page in pages[:-1])
    back = list(walk(store, replace(query, cursor=pages[-1].previous), forward=False))
    assert [page.items for page in back] == [page.items for page in reversed(pages[:-1])]


def in_order(alerts: Iterable[Alert], query: AlertQuery) -> list[Alert]:
    fitting = (alert for alert in alerts if alert.status in (query.statuses or Status))
    return sorted(
        fitting, key=lambda alert: (alert.since, alert.fingerprint), reverse=query.direction is Direction.DESC
    )


@pytest.mark.parametrize("forward", [True, False])
@pytest.mark.parametrize("position", ["!", "~", "\x00", f"{NOON + 1:010d}-", "~" * 5_000])
@pytest.mark.parametrize("fingerprint", ["", digest("problem", "1")])
def test_a_cursor_from_anywhere_returns_a_page_of_alerts_that_leads_to_all(
    store: Store, fingerprint: str, position: str, forward: bool
) -> None:
    kept = [keep(store, an_alert_of(number)) for number in range(2)]
    query = AlertQuery(limit=1, fingerprint=fingerprint, cursor=Cursor(position, forward))
    pages = [*walk(store, query, forward=True), *walk(store, query, forward=False)]
    wanted = {alert.fingerprint for alert in kept if fingerprint in ("", alert.fingerprint)}
    assert {alert.fingerprint for page in pages for alert in page.items} == wanted


# --- Due alerts


def test_what_is_due_comes_first_what_is_not_yet_does_not(store: Store) -> None:
    late, soon, later, _ = (
        keep(store, an_alert_of(number, due=due)) for number, due in enumerate([NOON + 2, NOON + 1, NOON + 61, 0])
    )
    assert store.alerts.due(NOON + 60, 10) == [soon, late]
    assert store.alerts.due(NOON + 61, 2) == [soon, late]
    assert store.alerts.due(NOON + 61, 10) == [soon, late, later]
    assert store.alerts.due(NOON, 10) == []


def test_an_alert_that_was_evaluated_is_no_longer_due(store: Store) -> None:
    alert = keep(store, an_alert_of(1, due=NOON))
    keep(store, replace(alert, due=0))
    assert store.alerts.due(NOON + 60, 10) == []
    assert store.waiting() == []
    assert store.outbox.count(Delivery.PENDING, RECEIVERS) == {"monitoring": 0, "deployment": 0}


# --- Notifications


def enqueue(store: Store, number: int, status: Delivery = Delivery.PENDING, **changes: object) -> Notification:
    """Owe a notification of no event and settle it."""
    pending = a_pending(number, **changes)
    store.outbox.enqueue(pending)
    if status is Delivery.PENDING:
        return pending
    done = completed(pending, status, NOON + 600, "why" if status is Delivery.FAILED else "")
    store.outbox.settle([done])
    return done


def test_a_notification_is_found_by_its_id_whatever_became_of_it(store: Store) -> None:
    pending = [enqueue(store, number, status) for number, status in enumerate((Delivery.PENDING, Delivery.FAILED))]
    assert [store.notifications.find(each.id) for each in pending] == pending
    assert store.notifications.find_all([pending[1].id, "unheard of"]) == [pending[1]]
    assert store.notifications.find_all([]) == []


@pytest.mark.parametrize("notification_id", ["", "unheard of", "x" * 5_000, "\ud800"])
def test_what_is_no_notifications_id_finds_nothing(store: Store, notification_id: str) -> None:
    assert store.notifications.find(notification_id) is None


def test_a_notification_that_has_expired_is_not_there(store: Store) -> None:
    pending = enqueue(store, 0)
    store.clock.time = NOON + KEPT
    assert store.notifications.find(pending.id) is None
    assert store.notifications.find_all([pending.id]) == []
    assert store.notifications.page(NotificationQuery(), RECEIVERS, store.clock.now()) == Page(())


@pytest.mark.parametrize("status", [Delivery.PENDING, Delivery.FAILED, Delivery.DELIVERED])
def test_notifications_are_listed_by_status_the_newest_first(store: Store, status: Delivery) -> None:
    older, newer = enqueue(store, 1, status), enqueue(store, 2, status)
    for number, other in enumerate({Delivery.PENDING, Delivery.FAILED, Delivery.DELIVERED} - {status}):
        enqueue(store, 10 + number, other)
    query = NotificationQuery(statuses=(status,))
    assert store.notifications.page(query, RECEIVERS, NOON).items == (newer, older)
    ascending = replace(query, direction=Direction.ASC)
    assert store.notifications.page(ascending, RECEIVERS, NOON).items == (older, newer)


def test_notifications_are_listed_for_all_receivers_or_one(store: Store) -> None:
    monitoring, deployment = enqueue(store, 1), enqueue(store, 2, Delivery.FAILED, receiver="deployment")
    enqueue(store, 3, receiver="somebody else's")
    assert store.notifications.page(NotificationQuery(), RECEIVERS, NOON).items == (deployment, monitoring)
    requested = NotificationQuery(receiver="monitoring")
    assert store.notifications.page(requested, RECEIVERS, NOON).items == (monitoring,)
    assert store.notifications.page(NotificationQuery(receiver="nobody"), RECEIVERS, NOON) == Page(())


@pytest.fixture(params=[table.FEW, 1, 0], ids="up to {} read at once".format)
def _few(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "FEW", request.param)


@pytest.mark.usefixtures("_few")
def test_notifications_are_listed_by_when_they_were_enqueued_bounds_included(store: Store) -> None:
    pending = [enqueue(store, number) for number in range(4)]
    query = NotificationQuery(start=NOON + 1, end=NOON + 2, direction=Direction.ASC)
    assert store.notifications.page(query, RECEIVERS, NOON).items == tuple(pending[1:3])


@pytest.mark.usefixtures("_few")
def test_pages_of_notifications_lead_through_the_list_and_back(store: Store) -> None:
    statuses = (Delivery.PENDING, Delivery.FAILED, Delivery.DELIVERED)
    pending = [
        enqueue(
            store,
            number,
            statuses[number % 3],
            receiver=RECEIVERS[number % 2],
            severity=Severity(number % 5),
            reason=Reason.RESOLVED if number % 4 == 1 else Reason.FIRST,
            created_at=NOON + number // 4,
        )
        for number in range(11)
    ]
    query = NotificationQuery(limit=4, direction=Direction.ASC)
    pages: list[Page[Notification]] = []
    while not pages or pages[-1].next:
        cursor = pages[-1].next if pages else None
        pages.append(store.notifications.page(replace(query, cursor=cursor), RECEIVERS, NOON))
    assert [each for page in pages for each in page.items] == sorted(
        pending, key=lambda each: (each.created_at, each.id)
    )
    before_last = store.notifications.page(replace(query, cursor=pages[-1].previous), RECEIVERS, NOON)
    assert before_last.items == pages[-2].items


# --- Owing again


def failed(store: Store, event: Event, *receivers: str) -> Sequence[Notification]:
    """Record an event whose notifications failed, and return these."""
    done = [completed(each, Delivery.FAILED, NOON + 60, "gone") for each in store.enqueue(event, *receivers)]
    store.outbox.settle(done)
    return done


def test_what_failed_can_be_enqueued_again_and_its_event_says_so(store: Store) -> None:
    event = an_event()
    first, second = failed(store, event, "monitoring", "deployment")
    again = store.notifications.enqueue_again(first, NOON + 90)
    assert again == replace(first, status=Delivery.PENDING)
    assert again.attempts == 1
    assert store.outbox.pending("monitoring", 10) == [again]
    record = store.archive.find(event.id)
    assert record is not None
    assert record.outcome.deliveries == {"monitoring": Delivery.PENDING, "deployment": Delivery.FAILED}
    assert record.updated_at == NOON + 90
    assert store.notifications.find(second.id) == second


def test_who_enqueues_again_what_has_changed_meanwhile_changes_nothing(store: Store) -> None:
    (done,) = failed(store, an_event(), "monitoring")
    assert store.notifications.enqueue_again(done, NOON + 90)
    assert store.notifications.enqueue_again(done, NOON + 91) is None
    assert store.notifications.enqueue_again(replace(done, id="unheard of"), NOON + 91) is None


def test_what_belongs_to_no_event_or_outlived_it_can_be_enqueued_again_too(store: Store) -> None:
    event = an_event()
    (orphan,) = failed(store, event, "monitoring")
    store.delete_event(event.id)
    for done in (enqueue(store, 7, Delivery.DELIVERED), orphan):
        assert store.notifications.enqueue_again(done, NOON + 90)
    assert store.outbox.count(Delivery.PENDING, ["monitoring"]) == {"monitoring": 2}


# --- Events by outcome


def test_events_are_listed_by_what_became_of_them(store: Store) -> None:
    silenced = a_record(an_event(NOON + 1), outcome=Outcome(reason=Reason.SILENCED, by="s1"))
    store.add(silenced)
    store.enqueue(an_event(NOON + 2), "monitoring")
    store.ledger.keep_unmerged(an_unmerged(an_event(NOON + 3)))
    for account in ("", "111122223333"):
        query = EventQuery(outcomes=(Delivery.SUPPRESSED,), account=account)
        assert [each.event.id for each in store.archive.page(query, NOON).items] == [silenced.event.id]
    assert len(store.archive.page(EventQuery(outcomes=(Delivery.PENDING,)), NOON).items) == 2


# --- Where a problem is


def test_where_a_problem_is_and_the_deploy_it_came_with_are_read_from_the_indexes(store: Store) -> None:
    here, there = {"account": "111122223333"}, {"account": "444455556666", "region": "us-east-1"}
    errors = [an_event(NOON + 1, lines=3, **here), an_event(NOON + 2, lines=4, **here), an_event(NOON + 3, **there)]
    stack = {"kind": "stack", "source": "aws.cloudformation", "resource": "shop", "fingerprint": digest("shop")}
    updated = a_resolution(NOON - 60, title="Stack shop: updated", state="UPDATE_COMPLETE", **stack)
    store.add(*map(a_record, [updated, *errors]))
    affected = AffectedScopeFinder(store.archive, store.clock, store.episode_counts)
    where = affected.of(errors[0].fingerprint, NOON)
    assert [(each.account, each.region, each.events, each.lines) for each in where.places] == [
        ("111122223333", "eu-west-1", 2, 7),
        ("444455556666", "us-east-1", 1, 0),
    ]
    assert where.began
    alert = store.ledger.alert(errors[0].fingerprint)
    assert alert
    assert [(each.name, each.seconds_before) for each in affected.deploys_before(alert)] == [("shop", 61)]


# --- What happened to an alert


def test_what_people_did_to_an_alert_is_kept_the_newest_first(store: Store) -> None:
    alert = keep(store, an_alert_of(1))
    done: list[Mark] = []
    for number, by in enumerate(("ada", "bob", "")):
        marked = alert.mark(TransitionKind.ACKNOWLEDGED, NOON + 60 + number, by or "x", "looking\ninto it")
        action = Mark(at=NOON + 60 + number, kind=TransitionKind.ACKNOWLEDGED, by=by, note="looking\ninto it")
        assert store.ledger.merge([], marked, (), action) is Recording.RECORDED
        alert, done = replace(marked, version=alert.version + 1), [action, *done]
    assert store.alerts.actions(alert.fingerprint, 10) == done
    assert store.alerts.actions(alert.fingerprint, 2) == done[:2]
    assert store.alerts.actions(digest("another"), 10) == []
    store.clock.time = NOON + 60 + KEPT
    assert store.alerts.actions(alert.fingerprint, 10) == done[:2]


def test_reminders_are_found_by_their_alert_and_what_is_about_an_event_is_not(store: Store) -> None:
    alert = an_alert_of(1)
    older, newer = [a_pending(n, fingerprint=alert.fingerprint, created_at=NOON + n) for n in (1, 2)]
    about = a_pending(3, fingerprint=alert.fingerprint, created_at=NOON + 3, event_id=an_event().id)
    assert store.ledger.merge([], alert, [newer, older, about]) is Recording.RECORDED
    assert store.alerts.reminders(alert.fingerprint, 10) == [newer.id, older.id]
    assert store.alerts.reminders(alert.fingerprint, 1) == [newer.id]
    assert store.alerts.reminders(digest("another"), 10) == []
    assert store.alerts.actions(alert.fingerprint, 10) == []
    assert store.alerts.find(alert.fingerprint) is not None
