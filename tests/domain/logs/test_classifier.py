"""What is an error, and what merely sounds like one."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.logs.classifier import is_error, level_of
from chalicelib.domain.logs.levels import Level

REQUEST = "6f9619ff-8b86-4011-b42d-00cf4fc964ff"
AT = "2025-10-09T08:55:00.123Z"

ERRORS = [
    '[ERROR] ZeroDivisionError: division by zero\nTraceback (most recent call last):\n  File "/var/task/a.py", line 3',
    f"[ERROR]\t{AT}\t{REQUEST}\tcould not book the parcel",
    f"{AT}\t{REQUEST}\tERROR\tTypeError: parcel.weigh is not a function\n    at handler (/var/task/index.js:9:13)",
    f'{AT}\t{REQUEST}\tERROR\tInvoke Error \t{{"errorType":"RangeError","errorMessage":"too far","stack":["at"]}}',
    f'{AT}\t{REQUEST}\tERROR\t{{"msg":"no level in here"}}',
    "2025-10-09 08:55:00,123 ERROR [main] org.example.Parcel - lost",
    "2025-10-09 08:55:00,123 - parcels - ERROR - lost",
    "ERROR:root:lost",
    "[09-Oct-2025 08:55:00] [error] lost the upstream",
    'time=2025-10-09T08:55:00Z level=error msg="lost the upstream"',
    'Exception in thread "main" java.lang.IllegalStateException: closed\n\tat org.example.Parcel.open(Parcel.java:7)',
    "java.lang.IllegalStateException: closed\n\tat org.example.Parcel.open(Parcel.java:7)",
    "Traceback (most recent call last):\n  File \"a.py\", line 1\nKeyError: 'weight'",
    "ValueError: weight is negative",
    "Error: connect ECONNREFUSED 10.0.0.7:5432",
    "Unhandled Promise Rejection",
    "Uncaught Exception: the bus left",
    "error: none of the replicas answered",
    "3 errors while booking",
    "an error occurred (AccessDenied) when calling the PutItem operation",
    '{"level": "ERROR", "message": "lost"}',
    '{"Level": "Error", "MessageTemplate": "lost {Parcel}"}',
    '{"severity": "err", "message": "lost"}',
    '{"log": {"level": "error"}, "message": "lost"}',
    '{"log.level": "error", "message": "lost"}',
    '{"level": 50, "msg": "lost"}',
    '{"errorType": "ValueError", "errorMessage": "lost", "stackTrace": ["x"]}',
    '{"msg": "lost", "err": {"type": "Error", "message": "gone"}}',
    '{"msg": "Error: lost"}',
    '{"broken json, but an Error: lost',
    *(
        "parcel 7 could not be delivered",
        "the depot is not answering",
        "gave up on parcel 7",
        "lost contact with van 7",
    ),
    *("disk /dev/sdb is full", "address already in use", "too many open files", "checksum mismatch in part 3"),
    *(
        "certificate for depot.example has expired",
        "scan of parcel 7 was rejected",
        "van 7 ran out of fuel",
        "no route to host",
    ),
    *("worker 7 died", "depot is unreachable", "delivery timed out", "quota exceeded for van 7", "fatal: no van"),
    *("Completed 500 Internal Server Error in 7ms", "CREATE_FAILED van depot", "UPDATE_ROLLBACK_IN_PROGRESS van depot"),
    *(
        "** (Van.LostError) van 7",
        "error_code=7",
        "bash: van: command not found",
        "ERRO[7] lost",
    ),
    "[pid: 7] GET /vans => generated 0 bytes in 7 msecs (HTTP/1.1 500) 2 headers in 8 bytes",
    '{"PRIORITY": "3", "MESSAGE": "lost", "_PID": "7"}',
    *(
        "E 2025-10-09 08:55:00 lost",
        "10-09 08:55:00.123  1234  5678 E Van     : lost an error",
        "08:55:00 [error] lost",
    ),
    "2025-10-09T08:55:00.123+0000 E STORAGE  [conn7] an error",
    f'{AT}\t{REQUEST}\tERROR\t{{"parcel": 7}}',
    *('{"parcel": 7, "exitCode": 137}', "exit code 3"),
    *(
        '{"job": "weigh", "job_state": "FAILED"}',
        '{"parcel": 7, "success": "false"}',
        "E: van not found",
        "van.go:7:2: undefined: x",
    ),
    *("%3|1770203533.1|FAIL|rdkafka#producer-1| [thrd:main]: lost", "Command did not exit successfully: van"),
    *(
        "depot.exceptions.OutOfReach: van 7",
        "NoSuchVan: dead",
        "VanTimeout: van 7",
        "make: *** No rule to make target 'van'.  Stop.",
        "configuration incomplete",
    ),
    *(
        "expected 12 parcels but got 11",
        "queue 0 timed out",
        "write ETIMEDOUT",
        "the depot responded 502",
        "van: States.TaskFailed",
        "oauth: invalid_grant",
        "no vans available",
        "depot 'north' not found",
        "InvalidVanNumber",
        "the van errored",
        "health went from ok to [RED]",
        "there was a problem with van 7",
        "no more retries",
    ),
]
ERRORS += [
    *(
        "upload failed connection reset by peer",
        "build failed email sent",
        "failure during report",
        "error from handler 7",
    ),
    *("sync stuck for 40 minutes", "write to depot rejected: too heavy", "label printer crashed on page 3"),
    *("weight went below zero", "belt 3 broke on Monday", "the van missed its slot", "no van picked up parcel 7"),
    *(
        "out of order handler threw",
        '{"severity_label": "err", "message": "gone"}',
        "\u2716 3 problems (2 errors, 1 warning)",
    ),
    *("Timeout obtaining a lease from the pool", "no listening endpoints available", "possible unhandled rejection: x"),
    *(
        "WRONGPASS No such user",
        "MISCONF Writes are not possible",
        f"({REQUEST}) Endpoint request timed out",
    ),
    *("read tcp 192.0.2.1:80->192.0.2.2:90: read: broken pipe", "partial upload: 3 of 9 parts", "lookup for it failed"),
    *("write tcp 192.0.2.1:80: write: broken pipe", "export of a.csv stopped at row 12", "secret not found"),
    *("failed vans: 0 errors: 5", "Unauthorized: van.driver", "timeout weighing parcel 7"),
]
ERRORS += [
    *(
        "9 vans, 2 failures",
        "Vans: 9, Failures: 2.",
        "npm error code EVAN",
        "ld: symbol(s) not found",
        "no module named van",
    ),
    *(
        "e: file:///src/Van.kt:7:9 Unresolved van",
        "dispatcher missed 3 tours",
        "lag of 7 s, above the limit",
        "the van sends no post",
    ),
    *(
        "duplicate parcel number 7",
        "it was destroyed but it is pending",
        "getaddrinfo EAI_AGAIN depot",
        "Warning FailedParking",
    ),
]
ERRORS += [
    *("\u274c van 7", " \u2715 weighs a parcel", "::error file=van.py,line=7::x", "2025-10-09T08:55:00Z E! [van] lost"),
    *("the manifest is null", "van service unavailable", "2 vans are unrouteable", "the depot replied with status 503"),
    *("van 7 is 9 minutes late", "events of van 7 stopped", "van.example: 550 5.1.1 refused", "weigh: EOF"),
    *("poll timeout has expired", "the scale seems broken", "no free van", "weighing took longer than allowed"),
    *("circuit breaker of depot tripped", "There were van failures", "the load is above 7", "van 7 vanished, gone"),
    '{"httpStatus": 503, "path": "/vans"}',
]
ERRORS += [
    *(
        "/bin/sh: van: not found",
        "signature invalid",
        "no connection to the depot",
        "crash in the scale",
        "certificate of depot.example is not trusted",
        "van overloaded",
    ),
    *("duplicate label for parcel 7", "rejecting connections of vans", "the depot closed the connection prematurely"),
    "[van] 502 GET /vans (192.0.2.4) 7.25ms",
]
FATAL = [
    "2025/10/09 08:55:00 [Recovery] 2025/10/09 - 08:55:00 panic recovered:",
    f"{AT} {REQUEST} Task timed out after 3.00 seconds",
    f"RequestId: {REQUEST} Error: Runtime exited with error: signal: killed\nRuntime.ExitError",
    '{"level": "fatal", "message": "lost"}',
    '{"level": 60, "msg": "lost"}',
    "2025-10-09 08:55:00 CRITICAL lost",
    '{"type": "platform.report", "record": {"status": "timeout"}}',
    '{"type": "platform.report", "record": {"status": "error", "errorType": "Runtime.OutOfMemory"}}',
    *("Killed", "malloc(): corrupted top size", "FATA[0003] lost", "Extension.Crash: van", "oom-kill: van"),
    *("van.sh: line 3: 410 Killed   ./van",),
    '{"type": "platform.runtimeDone", "record": {"status": "timeout"}}',
]
HARMLESS = [
    *(
        "corruption gone",
        "failed vans report made",
        "rejecting requests of van 7 as configured",
        "fixes a leak in vans",
    ),
    *("2025-10-09T08:55:00Z W! [van] failed", "disk /vans at 41 % full", "sampling 1 % of errors", "ping failed once"),
    *(
        "customer typed an invalid street",
        "error budget counter reset",
        "invalid vans purged",
        "broken vans this week: 0",
    ),
    *(
        "corrupt parcel detection is on",
        "VanWarning: it may fail",
        "::warning file=van.py::failed",
        "loss did not improve",
    ),
    *("+ grep -c failed van.log", "#12 [7/9] RUN make errors", "[GIN-debug] GET /errors --> van.getError (3 handlers)"),
    *(
        "mail to errors@depot.example was sent",
        "Error Load (0.4ms) for van 7",
        "AWS::SQS::Queue FailedVansQueue initiated",
    ),
    *(
        "invalid vans: 0",
        "exception mapper registered for VanException",
        'marked "van failed" as resolved',
        "npm run errors",
    ),
    *("error messages translated", "npm warn failed to find a van"),
    *("Bad Request: /carts/9", "Not Found: /favicon.ico", "http: server is shutting down gracefully"),
    *("ORA-00000: successful completion", "error count of it: 0 errors", "Looking for failed jobs"),
    *("key not found, creating it", "Cache key van:7 not found, loading it", "parameter not found in cache"),
    *("timeout remaining: 3 s", "timeout using the default of 30 s", "idle timeout closing the session"),
    *("resuming partial download of a.csv", "partial read of 9 bytes, continuing", "van.toml missing; using defaults"),
    *("", "booked", "0 errors", "done with 0 errors, 3 warnings", "no errors", "no unexpected errors", "without error"),
    *("error=null", "error=null status=200", "errors: 0", "errors: 0, warnings: 2", "error: none", "exception=None"),
    *('{"error": null, "message": "booked"}', '"error": null', '{"level": "info", "error": ""}', "error_count=0"),
    *('{"level": "INFO", "message": "an error that was mended: ValueError"}', '{"level": 30, "msg": "error"}'),
    *("INFO retrying after error 503", f"{AT}\t{REQUEST}\tINFO\tError: mended", f"[INFO]\t{AT}\t{REQUEST}\tError"),
    *("WARN  [main] org.example.Parcel - Exception swallowed", "2025-10-09 DEBUG fatal=false error"),
    *(
        "GET /error 200",
        "GET https://shop.example.com/error?error=1 200",
        "wrote to stderr",
        "error handler registered",
    ),
    *("with the exception of Sundays", "terror", "mirrored", 'level=info msg="error budget is fine"'),
    f"REPORT RequestId: {REQUEST}\tDuration: 3.00 ms\tStatus: error\tError Type: Runtime.ExitError",
    f"START RequestId: {REQUEST} Version: error",
    '{"type": "platform.report", "record": {"status": "error"}}',
    '{"type": "platform.start", "record": {"error": "Error"}}',
    *("    at handler (/var/task/error.js:9:13)", '  File "error.py", line 3', "Traceback (most recent call last):"),
    "Caused by: java.io.IOException: closed",
    *(
        '  warnings.warn("failed to load the van")',
        "> shop@1.0.0 errors\n> jest --bail errors",
        "\u2716 1 problem (0 errors)",
    ),
    *("sent 502 bytes  received 500 bytes", "failed parcels reset", "the failure was injected on purpose"),
    '{"severity_label": "warning", "message": "van lost"}',
    *(
        "\u2713 rejects a parcel without an address (3 ms)",
        "--- PASS: TestParcelLost (0.00s)",
        "0 of 12 parcels failed",
    ),
    *(
        "Mar  1 09:00:00 host van[7]: reset failed parcels",
        "Van is connected, 0 lost, 0 timed out",
        "error=0.25 loss=0.5",
    ),
    *(
        "SELECT id FROM errors WHERE state = 'failed'",
        "no parcels were lost",
        "purged 3 expired tokens",
        "PANIC_MODE=off",
    ),
    *(
        "2025-10-09 08:55:00 UTC [7] LOG:  could not send data to client: Broken pipe",
        "DEBU[0003] failed",
        "WARN[7] lost",
    ),
    *(
        "timeout set to 30 s",
        "will fail if there is no van",
        "kubelet: Warning: it failed",
    ),
    '192.0.2.4 - - [09/Oct/2025:08:55:00 +0000] "GET /errors HTTP/1.1" 404 17',
    '{"success": true, "error": null}',
    *("10-09 08:55:00.123  1234  5678 W Van     : an error", "2025-10-09T08:55:00.123+0000 W STORAGE  [conn7] error"),
    f'{AT}\t{REQUEST}\tINFO\t{{"errorType": "none of ours", "level": "ERRATIC"}}',
    f'{AT}\t{REQUEST}\tINFO\t{{"errorType": "none of ours"}}',
    *('{"job": "weigh", "old_state": "FAILED"}', '{"parcel": 7, "success": "true"}', "W: van not found"),
    *("%4|1770203533.1|MAXPOLL|rdkafka#consumer-1| [thrd:main]: exceeded", "(node:7) VanWarning: Van may fail"),
    *(
        "7:M 04 Feb 2026 11:12:13.001 * Replication failed over",
        'vans_failed_total{depot="7"} 500',
        "van got signal 15",
    ),
    *(
        "Hibernate: select v.error from vans v where v.state='FAILED'",
        "java -XX:+ExitOnOutOfMemoryError",
        "3 broken links",
    ),
    *(
        "test vans::fail ... ok",
        "parcel refused by the customer",
        "mail about failed deliveries sent",
    ),
]


@pytest.mark.parametrize("message", ERRORS)
def test_an_error_is_found(message: str) -> None:
    assert level_of(message) is Level.ERROR


@pytest.mark.parametrize("message", FATAL)
def test_a_fatal_error_is_found(message: str) -> None:
    assert level_of(message) is Level.FATAL


@pytest.mark.parametrize("message", HARMLESS)
def test_what_merely_sounds_like_an_error_is_none(message: str) -> None:
    """Failure 11: "0 errors" and "error=null" matched, and so did the monitoring's own logs."""
    assert not is_error(message)


