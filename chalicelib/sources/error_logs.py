"""Error logs: similar errors that the hub's own scanner found in one log group and one window.

The scanner publishes this detail with PutEvents, so anyone in an account can forge one: account and region are the
envelope's, which nobody can forge. All times are whole epoch seconds in UTC.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated

from msgspec import Meta

from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.events.event import Severity, Signal, Summary
from chalicelib.domain.events.lifecycle import Lifecycle
from chalicelib.domain.grouping.resource_names import generic
from chalicelib.domain.grouping.search_phrase import shared_literal
from chalicelib.domain.timestamps import DAY, iso
from chalicelib.sources.schema import Declaration, Detail, End, Many, Name, Part, Text, Time, console

SEVERITIES = {
    "warning": Severity.MEDIUM,
    "error": Severity.HIGH,
    "critical": Severity.CRITICAL,
    "fatal": Severity.CRITICAL,
}

# More than an account logs in a window; the table could hold more, but no reader could.
MOST_LINES = 10**12

# What a reader of the link starts from, not what the scanner asked; it is there to be edited.
QUERY = """\
fields @timestamp, @logStream, @message
| filter @message like {}
| sort @timestamp asc"""
ANY_ERROR = "/(?i)(error|exception|critical|fatal|panic|timed out)/"


class LoggedWindow(Part, frozen=True, kw_only=True):
    """A stretch of log time, closed at its start and open at its end."""

    start: Time
    end: End


class LoggedLine(Part, frozen=True, kw_only=True):
    """One of the group's log messages, and the log stream that it stands in."""

    timestamp: Time = 0
    stream: Text = ""
    message: Text = ""


class ErrorLogs(Detail, frozen=True, kw_only=True):
    """What alike errors one window of one log group held.

    `fingerprint` tells the group from others of the log group; `idempotency_key` is the same however often the window
    is scanned and its groups are published. `service` is "lambda", "ecs" or "other", `resource` the function's name or
    the task definition's family, `culprit` the place in the code that raised them, where anybody knows. Up to three
    `samples` stand for `count` messages. What a `backfill` found is history: people hear of all of it at once. What
    came too late for the window's first scan was found by a second one, at `late_at`, and is news since then.
    """

    idempotency_key: Name
    log_group: Name
    fingerprint: Name
    window: LoggedWindow
    title: Text = ""
    culprit: Text = ""
    level: Text = "error"
    count: Annotated[int, Meta(ge=1)] = 1
    first_at: Time = 0
    last_at: Time = 0
    samples: Annotated[tuple[LoggedLine, ...], Many] = ()
    service: Text = "other"
    resource: Text = ""
    backfill: bool = False
    late_at: Time = 0

    def summary(self, envelope: Envelope) -> Summary:
        """Lead with what failed; a level that nobody agreed on is UNKNOWN.

        The same error of the same resource is one problem, in however many accounts and regions.
        """
        account, region = envelope.account, envelope.region
        subject = self.resource or self.log_group
        return Summary(
            title=f"{subject}: {self.title or 'errors in the logs'}",
            severity=SEVERITIES.get(self.level, Severity.UNKNOWN),
            identity=(self.service, generic(subject, account, region), self.fingerprint),
            occurrence=(account, region, self.idempotency_key),
            signal=Signal.HISTORICAL if self.backfill else Signal.FIRING,
            lifecycle=Lifecycle.RECURRING,
            at=self.late_at or self.window.end,
            lines=min(self.count, MOST_LINES),
            resource=subject,
            link=insights_link(region, self.log_group, self._span(), self._query()),
        )

    def _query(self) -> str:
        """Ask for the words that the lines share, or for any error where they share none."""
        literal = shared_literal(self.title, [each.message for each in self.samples if each.message])
        return QUERY.format(f'"{literal}"' if literal else ANY_ERROR)

    def _span(self) -> tuple[int, int]:
        """Return the window, and the time of the lines where it is another; its last second is within."""
        start, end = self.window.start, self.window.end - 1
        times = [each for each in (self.first_at, self.last_at) if start - DAY <= each <= end + DAY]
        return min([start, *times]), max([end, *times])


def insights_link(region: str, log_group: str, span: tuple[int, int], query: str) -> str:
    """Return a link to Logs Insights in the console with the query filled in; both ends of the time are within."""
    start, end = span
    query_detail = {
        "end": iso(end).replace("Z", ".999Z"),
        "start": iso(start).replace("Z", ".000Z"),
        "timeType": "ABSOLUTE",
        "tz": "UTC",
        "editorString": query,
        "source": [log_group],
    }
    return console(region, "cloudwatch", f"logsV2:logs-insights$3FqueryDetail$3D{jsurl(query_detail)}")


def jsurl(value: str | Sequence[str] | Mapping[str, str | Sequence[str]]) -> str:
    """Write text, a list or an object as JSURL, the notation in which the console keeps `queryDetail`."""
    match value:
        case str():
            return "~'" + re.sub(r"[^\w.-]", lambda found: _starred(found[0]), value, flags=re.ASCII)
        case Mapping():
            return "~(" + "~".join(key + jsurl(each) for key, each in value.items()) + ")"
        case _:
            return "~(" + "".join(map(jsurl, value)) + ")"


def _starred(char: str) -> str:
    """Write a character as its UTF-16 units: `*` and two digits, `**` and four; `$` is the console's own escape."""
    if char == "$":
        return "!"
    pairs = char.encode("utf-16-be", "surrogatepass").hex()
    units = (pairs[at : at + 4] for at in range(0, len(pairs), 4))
    return "".join(f"*{unit[2:]}" if unit.startswith("00") else f"**{unit}" for unit in units)


SOURCE = Declaration(
    ErrorLogs,
    source="monitoring.agent.logs",
    detail_types=("Error Logs",),
    endless=True,
    widespread=True,
    identity="service, resource's [generic name](#error_logs), error group's fingerprint",
    occurrence="account, region, idempotency key",
    origin="envelope, envelope, end of the window (late lines: when they were found)",
)
