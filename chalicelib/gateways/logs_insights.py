"""Logs Insights: asks some log groups for lines that may be errors, and says exactly what it could not find out.

Only the status Complete means "this is all". A query that is given up is stopped, so that it neither costs nor takes a
place among the account's concurrent queries.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.domain.classification import SUSPECT
from chalicelib.domain.coverage import Reason
from chalicelib.domain.logs import Answer, Line
from chalicelib.domain.windows import Window

if TYPE_CHECKING:
    from chalicelib.services.ports import Clock

log = logging.getLogger(__name__)

# One page of results: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetQueryResults.html
LARGEST_RESULT = 10_000
QUERY = "fields @timestamp, @message, @log, @logStream | filter @message like /(?i)({})/ | sort @timestamp asc"
FIRST_WAIT, LONGEST_WAIT = 0.5, 5.0

# Asked too much or too often; the same request may be taken a little later.
PASSING = frozenset(
    {"LimitExceededException", "ThrottlingException", "ServiceUnavailableException", "RequestTimeoutException"}
)
# Not to be answered for these log groups and this time, such as one before a log group's creation.
REJECTED = frozenset({"MalformedQueryException", "InvalidParameterException"})
UNFINISHED = frozenset({"Scheduled", "Running"})
REASONS = {"Failed": Reason.FAILED, "Cancelled": Reason.CANCELLED, "Timeout": Reason.TIMED_OUT}


class _GivenUp(Exception):  # noqa: N818 - it says what we did, not what went wrong
    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


class LogsInsights:
    """CloudWatch Logs of an account and region; `client` is boto3's for `logs`.

    `suspect` is an expression that all lines fit which may be errors.
    """

    def __init__(self, client: Any, clock: "Clock", suspect: str = SUSPECT) -> None:
        self._client, self._clock, self._query = client, clock, QUERY.format(suspect)

    def search(self, log_groups: Sequence[str], window: Window, deadline: int) -> Answer:
        """Return the lines in up to 50 log groups that may be errors; gives up at `deadline` (epoch seconds).

        Never raises for what AWS answers. Log groups that do not exist are named, and the others are asked.
        """
        missing: tuple[str, ...] = ()
        try:
            query, missing = self._start(log_groups, window, deadline)
            result = self._result(query, deadline) if query else {}
        except _GivenUp as given_up:
            return Answer(reason=given_up.reason, missing=missing)
        except (ClientError, BotoCoreError) as error:
            log.warning("Query was lost", extra={"code": _code(error)})
            return Answer(reason=Reason.FAILED, missing=missing)
        return _answer(result, window, [each for each in log_groups if each not in missing], missing)

    def _start(self, log_groups: Sequence[str], window: Window, deadline: int) -> tuple[str, tuple[str, ...]]:
        """Start a query over the log groups that exist; returns its id (empty: none exists) and the missing ones."""
        try:
            return self._start_query(log_groups, window, deadline), ()
        except self._client.exceptions.ResourceNotFoundException:
            missing = self._missing(log_groups, deadline)
        existing = [each for each in log_groups if each not in missing]
        if not existing:
            return "", missing
        try:
            return self._start_query(existing, window, deadline), missing
        except self._client.exceptions.ResourceNotFoundException:  # one that vanished meanwhile; the next run sees it
            raise _GivenUp(Reason.FAILED) from None

    def _start_query(self, log_groups: Sequence[str], window: Window, deadline: int) -> str:
        """Start a query.

        Whether an inclusive end takes in the last second's fractions, AWS does not say: we ask one second further and
        leave out what lies there, which is right either way. Sorted, it never crowds out what we want.
        """
        answer = self._patiently(
            deadline,
            self._client.start_query,
            logGroupNames=list(log_groups),
            startTime=window.start,
            endTime=window.end,
            queryString=self._query,
            limit=LARGEST_RESULT,
        )
        query: str = answer["queryId"]
        return query

    def _missing(self, log_groups: Sequence[str], deadline: int) -> tuple[str, ...]:
        """Find out which log groups do not exist: names come sorted, so one that exists is first under its name."""
        missing = []
        for name in log_groups:
            found = self._patiently(deadline, self._client.describe_log_groups, logGroupNamePrefix=name, limit=1)
            if name not in {each["logGroupName"] for each in found["logGroups"]}:
                missing.append(name)
        log.warning("Log groups are missing", extra={"missing": missing})
        return tuple(missing)

    def _result(self, query: str, deadline: int) -> Mapping[str, Any]:
        """Wait for a query to complete; one that does not, for whatever reason, is stopped."""
        status = "Running"
        try:
            for wait in self._waits(deadline):
                result: Mapping[str, Any] = self._patiently(deadline, self._client.get_query_results, queryId=query)
                status = result.get("status", "Unknown")
                if status == "Complete":
                    return result
                if status not in UNFINISHED:
                    raise _GivenUp(REASONS.get(status, Reason.UNKNOWN))
                self._clock.sleep(wait)
            raise _GivenUp(Reason.TIMED_OUT)
        finally:
            if status not in {"Complete", *REASONS}:
                self._stop(query)

    def _stop(self, query: str) -> None:
        try:
            self._client.stop_query(queryId=query)
        except (ClientError, BotoCoreError) as error:
            log.warning("Query could not be stopped", extra={"code": _code(error)})

    def _patiently(self, deadline: int, call: Any, **parameters: Any) -> Any:
        """Call AWS, again after a while where it has no time for us."""
        for wait in self._waits(deadline):
            try:
                return call(**parameters)
            except self._client.exceptions.ResourceNotFoundException:
                raise
            except (ClientError, BotoCoreError) as error:
                if _code(error) not in PASSING:
                    log.warning("Logs refused a call", extra={"code": _code(error)})
                    raise _GivenUp(Reason.REJECTED if _code(error) in REJECTED else Reason.FAILED) from error
            self._clock.sleep(wait)
        raise _GivenUp(Reason.THROTTLED)

    def _waits(self, deadline: int) -> Any:
        """Yield longer and longer waits for as long as there is time; the first attempt is always due."""
        wait = FIRST_WAIT
        yield wait
        while self._clock.now() < deadline:
            wait = min(wait * 2, LONGEST_WAIT, max(deadline - self._clock.now(), FIRST_WAIT))
            yield wait


def _code(error: ClientError | BotoCoreError) -> str:
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", "Unknown"))
    return type(error).__name__


def _answer(result: Mapping[str, Any], window: Window, log_groups: Sequence[str], missing: tuple[str, ...]) -> Answer:
    rows = [{cell["field"]: cell.get("value", "") for cell in row} for row in result.get("results", [])]
    statistics = result.get("statistics", {})
    lines = (_line(row, log_groups) for row in rows)
    return Answer(
        lines=tuple(line for line in lines if window.start <= line.at < window.end),
        missing=missing,
        truncated=len(rows) >= LARGEST_RESULT or statistics.get("recordsMatched", 0) > len(rows),
        scanned=int(statistics.get("bytesScanned", 0)),
    )


def _line(row: Mapping[str, str], log_groups: Sequence[str]) -> Line:
    """Read a row; `@log` is the account, a colon and the log group's name."""
    return Line(
        at=_seconds(row.get("@timestamp", "")),
        log_group=row.get("@log", "").rpartition(":")[2] or log_groups[0],
        stream=row.get("@logStream", ""),
        message=row.get("@message", ""),
    )


def _seconds(timestamp: str) -> int:
    """Read `2025-01-31 10:00:00.123` (UTC), or milliseconds, as moto writes them."""
    if timestamp.isdigit():
        return int(timestamp) // 1_000
    return int(datetime.fromisoformat(timestamp).replace(tzinfo=UTC).timestamp())
