"""Messages: what is owed, in the words and colours in which people read it in Slack; at worst plain, never none."""

import logging
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import Struct

from chalicelib.domain.alerts.affected import NOWHERE, AffectedScope
from chalicelib.domain.aws_console import DIRECT, Console
from chalicelib.domain.events.event import Event, Severity, Signal
from chalicelib.domain.notifications.action_links import Action, Claim, claims_of
from chalicelib.domain.notifications.notification import REPORT, Notification, Reason, Record
from chalicelib.domain.text import clean
from chalicelib.domain.timestamps import iso
from chalicelib.gateways.slack.blocks import NOTICE, Button, SlackMessage, buttons, context, message, sections
from chalicelib.gateways.slack.mrkdwn import NOTHING, Mrkdwn, bold, code, duration, line
from chalicelib.services.notifying.ports import Message
from chalicelib.services.ports import AccountNames, AffectedScopes, Clock, LinkSigner
from chalicelib.sources.registry import WIDESPREAD

if TYPE_CHECKING:
    from chalicelib.domain.alerts.suspect_deploy import Deploy
    from chalicelib.domain.notifications.digest import Digest
    from chalicelib.domain.reports.daily import Report
    from chalicelib.gateways.slack.templates import Rendered, Templates

log = logging.getLogger(__name__)

# News that is older than this when it is told says so.
LATE = 15 * 60
TITLE = 120
NAME = 40
ACCOUNT = 24
EVERY_ACCOUNT = "*"


class SeverityStyle(Struct, frozen=True):
    """How bad it is, to be seen before anything is read: an emoji, a word, and the colour of the bar."""

    emoji: str
    word: str
    color: str


TONES = {
    Severity.CRITICAL: SeverityStyle("🚨", "CRITICAL", "#9f1239"),
    Severity.HIGH: SeverityStyle("🔴", "HIGH", "#e5322d"),
    Severity.MEDIUM: SeverityStyle("🟠", "MEDIUM", "#f08c00"),
    Severity.LOW: SeverityStyle("🔵", "LOW", "#3b82f6"),
    Severity.UNKNOWN: SeverityStyle("⚪", "UNKNOWN", "#8b8d98"),
}
RESOLVED = SeverityStyle("✅", "RESOLVED", "#2eb67d")
WELL = SeverityStyle("✅", "OK", "#2eb67d")
DAILY = "📊"

STORIES = {
    Reason.REGRESSION: "fired again",
    Reason.WORSENED: "got worse",
    Reason.FLAPPING: "flapping",
    Reason.STABLE: "stopped flapping, still there",
}
STILL_FIRING = (Reason.STEP, Reason.REMINDER)
BEGINNINGS = (Reason.FIRST, Reason.REGRESSION)


class ComposerContext(NamedTuple):
    """What a message knows beyond what it is about: where else that is, and the way into AWS's console."""

    affected: AffectedScopes | None = None
    console: Console = DIRECT


NO_SURROUNDINGS = ComposerContext()


