"""EventBridge: puts entries on a bus in as few calls as its limits allow, and retries only those not accepted.

PutEvents returns 200 even if it accepted nothing; failed entries are marked by position.
"""

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.domain.errors import PublishFailed
from chalicelib.domain.events.outgoing import Entry

if TYPE_CHECKING:
    from chalicelib.services.ports import Clock

log = logging.getLogger(__name__)

# https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
ENTRIES_AT_ONCE = 10
# The service model says 1 MB, older documentation 256 KB for a whole call: we keep to the smaller.
LARGEST_CALL = 256 * 1024
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html#eb-putevent-size
SIZE_OF_TIME = 14
ATTEMPTS = 5
FIRST_WAIT = 0.2

type Request = dict[str, Any]


class EventBridge:
    """An event bus; `client` is boto3's for `events`."""

    def __init__(self, client: Any, clock: "Clock", bus: str = "default") -> None:
        self._client, self._clock, self._bus = client, clock, bus

    def publish(self, entries: Sequence[Entry]) -> None:
        """Put all entries.

        PublishFailed where some were not accepted after five attempts; the others are published then.
        """
        failed: dict[str, int] = {}
        for batch in batches([self._request(entry) for entry in entries]):
            for code in self._put(batch):
                failed[code] = failed.get(code, 0) + 1
        if failed:
            codes = ", ".join(f"{code} ({count})" for code, count in sorted(failed.items()))
            raise PublishFailed(sum(failed.values()), codes)

    def _put(self, batch: list[Request]) -> list[str]:
        """Put a batch, retrying what was not accepted; return the error codes of entries that never were."""
        codes: list[str] = []
        for attempt in range(ATTEMPTS):
            if attempt:
                self._clock.sleep(FIRST_WAIT * 2 ** (attempt - 1))
            outcome = self._call(batch)
            batch = [request for request, code in zip(batch, outcome, strict=True) if code]
            codes = [code for code in outcome if code]
            if not batch:
                break
            log.warning("Event bus rejected entries", extra={"failed": len(batch), "codes": sorted(set(codes))})
        return codes

    def _call(self, batch: list[Request]) -> list[str]:
        """Return an error code for each request, empty where it was accepted."""
        try:
            answer = self._client.put_events(Entries=batch)
        except ClientError as error:
            return [error.response.get("Error", {}).get("Code", "Unknown")] * len(batch)
        except BotoCoreError as error:
            return [type(error).__name__] * len(batch)
        if not answer.get("FailedEntryCount"):
            return [""] * len(batch)
        return [each.get("ErrorCode", "") for each in answer["Entries"]]

    def _request(self, entry: Entry) -> Request:
        return {
            "EventBusName": self._bus,
            "Source": entry.source,
            "DetailType": entry.detail_type,
            "Time": datetime.fromtimestamp(entry.time, UTC),
            "Detail": json.dumps(entry.detail, separators=(",", ":")),
        }


def batches(requests: Sequence[Request]) -> Iterator[list[Request]]:
    """Divide requests, in their order, into calls of at most ten entries and 256 KB."""
    batch: list[Request] = []
    size = 0
    for request in requests:
        more = size_of(request)
        if batch and (len(batch) == ENTRIES_AT_ONCE or size + more > LARGEST_CALL):
            yield batch
            batch, size = [], 0
        batch.append(request)
        size += more
    if batch:
        yield batch


def size_of(request: Mapping[str, Any]) -> int:
    """Return an entry's size in bytes, as EventBridge counts it."""
    return SIZE_OF_TIME + sum(len(request[name].encode()) for name in ("Source", "DetailType", "Detail"))