@pytest.mark.parametrize("said", ["Scan finished", "Query brought no result", "3 errors found", "Unreadable detail"])
def test_the_monitoring_s_own_lines_are_none(said: str) -> None:
    line = {
        "time": AT,
        "level": "INFO",
        "logger": "chalicelib.services.scanning.scanner",
        "message": said,
        "failure": "Error",
    }

    assert not is_error(json.dumps(line))


@given(st.text() | st.text(alphabet='{}[]":, error\t\nERROR0null=Exception'))
def test_any_text_can_be_classified(message: str) -> None:
    assert level_of(message) in {None, Level.ERROR, Level.FATAL}


@given(
    st.dictionaries(
        st.sampled_from(["level", "type", "record", "log", "error", "message", "err"]),
        st.none()
        | st.text()
        | st.integers()
        | st.booleans()
        | st.lists(st.text())
        | st.dictionaries(st.text(), st.text()),
    )
)
def test_any_json_object_can_be_classified(record: dict[str, object]) -> None:
    assert level_of(json.dumps(record | {"note": "error"})) in {None, Level.ERROR, Level.FATAL}


def test_json_nested_too_deep_is_judged_as_text() -> None:
    assert is_error('{"Error: lost":' + "[" * 100_000)


@pytest.mark.parametrize(
    "piece",
    [
        *("error ", "0 ", "\n", " \n", "\tat a(", '"GET /x', "a.", "A::", "(A", "=0", "err = ", "Error: ", "{", "E"),
        *("no error ", "level=", "set to ", "http://", "/", "'", "status=", "[error", "\x1b[", "from x:1:in ", "\\"),
    ],
)
def test_an_endless_line_takes_no_endless_time(piece: str) -> None:
    """100 kB; quadratic patterns would run into the test's time-out in CI."""
    assert level_of(f"x {piece * (100_000 // len(piece))} error") in {None, *Level}