class SlackComposer:
    """Composes messages; an account's name is looked up once, and again for each message until it has one."""

    def __init__(
        self,
        names: AccountNames,
        clock: Clock,
        templates: "Templates | None" = None,
        links: LinkSigner | None = None,
        composer_context: ComposerContext = NO_SURROUNDINGS,
    ) -> None:
        self._names, self._clock, self._given, self._links = names, clock, templates, links
        self._affected_scope, self._console = composer_context
        self._known: dict[str, str] = {}

    def compose(self, message: Message) -> SlackMessage:
        """Return what is to be posted: a digest where there is more than one notification."""
        if len(message.notifications) > 1:
            return self.digest(message.notifications)
        return self.announcement(message.notifications[0], message.record)

    def announcement(self, notification: Notification, record: Record | None) -> SlackMessage:
        """Return the message about one event (None: no longer kept), or with one report."""
        self._forget_nameless()
        try:
            if notification.kind == REPORT:
                from chalicelib.domain.reports.daily import Report  # noqa: PLC0415 - due once a day

                return self._report(Report.from_json(notification.body))
            return self._announce(notification, record)
        except Exception:  # a message that says less is better than none
            log.exception("Cannot compose an announcement", extra={"notification": notification.id})
            return self.plain(notification)

    def digest(self, notifications: Sequence[Notification]) -> SlackMessage:
        """Return one message that accounts for every one of `notifications`, the worst first."""
        from chalicelib.domain.notifications.digest import Digest  # noqa: PLC0415 - most messages are none

        self._forget_nameless()
        try:
            return self._digest(Digest.of(notifications))
        except Exception:  # the same
            log.exception("Cannot compose a digest", extra={"count": len(notifications)})
            return _plain_digest(notifications)

    def plain(self, notification: Notification) -> SlackMessage:
        """Return the least that says it, as text without blocks."""
        where = " ".join(filter(None, (notification.account, notification.region)))
        return {"text": f"{_notice(_tone(notification), notification, where)}\n{_origin(notification)}"}

    def _announce(self, notification: Notification, record: Record | None) -> SlackMessage:
        tone = _tone(notification, record)
        where = self._find(notification, record)
        lead = self._templates.render(
            "lead", self._lead(notification, record, tone) | self._spread(notification, where)
        )
        body = self._body(notification, record.event) if record else None
        blocks = sections((*lead.sections, *(body.sections if body else ())))
        console = [self._into_console(body.action, record.event)] if record and body else []
        blocks += buttons([*console, *self._actions(notification)])
        blocks.append(context(_origin(notification, record)))
        notice = _notice(tone, notification, self._where(notification, where))
        return message(notice, f"{tone.emoji} {tone.word} · {notification.title}", blocks, tone.color)

    def _find(self, notification: Notification, record: Record | None) -> AffectedScope:
        """Return where the problem is, if it is of a kind that may be in many places."""
        if self._affected_scope is None or notification.kind not in WIDESPREAD:
            return NOWHERE
        try:
            just_written = record.event if record else None
            return self._affected_scope.of(notification.fingerprint, notification.since, just_written)
        except Exception:  # one place that is known is news enough
            log.exception("Cannot find out where it is", extra={"notification": notification.id})
            return NOWHERE

    def _spread(self, notification: Notification, where: AffectedScope) -> dict[str, Any]:
        return {
            "where": where,
            "deploy": self._deploy(notification, where),
            "name": lambda account: line(self._called(account), NAME),
        }

    def _deploy(self, notification: Notification, where: AffectedScope) -> "Deploy | None":
        if self._affected_scope is None or where.began is None or notification.reason not in BEGINNINGS:
            return None
        try:
            return self._affected_scope.deploy_before(where.began)
        except Exception:  # the same
            log.exception("Suspect deploy not found", extra={"notification": notification.id})
            return None

    def _lead(self, notification: Notification, record: Record | None, tone: SeverityStyle) -> dict[str, Any]:
        now = self._clock.now()
        # A reminder shows an event of long ago; its own time is the news.
        at = record.event.published_at if record and notification.event_id else notification.created_at
        return {
            "notification": notification,
            "place": self._place(notification.account, notification.region),
            "word": tone.word,
            "at": at,
            "now": now,
            "late": _lateness(min(at, notification.created_at), now),
        }

    def _body(self, notification: Notification, event: Event) -> "Rendered":
        values = {"event": event, "detail": event.detail, "now": self._clock.now()}
        try:
            return self._templates.render_source(notification.kind, values)
        except Exception:  # foreign data of a shape that nobody thought of: the rest of the message stands
            log.exception("A template failed", extra={"kind": notification.kind, "event_id": notification.event_id})
            return self._templates.nothing

    def _into_console(self, label: str, event: Event) -> Button:
        return Button(label, self._console.link(event.link, event.account))

    def _actions(self, notification: Notification) -> list[Button]:
        """Offer what can be done about it from here, where the hub has links."""
        if self._links is None:
            return []
        try:
            claims = claims_of(notification, self._clock.now())
            return [
                _offer(claim, address) for claim, address in zip(claims, self._links.addresses(claims), strict=False)
            ]
        except Exception:  # the news is worth more than its buttons
            log.exception("Cannot make links", extra={"notification": notification.id})
            return []

    def _digest(self, digest: "Digest") -> SlackMessage:
        tone = RESOLVED if digest.worst is None else TONES[digest.worst]
        values = {"digest": digest, "late": _lateness(digest.oldest, self._clock.now()), "tone": tone_of}
        values |= {"place": self._place, "name": lambda account: line(self._called(account), NAME)}
        title = f"{tone.emoji} {_extent(digest)}"
        rendered = self._templates.render("digest", values)
        return message(
            Mrkdwn(f"{title}, {_worst(digest)}"), title, sections(rendered.sections, folds=False), tone.color
        )

    def _report(self, report: "Report") -> SlackMessage:
        day = iso(report.day)[:10]
        tones = {severity.name: tone for severity, tone in TONES.items()}
        values = {"report": report, "place": self._place, "tone": tone_of, "tones": tones}
        title = f"{DAILY} Daily report · {day}"
        rendered = self._templates.render("report", values)
        blocks = sections(rendered.sections)
        blocks.append(context(f"{day}, 00:00 to 24:00 UTC · ▲ ▼ against the day before"))
        counts = f"{_plural(report.events.count, 'event')}, {_plural(report.opened.times, 'new alert')}"
        return message(Mrkdwn(f"{title} · {counts}"), title, blocks, _mood(report).color)

    def _place(self, account: str, region: str = "") -> Mrkdwn:
        """Name an account as people know it, its id beside, and the region."""
        name = self._name(account)
        if account == EVERY_ACCOUNT:
            whose = bold("every account")
        elif name:
            whose = Mrkdwn(f"{bold(line(name, NAME))} {code(account, ACCOUNT)}")
        else:
            whose = Mrkdwn(f"account {code(account, ACCOUNT)}") if account else NOTHING
        return Mrkdwn(" · ").join(filter(None, (whose, line(region, ACCOUNT))))

    def _where(self, notification: Notification, where: AffectedScope) -> str:
        if len(where.accounts) > 1:
            return _plural(len(where.accounts), "account")
        account, region = notification.account, notification.region
        beside = f"({account})" if self._name(account) else ""
        return " ".join(filter(None, (self._called(account), beside, region)))

    def _called(self, account: str) -> str:
        return "every account" if account == EVERY_ACCOUNT else self._name(account) or account

    def _forget_nameless(self) -> None:
        """Ask again: an agent's first heartbeat may have named the account meanwhile."""
        self._known = {account: name for account, name in self._known.items() if name}

    def _name(self, account: str) -> str:
        if account not in self._known and account not in {"", EVERY_ACCOUNT}:
            try:
                self._known[account] = self._names.name(account)
            except Exception:  # the next message asks again
                log.exception("Account name not found", extra={"account": account})
        return self._known.get(account, "")

    @cached_property
    def _templates(self) -> "Templates":
        from chalicelib.gateways.slack.templates import Templates  # noqa: PLC0415 - Jinja2 would slow every cold start

        return self._given or Templates()


