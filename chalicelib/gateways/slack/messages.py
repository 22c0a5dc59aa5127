"""Messages: notifications in the words and colours of Slack; if all else fails, as plain text."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec.structs import replace

from chalicelib.domain.alerts.affected import NOWHERE, AffectedScope
from chalicelib.domain.aws_console import DIRECT, Console
from chalicelib.domain.events.event import Event, Signal
from chalicelib.domain.notifications.action_links import Action, Claim, claims_of
from chalicelib.domain.notifications.notification import (
    BEGINNINGS,
    REPORTS,
    WEEKLY_REPORT,
    Notification,
    Reason,
    Record,
)
from chalicelib.domain.notifications.status_phrases import status_phrase
from chalicelib.domain.notifications.waiting import passed_by
from chalicelib.domain.routing.annotations import NOT_ANNOTATED, Annotation, Annotations
from chalicelib.domain.routing.severities import severity_explained
from chalicelib.domain.severity_styles import GOOD, RESOLVED, STYLES, SeverityStyle
from chalicelib.domain.text import clean, plural
from chalicelib.gateways.slack.account_labels import AccountLabels
from chalicelib.gateways.slack.blocks import NOTICE, Button, SlackMessage, buttons, context, cut, message, sections
from chalicelib.gateways.slack.mrkdwn import Mrkdwn, code, date, delay, duration, line
from chalicelib.sources.registry import WIDESPREAD

if TYPE_CHECKING:
    from chalicelib.domain.alerts.suspect_deploy import Deploy
    from chalicelib.gateways.slack.templates import Rendered, Templates
    from chalicelib.services.notifying.ports import LinkSigner, Message
    from chalicelib.services.ports import AccountNames, AffectedScopes, Clock

log = logging.getLogger(__name__)

TITLE = 120
# The label of the link to the alert's page.
DETAILS, UNDO = "Details", "Undo"
# What people do, of which channels hear that show no message as it stands.
DEEDS = frozenset({Reason.ACKNOWLEDGED, Reason.SILENCED})


class ComposerContext(NamedTuple):
    """What a message needs besides its subject: affected scopes, console links, annotations.

    If something else offers actions, its links lead to pages only.
    """

    affected: AffectedScopes | None = None
    console: Console = DIRECT
    annotations: Annotations = NOT_ANNOTATED
    names_deploys: Collection[Reason] = BEGINNINGS
    links_act: bool = True


NO_CONTEXT = ComposerContext()


class SlackComposer:
    """Composes messages; if a part of one fails, the rest is sent."""

    def __init__(
        self,
        names: AccountNames,
        clock: Clock,
        templates: Templates | None = None,
        links: LinkSigner | None = None,
        composer_context: ComposerContext = NO_CONTEXT,
    ) -> None:
        self._labels = AccountLabels(names)
        self._clock, self._given, self._links = clock, templates, links
        self._affected, self._console, self._annotations, self._names_deploys, self._links_act = composer_context

    def compose(self, message: Message) -> SlackMessage:
        """Return the message to post: a digest if there is more than one notification."""
        if len(message.notifications) == 1:
            return self.announcement(message.notifications[0], message.record)
        if passed_by(message.notifications):
            return self.passed(message.notifications)
        return self.digest(message.notifications, doubtful=message.doubtful)

    def announcement(self, notification: Notification, record: Record | None) -> SlackMessage:
        """Return the message about one event (None: expired), or with one report."""
        self._labels.forget_nameless()
        try:
            if notification.reason in DEEDS:
                return self._deed(notification)
            return self._report(notification) if notification.kind in REPORTS else self._announce(notification, record)
        except Exception:  # a message that says less is better than none
            log.exception("Message not rendered; sent as plain text", extra={"notification": notification.id})
            return self.plain(notification)

    def digest(self, notifications: Sequence[Notification], *, doubtful: bool = False) -> SlackMessage:
        """Return one message that accounts for every one of `notifications`, the most severe first.

        It says so if people may have read it before (`doubtful`).
        """
        from chalicelib.gateways.slack import overviews  # noqa: PLC0415 - most messages are none

        self._labels.forget_nameless()
        try:
            page, now = self._alerts_page(), self._clock.now()
            known = overviews.DigestContext(self._templates, self._labels, now, page, doubtful)
            return overviews.digest_message(notifications, known)
        except Exception:  # the same
            log.exception("Digest not rendered; sent as plain text", extra={"count": len(notifications)})
            return overviews.plain_digest(notifications, doubtful=doubtful)

    def _deed(self, notification: Notification) -> SlackMessage:
        """Return a line about what somebody did, with the way to undo it."""
        is_silence = notification.reason is Reason.SILENCED
        until = Mrkdwn(" until {}").format(date(notification.due_at)) if is_silence and notification.due_at else ""
        done = Mrkdwn("🔕 *Silenced* by {}{}") if is_silence else Mrkdwn("✋ *Acknowledged* by {}{}")
        place = self._labels.label(notification.account, notification.region)
        said = done.format(line(notification.by or "somebody", TITLE), until)
        text = Mrkdwn(" · ").join(filter(None, (said, line(notification.title, TITLE), place)))
        page = self._alerts_page()
        undo = [Button(UNDO, f"{page}/{notification.fingerprint}")] if page else []
        blocks = [*sections([text]), *buttons(undo)]
        return {"text": str(cut(text, NOTICE)), "blocks": blocks, "unfurl_links": False, "unfurl_media": False}

    def passed(self, notifications: Sequence[Notification]) -> SlackMessage:
        """Return one line about a problem that began and ended before anything about it was sent."""
        self._labels.forget_nameless()
        newest = max(notifications, key=lambda each: (each.is_over, each.created_at))
        lasted = duration(max(0, newest.created_at - newest.since)) if newest.since else ""
        ended = f"over {lasted} after it began" if lasted else "over"
        where = self._labels.plain(newest.account, newest.region)
        parts = (f"{RESOLVED.emoji} {RESOLVED.word}", clean(newest.title, TITLE), clean(where, TITLE), ended)
        return {"text": line(" · ".join(filter(None, parts)), NOTICE)}

    def plain(self, notification: Notification) -> SlackMessage:
        """Return a minimal message: text without blocks."""
        where = " ".join(filter(None, (notification.account, notification.region)))
        return {"text": f"{_notice(_style(notification), notification, where)}\n{_origin(notification)}"}

    def _report(self, notification: Notification) -> SlackMessage:
        from chalicelib.gateways.slack import overviews  # noqa: PLC0415 - due once a day

        report = overviews.week_message if notification.kind == WEEKLY_REPORT else overviews.report_message
        return report(notification.body, self._templates, self._labels, self._alerts_page())

    def _announce(self, notification: Notification, record: Record | None) -> SlackMessage:
        style, scope = _style(notification, record), self._scope(notification, record)
        lead = self._templates.render("lead", self._lead(notification, record, style, scope))
        body = self._body(notification, record.event) if record else None
        actions, origin = self._actions(notification), _origin(notification, record)
        event = record.event if record else None
        console = [Button(body.action, self._console.link(event.link, event.account))] if event and body else []
        texts = (*lead.sections, *(body.sections if body else ()))
        blocks = [*sections(texts), *buttons([*console, *actions]), context(origin)]
        notice = _notice(style, notification, self._where(notification, scope))
        return message(notice, f"{style.emoji} {style.word} · {notification.title}", blocks, style.color)

    def _scope(self, notification: Notification, record: Record | None) -> AffectedScope:
        """Return where the problem is, if it is in many places or may be."""
        if self._affected is None or not (notification.places or notification.kind in WIDESPREAD):
            return NOWHERE
        try:
            just_written = record.event if record else None
            return self._affected.of(notification.fingerprint, notification.since, just_written)
        except Exception:  # one place that is known says enough
            log.exception("Affected accounts not readable", extra={"notification": notification.id})
            return NOWHERE

    def _deploys(self, notification: Notification, scope: AffectedScope) -> Sequence[Deploy]:
        if self._affected is None or notification.reason not in self._names_deploys:
            return ()
        try:
            deploys = self._affected.deploys_before(notification, scope.began)
        except Exception:  # the same
            log.exception("Suspect deploys not readable", extra={"notification": notification.id})
            return ()
        return [replace(each, link=self._console.link(each.link, each.account)) for each in deploys]

    def _lead(
        self, notification: Notification, record: Record | None, style: SeverityStyle, scope: AffectedScope
    ) -> dict[str, Any]:
        now = self._clock.now()
        # A reminder shows an event of long ago, and is about now.
        at = record.event.published_at if record and notification.event_id else notification.created_at
        return {
            "notification": notification,
            "place": self._labels.label(notification.account, notification.region),
            "late": delay(min(at, notification.created_at), now),
            "name": self._labels.short_line,
            "where": scope,
            "deploys": self._deploys(notification, scope),
            "annotation": self._annotation(record),
            "word": style.word,
            "at": at,
            "now": now,
        }

    def _annotation(self, record: Record | None) -> Annotation | None:
        try:
            return (self._annotations.of(record.event, self._clock.now()) or None) if record else None
        except Exception:  # the same
            log.exception("Annotations not readable")
            return None

    def _body(self, notification: Notification, event: Event) -> Rendered:
        values = {"event": event, "detail": event.detail, "now": self._clock.now()}
        try:
            return self._templates.render_source(notification.kind, values)
        except Exception:  # foreign data of a shape that nobody thought of: the rest of the message stands
            log.exception(
                "Template failed; sent without a body",
                extra={"kind": notification.kind, "event_id": notification.event_id},
            )
            return self._templates.nothing

    def _actions(self, notification: Notification) -> list[Button]:
        """Return buttons for actions, if the hub has links."""
        if self._links is None:
            return []
        try:
            claims = claims_of(notification, self._clock.now()) if self._links_act else ()
            page, addresses = self._links.of_alert(notification.fingerprint, claims)
            offered = [_offer(*each) for each in zip(claims, addresses, strict=False)]
            return [*offered, Button(DETAILS, page)] if page else offered
        except Exception:  # the message is worth more than its buttons
            log.exception("Links not created", extra={"notification": notification.id})
            return []

    def _alerts_page(self) -> str:
        try:
            return self._links.alerts_page() if self._links else ""
        except Exception:  # the same
            log.exception("Links not created")
            return ""

    def _where(self, notification: Notification, scope: AffectedScope) -> str:
        if len(scope.places) <= 1:
            return self._labels.plain(notification.account, notification.region)
        if len(scope.accounts) > 1:
            return plural(len(scope.accounts), "account")
        return f"{self._labels.plain(notification.account, '')} {plural(len(scope.places), 'region')}".strip()

    @cached_property
    def _templates(self) -> Templates:
        from chalicelib.gateways.slack.templates import Templates  # noqa: PLC0415 - Jinja2 would slow every cold start

        return self._given or Templates()


def _style(notification: Notification, record: Record | None = None) -> SeverityStyle:
    if notification.is_over:
        return RESOLVED
    if notification.reason is Reason.EVERY_EVENT and record and record.event.signal is Signal.RESOLVED:
        return GOOD
    return STYLES[notification.severity]


def _notice(style: SeverityStyle, notification: Notification, where: str) -> Mrkdwn:
    """Return a one-line version, the most important first: phones show no more."""
    title = f"{style.emoji} {style.word} · {clean(notification.title, TITLE)}"
    named = notification.account and notification.account in title
    parts = (title, "" if named else clean(where, TITLE), status_phrase(notification))
    return line(" · ".join(filter(None, parts)), NOTICE)


def _offer(claim: Claim, address: str) -> Button:
    match claim.action:
        case Action.ACKNOWLEDGE:
            return Button("Acknowledge", address, "primary")
        case Action.SILENCE:
            return Button(f"Silence {duration(claim.duration)}", address)
        case Action.RESOLVE:
            return Button("Resolve", address)


def _origin(notification: Notification, record: Record | None = None) -> Mrkdwn:
    """Return the ids by which the API knows it."""
    if not notification.event_id:
        return Mrkdwn(f"Notification {code(notification.id)}")
    explained = severity_explained(record.event) if record and record.event.severity_by else ""
    source = line(record.event.source if record else notification.kind, TITLE)
    by = line(f"Severity {explained}", TITLE) if explained else ""
    return Mrkdwn(" · ".join(filter(None, (f"Event {code(notification.event_id)}", source, by))))
