"""Sender invoker: invokes the hub's sender, `deliver_notifications`, without waiting for it."""

import json
import logging
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

log = logging.getLogger(__name__)

SENDER = "deliver_notifications"
# The sender is a scheduled handler, so Chalice expects all of these fields of an EventBridge event.
WAKE_UP = {
    "version": "0",
    "id": "",
    "source": "monitoring",
    "detail-type": "Wake-Up",
    "account": "",
    "region": "",
    "time": "",
    "resources": [],
    "detail": {},
}


class SenderInvoker:
    """Invokes the function that sends what is pending; without this the next sweep sends it."""

    def __init__(self, client: Any, stage: str) -> None:
        self._client, self._function = client, f"monitoring-{stage}-{SENDER}"

    def __call__(self) -> None:
        """Invoke it asynchronously; a failure delays a message by a minute at most, and is only logged."""
        try:
            self._client.invoke(
                FunctionName=self._function, InvocationType="Event", Payload=json.dumps(WAKE_UP).encode()
            )
        except (ClientError, BotoCoreError) as error:
            log.warning("Sender not invoked; the next sweep sends", extra={"reason": type(error).__name__})
