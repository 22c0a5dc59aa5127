"""Samples: what an event contains in its source's own words, such as log lines or an alarm's reason, bounded."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from chalicelib.domain.events.event import Event
from chalicelib.domain.text import clean
from chalicelib.domain.timestamps import iso
from chalicelib.sources.registry import DECLARED

MOST = 3
LONGEST_SAMPLE = 8_000
LONGEST_EVENT = 100_000
LONGEST_FACT = 500
# The most informative fields of each kind's detail, with a label for people.
FACTS: Mapping[str, Sequence[tuple[str, str]]] = {
    "alarm": (("Reason", "state.reason"), ("About", "configuration.description"), ("State", "state.value")),
    "codedeploy": (
        ("Application", "application"),
        ("Deployment group", "deploymentGroup"),
        ("Deployment", "deploymentId"),
    ),
    "codepipeline": (("Pipeline", "pipeline"), ("Execution", "execution-id"), ("Stage", "stage"), ("Action", "action")),
    "custom": (("Description", "description"), ("Link", "link")),
    "ecs_deployment": (("Reason", "reason"), ("Deployment", "deploymentId")),
    "ecs_task": (("Reason", "stoppedReason"), ("Task", "taskArn"), ("Definition", "taskDefinitionArn")),
    "error_logs": (("Log group", "log_group"), ("Raised in", "culprit"), ("Lines", "count")),
    "guardduty": (("Description", "description"), ("Type", "type"), ("Resource", "resource.resourceType")),
    "health": (
        ("Service", "service"),
        ("Event", "eventTypeCode"),
        ("Status", "statusCode"),
        ("Start given by AWS", "startTime"),
        ("End given by AWS", "endTime"),
    ),
    "image_scan": (
        ("Image", "image-digest"),
        *((name, f"finding-severity-counts.{name}") for name in ("CRITICAL", "HIGH", "MEDIUM", "LOW")),
    ),
    "lambda_update": (
        ("Call", "eventName"),
        ("By", "userIdentity.arn"),
        ("Error", "errorMessage"),
    ),
    "stack": (("Stack", "stack-id"), ("Status", "status-details.status"), ("Reason", "status-details.status-reason")),
    "stack_set": (
        ("Stack", "stack-id"),
        ("Status", "status-details.status"),
        ("Reason", "status-details.status-reason"),
    ),
}
DESCRIPTION = "eventDescription"


class Sample(NamedTuple):
    """Lines of foreign text: where they are from, and when (epoch seconds; 0: unknown)."""

    source: str
    at: int
    text: str


class Fact(NamedTuple):
    """A labelled value in an event."""

    label: str
    value: str


def of(event: Event) -> tuple[Sample, ...]:
    """Return the samples in an event's detail."""
    detail = event.detail if isinstance(event.detail, dict) else {}
    lines = _rows(detail.get("samples"))
    found = [
        Sample(_text(each.get("stream")), _time(each.get("timestamp")), _block(each.get("message"))) for each in lines
    ]
    described = [Sample("", 0, _block(each.get("latestDescription"))) for each in _rows(detail.get(DESCRIPTION))]
    return tuple(dict.fromkeys(each for each in (*found, *described) if each.text))[:MOST]


def facts(event: Event) -> tuple[Fact, ...]:
    """Return the most informative fields in the detail of a known kind."""
    if event.kind in DECLARED:
        from chalicelib.sources.declared import description_of, facts_of  # noqa: PLC0415 - few pages are about one

        declared = (("Description", description_of(event)), *facts_of(event))
        return tuple(Fact(label, text) for label, value in declared if (text := _text(value)))
    found = ((label, _at(event.detail, path.split("."))) for label, path in FACTS.get(event.kind, ()))
    return tuple(Fact(label, text) for label, value in found if (text := _text(value)))


def whole(event: Event) -> str:
    """Return an event in EventBridge's format, as indented JSON, bounded."""
    envelope = {
        "source": event.source,
        "detail-type": event.detail_type,
        "account": event.account,
        "region": event.region,
        "time": iso(event.published_at),
        "resources": event.resources,
        "detail": event.detail,
    }
    text = json.dumps(envelope, indent=2, ensure_ascii=False)
    return text if len(text) <= LONGEST_EVENT else f"{text[:LONGEST_EVENT]}\n… {len(text):,} characters in all"


def _at(value: Any, path: Sequence[str]) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _rows(value: Any) -> list[dict[str, Any]]:
    return [each for each in value[:MOST] if isinstance(each, dict)] if isinstance(value, list) else []


def _text(value: Any) -> str:
    is_plain = isinstance(value, str | int) and not isinstance(value, bool)
    return clean(value, LONGEST_FACT) if is_plain and value != "" else ""


def _time(value: Any) -> int:
    return value if isinstance(value, int) and 0 < value < 1 << 33 else 0


def _block(value: Any) -> str:
    """Return text with its line breaks, without control characters."""
    if not isinstance(value, str):
        return ""
    lines = (clean_line(each) for each in value[:LONGEST_SAMPLE].splitlines())
    return "\n".join(lines).strip("\n")


def clean_line(line: str) -> str:
    """Return a line with its spaces, and without control characters."""
    return "".join(char if char.isprintable() else " " for char in line).rstrip()