def tone_of(severity: Severity, over: bool = False) -> SeverityStyle:  # noqa: FBT001, FBT002 - called in templates
    """Return the tone of a severity, or of what is over."""
    return RESOLVED if over else TONES[severity]


def _tone(notification: Notification, record: Record | None = None) -> SeverityStyle:
    if notification.reason is Reason.RESOLVED:
        return RESOLVED
    if notification.reason is Reason.EVERY_EVENT and record and record.event.signal is Signal.RESOLVED:
        return WELL
    return TONES[notification.severity]


def _notice(tone: SeverityStyle, notification: Notification, where: str) -> Mrkdwn:
    """Say it in one line, the most important first: phones show no more."""
    title = f"{tone.emoji} {tone.word}: {clean(notification.title, TITLE)}"
    named = notification.account and notification.account in title
    parts = (title, "" if named else clean(where, TITLE), _story(notification))
    return line(" · ".join(filter(None, parts)), NOTICE)


def _story(notification: Notification) -> str:
    if notification.reason in STILL_FIRING:
        return f"still firing, {_plural(notification.count, 'time')}"
    if notification.resolved_by:
        return f"by {clean(notification.resolved_by, NAME)}"
    return STORIES.get(notification.reason, "")


def _offer(claim: Claim, address: str) -> Button:
    match claim.action:
        case Action.ACKNOWLEDGE:
            return Button("Acknowledge", address, "primary")
        case Action.SILENCE:
            return Button(f"Silence {duration(claim.duration)}", address)
        case Action.RESOLVE:
            return Button("Resolve", address)


def _origin(notification: Notification, record: Record | None = None) -> Mrkdwn:
    """Say how to ask the API for it."""
    if not notification.event_id:
        return Mrkdwn(f"Notification {code(notification.id)}")
    source = line(record.event.source if record else notification.kind, TITLE)
    return Mrkdwn(f"Event {code(notification.event_id)} · {source}")


def _plain_digest(notifications: Sequence[Notification]) -> SlackMessage:
    counts = Counter(_tone(each).word for each in notifications)
    words = ", ".join(f"{count:,} {word}" for word, count in counts.most_common())
    return {"text": f"{_plural(len(notifications), 'notification')}: {words}"}


def _worst(digest: "Digest") -> str:
    return "all resolved" if digest.worst is None else f"the worst {TONES[digest.worst].word}"


def _extent(digest: "Digest") -> str:
    if digest.messages == digest.alerts:
        return f"{_plural(digest.alerts, 'alert')} at once"
    return f"{_plural(digest.messages, 'notification')} about {_plural(digest.alerts, 'alert')}"


def _mood(report: "Report") -> SeverityStyle:
    """Colour a report by what somebody should look at."""
    if report.silent or any(each.failed for each in report.backlog):
        return TONES[Severity.HIGH]
    grave = report.scans.unscanned or any(row.count for row in report.severities if Severity[row.name] >= Severity.HIGH)
    return TONES[Severity.MEDIUM] if grave else WELL


def _lateness(since: int, now: int) -> int:
    return now - since if now - since > LATE else 0


def _plural(count: int, word: str) -> str:
    return f"{count:,} {word}" + ("" if count == 1 else "s")
