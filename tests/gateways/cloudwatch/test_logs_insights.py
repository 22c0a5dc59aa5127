"""Logs Insights: every status means something else, and only one of them "this is all"."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber
from moto import mock_aws

from chalicelib.config.scan import LONGEST_FILTER
from chalicelib.domain.scanning.error_groups import LogLine
from chalicelib.domain.scanning.gaps import GapReason
from chalicelib.domain.scanning.queries import LogQuery, QueryHandle, QueryRefused, ResultPage
from chalicelib.domain.scanning.windows import Window
from chalicelib.gateways.cloudwatch.logs_insights import DELAYED, FILTER, LARGEST_RESULT, QUERY, LogsInsights
from tests.gateways.aws import aws

PAY, SHIP = "/aws/lambda/pay", "/aws/lambda/ship"
START = 1_760_000_100
WINDOW = Window(START, START + 300)
STARTED = {"queryId": "q-1"}
ROWS = 500
QUESTION = LogQuery((PAY, SHIP), WINDOW)
RUNNING = QueryHandle("q-1", QUESTION)
REQUEST = {
    "logGroupNames": [PAY, SHIP],
    "startTime": START,
    "endTime": START + 300,
    "queryString": QUERY.format(FILTER),
    "limit": LARGEST_RESULT,
}


@pytest.fixture
def client() -> Any:
    return aws("logs")


@pytest.fixture
def stub(client: Any) -> Iterator[Stubber]:
    with Stubber(client) as stub:
        yield stub
        stub.assert_no_pending_responses()


@pytest.fixture
def logs(client: Any) -> LogsInsights:
    return LogsInsights(client)


def row(at: float, log_group: str = PAY, message: str = "Error: lost", ingested: float = 0) -> list[dict[str, str]]:
    cells = [
        {"field": "@timestamp", "value": moment(at)},
        {"field": "@message", "value": message},
        {"field": "@log", "value": f"111122223333:{log_group}"},
        {"field": "@logStream", "value": "2025/10/09/[$LATEST]abc"},
        {"field": "@ptr", "value": "opaque"},
    ]
    return [*cells, {"field": "@ingestionTime", "value": moment(ingested)}] if ingested else cells


def moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


def result_page(
    status: str, *rows: list[dict[str, str]], matched: float | None = None, token: str = ""
) -> dict[str, Any]:
    return {
        "status": status,
        "results": list(rows),
        "statistics": {"recordsMatched": len(rows) if matched is None else matched, "bytesScanned": 1234.0},
        **({"nextToken": token} if token else {}),
    }


def read(logs: LogsInsights, query: QueryHandle = RUNNING) -> ResultPage:
    found = logs.result(query, ROWS)
    assert found
    return found


def test_a_query_is_sent_to_insights(stub: Stubber, logs: LogsInsights) -> None:
    stub.add_response("start_query", STARTED, REQUEST)

    assert logs.start(QUESTION) == RUNNING


def test_a_service_without_further_pages_is_queried_for_one(stub: Stubber, logs: LogsInsights) -> None:
    refusal = (
        "Value '100000' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000"
    )
    stub.add_client_error("start_query", "InvalidParameterException", refusal)
    stub.add_response("start_query", STARTED, REQUEST | {"limit": 10_000})
    stub.add_response("start_query", STARTED, REQUEST | {"limit": 10_000})

    assert (logs.start(QUESTION), logs.start(QUESTION)) == (RUNNING, RUNNING)


def test_a_query_for_late_lines_filters_by_arrival(stub: Stubber, logs: LogsInsights) -> None:
    late = " | filter toMillis(@ingestionTime) - toMillis(@timestamp) >= 90000"
    stub.add_response("start_query", STARTED, REQUEST | {"queryString": QUERY.format(FILTER) + late})

    logs.start(LogQuery((PAY, SHIP), WINDOW, delay=90))


def test_a_complete_query_brings_lines_and_what_they_cost(stub: Stubber, logs: LogsInsights) -> None:
    rows = [row(START + 7.25, ingested=START + 9.75), row(START + 8, SHIP)]
    stub.add_response("get_query_results", result_page("Complete", *rows), {"queryId": "q-1", "maxItems": ROWS})

    found = read(logs)

    assert found.lines == (
        LogLine(START + 7, PAY, "2025/10/09/[$LATEST]abc", "Error: lost", START + 9),
        LogLine(START + 8, SHIP, "2025/10/09/[$LATEST]abc", "Error: lost"),
    )
    assert (found.reason, found.truncated, found.more, found.scanned) == (None, False, None, 1234)


def test_an_older_client_reads_pages_as_large_as_they_come(monkeypatch: pytest.MonkeyPatch) -> None:
    client = aws("logs")
    monkeypatch.delitem(client.meta.service_model.operation_model("GetQueryResults").input_shape.members, "maxItems")
    logs = LogsInsights(client)
    with Stubber(client) as stub:
        stub.add_response("get_query_results", result_page("Complete", row(START), matched=1), {"queryId": "q-1"})

        assert logs.result(RUNNING, ROWS)


@pytest.mark.parametrize("status", ["Scheduled", "Running"])
def test_a_query_that_waits_or_runs_has_no_answer_yet(status: str, stub: Stubber, logs: LogsInsights) -> None:
    """Failure 3: polling that stops at any status but Running takes Scheduled for "no errors"."""
    stub.add_response("get_query_results", result_page(status, row(START)))

    assert logs.result(RUNNING, ROWS) is None


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        *(("Failed", GapReason.FAILED), ("Cancelled", GapReason.CANCELLED), ("Timeout", GapReason.TIMED_OUT)),
        *(("Unknown", GapReason.UNKNOWN), ("SomethingNew", GapReason.UNKNOWN)),
    ],
)
def test_a_query_that_ended_otherwise_is_no_empty_answer(
    status: str, reason: GapReason, stub: Stubber, logs: LogsInsights
) -> None:
    """Failure 3: Failed reads as "no errors"."""
    stub.add_response("get_query_results", result_page(status, row(START)))

    assert read(logs) == ResultPage(reason=reason)


def test_a_query_that_nobody_waits_for_is_stopped(stub: Stubber, logs: LogsInsights) -> None:
    """Failure 9: queries that timed out were left running."""
    stub.add_response("stop_query", {"success": True}, {"queryId": "q-1"})

    logs.stop(RUNNING)


def test_a_query_that_cannot_be_stopped_is_no_problem_of_ours(stub: Stubber, logs: LogsInsights) -> None:
    stub.add_client_error("stop_query", "InvalidParameterException")

    logs.stop(RUNNING)


REFUSALS = [
    ("LimitExceededException", 400, GapReason.THROTTLED, True),
    ("ThrottlingException", 400, GapReason.THROTTLED, True),
    ("ServiceUnavailableException", 503, GapReason.THROTTLED, True),
    ("InternalFailure", 500, GapReason.FAILED, True),
    ("MalformedQueryException", 400, GapReason.REJECTED, False),
    ("InvalidParameterException", 400, GapReason.REJECTED, False),
    ("AccessDeniedException", 400, GapReason.FAILED, False),
]


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_refusal_says_why_and_whether_to_try_again(
    refusal: tuple[str, int, GapReason, bool], stub: Stubber, logs: LogsInsights
) -> None:
    code, status, reason, is_passing = refusal
    for operation in ("start_query", "get_query_results"):
        stub.add_client_error(operation, code, http_status_code=status)

    for attempt in (lambda: logs.start(QUESTION), lambda: logs.result(RUNNING, ROWS)):
        with pytest.raises(QueryRefused) as refused:
            attempt()
        assert (refused.value.reason, refused.value.is_passing) == (reason, is_passing)


def test_a_query_that_aws_forgot_is_a_reason(stub: Stubber, logs: LogsInsights) -> None:
    stub.add_client_error("get_query_results", "ResourceNotFoundException")

    with pytest.raises(QueryRefused) as refused:
        logs.result(RUNNING, ROWS)

    assert (refused.value.reason, refused.value.is_passing) == (GapReason.FAILED, False)


def test_an_unreachable_service_may_be_there_later(
    client: Any, logs: LogsInsights, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(**_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://logs.example.com")

    monkeypatch.setattr(client, "start_query", unreachable)

    with pytest.raises(QueryRefused) as refused:
        logs.start(QUESTION)

    assert (refused.value.reason, refused.value.is_passing) == (GapReason.FAILED, True)


def test_a_missing_log_group_is_found_out_and_the_others_are_queried(stub: Stubber, logs: LogsInsights) -> None:
    """Failure 9: one missing log group aborted all that followed."""
    stub.add_client_error("start_query", "ResourceNotFoundException")
    longer = {"logGroups": [{"logGroupName": PAY + "ment"}]}
    stub.add_response("describe_log_groups", longer, {"logGroupNamePrefix": PAY, "limit": 1})
    stub.add_response(
        "describe_log_groups", {"logGroups": [{"logGroupName": SHIP}]}, {"logGroupNamePrefix": SHIP, "limit": 1}
    )
    stub.add_response("start_query", STARTED, REQUEST | {"logGroupNames": [SHIP]})

    assert logs.start(QUESTION) == QueryHandle("q-1", LogQuery((SHIP,), WINDOW), missing=(PAY,))


def test_whoever_is_refused_while_looking_for_the_missing_ones_goes_on_where_it_was(
    stub: Stubber, logs: LogsInsights
) -> None:
    """To begin anew each time is to never come to the end."""
    stub.add_client_error("start_query", "ResourceNotFoundException")
    stub.add_response("describe_log_groups", {"logGroups": []}, {"logGroupNamePrefix": "/gone", "limit": 1})
    found = {"logGroups": [{"logGroupName": PAY}]}
    stub.add_response("describe_log_groups", found, {"logGroupNamePrefix": PAY, "limit": 1})
    stub.add_client_error("describe_log_groups", "ThrottlingException")
    with pytest.raises(QueryRefused) as refused:
        logs.start(LogQuery(("/gone", PAY, SHIP), WINDOW))
    assert (refused.value.is_passing, refused.value.missing) == (True, ("/gone",))
    stub.add_client_error("start_query", "ResourceNotFoundException")
    stub.add_response("describe_log_groups", {"logGroups": []}, {"logGroupNamePrefix": SHIP, "limit": 1})
    stub.add_response("start_query", STARTED, REQUEST | {"logGroupNames": [PAY]})

    assert logs.start(QUESTION).missing == (SHIP,)


def test_where_all_log_groups_are_missing_there_is_nothing_to_query(stub: Stubber, logs: LogsInsights) -> None:
    stub.add_client_error("start_query", "ResourceNotFoundException")
    stub.add_response("describe_log_groups", {"logGroups": []})

    assert logs.start(LogQuery((PAY,), WINDOW)) == QueryHandle("", LogQuery((), WINDOW), missing=(PAY,))


def test_a_log_group_that_vanishes_meanwhile_is_left_to_the_next_run(stub: Stubber, logs: LogsInsights) -> None:
    stub.add_client_error("start_query", "ResourceNotFoundException")
    stub.add_response("describe_log_groups", {"logGroups": [{"logGroupName": PAY}]})
    stub.add_client_error("start_query", "ResourceNotFoundException")

    with pytest.raises(QueryRefused) as refused:
        logs.start(LogQuery((PAY,), WINDOW))

    assert refused.value.reason is GapReason.FAILED


def test_more_matches_than_rows_is_truncated(stub: Stubber, logs: LogsInsights) -> None:
    """Failure 10: what lies beyond the limit was never seen."""
    stub.add_response("get_query_results", result_page("Complete", row(START), matched=2))

    assert read(logs).truncated


def test_a_full_page_that_leads_nowhere_is_truncated(
    stub: Stubber, logs: LogsInsights, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.gateways.cloudwatch.logs_insights.LARGEST_PAGE", 2)
    stub.add_response("get_query_results", result_page("Complete", row(START), row(START)))

    assert read(logs).truncated


def test_a_result_is_read_page_by_page(stub: Stubber, logs: LogsInsights) -> None:
    stub.add_response("get_query_results", result_page("Complete", row(START), row(START), matched=3, token="t-2"))
    stub.add_response(
        "get_query_results",
        result_page("Complete", row(START + 1), matched=3),
        {"queryId": "q-1", "nextToken": "t-2", "maxItems": ROWS},
    )

    first = read(logs)
    assert first.more
    second = read(logs, first.more)

    assert [line.at - START for page in (first, second) for line in page.lines] == [0, 0, 1]
    assert (first.truncated, second.truncated, second.more) == (False, False, None)


def test_more_than_all_pages_hold_is_truncated_from_the_first_one_on(stub: Stubber, logs: LogsInsights) -> None:
    page = result_page("Complete", row(START), matched=LARGEST_RESULT + 1, token="t-2")
    stub.add_response("get_query_results", page)

    found = read(logs)

    assert (found.truncated, found.matched, found.room) == (True, LARGEST_RESULT + 1, LARGEST_RESULT)


def test_the_last_second_belongs_to_the_window_and_the_end_does_not(stub: Stubber, logs: LogsInsights) -> None:
    """Insights' end is inclusive; the windows are not."""
    inside, outside = row(START + 299.999), row(START + 300)
    stub.add_response("get_query_results", result_page("Complete", row(START), inside, outside))

    assert [line.at for line in read(logs).lines] == [START, START + 299]


