"""The stand-in for DynamoDB: what is written at once is all there afterwards, as in AWS's own."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from typing import Any

import pytest
from moto import mock_aws

from local import quick_aws
from local.aws import Cloud
from local.table import create_table

TABLE = "monitoring-quick"
KEY = {"pk": {"S": "EVENT#1"}, "sk": {"S": "EVENT"}}


@pytest.fixture
def table() -> Iterator[Any]:
    with mock_aws():
        client = Cloud().client("dynamodb")
        create_table(client, TABLE)
        yield client


def test_of_updates_at_the_same_time_none_is_lost(table: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def slowly(value: Any) -> Any:
        time.sleep(0.001)  # others come between
        return deepcopy(value)

    monkeypatch.setattr(quick_aws, "deepcopy", slowly)
    table.put_item(TableName=TABLE, Item=KEY)

    def write(name: str) -> None:
        table.update_item(
            TableName=TABLE,
            Key=KEY,
            UpdateExpression="SET #name = :one",
            ExpressionAttributeNames={"#name": name},
            ExpressionAttributeValues={":one": {"N": "1"}},
        )

    names = {f"receiver-{number}" for number in range(20)}
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, names))

    assert set(table.get_item(TableName=TABLE, Key=KEY)["Item"]) == {*KEY, *names}
