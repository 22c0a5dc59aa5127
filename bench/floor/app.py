"""The floor: the least that a function could do which reads a secret, writes an item and posts a message."""

import json
import os
from typing import Any

import boto3
import urllib3

dynamodb = boto3.client("dynamodb")
ssm = boto3.client("ssm")
http = urllib3.PoolManager()


def handler(_event: Any, context: Any) -> None:
    """Do each of the three once."""
    name = f"/monitoring/{os.environ['STAGE']}/slack/monitoring"
    url = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
    item = {"pk": {"S": context.aws_request_id}, "sk": {"S": "FLOOR"}}
    dynamodb.put_item(TableName=os.environ["TABLE_NAME"], Item=item)
    http.request("POST", url, body=json.dumps({"text": "Hello"}), headers={"Content-Type": "application/json"})
