"""CloudWatch alarms: a metric, an expression over metrics or a combination of alarms changed its state.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
"""

import json
from typing import Annotated, Any
from urllib.parse import quote

from msgspec import field

from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.events.event import ASSUMED, Severity, Signal, Summary
from chalicelib.domain.events.stated_severity import StatedSeverity, stated_in
from chalicelib.domain.timestamps import iso, parse_time
from chalicelib.sources.schema import Declaration, Detail, Many, Name, Object, Part, Text, console

SEVERITIES = {"ALARM": Severity.HIGH, "INSUFFICIENT_DATA": Severity.MEDIUM, "OK": Severity.LOW}


class Metric(Part, frozen=True, kw_only=True):
    """A metric's own name."""

    name: Text = ""


class MetricStat(Part, frozen=True, kw_only=True):
    """One metric as the alarm sees it."""

    metric: Metric = Metric()


class MetricQuery(Part, frozen=True, kw_only=True):
    """One of the alarm's metrics or expressions; the one that is compared returns its data."""

    stat: MetricStat = field(name="metricStat", default=MetricStat())
    label: Text = ""
    expression: Text = ""
    returned: bool = field(name="returnData", default=False)

    @property
    def name(self) -> str:
        """What a reader would call it."""
        return self.label or self.stat.metric.name or self.expression


class Configuration(Part, frozen=True, kw_only=True):
    """What the alarm watches; a composite alarm has a rule instead of metrics."""

    metrics: Annotated[tuple[MetricQuery, ...], Many] = ()


class State(Part, frozen=True, kw_only=True):
    """What the alarm says, since when and why."""

    value: Name
    timestamp: Text = ""
    reason_data: Text = field(name="reasonData", default="")
    suppressed_by: Text = field(name="actionsSuppressedBy", default="")


class PreviousState(Part, frozen=True, kw_only=True):
    """What the alarm said before; nothing where it is new."""

    value: Text = ""


class AlarmStateChange(Detail, frozen=True, kw_only=True):
    """An alarm's change of state."""

    name: Name = field(name="alarmName")
    state: State
    previous: PreviousState = field(name="previousState", default=PreviousState())
    configuration: Configuration = Configuration()
    tags: Object = field(name="alarmTags", default_factory=dict)

    def summary(self, envelope: Envelope) -> Summary:
        """Call a state that nobody has heard of UNKNOWN."""
        account, region, state = envelope.account, envelope.region, self.state
        severity, severity_by = self._severity()
        return Summary(
            title=f"{self.name}{self._words()}",
            severity=severity,
            severity_by=severity_by,
            identity=(account, region, self.name),
            occurrence=(account, region, self.name, state.value, state.timestamp or iso(envelope.time)),
            signal=self._signal(),
            intermittent=self.state.value == "INSUFFICIENT_DATA" and self.previous.value == "OK",
            at=parse_time(state.timestamp),
            resource=self.name,
            link=console(region, "cloudwatch", f"alarmsV2:alarm/{quote(self.name, safe='')}"),
        )

    def _severity(self) -> StatedSeverity:
        """Go by the alarm's tags and its name where it fires: AWS knows no severity of alarms."""
        severity = SEVERITIES.get(self.state.value, Severity.UNKNOWN)
        if self.state.value != "ALARM":
            return StatedSeverity(severity, "")
        return stated_in(self.tags, self.name) or StatedSeverity(severity, ASSUMED)

    def _signal(self) -> Signal:
        """Take an alarm at its word, unless it is new or its owner has its actions suppressed by another alarm."""
        match self.state.value:
            case "OK":
                return Signal.RESOLVED
            case "INSUFFICIENT_DATA" if self.previous.value not in {"OK", "ALARM"}:
                return Signal.NOTICE
            case _ if self.state.suppressed_by:
                return Signal.NOTICE
            case _:
                return Signal.FIRING

    def _words(self) -> str:
        """Say what the state is, where the severity and the signal do not: an alarm that is OK is resolved."""
        match self.state.value:
            case "OK":
                return ""
            case "ALARM":
                return self._crossed()
            case "INSUFFICIENT_DATA":
                return ": not enough data"
            case unlisted:
                return f": {unlisted}"

    def _crossed(self) -> str:
        queries = sorted(self.configuration.metrics, key=lambda query: not query.returned)
        metric = next((query.name for query in queries if query.name), "")
        threshold = _threshold(self.state.reason_data)
        return f" ({metric} crossed {threshold:g})" if metric and threshold is not None else ""


def _threshold(reason_data: str) -> float | None:
    """Read the threshold from a state's reason data, which is JSON as text; None where there is none, or a band."""
    try:
        data: Any = json.loads(reason_data, parse_int=float)
    except ValueError:
        return None
    threshold = data.get("threshold") if isinstance(data, dict) else None
    return threshold if isinstance(threshold, float) else None


SOURCE = Declaration(
    AlarmStateChange,
    source="aws.cloudwatch",
    detail_types=("CloudWatch Alarm State Change",),
    identity="account, region, alarm's name",
    occurrence="identity, state, its timestamp",
    origin="envelope, envelope, state's timestamp",
)
