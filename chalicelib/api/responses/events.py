"""Events as the API shows them."""

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
AccountName = Annotated[OptionalText, Field(description="What people call the account.", examples=["shop-prod"])]
Region = Annotated[OptionalText, Field(description="The region.", examples=["eu-west-1"])]
Kind = Annotated[str, Field(description="What the hub calls this kind of event.", examples=["alarm"])]
Source = Annotated[str, Field(description="What EventBridge calls its source.", examples=["aws.cloudwatch"])]
Title = Annotated[str, Field(description="What it says, in one line.", examples=["checkout-errors"])]
ResourceName = Annotated[
    OptionalText, Field(description="What the title is about, in one word.", examples=["checkout"])
]


class OutcomeResource(Model):
    """What became of an event, and why."""

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
    """An event as a list shows it."""

    id: Annotated[ShownEventId, Field(description="The time of publication and a digest; ids sort by time.")]
    account: Account
    account_name: AccountName
    region: Region
    source: OptionalText
    detail_type: Annotated[
        OptionalText,
        Field(description="What EventBridge calls its type.", examples=["CloudWatch Alarm State Change"]),
    ]
    kind: Kind
    severity: Annotated[Severe, Field(description="How bad it is; UNKNOWN where nobody could tell.")]
    signal: Annotated[Signal, Field(description="What it says of its problem.")]
    title: Title
    fingerprint: Annotated[ShownFingerprint, Field(description="The problem that it belongs to.")]
    resource: ResourceName
    resources: Annotated[tuple[str, ...], Field(description="The ARNs of its envelope; a list shows the first three.")]
    link: Annotated[OptionalText, Field(description="Where to look in the AWS console.")]
    lines: Annotated[OptionalCount, Field(description="How many log lines it stands for, where it is about lines.")]
    published_at: Annotated[Time, Field(description="When it happened.")]
    received_at: Annotated[Time, Field(description="When the hub received it.")]
    updated_at: Annotated[Time, Field(description="When its outcome was last written.")]
    expired_at: Annotated[Time, Field(description="Until when it is kept.")]
    change: Annotated[
        Change | None, Field(description="What it did to its alert; null while it waits to be merged into it.")
    ]
    outcome: OutcomeResource

    @classmethod
    def of(cls, record: Record, context: Context) -> Self:
        """Show an event; its link leads into its account's console."""
        return cls(**_shown(record, context))


class AnnotationResource(Model):
    """What the rules of the routes file add."""

    runbook: Annotated[OptionalText, Field(description="The address of a page that says what to do.")]
    owner: Annotated[OptionalText, Field(description="Who looks after it.", examples=["Shop team"])]
    note: Annotated[OptionalText, Field(description="What else there is to know.")]

    @classmethod
    def of(cls, annotation: Annotation) -> Self | None:
        """Show an annotation that says anything."""
        return cls.copied(annotation) if annotation else None


class WholeEventResource(EventResource, Addressable):
    """An event with the detail that its source sent, and with its notifications."""

    severity_by: Annotated[
        OptionalText,
        Field(description="What gave the severity, where its source did not.", examples=["rule checkout"]),
    ]
    source_severity: Annotated[
        Severe | None, Field(description="How bad it is without that rule; null where no rule set it.")
    ]
    annotation: Annotated[AnnotationResource | None, Field(description="What the routes file adds; null for nothing.")]
    detail: Annotated[Any, Field(description="What the source sent; an excerpt where that is very large.")]
    notifications: Annotated[
        tuple[NotificationResource, ...], Field(description="One for each receiver; empty where nobody is notified.")
    ]

    @classmethod
    def with_notifications(cls, record: Record, notifications: Iterable[Notification], context: Context) -> Self:
        """Show an event with everything that is known of it."""
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
