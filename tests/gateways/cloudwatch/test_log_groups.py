"""Log groups: which of an account's are scanned."""

from collections import Counter

import pytest
from botocore.exceptions import ClientError

from chalicelib.config.compiled_scan import ScanFile
from chalicelib.domain.scanning.error_groups import LogGroup
from chalicelib.gateways.cloudwatch import log_groups
from chalicelib.gateways.cloudwatch.log_groups import KEPT_FOR, LogGroupInventory
from tests.fakes import FakeClock
from tests.gateways.cloudwatch.accounts import (
    FILE,
    Account,
    Stubs,
    add_rest_api,
    counting,
    found,
    logging_to,
    named,
    stubbed,
    tagged,
)


def test_functions_and_log_groups_beyond_a_page_are_seen(account: Account) -> None:
    names = [f"f-{number:03}" for number in range(120)]
    for name in names:
        account.add_function(name)
        account.add_log_groups(f"/aws/lambda/{name}")

    assert [resource for _, _, resource in found(account.inventory())] == names


def test_a_listing_takes_few_calls_however_many_functions_there_are(account: Account) -> None:
    for number in range(120):
        account.add_function(f"f-{number:03}")
        account.add_log_groups(f"/aws/lambda/f-{number:03}")
    made: Counter[str] = Counter()

    LogGroupInventory(counting(made), FakeClock(), FILE).list_log_groups()

    assert made.pop("ListFunctions") <= 3  # moto's pages hold more than AWS's
    assert made.pop("DescribeLogGroups") == 3
    assert made == dict.fromkeys(
        ["ListClusters", "ListTaskDefinitionFamilies", "GetRestApis", "GetApis", "ListStateMachines"], 1
    )


def test_our_own_log_groups_are_never_scanned(account: Account) -> None:
    """Failure 11: the monitoring's own logs contain "error", match the next scan, and feed back."""
    account.add_function("monitoring-prod-query_error_logs")
    account.add_function("monitoring-agent-scan")
    account.add_function("pay-monitoring")
    account.add_task_definition("monitoring-tools", logging_to("/ecs/tools"))
    account.add_task_definition("shop", logging_to("/aws/lambda/monitoring-prod-query_error_logs"))
    account.add_log_groups(
        "/aws/lambda/monitoring-prod-query_error_logs",
        "/aws/lambda/monitoring-agent-scan",
        "/aws/lambda/pay-monitoring",
        "/ecs/tools",
    )

    assert found(account.inventory()) == [("/aws/lambda/pay-monitoring", "lambda", "pay-monitoring")]


def test_our_own_functions_are_known_by_name_whatever_log_group_they_have() -> None:
    inventory = stubbed(
        functions=[
            {"FunctionName": "monitoring-scan", "FunctionArn": "arn:own", "LoggingConfig": {"LogGroup": "/shop/own"}}
        ],
        log_groups=[{"logGroupName": "/shop/own"}],
    )

    assert found(inventory) == []


def test_a_log_group_with_several_owners_is_listed_once(account: Account) -> None:
    account.add_log_groups("/ecs/shared")
    for family in ("van", "parcel", "route"):
        account.add_task_definition(family, logging_to("/ecs/shared"))

    assert found(account.inventory()) == [("/ecs/shared", "ecs", "parcel and 2 more")]


@pytest.mark.parametrize("tag", ["team=shop", "team"])
def test_a_tag_chooses_functions_and_task_definitions(tag: str, account: Account) -> None:
    account.add_function("pay", team="shop")
    account.add_function("other", squad="shop")
    account.add_task_definition("web", logging_to("/ecs/web"), team="shop")
    account.add_task_definition("job", logging_to("/ecs/job"))
    account.add_log_groups("/aws/lambda/pay", "/aws/lambda/other", "/ecs/web", "/ecs/job")

    assert [name for name, _, _ in found(account.inventory(tag=tag))] == ["/aws/lambda/pay", "/ecs/web"]


def test_a_tag_of_another_value_chooses_nothing(account: Account) -> None:
    account.add_function("pay", team="shop")
    account.add_log_groups("/aws/lambda/pay")

    assert found(account.inventory(tag="team=else")) == []


def test_what_insights_cannot_read_is_left_out_and_other_classes_are_marked() -> None:
    inventory = stubbed(
        functions=[{"FunctionName": name, "FunctionArn": name} for name in ("cold", "far", "hot")],
        log_groups=[
            {
                "logGroupName": "/aws/lambda/cold",
                "logGroupClass": "INFREQUENT_ACCESS",
                "creationTime": 1_760_000_000_123,
            },
            {"logGroupName": "/aws/lambda/far", "logGroupClass": "DELIVERY"},
            {"logGroupName": "/aws/lambda/hot", "logGroupClass": "STANDARD"},
        ],
    )

    assert inventory.list_log_groups().log_groups == (
        LogGroup("/aws/lambda/cold", "lambda", "cold", 1_760_000_000, "INFREQUENT_ACCESS"),
        LogGroup("/aws/lambda/hot", "lambda", "hot"),
    )


