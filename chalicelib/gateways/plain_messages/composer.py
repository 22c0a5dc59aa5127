"""The plain composer: makes plain messages of notifications."""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from chalicelib.domain.alerts.affected import AffectedAccount
from chalicelib.domain.events.event import Signal
from chalicelib.domain.notifications.action_links import Action, claims_of
from chalicelib.domain.notifications.notification import BEGINNINGS, REPORTS, Notification, Reason, Record
from chalicelib.domain.notifications.status_phrases import status_phrase
from chalicelib.domain.notifications.waiting import passed_by
from chalicelib.domain.routing.annotations import NO_ANNOTATION, Annotation
from chalicelib.domain.routing.severities import severity_explained
from chalicelib.domain.severity_styles import GOOD, RESOLVED, STYLES, SeverityStyle
from chalicelib.domain.text import clean
from chalicelib.domain.timestamps import iso
from chalicelib.gateways.plain_messages.message import LINE, MessageLink, PlainMessage
from chalicelib.gateways.slack.mrkdwn import duration, safe_url
from chalicelib.services.notifying.ports import Message

if TYPE_CHECKING:
    from chalicelib.gateways.notifiers import NotifierContext

log = logging.getLogger(__name__)

TITLE, NAME = 200, 60
NO_TITLE = "(no title)"
LABELS = {Action.ACKNOWLEDGE: "Acknowledge", Action.SILENCE: "Silence 1 h", Action.RESOLVE: "Resolve"}
MOST_DEPLOYS, MOST_ACCOUNTS = 3, 4


