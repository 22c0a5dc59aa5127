"""Histories: what happened to a problem follows from its events, actions and notifications, in whatever order."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Mark
from chalicelib.domain.alerts.timeline import TransitionKind
from chalicelib.domain.events.event import Event, Severity
from chalicelib.domain.notifications.alert_history import EntryKind, HistoryEntry, done_by_hub, history_of
from chalicelib.domain.notifications.notification import Notification, Outcome, Reason, Record
from tests.domain.given import NOON, a_notice, a_resolution, an_alert, an_event


def a_record(event: Event) -> Record:
    """Return an event in the ledger."""
    outcome = Outcome(reason=Reason.FIRST)
    return Record(event=event, outcome=outcome, change=None, updated_at=NOON, expired_at=NOON + 60)


def an_action(kind: TransitionKind, at: int, by: str = "ada", note: str = "") -> Mark:
    return Mark(at=at, kind=kind, by=by, note=note)


def a_message(at: int) -> Notification:
    return Notification(
        id="1", receiver="team", kind="alarm", reason=Reason.REMINDER, severity=Severity.HIGH, title="t", created_at=at
    )


def kinds(entries: list[HistoryEntry]) -> list[str]:
    return [entry.kind.value for entry in entries]


def test_a_problem_without_events_has_no_history() -> None:
    assert history_of([], [], []) == []


def test_an_episode_begins_worsens_and_ends() -> None:
    events = [
        an_event(NOON, severity=Severity.LOW),
        an_event(NOON + 1, severity=Severity.LOW),
        an_event(NOON + 2, severity=Severity.HIGH),
        a_notice(NOON + 3),
        a_resolution(NOON + 4),
    ]

    ended, worsened, began = history_of(map(a_record, events), [], [])

    assert (began.kind, began.at, began.severity, began.event_id) == (
        EntryKind.EPISODE_BEGAN,
        NOON,
        Severity.LOW,
        events[0].id,
    )
    assert (worsened.kind, worsened.severity, worsened.event_id) == (EntryKind.WORSENED, Severity.HIGH, events[2].id)
    assert (ended.kind, ended.at, ended.event_id) == (EntryKind.EPISODE_ENDED, NOON + 4, events[4].id)


def test_every_action_is_kept_with_who_did_it_and_why() -> None:
    actions = [
        an_action(TransitionKind.ACKNOWLEDGED, NOON + 1, "ada", "on it"),
        an_action(TransitionKind.RESOLVED, NOON + 2, "bob"),
        an_action(TransitionKind.REOPENED, NOON + 3, "ada"),
        an_action(TransitionKind.RESOLVED, NOON + 4, ""),
    ]

    entries = history_of([a_record(an_event(NOON))], actions, [])

    assert kinds(entries) == [
        "episode_ended",
        "resolved",
        "reopened",
        "episode_ended",
        "resolved",
        "acknowledged",
        "episode_began",
    ]
    assert [(each.by, each.note) for each in entries if each.by] == [("ada", ""), ("bob", ""), ("ada", "on it")]


def test_a_message_stands_behind_what_caused_it() -> None:
    message = a_message(NOON)

    entries = history_of([a_record(an_event(NOON))], [], [message])

    assert kinds(entries) == ["notified", "episode_began"]
    assert entries[0].notification == message


EVENTS = st.lists(
    st.builds(
        lambda make, at: make(NOON + at), st.sampled_from([an_event, a_resolution, a_notice]), st.integers(0, 20)
    ),
    max_size=12,
)
ACTIONS = st.lists(
    st.builds(
        an_action,
        st.sampled_from([TransitionKind.ACKNOWLEDGED, TransitionKind.RESOLVED, TransitionKind.REOPENED]),
        st.integers(NOON, NOON + 20),
    ),
    max_size=6,
    unique_by=lambda action: action.at,
)


@given(EVENTS, ACTIONS, st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_no_history(events: list[Event], actions: list[Mark], chance: Random) -> None:
    records = [a_record(each) for each in {each.id: each for each in events}.values()]
    entries = history_of(records, actions, [])
    chance.shuffle(records)
    chance.shuffle(actions)

    assert history_of(records, actions, []) == entries
    assert [each.at for each in entries] == sorted((each.at for each in entries), reverse=True)
    begun = kinds(entries).count("episode_began")
    assert kinds(entries).count("episode_ended") <= begun + kinds(entries).count("reopened")
    assert len([each for each in entries if each.by]) == len(actions)


@pytest.mark.parametrize("by", ["", "ada"])
def test_what_ends_an_alert_by_itself_is_an_action_of_the_hub(by: str) -> None:
    firing = an_alert(an_event(NOON))
    over = firing.mark(TransitionKind.RESOLVED, NOON + 60, by)

    assert done_by_hub(firing, over) == an_action(TransitionKind.RESOLVED, NOON + 60, "")
    assert done_by_hub(over, over) is None
    assert done_by_hub(firing, replace(firing, count=2)) is None
