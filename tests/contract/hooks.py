"""What schemathesis is taught of the API: ids that exist, rules that no schema says, and what headers must be.

It imports this module by the variable SCHEMATHESIS_HOOKS; the ids are JSON in the variable CONTRACT_IDS.
"""

import json
import os
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from zlib import crc32

import schemathesis
from hypothesis import strategies
from schemathesis import Case, CheckContext, HookContext, Response

from chalicelib.api.fields import last_moment, moment
from chalicelib.domain.text import clean
from chalicelib.services.notifying.action_links import LONGEST_NAME
from tests.contract.responses import Seen, problems

KNOWN_IDS: Mapping[str, list[str]] = json.loads(os.environ.get("CONTRACT_IDS", "{}"))
KEY = "Idempotency-Key"
LONG_ENOUGH, A_WEEK, ENDS, SUPPRESSED = "2h", "8d", ("duration", "ends_at"), "suppressed"

HOURS = strategies.builds(
    "{0[0]}-{0[1]} {1:02}:00-{2:02}:30 {3}".format,
    strategies.sampled_from([("Mon", "Fri"), ("Sat", "Sun"), ("Fri", "Tue")]),
    strategies.integers(0, 23),
    strategies.integers(0, 23),
    strategies.sampled_from(["UTC", "Europe/Berlin", "America/New_York"]),
)
schemathesis.openapi.format("hours", HOURS)


@schemathesis.check
def headers_and_content_are_documented(_context: CheckContext, response: Response, case: Case[Any]) -> None:
    """Hold a response against the document as the tests of the app do."""
    headers = {name.lower(): ", ".join(values) for name, values in response.headers.items()}
    of_server = {"server", "date", "connection", "content-length"}
    ours = {name: value for name, value in headers.items() if name not in of_server}
    wrong = problems(Seen(case.method.upper(), case.path, response.status_code, ours, response.text))
    assert not wrong, "; ".join(wrong)


@schemathesis.hook
def before_call(_context: HookContext, case: Case[Any], _kwargs: Mapping[str, Any]) -> None:
    """Make of a request that fits the schema one that fits the rules as well; any other stays as it is."""
    if case.meta is None or case.meta.generation.mode.is_negative:
        return
    for name, value in case.path_parameters.items():
        case.path_parameters[name] = an_id(name, str(value))
    case.query.update(visible(case.query))
    follow_query_rules(case.query)
    if isinstance(case.body, dict):
        case.body.update(visible(case.body))
        follow_body_rules(case.operation.definition.raw["operationId"], case.body)
    if KEY in case.headers:
        sent = json.dumps([case.operation.label, case.path_parameters, case.query, case.body], default=str)
        case.headers[KEY] = sha256(sent.encode()).hexdigest()


def an_id(name: str, generated: str) -> str:
    """Return an id that exists, the same for the same that was generated."""
    known = KNOWN_IDS.get(name)
    return known[crc32(generated.encode()) % len(known)] if known else generated


def visible(value: Any) -> Any:
    """Return a value whose texts show something: no pattern knows all characters that do."""
    match value:
        case str():
            return value if not value or clean(value, len(value)) else f"something {crc32(value.encode())}"
        case list():
            return [visible(each) for each in value]
        case dict():
            return {name: visible(each) for name, each in value.items()}
    return value


def follow_query_rules(query: dict[str, Any]) -> None:
    """Leave out what goes with nothing else in the query: a cursor is a list's own, and times have an order."""
    query.pop("cursor", None)
    if "agent" in query:
        query.pop("account", None)
        query.pop("region", None)
    if SUPPRESSED in query.get("status", []):
        query["status"] = [SUPPRESSED]
        query.pop("receiver", None)
    if {"start_date", "end_date"} <= query.keys() and last_moment(query["end_date"]) < moment(query["start_date"]):
        del query["start_date"]


def follow_body_rules(operation: str, body: dict[str, Any]) -> None:
    """Let a silence be about something, end once, within thirty days, and not before its hours come; name a person."""
    if operation == "followLink":
        body["name"] = body.get("name", "")[:LONGEST_NAME] or "Ada"
    if operation in {"createSilence", "previewSilence", "changeSilence"}:
        for name in (*ENDS, "starts_at"):
            body.pop(name, None)
        body["duration"] = LONG_ENOUGH
    if operation in {"createSilence", "previewSilence"}:
        body["everything"] = not body.get("matchers")
        come_to_hours(body)
    if operation == "actOnAlerts":
        if "duration" in body:
            body["duration"] = LONG_ENOUGH
        body["fingerprints"] = [an_id("fingerprint", each) for each in body["fingerprints"]]


def come_to_hours(silence: dict[str, Any]) -> None:
    """Let a silence of hours last for a week, and leave it one matcher of them: several may have none in common."""
    matchers = silence.get("matchers", [])
    of_hours = [each for each in matchers if each["field"] == "hours"]
    if of_hours:
        silence["matchers"] = [*(each for each in matchers if each["field"] != "hours"), of_hours[0]]
        silence["duration"] = A_WEEK
