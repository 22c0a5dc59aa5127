"""CloudWatch alarms: a metric, an expression over metrics or a combination of alarms changed its state, or was deleted.

An alarm over several time series speaks of each of them (a contributor) besides itself: each is a problem of its own.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
"""

import json
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote

from msgspec import field

from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.events.event import ASSUMED, Severity, Signal, Summary, fingerprint_of
from chalicelib.domain.events.stated_severity import StatedSeverity, stated_in
from chalicelib.domain.timestamps import iso, parse_time
from chalicelib.sources.alarm_rule import children_of
from chalicelib.sources.schema import Declaration, Detail, Flag, Many, Name, Object, Part, Text, console, read_text

# What auto scaling makes for itself fires whenever it has to scale: that is how it works, and no problem.
# https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking.html
SCALING = "TargetTracking-"
# What a metric's band of expected values is called in an expression.
BAND = "ANOMALY_DETECTION_BAND"
# So many values of dimensions stand in a title.
MOST_VALUES = 3

SEVERITIES = {"ALARM": Severity.HIGH, "INSUFFICIENT_DATA": Severity.MEDIUM, "OK": Severity.LOW}


class Metric(Part, frozen=True, kw_only=True):
    """A metric's own name, and of what it is."""

    name: Text = ""
    dimensions: Object = field(default_factory=dict)

    @property
    def subject(self) -> str:
        """The values of its dimensions, such as an instance's id."""
        return _values(self.dimensions)


class MetricStat(Part, frozen=True, kw_only=True):
    """One metric as the alarm sees it."""

    metric: Metric = Metric()


class MetricQuery(Part, frozen=True, kw_only=True):
    """One of the alarm's metrics or expressions; the one that is compared returns its data."""

    stat: MetricStat = field(name="metricStat", default=MetricStat())
    label: Text = ""
    expression: Text = ""
    returned: Flag = field(name="returnData", default=False)

    @property
    def name(self) -> str:
        """What a reader would call it, and of what it is."""
        named, subject = self.label or self.stat.metric.name, self.stat.metric.subject
        if named and subject and subject not in named:
            return f"{named} of {subject}"
        return named or self.expression

    @property
    def is_band(self) -> bool:
        """Return whether it is not a metric, but what is expected of one."""
        return self.expression.upper().startswith(BAND)


class Configuration(Part, frozen=True, kw_only=True):
    """What the alarm watches; a composite alarm has a rule instead of metrics."""

    metrics: Annotated[tuple[MetricQuery, ...], Many] = ()
    rule: Text = field(name="alarmRule", default="")


class State(Part, frozen=True, kw_only=True):
    """What the alarm says, since when and why."""

    value: Name
    timestamp: Text = ""
    reason_data: Text = field(name="reasonData", default="")
    suppressed_by: Text = field(name="actionsSuppressedBy", default="")
    mute: Object = field(name="muteDetail", default_factory=dict)


class Timestamped(Part, frozen=True, kw_only=True):
    """When something was last changed."""

    timestamp: Text = ""


class PreviousState(Part, frozen=True, kw_only=True):
    """What the alarm said before; nothing where it is new."""

    value: Text = ""


class Contributor(Part, frozen=True, kw_only=True):
    """One of an alarm's time series."""

    id: Text = ""
    attributes: Object = field(default_factory=dict)

    @property
    def identity(self) -> tuple[str, ...]:
        """What tells it from the alarm's others; nothing of the alarm itself."""
        named = self.id or " ".join(f"{key}={value}" for key, value in sorted(self.attributes.items()))
        return ("contributor", named) if named else ()


