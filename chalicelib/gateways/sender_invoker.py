"""Invokes the hub's sender, the function that sends what is pending, without waiting for it."""

import json
import logging
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

log = logging.getLogger(__name__)

SENDER = "deliver_notifications"
# The sender is a schedule's handler, so that Chalice takes its event for EventBridge's, and wants all of these.
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
    """Invokes the function that sends what is pending; the next minute would do so anyway."""

    def __init__(self, client: Any, stage: str) -> None:
        self._client, self._function = client, f"monitoring-{stage}-{SENDER}"

    def __call__(self) -> None:
        """Invoke it asynchronously; whatever goes wrong delays a message by a minute at most."""
        try:
            self._client.invoke(
                FunctionName=self._function, InvocationType="Event", Payload=json.dumps(WAKE_UP).encode()
            )
        except (ClientError, BotoCoreError) as error:
            log.warning("Sender not invoked; the next sweep sends", extra={"reason": type(error).__name__})