class PlainComposer:
    """Composes plain messages; a part that fails is left out."""

    def __init__(self, context: "NotifierContext") -> None:
        self._context = context

    def of_message(self, message: Message) -> PlainMessage:
        """Return the plain message of a report, of many notifications, or of one."""
        first = message.notifications[0]
        if len(message.notifications) == 1 and first.kind not in REPORTS:
            return self.of(first, message.record)
        if passed_by(message.notifications):
            return self._passed(message.notifications)
        from chalicelib.gateways.plain_messages.overviews import digest_message, report_message  # noqa: PLC0415 - most are neither

        if len(message.notifications) > 1:
            return digest_message(message.notifications, self.place, doubtful=message.doubtful)
        return report_message(first, self.place)

    def _passed(self, notifications: Sequence[Notification]) -> PlainMessage:
        """Return one line about a problem that began and ended before anything about it was sent."""
        newest = max(notifications, key=lambda each: (each.is_over, each.created_at))
        lasted = f"over {duration(max(0, newest.created_at - newest.since))} after it began" if newest.since else "over"
        return PlainMessage(
            style=RESOLVED,
            title=clean(newest.title, TITLE) or NO_TITLE,
            place=self.place(newest.account, newest.region),
            status=lasted,
            over=True,
        )

    def of(self, notification: Notification, record: Record | None) -> PlainMessage:
        """Return the plain message of a notification; `record` is its event, if it is still kept."""
        over, annotation = is_over(notification, record), self._annotation(record)
        return PlainMessage(
            style=_style(notification, over=over),
            title=clean(notification.title, TITLE) or NO_TITLE,
            place=self.place(notification.account, notification.region),
            status=status_phrase(notification),
            over=over,
            facts=(
                *self._where(notification, record),
                *_facts(notification, record, annotation),
                *self._deploys(notification),
            ),
            links=self._links(notification, record, annotation),
        )

    def place(self, account: str, region: str) -> str:
        """Return the account's name and id, and the region."""
        name = self.account_name(account)
        return clean(" ".join(filter(None, (name, f"({account})" if name else account, region))), LINE)

    def account_name(self, account: str) -> str:
        """Return the account's name, or an empty string."""
        try:
            return clean(self._context.names.name(account), NAME) if account else ""
        except Exception:  # the id says enough
            log.exception("Account name not readable", extra={"account": account})
            return ""

    def _annotation(self, record: Record | None) -> Annotation:
        try:
            return self._context.annotations.of(record.event, self._context.clock.now()) if record else NO_ANNOTATION
        except Exception:  # the message is worth more than what is added to it
            log.exception("Annotations not readable")
            return NO_ANNOTATION

    def _where(self, notification: Notification, record: Record | None) -> tuple[tuple[str, str], ...]:
        """Return the accounts and regions of a problem that is in more than one."""
        if self._context.affected is None or not notification.places:
            return ()
        try:
            just_written = record.event if record else None
            scope = self._context.affected.of(notification.fingerprint, notification.since, just_written)
        except Exception:  # one place that is known says enough
            log.exception("Affected accounts not readable", extra={"notification": notification.id})
            return ()
        named = [self._affected_account(each) for each in scope.accounts[:MOST_ACCOUNTS]]
        more = [f"{len(scope.accounts) - len(named):,} more"] if len(scope.accounts) > len(named) else []
        return (("Where", clean(", ".join([*named, *more]), LINE)),)

    def _affected_account(self, affected: AffectedAccount) -> str:
        regions = ", ".join(filter(None, affected.regions))
        name = self.account_name(affected.account) or affected.account
        return f"{name} ({regions})" if regions else name

    def _deploys(self, notification: Notification) -> tuple[tuple[str, str], ...]:
        if self._context.affected is None or notification.reason not in BEGINNINGS:
            return ()
        try:
            deploys = self._context.affected.deploys_before(notification)
        except Exception:  # the message is worth more than a guess at its cause
            log.exception("Suspect deploys not readable", extra={"notification": notification.id})
            return ()
        named = (f"{each.what} {each.name} {each.operation} at {iso(each.at)}" for each in deploys[:MOST_DEPLOYS])
        return (("Deployed before (no proof)", clean(", ".join(named), LINE)),) if deploys else ()

    def _links(
        self, notification: Notification, record: Record | None, annotation: Annotation
    ) -> tuple[MessageLink, ...]:
        event = record.event if record else None
        page = safe_url(event.link) if event else ""
        console = self._context.console.link(page, event.account) if event and page else ""
        known = (MessageLink("Open in AWS", console), MessageLink("Runbook", safe_url(annotation.runbook)))
        return (*(each for each in known if each.url), *self._actions(notification))

    def _actions(self, notification: Notification) -> tuple[MessageLink, ...]:
        if self._context.links is None:
            return ()
        try:
            claims = claims_of(notification, self._context.clock.now())
            page, addresses = self._context.links.of_alert(notification.fingerprint, claims)
        except Exception:  # the message is worth more than its links
            log.exception("Links not created", extra={"notification": notification.id})
            return ()
        offered = [MessageLink(LABELS[claim.action], url) for claim, url in zip(claims, addresses, strict=False)]
        return (*offered, MessageLink("Details", page)) if page else tuple(offered)


def is_over(notification: Notification, record: Record | None) -> bool:
    """Return whether a notification says that its problem is over."""
    if notification.reason is Reason.EVERY_EVENT:
        return record is not None and record.event.signal is Signal.RESOLVED
    return notification.is_over


def _style(notification: Notification, *, over: bool) -> SeverityStyle:
    if over:
        return GOOD if notification.reason is Reason.EVERY_EVENT else RESOLVED
    return STYLES[notification.severity]


def _facts(notification: Notification, record: Record | None, annotation: Annotation) -> tuple[tuple[str, str], ...]:
    facts = (
        ("Severity", severity_explained(record.event) if record else ""),
        ("Owner", annotation.owner),
        ("Note", annotation.note),
        ("Kind", notification.kind),
        ("Resource", record.event.resource if record else ""),
        ("Since", iso(notification.since) if notification.since else ""),
        ("Due", iso(notification.due_at) if notification.due_at and notification.reason is not Reason.SILENCED else ""),
        ("Count", f"{notification.count:,}" if notification.count else ""),
        ("Route", notification.by),
        ("Event", notification.event_id or notification.about),
    )
    return tuple((label, clean(value, LINE)) for label, value in facts if value)