class AlarmStateChange(Detail, frozen=True, kw_only=True):
    """A change of state, of an alarm or of one of its contributors."""

    name: Name = field(name="alarmName")
    state: State
    previous: PreviousState = field(name="previousState", default=PreviousState())
    configuration: Configuration = Configuration()
    tags: Object = field(name="alarmTags", default_factory=dict)
    contributor: Contributor = field(name="alarmContributor", default=Contributor())
    mute: Object = field(name="muteDetail", default_factory=dict)

    def summary(self, envelope: Envelope) -> Summary:
        """Call a state that nobody has heard of UNKNOWN."""
        state, identity = self.state, (*identity_in(envelope, self.name), *self.contributor.identity)
        signal, (severity, severity_by) = self._signal(), self._severity()
        was_ok = state.value == "INSUFFICIENT_DATA" and self.previous.value == "OK"
        return Summary(
            title=f"{self._subject()}{self._words()}",
            severity=severity,
            severity_by=severity_by,
            identity=identity,
            occurrence=(*identity, state.value, state.timestamp or iso(envelope.time)),
            signal=signal,
            intermittent=was_ok and signal is Signal.FIRING,
            children=self._children(envelope),
            at=parse_time(state.timestamp),
            resource=self.name,
            link=link_to(envelope.region, self.name),
        )

    def _severity(self) -> StatedSeverity:
        """Go by the alarm's tags and its name where it fires: AWS knows no severity of alarms."""
        severity = SEVERITIES.get(self.state.value, Severity.UNKNOWN)
        if self.state.value != "ALARM":
            return StatedSeverity(severity, "")
        return stated_in(self.tags, self.name) or StatedSeverity(severity, ASSUMED)

    def _signal(self) -> Signal:
        """Take an alarm at its word, unless it is new, scales, or is suppressed or muted by its owner."""
        match self.state.value:
            case _ if self.name.startswith(SCALING):
                return Signal.NOTICE
            case "OK":
                return Signal.RESOLVED
            case "INSUFFICIENT_DATA" if self.previous.value not in {"OK", "ALARM"}:
                return Signal.NOTICE
            case _ if self.state.suppressed_by or self.state.mute or self.mute:
                return Signal.NOTICE
            case _:
                return Signal.FIRING

    def _children(self, envelope: Envelope) -> tuple[str, ...]:
        """Return the alarms that a composite alarm sums up."""
        rule = envelope.concealed.get("configuration.alarmRule", self.configuration.rule)
        children = children_of(rule, envelope.account, envelope.region)
        return tuple(fingerprint_of("alarm", *child) for child in children)

    def _subject(self) -> str:
        return ": ".join(filter(None, (self.name, _values(self.contributor.attributes))))

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
        """Say which metric left what its owner expects, as far as that is known."""
        metrics = self.configuration.metrics
        queries = sorted(metrics, key=lambda query: (query.is_band, not query.returned))
        metric = next((query.name for query in queries if query.name and not query.is_band), "")
        threshold = _threshold(self.state.reason_data)
        if metric and threshold is not None:
            return f" ({metric} crossed {threshold:g})"
        return f" ({metric} is not what is expected)" if metric and any(each.is_band for each in metrics) else ""


# What was done to an alarm, by the name of the operation.
OPERATIONS = {"create": "alarm created", "update": "alarm changed", "delete": "alarm deleted"}


class AlarmConfigurationChange(Detail, frozen=True, kw_only=True):
    """Somebody made, changed or deleted an alarm; what is deleted no longer fires."""

    name: Name = field(name="alarmName")
    operation: Name
    configuration: Timestamped = Timestamped()

    def summary(self, envelope: Envelope) -> Summary:
        """Say what was done; an operation that nobody has heard of ends nothing."""
        identity, is_deleted = identity_in(envelope, self.name), self.operation == "delete"
        changed_at = iso(envelope.time) if is_deleted else self.configuration.timestamp or iso(envelope.time)
        return Summary(
            title=f"{self.name}: {OPERATIONS.get(self.operation, self.operation)}",
            severity=Severity.LOW,
            identity=identity,
            occurrence=(*identity, self.operation, changed_at),
            signal=Signal.RESOLVED if is_deleted else Signal.NOTICE,
            resource=self.name,
            link="" if is_deleted else link_to(envelope.region, self.name),
        )


def identity_in(envelope: Envelope, name: str) -> tuple[str, ...]:
    """Return what identifies an alarm: with its name as AWS has it, whatever redaction shows of that."""
    return (envelope.account, envelope.region, envelope.concealed.get("alarmName", name))


def fingerprint_of_contributor(change: Envelope, detail: Any) -> str:
    """Return what the problem of a detail's contributor is called if it belongs to the alarm that was changed.

    InvalidDetail where the detail is not about the state of an alarm.
    """
    name, contributor = AlarmConfigurationChange.read(change.detail).name, AlarmStateChange.read(detail).contributor
    return fingerprint_of("alarm", *identity_in(change, name), *contributor.identity)


def link_to(region: str, name: str) -> str:
    """Return the link to an alarm in the console."""
    return console(region, "cloudwatch", f"alarmsV2:alarm/{quote(name, safe='')}")


def _values(named: Mapping[str, Any]) -> str:
    """Return the first values of an object, as a reader would name what they belong to."""
    values = [text for text in map(read_text, named.values()) if text]
    return ", ".join(values[:MOST_VALUES]) + (", …" if len(values) > MOST_VALUES else "")


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
    detail_types=("CloudWatch Alarm State Change", "CloudWatch Alarm Contributor State Change"),
    others={"CloudWatch Alarm Configuration Change": AlarmConfigurationChange},
    filters={"CloudWatch Alarm Configuration Change": {"operation": ["delete"]}},
    identity="account, region, alarm's name, contributor",
    occurrence="identity, state, its timestamp; or the operation and when",
    origin="envelope, envelope, state's timestamp",
)
