"""Clients that are made quickly speak to the same places as botocore's own."""

import gzip
from pathlib import Path
from typing import Any, cast

import botocore
import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.config import Config
from botocore.loaders import JSONFileLoader, Loader
from botocore.session import Session, get_session

from chalicelib.gateways import aws_clients
from chalicelib.gateways.aws_clients import QuickFileLoader, session

# What each service that some function speaks to is asked; anything without arguments would do.
REQUESTED = {
    "account": ("get_account_information", {}),
    "apigateway": ("get_rest_apis", {}),
    "apigatewayv2": ("get_apis", {}),
    "dynamodb": ("list_tables", {}),
    "ecs": ("list_clusters", {}),
    "events": ("list_rules", {}),
    "lambda": ("list_functions", {}),
    "logs": ("describe_log_groups", {}),
    "resourcegroupstaggingapi": ("get_resources", {}),
    "sqs": ("list_queues", {}),
    "ssm": ("get_parameter", {"Name": "anything"}),
    "stepfunctions": ("list_state_machines", {}),
    "sts": ("get_caller_identity", {}),
}
REGIONS = ("eu-west-1", "us-east-1", "us-gov-west-1", "cn-north-1", "xx-unheard-9")
WAYS = (Config(), Config(use_fips_endpoint=True), Config(use_dualstack_endpoint=True))


class Sent(Exception):  # noqa: N818 - nothing is wrong: the request was ready, and goes no further
    """A request as it would have left the machine."""


def stop(request: AWSPreparedRequest, **_: object) -> None:
    signature = str(request.headers["Authorization"])
    credential = signature.partition("Credential=")[2].partition(",")[0]
    raise Sent(request.url, credential.split("/")[2:])


def request(made: Session, service: str, region: str, config: Config) -> object:
    """Return the address of a service's request, and for which region and service it is signed."""
    client = cast("Any", made).create_client(
        service, region_name=region, aws_access_key_id="test", aws_secret_access_key="test", config=config
    )
    client.meta.events.register("before-send", stop)
    operation, arguments = REQUESTED[service]
    with pytest.raises(Sent) as sent:
        getattr(client, operation)(**arguments)
    return sent.value.args


@pytest.fixture(scope="module")
def ordinary() -> Session:
    """Return a session as botocore makes it."""
    return get_session()


@pytest.mark.parametrize("service", REQUESTED)
def test_requests_go_where_botocore_would_send_them(service: str, ordinary: Session) -> None:
    quick = session()
    ways = [(region, config) for region in REGIONS for config in WAYS]

    assert [request(quick, service, *way) for way in ways] == [request(ordinary, service, *way) for way in ways]


def test_a_client_is_made_without_the_description_of_all_endpoints() -> None:
    made = session()
    client = cast("Any", made).create_client("ssm", region_name="eu-west-1")

    assert client.meta.partition == "aws"
    assert made.get_component("data_loader").load_data("endpoints")["partitions"][0]["services"] == {}


@pytest.mark.parametrize("service", ["dynamodb/2012-08-10/service-2", "ssm/2014-11-06/service-2", "partitions"])
def test_descriptions_are_read_as_botocore_reads_them(service: str) -> None:
    path = str(Path(botocore.__file__).parent / "data" / service)

    assert QuickFileLoader().load_file(path) == JSONFileLoader().load_file(path)


def test_a_description_may_be_packed_or_not_and_there_may_be_none(tmp_path: Path) -> None:
    (tmp_path / "plain.json").write_text('{"a": 1}')
    (tmp_path / "packed.json.gz").write_bytes(gzip.compress(b'{"b": 2}'))
    names = ("plain", "packed", "none")

    assert [QuickFileLoader().load_file(str(tmp_path / each)) for each in names] == [{"a": 1}, {"b": 2}, None]


def test_a_botocore_with_other_files_is_read_by_its_own_loader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws_clients, "_partition", {}.__getitem__)
    aws_clients.loader.cache_clear()
    try:
        made = session()

        assert type(made.get_component("data_loader")) is Loader
        assert made.create_client("sqs", region_name="eu-west-1").meta.region_name == "eu-west-1"
    finally:
        aws_clients.loader.cache_clear()
