"""Logs Insights: every status means something else, and only one of them "this is all"."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber
from moto import mock_aws

from chalicelib.domain.classification import SUSPECT
from chalicelib.domain.coverage import Reason
from chalicelib.domain.logs import Line
from chalicelib.domain.scan_file import LONGEST_FILTER
from chalicelib.domain.windows import Window
from chalicelib.gateways.logs_insights import LARGEST_RESULT, QUERY, LogsInsights
from tests.fakes import FakeClock
from tests.gateways.aws import aws

PAY, SHIP = "/aws/lambda/pay", "/aws/lambda/ship"
START = 1_760_000_100
WINDOW = Window(START, START + 300)
STARTED = {"queryId": "q-1"}
QUESTION = {
    "logGroupNames": [PAY, SHIP],
    "startTime": START,
    "endTime": START + 300,
    "queryString": QUERY.format(SUSPECT),
    "limit": LARGEST_RESULT,
}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(START + 500)


@pytest.fixture
def client() -> Any:
    return aws("logs")


@pytest.fixture
def stub(client: Any) -> Iterator[Stubber]:
    with Stubber(client) as stub:
        yield stub
        stub.assert_no_pending_responses()


@pytest.fixture
def logs(client: Any, clock: FakeClock) -> LogsInsights:
    return LogsInsights(client, clock)


def deadline(clock: FakeClock) -> int:
    return clock.now() + 60


def row(at: float, log_group: str = PAY, message: str = "Error: lost") -> list[dict[str, str]]:
    moment = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    return [
        {"field": "@timestamp", "value": moment},
        {"field": "@message", "value": message},
        {"field": "@log", "value": f"111122223333:{log_group}"},
        {"field": "@logStream", "value": "2025/10/09/[$LATEST]abc"},
        {"field": "@ptr", "value": "opaque"},
    ]


def answer(status: str, *rows: list[dict[str, str]], matched: float | None = None) -> dict[str, Any]:
    return {
        "status": status,
        "results": list(rows),
        "statistics": {"recordsMatched": len(rows) if matched is None else matched, "bytesScanned": 1234.0},
    }


def test_a_complete_query_brings_lines_and_what_they_cost(stub: Stubber, logs: LogsInsights, clock: FakeClock) -> None:
    stub.add_response("start_query", STARTED, QUESTION)
    stub.add_response("get_query_results", answer("Complete", row(START + 7.25)), {"queryId": "q-1"})

    found = logs.search([PAY, SHIP], WINDOW, deadline(clock))

    assert found.lines == (Line(START + 7, PAY, "2025/10/09/[$LATEST]abc", "Error: lost"),)
    assert (found.reason, found.truncated, found.missing, found.scanned) == (None, False, (), 1234)


def test_a_scheduled_or_running_query_is_waited_for_longer_and_longer(
    stub: Stubber, logs: LogsInsights, clock: FakeClock
) -> None:
    """Failure 3: polling that stops at any status but Running takes Scheduled for "no errors"."""
    stub.add_response("start_query", STARTED)
    for status in ("Scheduled", "Scheduled", "Running", "Running"):
        stub.add_response("get_query_results", answer(status))
    stub.add_response("get_query_results", answer("Complete", row(START)))

    assert len(logs.search([PAY], WINDOW, deadline(clock)).lines) == 1
    assert clock.slept == [0.5, 1.0, 2.0, 4.0]


@pytest.mark.parametrize(
    ("status", "reason"),
    [("Failed", Reason.FAILED), ("Cancelled", Reason.CANCELLED), ("Timeout", Reason.TIMED_OUT)],
)
def test_a_query_that_ended_otherwise_is_no_empty_answer(
    status: str, reason: Reason, stub: Stubber, logs: LogsInsights, clock: FakeClock
) -> None:
    """Failure 3: Failed reads as "no errors"."""
    stub.add_response("start_query", STARTED)
    stub.add_response("get_query_results", answer(status, row(START)))

    found = logs.search([PAY], WINDOW, deadline(clock))

    assert (found.reason, found.lines) == (reason, ())


@pytest.mark.parametrize("status", ["Unknown", "SomethingNew"])
def test_a_status_that_nobody_knows_is_a_reason_and_the_query_is_stopped(
    status: str, stub: Stubber, logs: LogsInsights, clock: FakeClock
) -> None:
    stub.add_response("start_query", STARTED)
    stub.add_response("get_query_results", answer(status))
    stub.add_response("stop_query", {"success": True}, {"queryId": "q-1"})

    assert logs.search([PAY], WINDOW, deadline(clock)).reason is Reason.UNKNOWN


def test_at_the_deadline_the_query_is_stopped(stub: Stubber, logs: LogsInsights, clock: FakeClock) -> None:
    """Failure 9: queries that timed out were left running."""
    stub.add_response("start_query", STARTED)
    for _ in range(4):
        stub.add_response("get_query_results", answer("Running"))
    stub.add_response("stop_query", {"success": True}, {"queryId": "q-1"})

    found = logs.search([PAY], WINDOW, clock.now() + 5)

    assert found.reason is Reason.TIMED_OUT
    assert clock.now() <= START + 500 + 6


def test_a_query_that_cannot_be_stopped_is_still_an_answer(stub: Stubber, logs: LogsInsights, clock: FakeClock) -> None:
    stub.add_response("start_query", STARTED)
    stub.add_response("get_query_results", answer("Unknown"))
    stub.add_client_error("stop_query", "InvalidParameterException")

    assert logs.search([PAY], WINDOW, deadline(clock)).reason is Reason.UNKNOWN


def test_too_many_queries_at_once_is_waited_out(stub: Stubber, logs: LogsInsights, clock: FakeClock) -> None:
    for _ in range(3):
        stub.add_client_error("start_query", "LimitExceededException")
    stub.add_response("start_query", STARTED)
    stub.add_client_error("get_query_results", "ThrottlingException")
    stub.add_response("get_query_results", answer("Complete"))

    assert logs.search([PAY], WINDOW, deadline(clock)).reason is None
    assert clock.slept == [0.5, 1.0, 2.0, 0.5]


def test_too_many_queries_until_the_deadline_is_a_reason(stub: Stubber, logs: LogsInsights, clock: FakeClock) -> None:
    for _ in range(4):
        stub.add_client_error("start_query", "LimitExceededException")

    assert logs.search([PAY], WINDOW, clock.now() + 5).reason is Reason.THROTTLED


def test_results_that_cannot_be_fetched_until_the_deadline_stop_the_query(
    stub: Stubber, logs: LogsInsights, clock: FakeClock
) -> None:
    stub.add_response("start_query", STARTED)
    for _ in range(4):
        stub.add_client_error("get_query_results", "ThrottlingException")
    stub.add_response("stop_query", {"success": True}, {"queryId": "q-1"})

    assert logs.search([PAY], WINDOW, clock.now() + 5).reason is Reason.THROTTLED


@pytest.mark.parametrize(
    ("code", "reason"), [("MalformedQueryException", Reason.REJECTED), ("AccessDeniedException", Reason.FAILED)]
)
def test_a_refused_query_is_a_reason(
    code: str, reason: Reason, stub: Stubber, logs: LogsInsights, clock: FakeClock
) -> None:
    stub.add_client_error("start_query", code)

    assert logs.search([PAY], WINDOW, deadline(clock)).reason is reason


def test_a_query_that_aws_forgot_is_a_reason(stub: Stubber, logs: LogsInsights, clock: FakeClock) -> None:
    stub.add_response("start_query", STARTED)
    stub.add_client_error("get_query_results", "ResourceNotFoundException")
    stub.add_response("stop_query", {"success": False}, {"queryId": "q-1"})

    assert logs.search([PAY], WINDOW, deadline(clock)).reason is Reason.FAILED


def test_an_unreachable_service_is_a_reason(
    client: Any, logs: LogsInsights, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(**_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://logs.example.com")

    monkeypatch.setattr(client, "start_query", unreachable)

    assert logs.search([PAY], WINDOW, deadline(clock)).reason is Reason.FAILED


def test_a_missing_log_group_is_found_out_and_the_others_are_asked(
    stub: Stubber, logs: LogsInsights, clock: FakeClock
) -> None:
    """Failure 9: one missing log group aborted all that followed."""
    stub.add_client_error("start_query", "ResourceNotFoundException")
    longer = {"logGroups": [{"logGroupName": PAY + "ment"}]}
    stub.add_response("describe_log_groups", longer, {"logGroupNamePrefix": PAY, "limit": 1})
    stub.add_response(
        "describe_log_groups", {"logGroups": [{"logGroupName": SHIP}]}, {"logGroupNamePrefix": SHIP, "limit": 1}
    )
    stub.add_response("start_query", STARTED, QUESTION | {"logGroupNames": [SHIP]})
    stub.add_response("get_query_results", answer("Complete", row(START, SHIP)))

    found = logs.search([PAY, SHIP], WINDOW, deadline(clock))

    assert (found.missing, [line.log_group for line in found.lines], found.reason) == ((PAY,), [SHIP], None)


def test_where_all_log_groups_are_missing_there_is_nothing_to_ask(
    stub: Stubber, logs: LogsInsights, clock: FakeClock
) -> None:
    stub.add_client_error("start_query", "ResourceNotFoundException")
    stub.add_response("describe_log_groups", {"logGroups": []})

    found = logs.search([PAY], WINDOW, deadline(clock))

    assert (found.missing, found.reason, found.lines) == ((PAY,), None, ())


def test_a_log_group_that_vanishes_meanwhile_is_left_to_the_next_run(
    stub: Stubber, logs: LogsInsights, clock: FakeClock
) -> None:
    stub.add_client_error("start_query", "ResourceNotFoundException")
    stub.add_response("describe_log_groups", {"logGroups": [{"logGroupName": PAY}]})
    stub.add_client_error("start_query", "ResourceNotFoundException")

    assert logs.search([PAY], WINDOW, deadline(clock)).reason is Reason.FAILED


def test_more_matches_than_rows_is_truncated(stub: Stubber, logs: LogsInsights, clock: FakeClock) -> None:
    """Failure 10: what lies beyond the limit was never seen."""
    stub.add_response("start_query", STARTED)
    stub.add_response("get_query_results", answer("Complete", row(START), matched=2))

    assert logs.search([PAY], WINDOW, deadline(clock)).truncated


def test_as_many_rows_as_the_limit_are_truncated(
    stub: Stubber, logs: LogsInsights, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.gateways.logs_insights.LARGEST_RESULT", 2)
    stub.add_response("start_query", STARTED)
    stub.add_response("get_query_results", answer("Complete", row(START), row(START)))

    assert logs.search([PAY], WINDOW, deadline(clock)).truncated


def test_the_last_second_belongs_to_the_window_and_the_end_does_not(
    stub: Stubber, logs: LogsInsights, clock: FakeClock
) -> None:
    """Insights' end is inclusive; the windows are not."""
    stub.add_response("start_query", STARTED)
    inside, outside = row(START + 299.999), row(START + 300)
    stub.add_response("get_query_results", answer("Complete", row(START), inside, outside))

    assert [line.at for line in logs.search([PAY], WINDOW, deadline(clock)).lines] == [START, START + 299]


