"""What the hub costs is computed from what it is billed for, as it is measured."""

from moto import mock_aws

from bench.event_units import measured
from chalicelib.gateways import aws_clients
from infra import cost
from tests.gateways.dynamodb.stores import a_client


def test_units_of_each_kind_of_event_are_those_that_are_measured() -> None:
    with mock_aws():
        assert measured(aws_clients.session(), a_client()) == cost.UNITS


def test_an_event_takes_what_its_mix_takes() -> None:
    assert sum(cost.MIX.values()) == 1
    assert cost.WORK["counted"].price < cost.EVENT.price < cost.WORK["announced"].price


def test_a_million_events_of_each_kind_have_a_line() -> None:
    lines = list(cost.units_table())
    assert len(lines) == 2 + len(cost.UNITS)
    assert lines[2].startswith("| announced | 22 |")
