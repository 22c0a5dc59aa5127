"""Delivery results: what a receiver's HTTP response means for the message."""

import re

from chalicelib.gateways.http import Response
from chalicelib.services.notifying.ports import Delivered, Rejected, Retry

# Seconds until the next attempt, where a receiver does not say when to retry.
RETRY_AFTER = 30
LONGEST_RETRY_AFTER = 3_600
ACCEPTED = range(200, 300)
REFUSED = range(400, 500)
GONE = {403, 404, 410}
TOO_MANY_REQUESTS = 429
# Statuses that may pass by themselves, or once an operator has set the right secret.
PASSING = {401, 408, 409, 425}
# Names of errors after which a message was certainly not sent; and statuses of servers that may have processed it.
NEVER_SENT = {"ConnectTimeout", "NewConnectionError", "NameResolutionError", "ProxyError", "SSLError", "InvalidURL"}
UNKNOWN = {500, 502, 504}
BROKEN = range(500, 600)


def delivery_result(response: Response, receiver: str) -> Delivered | Retry | Rejected:
    """Return the result of a message; only the status decides, as response texts may repeat secrets."""
    match response.status:
        case status if status in ACCEPTED:
            return Delivered()
        case status if status == TOO_MANY_REQUESTS:
            return Retry(seconds_of(response.retry_after), "rate limited: 429")
        case status if status in GONE:
            return Rejected(f"messages to {receiver} are refused: {status}", receiver_gone=True)
        case status if status in REFUSED and status not in PASSING:
            return Rejected(f"{receiver} cannot read the message: {status}")
        case status:
            why = f"no delivery to {receiver}: {status or response.text}"
            return Retry(seconds_of(response.retry_after), why, may_have_arrived(response), is_passing(response))


def is_passing(response: Response) -> bool:
    """Return whether a failure may be over within seconds, as the receiver does not say when to retry."""
    return (not response.status or response.status in BROKEN) and not response.retry_after


def may_have_arrived(response: Response) -> bool:
    """Return whether a message that was not accepted may have arrived nevertheless."""
    return response.text not in NEVER_SENT if not response.status else response.status in UNKNOWN


def seconds_of(retry_after: str) -> int:
    """Return the seconds of a Retry-After header, if these are plausible."""
    plausible = re.fullmatch(r"[0-9]{1,9}", retry_after)
    return min(max(int(retry_after), 1), LONGEST_RETRY_AFTER) if plausible else RETRY_AFTER
