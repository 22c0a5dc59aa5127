"""Overviews: digests and reports; imported when one is due."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.notification import Notification, Reason
from chalicelib.domain.reports.daily import Report
from chalicelib.domain.reports.reconciliation import LOSSY
from chalicelib.domain.severity_styles import GOOD, RESOLVED, STYLES, SeverityStyle, style_of
from chalicelib.domain.text import plural
from chalicelib.domain.timestamps import WEEK, iso
from chalicelib.gateways.slack.account_labels import AccountLabels
from chalicelib.gateways.slack.blocks import Button, SlackMessage, buttons, context, message, sections
from chalicelib.gateways.slack.mrkdwn import Mrkdwn, delay

if TYPE_CHECKING:
    from chalicelib.domain.notifications.digest import Digest
    from chalicelib.gateways.slack.templates import Templates

DAILY, WEEKLY = "📊", "🗓"
WHAT_FIRES = "See what is firing"


class DigestContext(NamedTuple):
    """What a digest needs besides its notifications; `page` is the address of the hub's list of alerts."""

    templates: "Templates"
    labels: AccountLabels
    now: int
    page: str = ""
    doubtful: bool = False


def digest_message(notifications: Sequence[Notification], known: DigestContext) -> SlackMessage:
    """Return one message that accounts for every one of `notifications`, the most severe first."""
    from chalicelib.domain.notifications.digest import DOUBT, Digest  # noqa: PLC0415 - reports need none

    digest = Digest.of(notifications)
    style = RESOLVED if digest.worst is None else STYLES[digest.worst]
    values = _values(known.labels) | {"digest": digest, "late": delay(digest.oldest, known.now)}
    title = f"{style.emoji} {_extent(digest)}"
    rendered = known.templates.render("digest", values | {"doubt": DOUBT if known.doubtful else ""})
    worst = "all resolved" if digest.worst is None else f"up to {style.word}"
    leads_on = [Button(WHAT_FIRES, known.page)] if digest.worst is not None else []
    blocks = [*sections(rendered.sections, folds=False), *buttons(leads_on)]
    return message(Mrkdwn(f"{title}, {worst}"), title, blocks, style.color)


def plain_digest(notifications: Sequence[Notification], *, doubtful: bool = False) -> SlackMessage:
    """Return a digest with counts only."""
    from chalicelib.domain.notifications.digest import DOUBT  # noqa: PLC0415 - reports need none

    words = Counter(style_of(each.severity, each.reason is Reason.RESOLVED).word for each in notifications)
    counts = ", ".join(f"{count:,} {word}" for word, count in words.most_common())
    doubt = f"\n{DOUBT}" if doubtful else ""
    return {"text": f"{plural(len(notifications), 'notification')}: {counts}{doubt}"}


def report_message(body: str, templates: "Templates", labels: AccountLabels, alerts: str) -> SlackMessage:
    """Return the daily report; `alerts` is the address of the hub's list of alerts, or empty."""
    report = Report.from_json(body)
    day = iso(report.day)[:10]
    rendered = templates.render("report", _values(labels, alerts) | {"report": report})
    title = f"{DAILY} Daily report · {day}"
    blocks = [
        *sections(rendered.sections),
        context(f"{day}, 00:00 to 24:00 UTC · in brackets: compared with the day before"),
    ]
    counts = f"{plural(report.events.count, 'event')}, {plural(report.opened.times, 'new alert')}"
    return message(Mrkdwn(f"{title} · {counts}"), title, blocks, _urgency(report).color)


def week_message(body: str, templates: "Templates", labels: AccountLabels, alerts: str) -> SlackMessage:
    """Return the weekly report; `alerts` is the address of the hub's list of alerts, or empty."""
    from chalicelib.domain.reports.weekly import WeekReport  # noqa: PLC0415 - due on Mondays

    report = WeekReport.from_json(body)
    rendered = templates.render("week", _values(labels, alerts) | {"report": report})
    first, last = iso(report.week)[:10], iso(report.week + WEEK - 1)[:10]
    title = f"{WEEKLY} Weekly report · {first}"
    blocks = [*sections(rendered.sections), context(f"{first} to {last}, Monday to Sunday, UTC")]
    counts = f"{plural(report.messages, 'message')} about {plural(report.problems, 'alert')}"
    return message(Mrkdwn(f"{title} · {counts}"), title, blocks, GOOD.color)


def _values(labels: AccountLabels, alerts: str = "") -> dict[str, Any]:
    styles = {severity.name: style for severity, style in STYLES.items()}
    return {"style": style_of, "styles": styles, "place": labels.label, "name": labels.short_line, "page": alerts}


def _extent(digest: "Digest") -> str:
    if digest.messages == digest.alerts:
        return f"{plural(digest.alerts, 'alert')} at once"
    return f"{plural(digest.messages, 'notification')} about {plural(digest.alerts, 'alert')}"


def _urgency(report: Report) -> SeverityStyle:
    """Return the style of a report, by what needs action."""
    is_lossy = report.reconciliation is not None and report.reconciliation.state in LOSSY
    if report.silent or is_lossy or any(each.failed for each in report.backlog):
        return STYLES[Severity.HIGH]
    is_grave = report.scans.unscanned or any(
        row.count for row in report.severities if Severity[row.name] >= Severity.HIGH
    )
    return STYLES[Severity.MEDIUM] if is_grave else GOOD
