"""Outcomes: the result of a mail, by the errors of AWS's API.

https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html,
https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
"""

import logging
import re
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError, HTTPClientError, ParamValidationError

from chalicelib.gateways.delivery_results import RETRY_AFTER, TOO_MANY_REQUESTS, delivery_result
from chalicelib.gateways.http import Response
from chalicelib.services.notifying.ports import Delivered, Rejected, Retry

# The form of AWS's error codes; any other text comes from something in between.
CODE = re.compile(r"[A-Za-z.]{1,64}")
# Throttling, some of it with another status.
THROTTLED = frozenset({"KMSThrottling", "RequestLimitExceeded", "Throttled", "Throttling", "ThrottlingException"})
# Errors that pass by themselves, such as a daily quota, or once an operator has fixed permissions, keys or the account:
# nothing is lost until then.
PASSING = frozenset(
    {
        *("AccessDenied", "AccessDeniedException", "AuthorizationError", "InvalidSecurity"),
        *("ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"),
        *("KMSAccessDenied", "KMSDisabled", "KMSInvalidState", "KMSNotFound", "KMSOptInRequired"),
        *("LimitExceededException", "SendingPausedException"),
    }
)
PATIENCE = 300
SUSPENDED = "AccountSuspendedException"


def outcome_of(send: Callable[[], Mapping[str, Any]], receiver: str) -> Delivered | Retry | Rejected:
    """Send a mail through AWS, and return the result; of an unknown one, that it has to be sent again."""
    # Below that, botocore logs requests and responses, credentials and addresses included.
    logging.getLogger("botocore").setLevel(logging.INFO)
    try:
        return Delivered(str(send().get("MessageId", "")))
    except ClientError as error:
        return _refused(error, receiver)
    except ParamValidationError:
        return Rejected(f"{receiver} cannot read the message: ParamValidationError")
    except Exception as error:  # noqa: BLE001 - whatever it is, its text may hold addresses
        # Of botocore's errors those alone that mean a connection that was there: what was sent may have arrived.
        may_have_arrived = isinstance(error, HTTPClientError)
        return Retry(RETRY_AFTER, f"no delivery to {receiver}: {type(error).__name__}", may_have_arrived)


def _refused(error: ClientError, receiver: str) -> Delivered | Retry | Rejected:
    found: Any = error.response
    metadata = found.get("ResponseMetadata", {})
    code = str(found.get("Error", {}).get("Code", ""))
    code, status = code if CODE.fullmatch(code) else "", metadata.get("HTTPStatusCode", 0)
    if code in PASSING:
        return Retry(PATIENCE, f"no delivery to {receiver}: {code}")
    if code == SUSPENDED:
        return Rejected(f"messages to {receiver} are refused: {code}", receiver_gone=True)
    if code in THROTTLED:
        status = TOO_MANY_REQUESTS
    judged = delivery_result(Response(status, code, metadata.get("HTTPHeaders", {}).get("retry-after", "")), receiver)
    return Rejected(f"{judged.why} {code}".strip(), judged.receiver_gone) if isinstance(judged, Rejected) else judged
