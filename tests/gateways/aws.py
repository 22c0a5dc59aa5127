"""Clients of boto3 for moto and for stubbers: they know a region and no secrets, and never wait between retries."""

from typing import Any, cast

import boto3
from botocore.config import Config

REGION = "eu-central-1"


def aws(service: str) -> Any:
    """Return a client; its stubs' types cover a few services only."""
    return cast("Any", boto3).client(
        service,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}),
    )
