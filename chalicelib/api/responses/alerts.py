"""Alerts as the API returns them."""

from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Field

from chalicelib.api.fields import (
    OptionalCount,
    OptionalText,
    OptionalTime,
    Severe,
    ShownEventId,
    ShownFingerprint,
    Time,
)
from chalicelib.api.responses.base import Addressable, Context, Model, ResourcePage
from chalicelib.api.responses.events import (
    Account,
    AccountName,
    AnnotationResource,
    Kind,
    OutcomeResource,
    Region,
    ResourceName,
    Source,
    Title,
)
from chalicelib.domain import pagination, queries
from chalicelib.domain.alerts.alert import Alert, Announcement, Change, Mark, Status
from chalicelib.domain.alerts.inhibited import Inhibited
from chalicelib.domain.events.event import Signal
from chalicelib.domain.events.lifecycle import Lifecycle
from chalicelib.domain.notifications.notification import Record

if TYPE_CHECKING:
    from chalicelib.domain.alerts.affected import Location
    from chalicelib.domain.alerts.suspect_deploy import Deploy
    from chalicelib.services.alerting.alerts import WholeAlert

type ActionType = Literal["acknowledged", "resolved", "reopened"]


class LastNotification(Model):
    """The last notification, and the state that it reported."""

    at: Time
    receivers: Annotated[
        tuple[str, ...],
        Field(description="All receivers that were notified of the episode.", examples=[["monitoring"]]),
    ]
    severity: Severe
    count: Annotated[int, Field(description="How often the episode had fired.")]
    resolved: Annotated[bool, Field(description="Whether the notification said that the problem was over.")]
    flapping: Annotated[bool, Field(description="Whether the notification said that the problem was flapping.")]

    @classmethod
    def of(cls, announcement: Announcement) -> Self:
        """Show the last announcement."""
        return cls.copied(announcement, resolved=announcement.over)


class InhibitedResource(Model):
    """What inhibits an alert."""

    rule: Annotated[
        str, Field(description="The name of the inhibition rule in the routes file.", examples=["aws-outage"])
    ]
    by: Annotated[ShownFingerprint, Field(description="The alert that explains it.")]
    at: Annotated[Time, Field(description="Since when.")]

    @classmethod
    def of(cls, inhibited: Inhibited) -> Self:
        """Show what holds an alert back."""
        return cls.copied(inhibited)


class ActionResource(Model):
    """An action of a person on an alert."""

    type: ActionType
    by: Annotated[
        str,
        Field(description="The name of the token, or the name that somebody entered at a link.", examples=["on-call"]),
    ]
    at: Time
    note: Annotated[OptionalText, Field(description="Their note.")]

    @classmethod
    def of(cls, mark: Mark) -> Self:
        """Show an action."""
        return cls.copied(mark, type=mark.kind.name.lower())


class AlertResource(Model):
    """An alert: the state of a problem, derived from its events."""

    fingerprint: Annotated[ShownFingerprint, Field(description="The id of the problem.")]
    status: Annotated[Status, Field(description="Firing, acknowledged (somebody works on it) or resolved.")]
    severity: Annotated[Severe, Field(description="The highest severity in the newest episode.")]
    title: Title
    kind: Kind
    source: Source
    account: Account
    account_name: AccountName
    region: Region
    resource: ResourceName
    lifecycle: Annotated[Lifecycle, Field(description="How the problem lasts, as its source says.")]
    due_at: Annotated[OptionalTime, Field(description="The start, or the deadline, of a planned problem.")]
    since: Annotated[OptionalTime, Field(description="When the newest episode began; null if it never fired.")]
    count: Annotated[int, Field(description="How often it has fired in the newest episode.")]
    episodes: Annotated[int, Field(description="How often the problem began.")]
    total: Annotated[int, Field(description="How many events it has in total.")]
    first_seen: Annotated[Time, Field(description="When its first event happened.")]
    last_seen: Annotated[Time, Field(description="When its newest event happened.")]
    last_notification: LastNotification | None
    inhibited: Annotated[
        InhibitedResource | None,
        Field(description="What explains it, and holds back its notifications; or did, when it was last announced."),
    ]
    last_action: ActionResource | None
    annotation: Annotated[
        AnnotationResource | None, Field(description="The annotation from the routes file; null where there is none.")
    ]

    @classmethod
    def of(cls, alert: Alert, context: Context) -> Self:
        """Show an alert as it stands."""
        return cls(**_shown(alert, context))