def test_the_query_fits_insights_and_requests_what_is_read() -> None:
    assert QUERY.format(FILTER).startswith(
        "fields @timestamp, @message, @log, @logStream, @ingestionTime | filter (@message like /(?i)"
    )
    assert len(QUERY) + len(DELAYED) + LONGEST_FILTER <= 9_900


def test_what_a_rule_calls_an_error_is_requested(stub: Stubber, client: Any) -> None:
    condition = r"@message like /error|out of stock: \w{1,9}/"
    stub.add_response("start_query", STARTED, REQUEST | {"queryString": QUERY.format(condition)})

    assert LogsInsights(client, condition).start(QUESTION) == RUNNING


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


def test_two_windows_on_moto_see_every_line_exactly_once(moto: Any) -> None:
    """Asking up to the second before the end would lose what came in its last 999 milliseconds."""
    now = int(datetime.now(UTC).timestamp())
    first, second = Window(now - 600, now - 300), Window(now - 300, now)
    edge = (now - 300) * 1_000
    put(moto, PAY, (now - 600) * 1_000, edge - 1, edge, edge + 1, now * 1_000 - 1)
    logs = LogsInsights(moto)

    found = [read(logs, logs.start(LogQuery((PAY, SHIP), window))).lines for window in (first, second)]

    assert [[line.at - now for line in lines] for lines in found] == [[-600, -301], [-300, -300, -1]]
    assert found[0][0] == LogLine(now - 600, PAY, "s", f"Error at {(now - 600) * 1_000}")


def test_a_missing_log_group_on_moto_stops_no_other(moto: Any) -> None:
    now = int(datetime.now(UTC).timestamp())
    put(moto, SHIP, (now - 1) * 1_000)
    logs = LogsInsights(moto)

    query = logs.start(LogQuery(("/gone", PAY, SHIP), Window(now - 300, now)))

    assert (query.missing, len(read(logs, query).lines)) == (("/gone",), 1)