def test_the_query_fits_insights_and_asks_for_what_is_read() -> None:
    assert QUERY.startswith("fields @timestamp, @message, @log, @logStream | filter @message like /(?i)(")
    assert len(QUERY) + LONGEST_FILTER <= 10_000


def test_what_a_rule_calls_an_error_is_asked_for(stub: Stubber, client: Any, clock: FakeClock) -> None:
    question = QUESTION | {"queryString": QUERY.format(r"error|out of stock: \w{1,9}")}
    stub.add_response("start_query", STARTED, question)
    stub.add_response("get_query_results", answer("Complete", row(START)))

    logs = LogsInsights(client, clock, r"error|out of stock: \w{1,9}")

    assert logs.search([PAY, SHIP], WINDOW, deadline(clock)).lines


@pytest.fixture
def moto() -> Iterator[Any]:
    with mock_aws():
        client = aws("logs")
        for log_group in (PAY, SHIP):
            client.create_log_group(logGroupName=log_group)
            client.create_log_stream(logGroupName=log_group, logStreamName="s")
        yield client


def put(client: Any, log_group: str, *milliseconds: int) -> None:
    events = [{"timestamp": at, "message": f"Error at {at}"} for at in milliseconds]
    client.put_log_events(logGroupName=log_group, logStreamName="s", logEvents=events)


def test_two_windows_on_moto_see_every_line_exactly_once(moto: Any, clock: FakeClock) -> None:
    """Asking up to the second before the end would lose what came in its last 999 milliseconds."""
    now = int(datetime.now(UTC).timestamp())
    first, second = Window(now - 600, now - 300), Window(now - 300, now)
    edge = (now - 300) * 1_000
    put(moto, PAY, (now - 600) * 1_000, edge - 1, edge, edge + 1, now * 1_000 - 1)
    logs = LogsInsights(moto, clock)

    found = [logs.search([PAY, SHIP], window, deadline(clock)).lines for window in (first, second)]

    assert [[line.at - now for line in lines] for lines in found] == [[-600, -301], [-300, -300, -1]]
    assert found[0][0] == Line(now - 600, PAY, "s", f"Error at {(now - 600) * 1_000}")


def test_a_missing_log_group_on_moto_stops_no_other(moto: Any, clock: FakeClock) -> None:
    now = int(datetime.now(UTC).timestamp())
    put(moto, SHIP, (now - 1) * 1_000)

    found = LogsInsights(moto, clock).search(["/gone", PAY, SHIP], Window(now - 300, now), deadline(clock))

    assert (found.missing, len(found.lines)) == (("/gone",), 1)
