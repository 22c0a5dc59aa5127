"""Alert histories: everything that happened to a problem, from its events, actions and notifications."""

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct

from chalicelib.domain.alerts.alert import MARK, Alert, Mark
from chalicelib.domain.alerts.timeline import BEGINNING, Status, Transition, TransitionKind
from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.notification import Notification, Record


class EntryKind(StrEnum):
    """The kinds of entries in a history."""

    EPISODE_BEGAN = "episode_began"
    WORSENED = "worsened"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    NOTED = "noted"
    EPISODE_ENDED = "episode_ended"
    NOTIFIED = "notified"


class HistoryEntry(Struct, frozen=True, kw_only=True):
    """Something that happened at a time: by an event, by a person with a note (nobody: the hub), or a message.

    `severity` is the highest of the episode so far, if the entry is about its start or an increase.
    """

    at: int
    kind: EntryKind
    severity: Severity | None = None
    event_id: str = ""
    by: str = ""
    note: str = ""
    notification: Notification | None = None


def history_of(
    records: Iterable[Record], actions: Iterable[Mark], notifications: Iterable[Notification]
) -> list[HistoryEntry]:
    """Return what happened, newest first; within a second, effects follow their causes."""
    steps: list[tuple[Transition, str, Mark | None]] = [(_transition_of(each), "", each) for each in actions]
    happened = ((Transition.of(record.event), record.event.id) for record in records)
    steps += [(transition, event_id, None) for transition, event_id in happened if transition]
    entries, state = list[HistoryEntry](), BEGINNING
    for transition, event_id, action in sorted(steps, key=lambda step: step[0]):
        before, state = state, state.after(transition)
        if action:
            entries.append(_entry(transition, EntryKind[action.kind.name], by=action.by, note=action.note))
        if state.episodes > before.episodes:
            entries.append(_entry(transition, EntryKind.EPISODE_BEGAN, severity=state.severity, event_id=event_id))
        elif state.severity > before.severity:
            entries.append(_entry(transition, EntryKind.WORSENED, severity=state.severity, event_id=event_id))
        if state.status is Status.RESOLVED and before.status is not Status.RESOLVED:
            entries.append(_entry(transition, EntryKind.EPISODE_ENDED, event_id=event_id))
    entries += [HistoryEntry(at=each.created_at, kind=EntryKind.NOTIFIED, notification=each) for each in notifications]
    # Stable: what caused a message stands before it.
    return sorted(entries, key=lambda entry: entry.at)[::-1]


def _transition_of(action: Mark) -> Transition:
    return Transition(action.at, MARK, action.kind, Severity.UNKNOWN)


def _entry(transition: Transition, kind: EntryKind, **more: object) -> HistoryEntry:
    return HistoryEntry(at=transition.at, kind=kind, **more)  # type: ignore[arg-type]  # as its callers name them


def done_by_hub(before: Alert, after: Alert) -> Mark | None:
    """Return what the hub did to an alert as time went by: it ended, or its acknowledgement expired; else None."""
    kinds = {
        (Status.FIRING, Status.RESOLVED): TransitionKind.RESOLVED,
        (Status.ACKNOWLEDGED, Status.RESOLVED): TransitionKind.RESOLVED,
        (Status.ACKNOWLEDGED, Status.FIRING): TransitionKind.REOPENED,
    }
    kind = kinds.get((before.status, after.status))
    return Mark(at=after.timeline.transitions[-1].at, kind=kind, by="") if kind else None
