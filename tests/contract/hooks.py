"""What schemathesis is taught of the API: ids that exist, rules that no schema says, and what headers must be.

It imports this module by the variable SCHEMATHESIS_HOOKS; the ids are JSON in the variable CONTRACT_IDS.
"""

import json
import os
from collections.abc import Mapping
from typing import Any
from zlib import crc32

import schemathesis
from schemathesis import Case, CheckContext, HookContext, Response

from chalicelib.api.fields import last_moment, moment
from tests.contract.responses import Seen, problems

KNOWN_IDS: Mapping[str, list[str]] = json.loads(os.environ.get("CONTRACT_IDS", "{}"))
# Of so many ids one stays as it was generated, and so is none.
ONE_IN = 4
LONG_ENOUGH, ENDS, SUPPRESSED = "2h", ("duration", "ends_at"), "suppressed"


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
    follow_query_rules(case.query)
    if isinstance(case.body, dict):
        follow_body_rules(case.operation.definition.raw["operationId"], case.body)


def an_id(name: str, generated: str) -> str:
    """Return an id that exists, the same for the same that was generated; some stay as they were."""
    known, number = KNOWN_IDS.get(name, []), crc32(generated.encode())
    return known[number // ONE_IN % len(known)] if known and number % ONE_IN else generated


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
    """Let a silence be about something, and end: once, after its start, within thirty days."""
    if operation in {"createSilence", "previewSilence", "changeSilence"}:
        for name in (*ENDS, "starts_at"):
            body.pop(name, None)
        body["duration"] = LONG_ENOUGH
    if operation in {"createSilence", "previewSilence"}:
        body["everything"] = not body.get("matchers")
    if operation == "actOnAlerts":
        body["fingerprints"] = [an_id("fingerprint", each) for each in body["fingerprints"]]
