"""Owners of log groups: what names tell, and what is our own."""

import pytest

from chalicelib.domain.scanning.log_owners import Owner, is_ours, owner_by_name, tail_of


@pytest.mark.parametrize(
    ("log_group", "service", "resource", "tail"),
    [
        ("/aws/lambda/pay", "lambda", "pay", "function:pay"),
        ("API-Gateway-Execution-Logs_a1b2/live", "apigateway", "a1b2", "/restapis/a1b2"),
        ("/aws/apigateway/c3d4/$default", "apigateway", "c3d4", "/apis/c3d4"),
        ("/aws/vendedlogs/states/ship-Logs", "stepfunctions", "ship", "stateMachine:ship"),
        ("/aws/vendedlogs/states/ship", "stepfunctions", "ship", "stateMachine:ship"),
        ("/aws/rds/instance/orders/error", "rds", "orders", "db:orders"),
        ("/aws/rds/instance/orders/postgresql", "rds", "orders", "db:orders"),
        ("/aws/rds/cluster/shop/error", "rds", "shop", "cluster:shop"),
    ],
)
def test_a_name_says_who_writes_to_it(log_group: str, service: str, resource: str, tail: str) -> None:
    assert owner_by_name(log_group) == Owner(log_group, service, resource, tail)


@pytest.mark.parametrize(
    "log_group",
    ["/app/web", "/aws/rds/instance/orders/slowquery", "/aws/apigateway/welcome", "/my/aws/lambda/pay", ""],
)
def test_other_names_say_nothing(log_group: str) -> None:
    assert owner_by_name(log_group) is None


def test_what_is_called_as_we_call_ours_is_ours() -> None:
    assert [is_ours(name) for name in ("monitoring", "monitoring-agent-dev", "monitoringx", "shop-monitoring")] == [
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("arn", "tail"),
    [
        ("arn:aws:lambda:eu-west-1:123456789012:function:pay", "function:pay"),
        ("arn:aws:apigateway:eu-west-1::/restapis/a1", "/restapis/a1"),
        ("arn:aws:logs:eu-west-1:123456789012:log-group:/app/web:*", "log-group:/app/web:*"),
        ("nothing", "nothing"),
    ],
)
def test_an_arn_s_tail_stands_behind_the_account(arn: str, tail: str) -> None:
    assert tail_of(arn) == tail
