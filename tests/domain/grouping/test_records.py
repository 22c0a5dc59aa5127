"""Records: what a structured message is called, and that other causes are other problems."""

import json

import pytest
from hypothesis import given

from chalicelib.domain.grouping.fingerprint import problem_of
from chalicelib.domain.logs.classifier import level_of
from chalicelib.domain.logs.levels import Level
from tests.domain.logs.given import json_objects

GO_STACK = "main.log\n\t/src/main.go:7\nmain.main\n\t/src/main.go:3"
STEP = {"execution_arn": "arn:aws:states:eu-north-1:111122223333:execution:ship:1", "previous_event_id": "1"}


@pytest.mark.parametrize(
    ("value", "title"),
    [
        ({"level": "error", "msg": "save failed", "error": "pq: no room", "stacktrace": GO_STACK},
         "save failed: pq: no room"),
        ({"level": "ERROR", "msg": "save failed", "err": "no room: save failed"}, "save failed: no room: save failed"),
        ({"level": "ERROR", "msg": "save failed: no room", "err": "no room"}, "save failed: no room"),
        ({"level": 50, "msg": "save failed", "err": {"type": "DiskError", "message": "no room"}}, "DiskError: no room"),
        ({"level": 50, "msg": "save failed", "err": {"type": "DiskError"}}, "DiskError: save failed"),
        ({"level": 50, "err": {"name": "Error", "message": "Error: no room"}}, "Error: no room"),
        ({"level": "ERROR", "message": "save failed", "exception": "Oops: no room\n\tat Van.go(Van.java:7)"},
         "Oops: no room"),
        ({"level": "ERROR", "err": "no room"}, "no room"),
        ({"level": "ERROR", "message": {"errorType": "DiskError", "errorMessage": "no room", "stackTrace": []}},
         "DiskError: no room"),
        ({"level": "ERROR", "fields": {"message": "save failed", "error": "no room"}}, "save failed: no room"),
        ({"log": "2026-02-04 11:12:13,001 ERROR save failed\n", "stream": "stderr"}, "save failed"),
        ({"type": "TaskFailed", "details": {"error": "NoVan", "cause": "all gone"}, **STEP},
         "TaskFailed: NoVan: all gone"),
        ({"httpMethod": "GET", "resourcePath": "/vans/{id}", "status": "502", "integrationError": "gone"},
         "GET /vans/{id} 502 gone"),
        ({"request": "GET /vans/7 HTTP/1.1", "status": "502"}, "502 GET /vans/*"),
        ({"level": 50, "msg": "request failed", "req": {"method": "GET", "url": "/vans/7"}, "res": {"statusCode": 500}},
         "request failed: 500 GET /vans/*"),
        ({"status": 500, "method": "GET", "path": "/vans", "error": "VanError: no van"}, "VanError: no van"),
        ({"level": "ERROR", "action": "drive", "code": "NO_VAN", "parcel": 7}, "action=drive code=NO_VAN"),
        ({"level": "ERROR", "parcel": 7, "van": None}, "parcel=7"),
        ({"level": "ERROR", "parcels": [7]}, '{"level": "ERROR", "parcels": [7]}'),
    ],
)  # fmt: skip
def test_a_record_is_called_what_a_person_would_call_it(value: object, title: str) -> None:
    assert problem_of(json.dumps(value)).title == title


