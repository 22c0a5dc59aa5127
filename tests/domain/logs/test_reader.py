"""The reader of records: which level, message and errors a record has, whoever wrote it and whatever wraps it."""

import json

import pytest
from hypothesis import given

from chalicelib.domain.logs.levels import Level
from chalicelib.domain.logs.logged_errors import LoggedError
from chalicelib.domain.logs.reader import LogRecord, read
from tests.domain.logs.given import json_objects

PINO = {"level": 50, "msg": "parcel lost", "err": {"type": "VanError", "message": "no van"}}
VAN = LoggedError("VanError", "no van")


def record(value: object, header: str = "") -> LogRecord:
    found = read(header + json.dumps(value))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("value", "message", "level"),
    [
        ({"level": "error", "msg": "lost"}, "lost", Level.ERROR),
        ({"lvl": "ERRO", "msg": "lost"}, "lost", Level.ERROR),
        ({"@level": "warn", "@message": "late"}, "late", None),
        ({"@t": "now", "@mt": "lost {Parcel}", "@l": "Fatal"}, "lost {Parcel}", Level.FATAL),
        ({"Level": "Error", "MessageTemplate": "lost {Parcel}", "RenderedMessage": "lost 7"}, "lost 7", Level.ERROR),
        ({"level": "ERROR", "fields": {"message": "lost"}, "target": "shop"}, "lost", Level.ERROR),
        ({"severityNumber": 18, "body": {"stringValue": "lost"}}, "lost", Level.ERROR),
        ({"log.level": "error", "message": "lost"}, "lost", Level.ERROR),
        ({"log": {"level": "error"}, "message": "lost"}, "lost", Level.ERROR),
        ({"version": "1.1", "short_message": "lost", "level": 2}, "lost", Level.FATAL),
        ({"MESSAGE": "lost", "PRIORITY": "3", "_SYSTEMD_UNIT": "van.service"}, "lost", Level.ERROR),
        ({"s": "F", "c": "CONTROL", "ctx": "main", "msg": "lost"}, "lost", Level.FATAL),
        ({"prio": 1, "err_symbol": "ER_LOST", "label": "Error", "msg": "lost"}, "lost", Level.ERROR),
        ({"error_severity": "PANIC", "message": "lost"}, "lost", Level.FATAL),
        ({"output": "lost", "priority": "Critical", "rule": "r", "output_fields": {}}, "", Level.FATAL),
        ({"reqId": "a", "remoteAddr": "", "level": 4, "message": "lost"}, "lost", Level.FATAL),
        ({"severityLevel": 3, "message": "lost"}, "lost", Level.ERROR),
        ({"level_value": 40000, "message": "lost"}, "lost", Level.ERROR),
        ({"text": "now | lost", "record": {"level": {"name": "ERROR", "no": 40}, "message": "lost"}},
         "lost", Level.ERROR),
        ({"event": "lost", "level": "critical"}, "lost", Level.FATAL),
        ({"level": "UNDEFINED", "message": "lost"}, "lost", "silent"),
        ({"priority": "critical", "message": "ticket opened"}, "ticket opened", "silent"),
        ({"@t": "now", "@m": "booked with error"}, "booked with error", None),
        ({"event": {"outcome": "failure"}}, "", "silent"),
    ],
)  # fmt: skip
def test_a_record_is_read_as_its_logger_means_it(value: object, message: str, level: Level | str | None) -> None:
    found = record(value)

    assert (found.message, "silent" if found.is_silent else found.level) == (message, level)


