"""Invokes the hub's sender, the function that sends what is pending, without waiting for it."""

import logging
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

log = logging.getLogger(__name__)

SENDER = "deliver_notifications"


class SenderInvoker:
    """Invokes the function that sends what is pending; the next minute would do so anyway."""

    def __init__(self, client: Any, stage: str) -> None:
        self._client, self._function = client, f"monitoring-{stage}-{SENDER}"

    def __call__(self) -> None:
        """Invoke it asynchronously; whatever goes wrong delays a message by a minute at most."""
        try:
            self._client.invoke(FunctionName=self._function, InvocationType="Event", Payload=b"{}")
        except (ClientError, BotoCoreError) as error:
            log.warning("Sender not invoked; the next sweep sends", extra={"reason": type(error).__name__})
