"""Overviews: plain messages for digests and reports; imported when one is due."""

from collections.abc import Callable, Sequence

from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.digest import DOUBT, Digest, DigestLine
from chalicelib.domain.notifications.notification import WEEKLY_REPORT, Notification
from chalicelib.domain.reports.daily import Listing, Report, Row
from chalicelib.domain.reports.open_items import OpenAlerts
from chalicelib.domain.reports.response_times import ResponseTimes
from chalicelib.domain.reports.weekly import WeekReport
from chalicelib.domain.severity_styles import GOOD, RESOLVED, STYLES, SeverityStyle, style_of
from chalicelib.domain.text import clean, plural
from chalicelib.domain.timestamps import iso
from chalicelib.gateways.plain_messages.message import LINE, PlainMessage
from chalicelib.gateways.slack.mrkdwn import duration

type PlaceName = Callable[[str, str], str]
"""Says where something is, by its account and region."""


def digest_message(notifications: Sequence[Notification], place: PlaceName, *, doubtful: bool = False) -> PlainMessage:
    """Return a digest that accounts for every notification, the most severe first."""
    digest = Digest.of(notifications)
    style = RESOLVED if digest.worst is None else STYLES[digest.worst]
    lines = [*([DOUBT] if doubtful else []), *(_digest_line(each, place) for each in digest.lines)]
    if digest.rest.messages:
        lines.append(f"and {plural(digest.rest.messages, 'notification')} more")
    title = f"{plural(digest.messages, 'notification')} about {plural(digest.alerts, 'alert')}"
    return PlainMessage(style=style, title=title, over=digest.worst is None, lines=tuple(lines))


def report_message(notification: Notification, place: PlaceName) -> PlainMessage:
    """Return the daily or the weekly report."""
    if notification.kind == WEEKLY_REPORT:
        return _week_message(WeekReport.from_json(notification.body), place)
    return _day_message(Report.from_json(notification.body), place)


def _day_message(report: Report, place: PlaceName) -> PlainMessage:
    lines = (
        f"{plural(report.events.count, 'event')}, {_compared(report.events)}",
        *(f"{row.name}: {row.count:,}" for row in report.severities if row.count),
        *_open(report.still_open, place),
        *_alerts("Fired most", report.top, place),
        *_alerts("Began", report.opened, place),
        *_alerts("Came back", report.reopened, place),
        *(f"Silent agent: {each.name or each.agent}" for each in report.silent),
        *(f"{each.receiver}: {each.pending:,} pending, {each.failed:,} failed" for each in report.backlog),
    )
    title = f"Daily report · {iso(report.day)[:10]}"
    return PlainMessage(style=_urgency(report), title=title, lines=tuple(clean(each, LINE) for each in lines))


def _week_message(report: WeekReport, place: PlaceName) -> PlainMessage:
    lines = (
        f"{plural(report.messages, 'message')} about {plural(report.problems, 'alert')}",
        *_times("Acknowledged", report.taken),
        *_times("Resolved", report.ended),
        *(f"Noisy: {each.title} · {place(each.account, each.region)} · {each.messages:,}" for each in report.noisiest),
        *(f"{row.name or 'no owner'}: {plural(row.messages, 'message')}" for row in report.teams.rows),
    )
    title = f"Weekly report · {iso(report.week)[:10]}"
    return PlainMessage(style=GOOD, title=title, lines=tuple(clean(each, LINE) for each in lines))


def _times(label: str, times: ResponseTimes) -> list[str]:
    if not times.count:
        return []
    return [f"{label}, half of them in {duration(times.median)}, at most {duration(times.longest)}"]


def _digest_line(line: DigestLine, place: PlaceName) -> str:
    style = style_of(line.severity, line.over)
    where = place(line.accounts[0], line.regions[0]) if len(line.accounts) == 1 else f"{len(line.accounts):,} accounts"
    alerts = f"{plural(line.alerts, 'alert')}" if line.alerts > 1 else ""
    return clean(" · ".join(filter(None, (style.word, clean(line.title, LINE // 2), where, alerts))), LINE)


def _compared(row: Row) -> str:
    difference = row.count - row.before
    if not difference:
        return "as many as the day before"
    return f"{abs(difference):,} {'more' if difference > 0 else 'fewer'} than the day before"


def _alerts(label: str, listing: Listing, place: PlaceName) -> list[str]:
    return [f"{label}: {each.title} · {place(each.account, each.region)} · {each.count:,}" for each in listing.alerts]


def _open(still_open: OpenAlerts, place: PlaceName) -> list[str]:
    shown = [f"Still open: {each.title} · {place(each.account, each.region)}" for each in still_open.alerts]
    return [*shown, f"Still open: {still_open.more:,} more"] if still_open.more else shown


def _urgency(report: Report) -> SeverityStyle:
    if report.silent or any(each.failed for each in report.backlog):
        return STYLES[Severity.HIGH]
    return GOOD