class LocationResource(Model):
    """An account and region where the newest episode fired."""

    account: Account
    account_name: AccountName
    region: Region
    first_seen: Time
    last_seen: Time
    events: Annotated[int, Field(description="How many events there were.")]
    lines: Annotated[
        OptionalCount, Field(description="How many log lines they stand for, if they are about log lines.")
    ]

    @classmethod
    def of(cls, place: "Location", context: Context) -> Self:
        """Show a location."""
        return cls.copied(place, account_name=context.account_name(place.account))


class DeployResource(Model):
    """What was deployed in the same account and region in the half hour before an alert began."""

    what: Annotated[str, Field(description="The kind of deployment, such as a stack.", examples=["stack"])]
    name: Annotated[str, Field(description="The name of what was deployed.", examples=["shop"])]
    operation: Annotated[str, Field(description="The operation, such as an update.", examples=["updated"])]
    account: Account
    account_name: AccountName
    region: Region
    at: Time
    seconds_before: Annotated[int, Field(description="How many seconds before the alert began.")]
    in_progress: Annotated[bool, Field(description="Whether it was still in progress then.")]
    link: Annotated[OptionalText, Field(description="Its page in the AWS console.")]
    event_id: Annotated[ShownEventId, Field(description="The event that reported it.")]

    @classmethod
    def of(cls, deploy: "Deploy", context: Context) -> Self:
        """Show a deploy; its link leads into its account's console."""
        return cls.copied(
            deploy,
            account_name=context.account_name(deploy.account),
            link=context.console.link(deploy.link, deploy.account),
        )


class AlertEvent(Model):
    """One of an alert's newest events."""

    id: ShownEventId
    published_at: Time
    signal: Signal
    severity: Severe
    change: Change | None
    outcome: OutcomeResource

    @classmethod
    def of(cls, record: Record) -> Self:
        """Show a short form of an event."""
        return cls.copied(record.event, change=record.change, outcome=OutcomeResource.of(record.outcome))


class WholeAlertResource(AlertResource, Addressable):
    """An alert with its newest events, its accounts and regions, and deployments before it."""

    locations: Annotated[
        tuple[LocationResource, ...],
        Field(description="Where its newest episode fired, those with most log lines first."),
    ]
    more_locations: Annotated[int, Field(description="How many more locations there are.")]
    locations_complete: Annotated[bool, Field(description="False where only the newest thousand events were counted.")]
    deploys: Annotated[
        tuple[DeployResource, ...],
        Field(description="What was deployed there in the half hour before, newest first: a hint, no proof."),
    ]
    events: Annotated[tuple[AlertEvent, ...], Field(description="Its ten newest events.")]

    @classmethod
    def with_events(cls, whole: "WholeAlert", context: Context) -> Self:
        """Show an alert with everything known about it."""
        return cls(
            **_shown(whole.alert, context),
            locations=tuple(LocationResource.of(each, context) for each in whole.shown),
            more_locations=len(whole.where.places) - len(whole.shown),
            locations_complete=whole.where.complete,
            deploys=tuple(DeployResource.of(each, context) for each in whole.deploys),
            events=tuple(map(AlertEvent.of, whole.events)),
        )


class AlertPage(ResourcePage):
    """A page of alerts."""

    items: tuple[AlertResource, ...]

    @classmethod
    def of(cls, page: pagination.Page[Alert], query: queries.AlertQuery, context: Context) -> Self:
        """Show a page of alerts."""
        return cls.around(tuple(AlertResource.of(each, context) for each in page.items), page, query)


def _shown(alert: Alert, context: Context) -> dict[str, Any]:
    names = [name for name in AlertResource.model_fields if hasattr(alert, name)]
    return {name: getattr(alert, name) for name in names} | {
        "account_name": context.account_name(alert.account),
        "last_notification": alert.announcement and LastNotification.of(alert.announcement),
        "inhibited": alert.inhibited and InhibitedResource.of(alert.inhibited),
        "last_action": alert.marked and ActionResource.of(alert.marked),
        "annotation": AnnotationResource.of(context.annotations.of(alert, context.now)),
    }
