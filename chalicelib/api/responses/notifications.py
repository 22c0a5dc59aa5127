"""Notifications as the API shows them."""

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
    """One message for one receiver."""

    id: Annotated[OptionalNotificationId, Field(description="What to redeliver; null for a suppressed one.")]
    receiver: Annotated[
        OptionalText, Field(description="Whom it is for; null for a suppressed one.", examples=["monitoring"])
    ]
    status: Annotated[Delivery, Field(description="Pending, failed, delivered or suppressed.")]
    reason: Annotated[Reason, Field(description="Why it was sent, or why not.")]
    decided_by: Annotated[
        OptionalText, Field(description="The route that decided; for a suppressed one perhaps the silence.")
    ]
    event_id: Annotated[
        OptionalEventId, Field(description="The event whose outcome it is; null for a reminder and for a report.")
    ]
    about: Annotated[OptionalEventId, Field(description="The event that it shows; null for a report.")]
    fingerprint: Annotated[OptionalFingerprint, Field(description="Its alert; null for a report.")]
    kind: Annotated[str, Field(description="The kind of its event, or `report`.", examples=["alarm"])]
    severity: Annotated[Severe, Field(description="How bad it is.")]
    title: Annotated[str, Field(description="What it says, in one line.", examples=["checkout-errors"])]
    account: Annotated[OptionalText, Field(description="The account.", examples=["111122223333"])]
    account_name: Annotated[OptionalText, Field(description="What people call the account.", examples=["shop-prod"])]
    region: Annotated[OptionalText, Field(description="The region.", examples=["eu-west-1"])]
    since: Annotated[OptionalTime, Field(description="When its alert's episode began, as it was then.")]
    count: Annotated[int, Field(description="How often the episode had fired by then.")]
    resolved_by: Annotated[
        OptionalText, Field(description="Who resolved the alert by hand, where that is what it says.")
    ]
    created_at: Annotated[Time, Field(description="When it was enqueued.")]
    attempts: Annotated[int, Field(description="How often it was sent.")]
    error: Annotated[OptionalText, Field(description="What went wrong the last time.")]
    last_attempt_at: Annotated[OptionalTime, Field(description="When it was last sent.")]

    @classmethod
    def of(cls, notification: Notification, context: Context) -> Self:
        """Show a notification; one that a suppressed event did not cause has neither an id nor a receiver."""
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