@pytest.mark.parametrize(
    "value",
    [
        {"log": json.dumps(PINO), "stream": "stdout"},
        {"timestamp": "now", "level": "INFO", "message": json.dumps(PINO)},
        {"timestamp": "now", "level": "INFO", "message": PINO},
        {"log": json.dumps({"message": json.dumps(PINO)}), "container_name": "van"},
        {"body": {"kvlistValue": {"values": [
            {"key": "level", "value": {"stringValue": "error"}},
            {"key": "msg", "value": {"stringValue": "parcel lost"}},
            {"key": "error.type", "value": {"stringValue": "VanError"}},
            {"key": "error.message", "value": {"stringValue": "no van"}},
        ]}}},
    ],
)  # fmt: skip
def test_what_wraps_a_record_does_not_hide_it(value: object) -> None:
    found = record(value)

    assert (found.message, found.errors, found.level) == ("parcel lost", (VAN,), Level.ERROR)


@pytest.mark.parametrize(
    "header",
    [
        "van-1  | ",
        "2026-02-04T11:12:13.5Z stderr F ",
        "Feb  4 11:12:13 host van[7]: ",
        "<13>Feb  4 11:12:13 host van: @cee: ",
        "2026-02-04T11:12:13.500Z\t4f1c\tERROR\t",
        "[ERROR]\t2026-02-04T11:12:13.500Z\t4f1c\t",
    ],
)
def test_what_stands_before_a_record_does_not_hide_it(header: str) -> None:
    assert record(PINO, header).errors == (VAN,)


def test_a_statement_before_json_is_no_header() -> None:
    assert read('Endpoint response body: {"error": "none left"}') is None


def test_a_line_that_ends_within_a_text_of_a_record_ends_no_record() -> None:
    found = read('{"level": "error", "msg": "no van\nnor a horse"}')

    assert found
    assert found.message == "no van\nnor a horse"


def test_details_in_the_last_column_leave_the_message_where_it_is() -> None:
    assert record({"parcel": 7}, "2026-02-04T11:12:13Z\tERROR\tvan/van.go:7\tparcel lost\t").message == "parcel lost"
    assert record({"parcel": 7}, "2026-02-04T11:12:13Z\t4f1c\tERROR\tInvoke Error \t").message == ""


def test_of_many_records_exported_together_the_first_of_the_worst_is_read() -> None:
    def exported(*records: object) -> dict[str, object]:
        return {"resourceLogs": [{"scopeLogs": [{"logRecords": [*records]}, {}]}, 7]}

    fine, bad = (
        {"severityNumber": number, "body": {"stringValue": text}} for number, text in ((9, "fine"), (17, "bad"))
    )

    assert record(exported(fine, bad, bad)).message == "bad"
    assert record(exported(7)).message == ""


