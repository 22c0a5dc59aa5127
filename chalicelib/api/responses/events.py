"""Events as the API returns them."""

from collections.abc import Iterable
from typing import Annotated, Any, Self

from pydantic import Field

from chalicelib.api.fields import OptionalCount, OptionalText, Severe, ShownEventId, ShownFingerprint, Time
from chalicelib.api.responses.base import Addressable, Context, Model, ResourcePage
from chalicelib.api.responses.notifications import NotificationResource
from chalicelib.domain import pagination, queries
from chalicelib.domain.alerts.alert import Change
from chalicelib.domain.events.event import Signal
from chalicelib.domain.notifications.notification import Delivery, Notification, Outcome, Reason, Record
from chalicelib.domain.routing.annotations import Annotation
from chalicelib.domain.routing.severities import is_by_rule

Account = Annotated[OptionalText, Field(description="The account; `*` is every account.", examples=["111122223333"])]
AccountName = Annotated[OptionalText, Field(description="The name of the account.", examples=["shop-prod"])]
Region = Annotated[OptionalText, Field(description="The region.", examples=["eu-west-1"])]
Kind = Annotated[str, Field(description="The hub's name for this kind of event.", examples=["alarm"])]
Source = Annotated[str, Field(description="The source of the event in EventBridge.", examples=["aws.cloudwatch"])]
Title = Annotated[str, Field(description="A one-line description.", examples=["checkout-errors"])]
ResourceName = Annotated[
    OptionalText, Field(description="The resource that the title is about.", examples=["checkout"])
]


class OutcomeResource(Model):
    """The outcome of an event: whether people were notified, and why."""

    status: Annotated[Delivery, Field(description="Delivered, pending, failed or suppressed.")]
    reason: Annotated[Reason, Field(description="Why it was announced, or why not.")]
    decided_by: Annotated[
        OptionalText, Field(description="The route or silence that decided.", examples=["monitoring"])
    ]
    deliveries: Annotated[
        dict[str, Delivery], Field(description="The status for each receiver.", examples=[{"monitoring": "delivered"}])
    ]

    @classmethod
    def of(cls, outcome: Outcome) -> Self:
        """Show an outcome."""
        return cls.copied(outcome, decided_by=outcome.by, deliveries=dict(outcome.deliveries))


class EventResource(Model):
    """An event as lists show it."""

    id: Annotated[ShownEventId, Field(description="The time of publication and a digest; ids sort by time.")]
    account: Account
    account_name: AccountName
    region: Region
    source: OptionalText
    detail_type: Annotated[
        OptionalText,
        Field(description="The detail type of the event in EventBridge.", examples=["CloudWatch Alarm State Change"]),
    ]
    kind: Kind
    severity: Annotated[Severe, Field(description="The severity; UNKNOWN where it could not be determined.")]
    signal: Annotated[Signal, Field(description="What the event says about its problem.")]
    title: Title
    fingerprint: Annotated[ShownFingerprint, Field(description="The problem that it belongs to.")]
    resource: ResourceName
    resources: Annotated[tuple[str, ...], Field(description="The ARNs in its envelope; lists show the first three.")]
    link: Annotated[OptionalText, Field(description="Its page in the AWS console.")]
    lines: Annotated[OptionalCount, Field(description="How many log lines it stands for, if it is about log lines.")]
    published_at: Annotated[Time, Field(description="When it happened.")]
    received_at: Annotated[Time, Field(description="When the hub received it.")]
    updated_at: Annotated[Time, Field(description="When its outcome was last written.")]
    expired_at: Annotated[Time, Field(description="When it expires.")]
    change: Annotated[
        Change | None, Field(description="What it changed in its alert; null while it waits to be merged.")
    ]
    outcome: OutcomeResource

    @classmethod
    def of(cls, record: Record, context: Context) -> Self:
        """Show an event; its link leads into its account's console."""
        return cls(**_shown(record, context))


class AnnotationResource(Model):
    """An annotation from the routes file."""

    runbook: Annotated[OptionalText, Field(description="The URL of a page that says what to do.")]
    owner: Annotated[OptionalText, Field(description="Who looks after it.", examples=["Shop team"])]
    note: Annotated[OptionalText, Field(description="Anything else worth knowing.")]

    @classmethod
    def of(cls, annotation: Annotation) -> Self | None:
        """Show an annotation; None for an empty one."""
        return cls.copied(annotation) if annotation else None


class WholeEventResource(EventResource, Addressable):
    """An event with the detail that its source sent, and with its notifications."""

    severity_by: Annotated[
        OptionalText,
        Field(description="What set the severity, if the source did not.", examples=["rule checkout"]),
    ]
    source_severity: Annotated[
        Severe | None, Field(description="The severity without the rule that set it; null where no rule did.")
    ]
    annotation: Annotated[
        AnnotationResource | None, Field(description="The annotation from the routes file; null where there is none.")
    ]
    detail: Annotated[Any, Field(description="The detail as its source sent it; an excerpt if it is very large.")]
    notifications: Annotated[
        tuple[NotificationResource, ...], Field(description="One for each receiver; empty where nobody was notified.")
    ]

    @classmethod
    def with_notifications(cls, record: Record, notifications: Iterable[Notification], context: Context) -> Self:
        """Show an event with everything known about it."""
        shown = tuple(NotificationResource.of(each, context) for each in notifications)
        event = record.event
        return cls(
            **_shown(record, context),
            severity_by=event.severity_by,
            source_severity=event.source_severity if is_by_rule(event) else None,
            annotation=AnnotationResource.of(context.annotations.of(event, context.now)),
            detail=event.detail,
            notifications=shown,
        )


class EventPage(ResourcePage):
    """A page of events."""

    items: tuple[EventResource, ...]

    @classmethod
    def of(cls, page: pagination.Page[Record], query: queries.EventQuery, context: Context) -> Self:
        """Show a page of events."""
        return cls.around(tuple(EventResource.of(each, context) for each in page.items), page, query)


def _shown(record: Record, context: Context) -> dict[str, Any]:
    event = record.event
    names = [name for name in EventResource.model_fields if hasattr(event, name)]
    return {name: getattr(event, name) for name in names} | {
        "account_name": context.account_name(event.account),
        "link": context.console.link(event.link, event.account),
        "updated_at": record.updated_at,
        "expired_at": record.expired_at,
        "change": record.change,
        "outcome": OutcomeResource.of(record.outcome),
    }
