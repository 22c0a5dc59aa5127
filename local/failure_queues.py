"""Failure queues, as in AWS: the hub's two dead-letter queues, and one of each agent."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from local.aws import ACCOUNTS, HUB, HUB_REGION, STAGE, Cloud

FAILED, UNDELIVERED = (f"monitoring-{STAGE}-{name}" for name in ("failed", "undelivered"))
OF_AN_AGENT = f"monitoring-agent-{STAGE}-dead-letters"


def create_queues(cloud: Cloud) -> None:
    """Create all queues."""
    for name in (FAILED, UNDELIVERED):
        cloud.client("sqs").create_queue(QueueName=name)
    for account in ACCOUNTS:
        for region in account.homes:
            cloud.client("sqs", account, region).create_queue(QueueName=OF_AN_AGENT)


def keep_failed(cloud: Cloud, handler: str, event: Mapping[str, Any], error: Exception) -> None:
    """Put an event that its function failed on for good into the function's failure destination, as Lambda does."""
    sqs = cloud.client("sqs")
    record = {
        "version": "1.0",
        "timestamp": datetime.now(UTC).isoformat(),
        "requestContext": {
            "functionArn": f"arn:aws:lambda:{HUB_REGION}:{HUB.id}:function:monitoring-{STAGE}-{handler}:$LATEST",
            "condition": "RetriesExhausted",
        },
        "requestPayload": event,
        "responsePayload": {"errorMessage": str(error), "errorType": type(error).__name__},
    }
    sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName=FAILED)["QueueUrl"], MessageBody=json.dumps(record))
