"""The body of a webhook; docs/webhook.schema.json is generated from these structs.

Within a version, a field is never removed or given another meaning; new ones may be added, and programs should ignore
those that they do not know.
"""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from chalicelib.domain.notifications.notification import REPORTS, WEEKLY_REPORT, Notification, Reason, Record
from chalicelib.domain.timestamps import iso
from chalicelib.gateways.plain_messages.composer import PlainComposer, is_over

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION = 1

type Time = Annotated[str, Meta(description="In UTC, as 2026-03-01T02:00:00Z", examples=["2026-03-01T02:00:00Z"])]
type SeverityWord = Literal["UNKNOWN", "LOW", "MEDIUM", "HIGH", "CRITICAL"]


class WebhookType(StrEnum):
    """The types of webhooks."""

    FIRING = "alert.firing"
    ACKNOWLEDGED = "alert.acknowledged"
    REOPENED = "alert.reopened"
    RESOLVED = "alert.resolved"
    SUMMARY = "backfill.summary"
    REPORT = "report.daily"
    WEEKLY_REPORT = "report.weekly"


class WebhookNotification(Struct, frozen=True, kw_only=True):
    """The notification, and its reason."""

    id: Annotated[str, Meta(description="The same each time that it is sent, as webhook-id is")]
    receiver: str
    reason: Annotated[str, Meta(description="As docs/notifications.md lists them", examples=["first", "worsened"])]
    kind: Annotated[str, Meta(description="The kind of event", examples=["alarm"])]
    severity: SeverityWord
    title: str
    account: Annotated[str, Meta(description="The account's id, or nothing")]
    account_name: Annotated[str, Meta(description="What people call it, or nothing")]
    region: str
    routes: Annotated[str, Meta(description="The names of the routes that led here")]
    created_at: Time


class WebhookAlert(Struct, frozen=True, kw_only=True):
    """The alert, as of when the notification was created."""

    fingerprint: Annotated[str, Meta(description="The identity of the problem")]
    episode: Annotated[int, Meta(description="From firing to resolved is an episode; the first is 1")]
    since: Annotated[str, Meta(description="When the episode began, in UTC; nothing where it is unknown")]
    count: Annotated[int, Meta(description="How often the episode has fired")]
    resolved_by: Annotated[str, Meta(description="Who resolved it by hand, or nothing")]


class WebhookEvent(Struct, frozen=True, kw_only=True):
    """The event that the notification shows; GET /events/{id} returns all of it."""

    id: str
    source: str
    detail_type: str
    resource: str
    published_at: Time


class WebhookLink(Struct, frozen=True):
    """A page for people."""

    label: str
    url: str


class WebhookData(Struct, frozen=True, kw_only=True):
    """The content of a webhook; parts that it is not about are null."""

    notification: WebhookNotification
    alert: WebhookAlert | None = None
    event: WebhookEvent | None = None
    links: tuple[WebhookLink, ...] = ()
    report: Annotated[dict[str, Any] | None, Meta(description="The daily report's figures")] = None


class WebhookBody(Struct, frozen=True, kw_only=True):
    """One webhook."""

    type: WebhookType
    version: Annotated[int, Meta(description="The version of this schema", ge=1)] = VERSION
    timestamp: Annotated[str, Meta(description="When what it is about came about, in UTC")]
    data: WebhookData


def body_of(notification: Notification, record: Record | None, composer: PlainComposer) -> bytes:
    """Return the body about a notification, whose event is `record` if it is still kept."""
    links = tuple(WebhookLink(each.label, each.url) for each in composer.of(notification, record).links)
    data = WebhookData(
        notification=_notification(notification, composer),
        alert=_alert(notification) if notification.fingerprint and notification.episode else None,
        event=_event(record) if record else None,
        links=links,
        report=_report(notification),
    )
    type_ = _type(notification, record)
    return msgspec.json.encode(WebhookBody(type=type_, timestamp=iso(notification.created_at), data=data))


def schema() -> "Mapping[str, Any]":
    """Return the JSON Schema of a body."""
    return msgspec.json.schema(WebhookBody)


def _type(notification: Notification, record: Record | None) -> WebhookType:
    if is_over(notification, record):
        return WebhookType.RESOLVED
    if notification.kind in REPORTS:
        return WebhookType.WEEKLY_REPORT if notification.kind == WEEKLY_REPORT else WebhookType.REPORT
    types = {
        Reason.ACKNOWLEDGED: WebhookType.ACKNOWLEDGED,
        Reason.REOPENED: WebhookType.REOPENED,
        Reason.SUMMARY: WebhookType.SUMMARY,
    }
    return types.get(notification.reason, WebhookType.FIRING)


def _notification(notification: Notification, composer: PlainComposer) -> WebhookNotification:
    return WebhookNotification(
        id=notification.id,
        receiver=notification.receiver,
        reason=notification.reason,
        kind=notification.kind,
        severity=notification.severity.name,  # type: ignore[arg-type]  # these are their names
        title=notification.title,
        account=notification.account,
        account_name=composer.account_name(notification.account),
        region=notification.region,
        routes=notification.by,
        created_at=iso(notification.created_at),
    )


def _alert(notification: Notification) -> WebhookAlert:
    return WebhookAlert(
        fingerprint=notification.fingerprint,
        episode=notification.episode,
        since=iso(notification.since) if notification.since else "",
        count=notification.count,
        resolved_by=notification.resolved_by,
    )


def _event(record: Record) -> WebhookEvent:
    event = record.event
    return WebhookEvent(
        id=event.id,
        source=event.source,
        detail_type=event.detail_type,
        resource=event.resource,
        published_at=iso(event.published_at),
    )


def _report(notification: Notification) -> dict[str, Any] | None:
    if notification.kind not in REPORTS or not notification.body:
        return None
    found: dict[str, Any] = msgspec.json.decode(notification.body)
    return found
