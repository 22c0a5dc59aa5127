"""Notifications as the API returns them."""

from typing import Annotated, Self

from pydantic import Field

from chalicelib.api.fields import (
    OptionalEventId,
    OptionalFingerprint,
    OptionalNotificationId,
    OptionalText,
    OptionalTime,
    Severe,
    Time,
)
from chalicelib.api.responses.base import Addressable, Context, ResourcePage
from chalicelib.domain import pagination, queries
from chalicelib.domain.notifications.notification import Delivery, Notification, Reason


class NotificationResource(Addressable):
    """One notification to one receiver."""

    id: Annotated[OptionalNotificationId, Field(description="The id to redeliver; null for a suppressed one.")]
    receiver: Annotated[
        OptionalText, Field(description="The receiver; null for a suppressed one.", examples=["monitoring"])
    ]
    status: Annotated[Delivery, Field(description="Pending, failed, delivered or suppressed.")]
    reason: Annotated[Reason, Field(description="Why it was sent, or why not.")]
    decided_by: Annotated[
        OptionalText, Field(description="The route that decided; for a suppressed one possibly the silence.")
    ]
    event_id: Annotated[
        OptionalEventId, Field(description="The event that caused it; null for a reminder or a report.")
    ]
    about: Annotated[OptionalEventId, Field(description="The event that it shows; null for a report.")]
    fingerprint: Annotated[OptionalFingerprint, Field(description="Its alert; null for a report.")]
    kind: Annotated[str, Field(description="The kind of its event, or `report`.", examples=["alarm"])]
    severity: Annotated[Severe, Field(description="The severity.")]
    title: Annotated[str, Field(description="A one-line description.", examples=["checkout-errors"])]
    account: Annotated[OptionalText, Field(description="The account.", examples=["111122223333"])]
    account_name: Annotated[OptionalText, Field(description="The name of the account.", examples=["shop-prod"])]
    region: Annotated[OptionalText, Field(description="The region.", examples=["eu-west-1"])]
    since: Annotated[OptionalTime, Field(description="When its alert's episode began, as it was then.")]
    count: Annotated[int, Field(description="How often the episode had fired by then.")]
    resolved_by: Annotated[
        OptionalText, Field(description="Who resolved the alert, if it announces that somebody did.")
    ]
    created_at: Annotated[Time, Field(description="When it was enqueued.")]
    attempts: Annotated[int, Field(description="How often sending it was tried.")]
    error: Annotated[OptionalText, Field(description="The error of the last attempt.")]
    last_attempt_at: Annotated[OptionalTime, Field(description="When sending it was last tried.")]

    @classmethod
    def of(cls, notification: Notification, context: Context) -> Self:
        """Show a notification; one that stands for a suppressed event has no id and no receiver."""
        return cls.copied(
            notification,
            decided_by=notification.by,
            account_name=context.account_name(notification.account),
            last_attempt_at=notification.settled_at,
        )


class NotificationPage(ResourcePage):
    """A page of notifications."""

    items: tuple[NotificationResource, ...]

    @classmethod
    def of(cls, page: pagination.Page[Notification], query: queries.NotificationQuery, context: Context) -> Self:
        """Show a page of notifications."""
        return cls.around(tuple(NotificationResource.of(each, context) for each in page.items), page, query)
