"""Logs Insights: queries log groups for lines that may be errors, and reports exactly what it could not read.

A result is complete only if its status is Complete and as many rows were read as matched.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NotConnected

from chalicelib.domain.logs.query_filter import filter_expression
from chalicelib.domain.scanning.error_groups import LogLine
from chalicelib.domain.scanning.gaps import GapReason
from chalicelib.domain.scanning.paging import LARGEST_PAGE
from chalicelib.domain.scanning.queries import LogQuery, QueryHandle, QueryRefused, ResultPage
from chalicelib.domain.scanning.windows import Window
from chalicelib.gateways.aws_clients import accepts

log = logging.getLogger(__name__)

# All pages of a result:
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetQueryResults.html
LARGEST_RESULT = 100_000
FIELDS = "fields @timestamp, @message, @log, @logStream, @ingestionTime"
FILTER = filter_expression()
QUERY = FIELDS + " | filter {} | sort @timestamp asc"
# Selects lines that arrived long after they were written, whenever that was; in milliseconds.
DELAYED = " | filter toMillis(@ingestionTime) - toMillis(@timestamp) >= {}"

# Throttled: the same request may be accepted a little later.
THROTTLED = frozenset(
    {"LimitExceededException", "ThrottlingException", "ServiceUnavailableException", "RequestTimeoutException"}
)
# Invalid for these log groups and this time, such as a time before a log group's creation.
REJECTED = frozenset({"MalformedQueryException", "InvalidParameterException"})
UNFINISHED = frozenset({"Scheduled", "Running"})
REASONS = {"Failed": GapReason.FAILED, "Cancelled": GapReason.CANCELLED, "Timeout": GapReason.TIMED_OUT}
SERVER_ERROR = 500


class LogsInsights:
    """CloudWatch Logs of an account and region.

    `client` is boto3's for `logs`; it should not retry by itself, as one thread runs many queries. `condition` must
    hold for every line that may be an error.
    """

    def __init__(self, client: Any, condition: str = FILTER) -> None:
        self._client, self._query = client, QUERY.format(condition)
        self._existing: set[str] = set()
        # Where the service is older than botocore's description of it, one page is all that there is.
        self._limit = LARGEST_RESULT
        self._may_choose_pages = accepts(client, "GetQueryResults", "maxItems")

    def start(self, log_query: LogQuery) -> QueryHandle:
        """Start a query over those of up to 50 log groups that exist; QueryRefused where AWS refuses it."""
        try:
            return self._start(log_query)
        except self._client.exceptions.ResourceNotFoundException:
            missing: list[str] = []
        try:
            missing.extend(self._missing(log_query.log_groups))
            query = log_query.without(missing)
            return self._start(query, tuple(missing)) if query.log_groups else QueryHandle("", query, tuple(missing))
        except self._client.exceptions.ResourceNotFoundException:  # one that vanished meanwhile; the next run sees it
            raise QueryRefused(GapReason.FAILED, missing=tuple(missing)) from None
        except QueryRefused as refused:
            raise QueryRefused(refused.reason, is_passing=refused.is_passing, missing=tuple(missing)) from None

    def result(self, query: QueryHandle, rows: int) -> ResultPage | None:
        """Return a page of up to so many rows; None while a query runs. QueryRefused where AWS reports no result.

        AWS limits a page only by rows, and 10,000 rows of 20 kB do not fit a function's memory.
        """
        place: dict[str, Any] = {"nextToken": query.token} if query.token else {}
        place |= {"maxItems": rows} if self._may_choose_pages else {}
        response = self._call(self._client.get_query_results, queryId=query.id, **place)
        status = response.get("status", "Unknown")
        if status in UNFINISHED:
            return None
        if status != "Complete":
            return ResultPage(reason=REASONS.get(status, GapReason.UNKNOWN))
        return _page(query, response)

    def stop(self, query: QueryHandle) -> None:
        """Stop a query, so that it neither costs nor counts towards the account's concurrent queries."""
        try:
            self._client.stop_query(queryId=query.id)
        except (ClientError, BotoCoreError) as error:
            log.warning("Query not stopped", extra={"code": _code(error)})

    def _start(self, log_query: LogQuery, missing: tuple[str, ...] = ()) -> QueryHandle:
        """Start a query.

        AWS does not say whether an inclusive end includes the fractions of its last second: we query one second more
        and drop the lines in it, which is right either way. They are sorted last, so they crowd out nothing.
        """
        request = {
            "logGroupNames": list(log_query.log_groups),
            "startTime": log_query.window.start,
            "endTime": log_query.window.end,
            "queryString": self._query + (DELAYED.format(log_query.delay * 1_000) if log_query.delay else ""),
        }
        try:
            response = self._call(self._client.start_query, **request, limit=self._limit)
        except QueryRefused as refused:
            if self._limit == LARGEST_PAGE or not _is_about_limit(refused):
                raise
            self._limit = LARGEST_PAGE
            response = self._call(self._client.start_query, **request, limit=self._limit)
        return QueryHandle(response["queryId"], log_query, missing)

    def _missing(self, log_groups: Sequence[str]) -> Iterator[str]:
        """Iterate over log groups that do not exist.

        A prefix lists names in order, so a log group that exists comes first under its own name. A caller that is
        refused midway starts again with the remaining ones.
        """
        for name in log_groups:
            if name not in self._existing:
                found = self._call(self._client.describe_log_groups, logGroupNamePrefix=name, limit=1)
                if name in {each["logGroupName"] for each in found["logGroups"]}:
                    self._existing.add(name)
                else:
                    log.warning("Log group does not exist", extra={"log_group": name})
                    yield name
        self._existing.difference_update(log_groups)

    def _call(self, call: Callable[..., Any], **parameters: Any) -> Any:
        """Call AWS; QueryRefused for every error but a missing log group."""
        try:
            return call(**parameters)
        except self._client.exceptions.ResourceNotFoundException:
            if "queryId" in parameters:
                raise QueryRefused(GapReason.FAILED) from None
            raise
        except (ClientError, BotoCoreError) as error:
            refused = _refusal(error)
            log.log(
                logging.INFO if refused.is_passing else logging.WARNING,
                "CloudWatch Logs refused a call",
                extra={"code": _code(error)},
            )
            raise refused from error


