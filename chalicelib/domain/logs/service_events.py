"""Service events: records in which a service says what happened in fields of its own, and no logger wrote a message.

Lambda's platform: https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
Step Functions: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
AWS WAF: https://docs.aws.amazon.com/waf/latest/developerguide/logging-fields.html
CloudTrail: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from chalicelib.domain.logs.access_log import Access, access_in, route_of
from chalicelib.domain.logs.levels import Level
from chalicelib.domain.logs.structured import lowered, structured

# A function that raised has said so in a line of its own, and so has a runtime that exited.
_SAID_ELSEWHERE = frozenset({"", "Runtime.ExitError"})
_REPORTS = {
    "platform.runtimeDone": frozenset({"timeout", "failure"}),
    "platform.report": frozenset({"timeout", "failure"}),
    **dict.fromkeys(
        (f"platform.{phase}{what}" for phase in ("init", "restore") for what in ("RuntimeDone", "Report")),
        frozenset({"timeout", "failure", "error"}),
    ),
}
_STEP_FAILED = re.compile(r"[A-Z]\w*(?:Failed|TimedOut)|FailStateEntered")
_STEP = frozenset({"execution_arn", "previous_event_id"})


class ServiceEvent(Struct, frozen=True):
    """What a service says happened: in a line, and how bad it is (None: not at all).

    `identity` are the words that tell it from others; what else the service `said` counts without its values.
    """

    headline: str
    identity: tuple[str, ...] = ()
    said: str = ""
    level: Level | None = None


def event_in(fields: Mapping[str, Any]) -> ServiceEvent | None:
    """Return what a service says in a record; None where it is a logger's."""
    kind = fields.get("type")
    if isinstance(kind, str) and kind.startswith("platform."):
        return _of_platform(kind, fields.get("record"))
    if isinstance(kind, str) and (_STEP & fields.keys() or "details" in fields):
        return _of_step(kind, fields.get("details"))
    if "webaclid" in fields:
        return _of_firewall(fields)
    if "eventsource" in fields and "eventname" in fields:
        return _of_trail(fields)
    access = access_in(fields)
    return of_access(access) if access else None


def of_access(access: Access) -> ServiceEvent:
    """Read a request that was answered; 4xx is the caller's affair."""
    return ServiceEvent(access.headline, access.identity, access.reason, Level.ERROR if access.is_failed else None)


def _of_platform(kind: str, record: Any) -> ServiceEvent:
    """Read what Lambda's platform says: of an invocation, the same as its lines of text do."""
    details = record if isinstance(record, Mapping) else {}
    status, error = str(details.get("status") or ""), str(details.get("errorType") or "")
    if kind not in _REPORTS:
        is_bad = kind == "platform.fault" or (kind == "platform.extension" and error != "")
        headline = record if kind == "platform.fault" and isinstance(record, str) else f"{kind}: {error or status}"
    else:
        is_bad = status in _REPORTS[kind] or error not in _SAID_ELSEWHERE
        headline = _timed_out(kind, details) if status == "timeout" else error or f"{kind}: {status}"
    return ServiceEvent(headline, said=headline, level=Level.FATAL if is_bad else None)


def _timed_out(kind: str, details: Mapping[Any, Any]) -> str:
    match details.get("metrics"):
        case {"durationMs": int() | float() as milliseconds}:
            return timed_out(milliseconds / 1_000, is_start=kind not in {"platform.report", "platform.runtimeDone"})
        case _:
            return f"{kind}: timeout"


def timed_out(seconds: float, *, is_start: bool) -> str:
    """Say that an invocation or the start of a runtime took too long, in the platform's own words."""
    return f"{'Init' if is_start else 'Task'} timed out after {seconds:.2f} seconds"


def _of_step(kind: str, details: Any) -> ServiceEvent:
    """Read an event of an execution of Step Functions: by its type and error; the cause may be JSON."""
    about = lowered(details) if isinstance(details, Mapping) else {}
    error, cause = str(about.get("error") or about.get("name") or ""), _cause(str(about.get("cause") or ""))
    level = Level.ERROR if _STEP_FAILED.fullmatch(kind) else None
    return ServiceEvent(": ".join(filter(None, (kind, error, cause))), ("step", kind, error), cause, level)


def _cause(text: str) -> str:
    """Return what a cause says; that of a function that raised is its error as JSON."""
    record = structured(text)
    said = str(record.fields.get("errormessage") or record.fields.get("message") or "") if record else text
    return said.strip().partition("\n")[0]


def _of_firewall(fields: Mapping[str, Any]) -> ServiceEvent:
    request = fields.get("httprequest")
    about = lowered(request) if isinstance(request, Mapping) else {}
    action, rule = str(fields.get("action") or ""), str(fields.get("terminatingruleid") or "")
    requested = f"{about.get('httpmethod') or ''} {route_of(str(about.get('uri') or ''))}".strip()
    return ServiceEvent(f"WAF {action} by {rule}: {requested}", ("waf", action, rule, requested))


def _of_trail(fields: Mapping[str, Any]) -> ServiceEvent:
    """Read a call that CloudTrail recorded; it has an error code where it was refused."""
    service, call = str(fields["eventsource"]).partition(".")[0], str(fields["eventname"])
    code, said = str(fields.get("errorcode") or ""), str(fields.get("errormessage") or "")
    headline = ": ".join(filter(None, (f"{service} {call}", code, said)))
    return ServiceEvent(headline, ("call", service, call, code), said, Level.ERROR if code else None)