@pytest.mark.parametrize(
    ("value", "errors"),
    [
        ({"errorType": "VanError", "errorMessage": "no van"}, [VAN]),
        ({"error.type": "VanError", "error.message": "no van"}, [VAN]),
        ({"error.kind": "VanError", "error.message": "no van"}, [VAN]),
        ({"attributes": [{"key": "exception.type", "value": {"stringValue": "VanError"}},
                         {"key": "exception.message", "value": {"stringValue": "no van"}}]}, [VAN]),
        ({"_error_type": "VanError", "_error_message": "no van"}, [VAN]),
        ({"error": {"name": "VanError", "message": "no van"}}, [VAN]),
        ({"exception": {"exception_class": "VanError", "exception_message": "no van"}}, [VAN]),
        ({"error": "VanError: no van"}, [VAN]),
        ({"exception": ["VanError", "no van"]}, [VAN]),
        ({"context": {"exception": {"class": "VanError", "message": "no van"}}}, [VAN]),
        ({"err": "no van"}, [LoggedError(message="no van")]),
        ({"error": 28}, [LoggedError(message="28")]),
        ({"error": True}, [LoggedError()]),
        ({"errorcode": "E7"}, [LoggedError(message="E7")]),
        ({"s": "E", "ctx": "main", "attr": {"error": 28, "message": "no van"}}, [LoggedError(message="no van")]),
        ({"s": "E", "ctx": "main", "attr": {"error": 28}}, [LoggedError(message="28")]),
        ({"errors": [{"message": "no van"}, {"message": "no road"}]}, [LoggedError(message="no van")]),
        ({"errorType": "Function<Van::Error>", "errorMessage": "no van"}, [LoggedError("Van::Error", "no van")]),
        ({"error": "null", "exception": "-", "err": {}, "errors": [], "stack": "prod"}, []),
        ({"errorType": "Unhandled", "reason": {"errorType": "VanError", "errorMessage": "no van"}},
         [LoggedError("Unhandled"), VAN]),
        ({"err": {"type": "Error", "message": "late", "cause": {"type": "VanError", "message": "no van"}}},
         [LoggedError("Error", "late"), VAN]),
        ({"err": {"type": "AggregateError", "errors": [{"type": "VanError", "message": "no van"}]}},
         [LoggedError("AggregateError"), VAN]),
        ({"exception": {"exceptionType": "Late",
                        "causedBy": {"exception": {"exceptionType": "VanError", "message": "no van"}}}},
         [LoggedError("Late"), VAN]),
        ({"exception": [{"exc_type": "Late", "exc_value": "x"}, {"exc_type": "VanError", "exc_value": "no van"}]},
         [LoggedError("Late", "x"), VAN]),
        ({"error": "no van", "stacktrace": "van.Go\n\t/van.go:7"}, [LoggedError("", "no van", "van.Go\n\t/van.go:7")]),
        ({"stack_trace": "VanError: no van\n\tat Van.go(Van.java:7)"},
         [LoggedError(stack="VanError: no van\n\tat Van.go(Van.java:7)")]),
        ({"Exception": "VanError: no van    at Shop.Van.Go()    at Shop.Main()"},
         [LoggedError(stack="VanError: no van\n   at Shop.Van.Go()\n   at Shop.Main()")]),
    ],
)  # fmt: skip
def test_errors_are_read_by_the_names_that_loggers_have_for_them(value: object, errors: list[LoggedError]) -> None:
    assert [*record(value).errors] == errors


@pytest.mark.parametrize(
    ("frame", "line"),
    [
        ("at Van.go(Van.java:7)", "at Van.go(Van.java:7)"),
        ({"class": "Van", "method": "go", "line": 7}, "at Van.go(Unknown Source)"),
        ({"className": "Van", "methodName": "go"}, "at Van.go(Unknown Source)"),
        ({"path": "van.rb", "label": "go"}, "at go (van.rb:0)"),
        ({"file": "van.py", "function": "go"}, 'File "van.py", line 0, in go'),
        ({"filename": "van.py", "name": "go"}, 'File "van.py", line 0, in go'),
        ({"func": "go", "source": "van.go", "line": "7"}, "go()\n\tvan.go:0"),
        ({"odd": 1}, ""),
        (7, ""),
    ],
)
def test_frames_that_a_logger_took_apart_are_written_as_their_language_does(frame: object, line: str) -> None:
    (error,) = record({"err": {"type": "VanError", "stack": [frame, "end"]}}).errors

    assert error.stack == f"{line}\nend"


def test_of_an_endless_stack_both_ends_are_read() -> None:
    (error,) = record({"err": {"type": "VanError", "stack": [f"at f{number}" for number in range(1_000)]}}).errors

    assert error.stack.splitlines()[::199] == ["at f0", "at f999"]


def test_endless_causes_are_read_as_far_as_they_are_of_use() -> None:
    cause: dict[str, object] = {"type": "VanError"}
    for _ in range(50):
        cause = {"type": "VanError", "cause": cause}

    assert 1 < len(record({"err": cause}).errors) < 20


@given(json_objects)
def test_no_record_is_too_strange_to_be_read(value: dict[str, object]) -> None:
    found = record(value)

    assert found.layers
    assert isinstance(found.message, str)
    assert all(isinstance(text, str) for each in found.errors for text in (each.type, each.message, each.stack))