def _refusal(error: ClientError | BotoCoreError) -> QueryRefused:
    """Return why AWS refused a call, and whether that may pass."""
    code = _code(error)
    if code in THROTTLED:
        return QueryRefused(GapReason.THROTTLED, is_passing=True)
    if code in REJECTED:
        return QueryRefused(GapReason.REJECTED)
    status = error.response["ResponseMetadata"].get("HTTPStatusCode", 0) if isinstance(error, ClientError) else 0
    return QueryRefused(
        GapReason.FAILED, is_passing=status >= SERVER_ERROR or isinstance(error, HTTPClientError | NotConnected)
    )


def _is_about_limit(refused: QueryRefused) -> bool:
    return refused.reason is GapReason.REJECTED and "limit" in str(refused.__cause__)


def _code(error: ClientError | BotoCoreError) -> str:
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", "Unknown"))
    return type(error).__name__


def _page(query: QueryHandle, response: Mapping[str, Any]) -> ResultPage:
    """Read a page; a full one without a next page may have been cut off, whatever its status."""
    window, log_groups = query.log_query.window, query.log_query.log_groups
    page = [{cell["field"]: cell.get("value", "") for cell in row} for row in response.get("results", [])]
    statistics = response.get("statistics", {})
    rows, matched = query.rows + len(page), int(statistics.get("recordsMatched", 0))
    token = response.get("nextToken", "") if page and rows < LARGEST_RESULT else ""
    is_whole = matched <= LARGEST_RESULT if token else matched <= rows and len(page) < LARGEST_PAGE
    lines = (_line(row, log_groups) for row in page)
    return ResultPage(
        lines=tuple(line for line in lines if _is_within(window, line)),
        more=QueryHandle(query.id, query.log_query, query.missing, token, rows) if token else None,
        truncated=not is_whole,
        matched=matched,
        room=LARGEST_RESULT if token else max(rows, 1),
        scanned=int(statistics.get("bytesScanned", 0)),
    )


def _is_within(window: Window, line: LogLine) -> bool:
    return window.start <= line.at < window.end


def _line(row: Mapping[str, str], log_groups: Sequence[str]) -> LogLine:
    """Read a row; `@log` is the account, a colon and the log group's name."""
    ingested = row.get("@ingestionTime", "")
    return LogLine(
        at=_seconds(row.get("@timestamp", "")),
        log_group=row.get("@log", "").rpartition(":")[2] or log_groups[0],
        stream=row.get("@logStream", ""),
        message=row.get("@message", ""),
        ingested_at=_seconds(ingested) if ingested else 0,
    )


def _seconds(timestamp: str) -> int:
    """Read `2025-01-31 10:00:00.123` (UTC), or milliseconds, as moto writes them."""
    if timestamp.isdigit():
        return int(timestamp) // 1_000
    return int(datetime.fromisoformat(timestamp).replace(tzinfo=UTC).timestamp())