@pytest.mark.parametrize(
    ("record", "level"),
    [
        ({"level": True, "error": "lost"}, Level.ERROR),
        ({"level": [], "error": "lost"}, Level.ERROR),
        ({"severity": 9, "error": "lost"}, Level.ERROR),
        ({"severity": 2, "message": "lost"}, Level.FATAL),
        ({"severity": 7, "error": "lost"}, None),
        ({"level": "custom", "error": "lost"}, Level.ERROR),
        ({"level": "50", "msg": "lost"}, Level.ERROR),
        ({"level": "50\x1f", "msg": "lost"}, Level.ERROR),
        ({"level": 3, "error": "lost"}, Level.ERROR),
        ({"event": {"outcome": "failure"}, "message": "lost"}, Level.ERROR),
        ({"success": False, "message": "failed"}, Level.ERROR),
        ({"statusCode": 503, "body": "failed"}, Level.ERROR),
        ({"exitCode": 2, "output": "failed"}, Level.ERROR),
        ({"exitCode": 0, "output": "failed"}, None),
        ({"type": "platform.report", "record": "timeout error"}, None),
        ({"message": {"message": {"message": {"message": {"errorType": "deep"}}}}}, None),
    ],
)
def test_a_record_s_level_is_read_as_its_logger_means_it(record: dict[str, object], level: Level | None) -> None:
    assert level_of(json.dumps(record)) is level


def test_an_outcome_is_believed() -> None:
    assert is_error("charge outcome=failure order=7")


@pytest.mark.parametrize(
    "text", ["van 12345 is lost, depot 10.0.0.7 does not respond", "van 12345 is at depot 10.0.0.7"]
)
def test_long_numbers_and_length_change_nothing(text: str) -> None:
    others = (text.replace("12345", "999999").replace("10.0.0.7", "192.0.2.200"), text + " today" * 200)

    assert {is_error(each) for each in others} == {is_error(text)}


@pytest.mark.parametrize("code", ["\x1b[?25h", "\x1b[2K\x1b[1G", "\x1b[33m"])
def test_a_level_is_read_behind_codes_for_a_terminal(code: str) -> None:
    assert level_of(f"{code}WARN failed to load the van") is not Level.ERROR
