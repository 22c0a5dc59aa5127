"""Timelines of alerts as the API returns them."""

from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field

from chalicelib.api.fields import OptionalEventId, OptionalSeverity, OptionalText, Time
from chalicelib.api.responses.base import Addressable, Context, Model
from chalicelib.api.responses.notifications import NotificationResource
from chalicelib.domain.notifications.alert_history import EntryKind

if TYPE_CHECKING:
    from chalicelib.domain.notifications.alert_history import HistoryEntry
    from chalicelib.services.alerting.alert_history import History


class TimelineEntry(Model):
    """Something that happened to an alert."""

    at: Time
    type: Annotated[EntryKind, Field(description="What happened.")]
    severity: Annotated[
        OptionalSeverity,
        Field(
            description="The highest severity of the episode so far, if the entry is about its start or an increase."
        ),
    ]
    event_id: Annotated[OptionalEventId, Field(description="The event that caused it, if any.")]
    by: Annotated[OptionalText, Field(description="Who did it; null for the hub, or an event.")]
    note: Annotated[OptionalText, Field(description="Their note.")]
    notification: Annotated[
        NotificationResource | None, Field(description="The receiver that was notified, and the result.")
    ]

    @classmethod
    def of(cls, entry: "HistoryEntry", context: Context) -> Self:
        """Show an entry."""
        notification = entry.notification and NotificationResource.of(entry.notification, context)
        return cls.copied(entry, type=entry.kind, notification=notification)


class AlertTimeline(Addressable):
    """What happened to an alert, newest first, up to 200 entries."""

    entries: tuple[TimelineEntry, ...]
    complete: Annotated[bool, Field(description="False where there are older entries.")]

    @classmethod
    def of(cls, history: "History", context: Context) -> Self:
        """Show a history."""
        return cls(
            entries=tuple(TimelineEntry.of(each, context) for each in history.entries), complete=history.complete
        )
