"""The stores as fixtures."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from moto import mock_aws

from tests.gateways.dynamodb.stores import Store, a_client, dynamodb_store, fake_store

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


DYNAMODB_LOCAL = pytest.param("dynamodb_local", marks=pytest.mark.dynamodb_local)


@pytest.fixture(scope="session")
def client_of_moto() -> "DynamoDBClient":
    """Return a client that can only be used inside `mock_aws`."""
    with mock_aws():
        return a_client()


@pytest.fixture(scope="session")
def session_of_dynamodb_local(dynamodb_local: str) -> "DynamoDBClient":
    """Return a client of DynamoDB Local for all tests, as to make one takes its time."""
    return a_client(dynamodb_local)


@pytest.fixture
def client_of_dynamodb_local(session_of_dynamodb_local: "DynamoDBClient") -> Iterator["DynamoDBClient"]:
    """Yield a client of DynamoDB Local, whose tables go when the test ends: it looks after each that there is."""
    client = session_of_dynamodb_local
    yield client
    for name in client.list_tables()["TableNames"]:
        client.delete_table(TableName=name)


@pytest.fixture(params=["moto", DYNAMODB_LOCAL])
def client(request: pytest.FixtureRequest) -> Iterator["DynamoDBClient"]:
    """Yield a client of either of AWS's stand-ins."""
    if request.param == "moto":
        with mock_aws():
            yield request.getfixturevalue("client_of_moto")
    else:
        yield request.getfixturevalue("client_of_dynamodb_local")


@pytest.fixture(params=["fake", "moto", DYNAMODB_LOCAL])
def new_store(request: pytest.FixtureRequest) -> Iterator[Callable[[], Store]]:
    """Yield what makes empty stores of each kind."""
    if request.param == "fake":
        yield fake_store
    elif request.param == "moto":
        with mock_aws():
            yield lambda: dynamodb_store(request.getfixturevalue("client_of_moto"))
    else:
        yield lambda: dynamodb_store(request.getfixturevalue("client_of_dynamodb_local"))


@pytest.fixture
def store(new_store: Callable[[], Store]) -> Store:
    """Return an empty store of each kind."""
    return new_store()


@pytest.fixture(params=["fake", DYNAMODB_LOCAL])
def atomic_store(request: pytest.FixtureRequest) -> Store:
    """Return an empty store that many threads can use; moto checks and writes in two steps."""
    if request.param == "fake":
        return fake_store()
    return dynamodb_store(request.getfixturevalue("client_of_dynamodb_local"))
