"""What tests of the CloudWatch gateways begin with."""

from collections.abc import Iterator

import pytest
from moto import mock_aws

from tests.gateways.cloudwatch.accounts import Account


@pytest.fixture
def account() -> Iterator[Account]:
    with mock_aws():
        yield Account()