def test_the_hub_s_own_api_is_never_scanned_whatever_a_rule_includes(account: Account) -> None:
    own = add_rest_api("monitoring", "/access/own")
    account.add_log_groups(f"API-Gateway-Execution-Logs_{own}/api", "/access/own", "/aws/lambda/monitoring-prod-x")

    assert found(account.inventory(ScanFile(include=("*",)))) == []


def test_log_groups_are_chosen_by_name_and_exclusion_has_the_last_word(account: Account) -> None:
    account.add_function("pay")
    account.add_log_groups("/aws/lambda/pay", "/app/web", "/app/noisy", "/else")
    file = ScanFile(include=("/app/*",), exclude=("/app/noisy", "*/pay"))

    assert found(account.inventory(file)) == [("/app/web", "other", "")]


def test_log_groups_with_a_tag_of_theirs_are_scanned() -> None:
    stubs = Stubs(
        named("/app/web", "/app/job", "/else"),
        resourcegroupstaggingapi={
            "get_resources": {
                "ResourceTagMappingList": [
                    tagged("/app/web", team="shop-1"),
                    tagged("/app/job", team="else"),
                ]
            }
        },
    )

    assert found(stubs.inventory(ScanFile(tags={"team": ("shop-*",)}))) == [("/app/web", "other", "")]


def test_services_that_are_not_wanted_are_not_scanned(account: Account) -> None:
    account.add_function("pay")
    account.add_task_definition("web", logging_to("/ecs/web"))
    account.add_log_groups("/aws/lambda/pay", "/ecs/web", "/aws/rds/instance/orders/error")

    assert found(account.inventory(ScanFile(services=("rds",)))) == [
        ("/aws/rds/instance/orders/error", "rds", "orders")
    ]


def test_a_service_that_denies_access_is_reported_and_the_others_are_listed() -> None:
    stubs = Stubs(named("/aws/rds/instance/orders/error", "/aws/vendedlogs/states/ship-Logs"))
    stubs.refusing = {"ecs": "AccessDeniedException", "stepfunctions": "AccessDeniedException"}

    listing = stubs.inventory().list_log_groups()

    assert [each.resource for each in listing.log_groups] == ["orders", "ship"]
    assert listing.access_denied == ("ecs", "stepfunctions")


def test_where_functions_cannot_be_listed_names_show_them_and_ours_are_left_out() -> None:
    stubs = Stubs(named("/aws/lambda/pay", "/aws/lambda/monitoring-agent-dev"))
    stubs.refusing = {"lambda": "AccessDeniedException"}

    assert found(stubs.inventory()) == [("/aws/lambda/pay", "lambda", "pay")]


def test_where_apis_cannot_be_listed_none_is_scanned_as_any_might_be_our_own() -> None:
    stubs = Stubs(named("API-Gateway-Execution-Logs_a1/api", "/app/web"))
    stubs.refusing = {"apigateway": "AccessDeniedException"}

    listing = stubs.inventory(ScanFile(include=("*",))).list_log_groups()

    assert [each.name for each in listing.log_groups] == ["/app/web"]
    assert listing.access_denied == ("apigateway",)


def test_a_service_that_has_no_time_stops_the_first_listing() -> None:
    stubs = Stubs(named("/aws/lambda/pay"))
    stubs.refusing = {"lambda": "TooManyRequestsException"}

    with pytest.raises(ClientError):
        stubs.inventory().list_log_groups()


def test_a_service_that_has_no_time_stands_by_what_it_said_before() -> None:
    function = {"FunctionName": "pay", "FunctionArn": "arn:pay", "LoggingConfig": {"LogGroup": "/shop/pay"}}
    stubs = Stubs(named("/shop/pay"), **{"lambda": {"list_functions": {"Functions": [function]}}})
    inventory = stubs.inventory()
    before = found(inventory)
    stubs.refusing = {"lambda": "TooManyRequestsException"}

    assert found(inventory) == before == [("/shop/pay", "lambda", "pay")]


def test_a_long_list_is_kept_for_the_better_part_of_an_hour(monkeypatch: pytest.MonkeyPatch, account: Account) -> None:
    """To list 10,000 log groups and their owners took a thousand calls, twelve times an hour."""
    monkeypatch.setattr(log_groups, "FEW", 1)
    account.add_log_groups("/app/web", "/app/job")
    made: Counter[str] = Counter()
    clock = FakeClock()
    inventory = LogGroupInventory(counting(made), clock, ScanFile(include=("/app/*",)))
    first = inventory.list_log_groups()
    calls = made.total()

    clock.sleep(KEPT_FOR - 1)
    assert inventory.list_log_groups() is first
    assert made.total() == calls
    account.add_log_groups("/app/new")
    clock.sleep(1)

    assert [each.name for each in inventory.list_log_groups().log_groups] == ["/app/job", "/app/new", "/app/web"]


def test_a_long_list_that_is_incomplete_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_groups, "FEW", 1)
    stubs = Stubs(named("/app/web", "/app/job"))
    stubs.refusing = {"ecs": "AccessDeniedException"}
    inventory = stubs.inventory(ScanFile(include=("/app/*",)))
    inventory.list_log_groups()
    stubs.refusing = {}

    assert inventory.list_log_groups().access_denied == ()
