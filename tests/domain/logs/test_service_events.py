"""Service events: what AWS says in records without a message, in a line and by level."""

import pytest
from hypothesis import given

from chalicelib.domain.logs.levels import Level
from chalicelib.domain.logs.service_events import event_in
from chalicelib.domain.logs.structured import lowered
from tests.domain.logs.given import json_objects

STEP = {"execution_arn": "arn:aws:states:eu-north-1:111122223333:execution:ship:1", "previous_event_id": "1"}
RAISED = '{"errorMessage": "no van left\\nnone", "errorType": "VanError"}'

EVENTS = [
    ({"type": "platform.report", "record": {"status": "success"}}, "platform.report: success", None),
    ({"type": "platform.report", "record": {"status": "error"}}, "platform.report: error", None),
    (
        {"type": "platform.report", "record": {"status": "error", "errorType": "Runtime.ExitError"}},
        "Runtime.ExitError",
        None,
    ),
    (
        {"type": "platform.report", "record": {"status": "error", "errorType": "Runtime.OutOfMemory"}},
        "Runtime.OutOfMemory",
        Level.FATAL,
    ),
    ({"type": "platform.report", "record": {"status": "timeout"}}, "platform.report: timeout", Level.FATAL),
    (
        {"type": "platform.report", "record": {"status": "timeout", "metrics": {"durationMs": 2500.0}}},
        "Task timed out after 2.50 seconds",
        Level.FATAL,
    ),
    (
        {"type": "platform.initReport", "record": {"status": "timeout", "metrics": {"durationMs": 9000}}},
        "Init timed out after 9.00 seconds",
        Level.FATAL,
    ),
    ({"type": "platform.initReport", "record": {"status": "error"}}, "platform.initReport: error", Level.FATAL),
    (
        {"type": "platform.initRuntimeDone", "record": {"status": "failure", "errorType": "Runtime.ImportModuleError"}},
        "Runtime.ImportModuleError",
        Level.FATAL,
    ),
    (
        {"type": "platform.restoreRuntimeDone", "record": {"status": "success"}},
        "platform.restoreRuntimeDone: success",
        None,
    ),
    (
        {"type": "platform.restoreReport", "record": {"status": "failure"}},
        "platform.restoreReport: failure",
        Level.FATAL,
    ),
    (
        {"type": "platform.fault", "record": "Process exited before it was done"},
        "Process exited before it was done",
        Level.FATAL,
    ),
    ({"type": "platform.fault", "record": {"status": "odd"}}, "platform.fault: odd", Level.FATAL),
    (
        {"type": "platform.extension", "record": {"name": "x", "errorType": "Extension.Crash"}},
        "platform.extension: Extension.Crash",
        Level.FATAL,
    ),
    ({"type": "platform.extension", "record": {"state": "Ready"}}, "platform.extension: ", None),
    ({"type": "platform.start", "record": "text"}, "platform.start: ", None),
    (
        {"type": "LambdaFunctionFailed", "details": {"error": "VanError", "cause": RAISED}, **STEP},
        "LambdaFunctionFailed: VanError: no van left",
        Level.ERROR,
    ),
    (
        {"type": "TaskTimedOut", "details": {"error": "States.Timeout"}, **STEP},
        "TaskTimedOut: States.Timeout",
        Level.ERROR,
    ),
    ({"type": "ExecutionFailed", "details": {"cause": "by hand"}, **STEP}, "ExecutionFailed: by hand", Level.ERROR),
    ({"type": "FailStateEntered", "details": {"name": "Give up"}, **STEP}, "FailStateEntered: Give up", Level.ERROR),
    ({"type": "ExecutionFailed", "details": "odd", **STEP}, "ExecutionFailed", Level.ERROR),
    ({"type": "TaskSucceeded", "details": {"output": '{"error": 1}'}, **STEP}, "TaskSucceeded", None),
    (
        {
            "webaclId": "arn",
            "action": "BLOCK",
            "terminatingRuleId": "rate",
            "httpRequest": {"httpMethod": "GET", "uri": "/a/7"},
        },
        "WAF BLOCK by rate: GET /a/*",
        None,
    ),
    ({"webaclId": "arn", "action": "COUNT"}, "WAF COUNT by : ", None),
    (
        {
            "eventSource": "sqs.amazonaws.com",
            "eventName": "SendMessage",
            "errorCode": "AccessDenied",
            "errorMessage": "not you",
        },
        "sqs SendMessage: AccessDenied: not you",
        Level.ERROR,
    ),
    ({"eventSource": "sqs.amazonaws.com", "eventName": "SendMessage", "errorCode": None}, "sqs SendMessage", None),
    ({"httpMethod": "GET", "path": "/a", "status": "500"}, "500 GET /a", Level.ERROR),
    ({"httpMethod": "GET", "path": "/a", "status": "404"}, "404 GET /a", None),
]


@pytest.mark.parametrize(("record", "headline", "level"), EVENTS)
def test_what_a_service_says_is_read(record: dict[str, object], headline: str, level: Level | None) -> None:
    event = event_in(lowered(record))

    assert event is not None
    assert (event.headline, event.level) == (headline, level)


@pytest.mark.parametrize("record", [{}, {"type": "OrderFailed"}, {"type": 7, "details": {}}, {"eventname": "x"}])
def test_what_a_program_logs_is_no_service_s(record: dict[str, object]) -> None:
    assert event_in(record) is None


def test_one_error_in_two_states_is_two_events() -> None:
    failed = [
        event_in(lowered({"type": kind, "details": {"error": "VanError", "cause": "no van"}, **STEP}))
        for kind in ("TaskFailed", "ExecutionFailed")
    ]

    assert len({each.identity for each in failed if each}) == 2


@given(json_objects)
def test_no_record_is_too_strange(record: dict[str, object]) -> None:
    for extra in ({}, {"type": "platform.report"}, {"type": "TaskFailed", "details": record}, {"webaclid": 1}):
        event_in(lowered({**record, **extra}))