OTHER_CAUSES = [
    ({"level": "error", "msg": "save failed", "error": text, "stacktrace": GO_STACK}
     for text in ("no room", "no disk")),
    ({"level": "ERROR", "msg": "save failed", "err": text} for text in ("no room", "no disk")),
    ({"level": "ERROR", "message": "save failed", "err": {"type": kind}} for kind in ("DiskError", "RoomError")),
    ({"level": "ERROR", "message": message, "err": {"type": "DiskError", "message": "no room"}}
     for message in ("a", "b")),
    ({"level": "ERROR", "message": json.dumps({"msg": message})} for message in ("no room", "no disk")),
    ({"level": "ERROR", "message": {"errorType": kind, "errorMessage": "x"}} for kind in ("DiskError", "RoomError")),
    ({"type": kind, "details": {"error": "NoVan"}, **STEP} for kind in ("TaskFailed", "ExecutionFailed")),
    ({"type": "TaskFailed", "details": {"error": error}, **STEP} for error in ("NoVan", "NoRoad")),
    ({"method": "GET", "path": path, "status": 500} for path in ("/vans", "/roads")),
    ({"method": "GET", "path": "/vans", "status": status} for status in (500, 502)),
    ({"level": "ERROR", "action": action} for action in ("drive", "park")),
    (
        {"errorType": "Unhandled", "errorMessage": "x", "stack": ["Unhandled: x", "    at on (node:events:5:2)"],
         "reason": {"errorType": "DiskError", "stack": ["DiskError", f"    at {place} (/var/task/disk.js:7:1)"]}}
        for place in ("save", "load")
    ),
]  # fmt: skip


@pytest.mark.parametrize("values", [[*each] for each in OTHER_CAUSES])
def test_another_cause_is_another_problem(values: list[object]) -> None:
    assert len({problem_of(json.dumps(each)).identity for each in values}) == len(values) == 2


SAME_PROBLEM = [
    ({"level": 50, "msg": f"parcel {number} lost", "err": {"type": "DiskError", "message": f"disk {number}"}}
     for number in (7, 8)),
    ({"method": "GET", "path": f"/vans/{number}", "status": 500} for number in (7, 8)),
    ({"level": "ERROR", "action": "drive", "parcel": number} for number in (7, 8)),
    (
        {"err": {"type": "DiskError", "stack": [f"    at save (/app/disk.js:{line}:1)", "    at go (/app/go.js:1:1)"]}}
        for line in (7, 8)
    ),
]  # fmt: skip


@pytest.mark.parametrize("values", [[*each] for each in SAME_PROBLEM])
def test_other_values_are_the_same_problem(values: list[object]) -> None:
    assert len({problem_of(json.dumps(each)).identity for each in values}) == 1


def test_a_timeout_is_one_problem_in_either_of_lambda_s_formats() -> None:
    report = {"type": "platform.report", "record": {"status": "timeout", "metrics": {"durationMs": 3000.0}}}

    assert problem_of(json.dumps(report)) == problem_of("Task timed out after 3.00 seconds")


def test_a_failed_request_is_one_problem_as_text_and_as_a_record() -> None:
    text = '192.0.2.4 - - [04/Feb/2026:11:12:13 +0000] "GET /vans/7 HTTP/1.1" 502 17 "-" "curl/8"'

    assert problem_of(text) == problem_of(json.dumps({"request": "GET /vans/8 HTTP/2.0", "status": 502}))
    assert problem_of(text.replace("502", "404")).identity[0] != "request"


@given(json_objects)
def test_every_record_has_a_title_and_an_identity(value: dict[str, object]) -> None:
    problem = problem_of(json.dumps(value))

    assert problem.title.strip()
    assert problem.identity


@pytest.mark.parametrize("record", ['{"message": "no van", "n": 7}', '{"error": "no van"}'])
@pytest.mark.parametrize(
    "header",
    [
        *("[error] ", "ERROR ", "12:13:14.150 [error] ", "ERROR:root:", "[2026-02-04 12:13:14] app.ERROR: "),
        "2026-02-04 12:13:14,150 ERROR van - ",
    ],
)
def test_a_record_behind_a_logger_s_header_is_read(header: str, record: str) -> None:
    assert problem_of(header + record).identity == problem_of(record).identity
    assert level_of(header + record) is Level.ERROR


@pytest.mark.parametrize("said", ["no van for {'n': 7}", 'cannot read {"n": 7}'])
def test_what_stands_behind_a_sentence_is_no_record(said: str) -> None:
    assert problem_of(f"ERROR {said}").title == said
