"""Patterns are matched as EventBridge's documentation says of each operator, and what it does not say is refused."""

import json
from typing import Any

import pytest

from infra.event_pattern import InvalidPatternError, matches

EVENT: dict[str, Any] = {
    "source": "aws.batch",
    "account": "111122223333",
    "detail": {
        "state": "FAILED",
        "count": 5,
        "exact": 5.0,
        "urgent": True,
        "nothing": None,
        "none": [],
        "address": "10.0.0.17",
        "tags": ["blue", "green"],
        "containers": [{"name": "web", "exitCode": 0}, {"name": "job", "exitCode": 137}],
    },
}


def fits(field: str, *wanted: Any) -> bool:
    return matches({"detail": {field: list(wanted)}}, EVENT)


@pytest.mark.parametrize(
    ("field", "wanted"),
    [
        ("state", "FAILED"),
        ("count", 5),
        ("exact", 5),
        ("urgent", True),
        ("nothing", None),
        ("tags", "green"),
        ("state", {"prefix": "FAI"}),
        ("state", {"prefix": {"equals-ignore-case": "fai"}}),
        ("state", {"suffix": "ED"}),
        ("state", {"suffix": {"equals-ignore-case": "eD"}}),
        ("state", {"equals-ignore-case": "failed"}),
        ("state", {"wildcard": "F*L*D"}),
        ("state", {"wildcard": "*"}),
        ("state", {"anything-but": "SUCCEEDED"}),
        ("state", {"anything-but": ["SUCCEEDED", "RUNNING"]}),
        ("state", {"anything-but": {"prefix": "SUC"}}),
        ("state", {"anything-but": {"wildcard": ["S*", "R*"]}}),
        ("count", {"anything-but": 4}),
        ("count", {"numeric": [">", 0, "<=", 5]}),
        ("count", {"numeric": ["=", 5]}),
        ("address", {"cidr": "10.0.0.0/24"}),
        ("state", {"exists": True}),
        ("nothing", {"exists": True}),
        ("none", {"exists": False}),
        ("other", {"exists": False}),
    ],
)
def test_an_operator_matches_what_it_is_documented_to_match(field: str, wanted: Any) -> None:
    assert fits(field, wanted)
    assert fits(field, "something else", wanted)


@pytest.mark.parametrize(
    ("field", "wanted"),
    [
        ("state", "failed"),
        ("count", "5"),
        ("count", True),
        ("urgent", 1),
        ("other", None),
        ("state", {"prefix": "AIL"}),
        ("state", {"suffix": "FAIL"}),
        ("state", {"wildcard": "F*X*D"}),
        ("state", {"wildcard": "FAILED*D"}),
        ("state", {"wildcard": "FAIL"}),
        ("state", {"anything-but": ["FAILED", "RUNNING"]}),
        ("state", {"anything-but": {"prefix": "FAI"}}),
        ("other", {"anything-but": "FAILED"}),
        ("count", {"numeric": [">", 5]}),
        ("state", {"numeric": [">", 5]}),
        ("urgent", {"numeric": [">=", 0]}),
        ("address", {"cidr": "10.0.1.0/24"}),
        ("state", {"cidr": "10.0.1.0/24"}),
        ("other", {"exists": True}),
        ("containers", {"exists": True}),
        ("state", {"exists": False}),
    ],
)
def test_an_operator_matches_nothing_else(field: str, wanted: Any) -> None:
    assert not fits(field, wanted)


@pytest.mark.parametrize(
    ("name", "exit_code", "is_matched"), [("job", 137, True), ("web", 0, True), ("web", 137, False)]
)
def test_two_fields_are_those_of_one_element_of_an_array(name: str, exit_code: int, is_matched: bool) -> None:
    pattern = {"detail": {"containers": {"name": [name], "exitCode": [exit_code]}}}

    assert matches(pattern, EVENT) is is_matched


def test_one_of_several_alternatives_is_enough_and_the_rest_holds_as_well() -> None:
    alternatives = [{"state": ["RUNNING"]}, {"count": [{"numeric": [">=", 5]}]}]

    assert matches({"source": ["aws.batch"], "detail": {"$or": alternatives}}, EVENT)
    assert not matches({"source": ["aws.glue"], "detail": {"$or": alternatives}}, EVENT)
    assert not matches({"detail": {"$or": [*alternatives[:1], {"count": [4]}]}}, EVENT)


def test_what_is_below_a_field_that_is_missing_does_not_exist() -> None:
    assert matches({"detail": {"error": {"code": [{"exists": False}]}}}, EVENT)
    assert not matches({"detail": {"error": {"code": [{"exists": True}]}}}, EVENT)


@pytest.mark.parametrize("event", [None, 5, "text", []])
def test_what_is_no_object_matches_nothing(event: Any) -> None:
    assert not matches({"source": ["aws.batch"]}, event)


@pytest.mark.parametrize(
    "wanted",
    [
        [],
        "FAILED",
        [["FAILED"]],
        [{"contains": "FAIL"}],
        [{"prefix": 5}],
        [{"prefix": "F", "suffix": "D"}],
        [{"anything-but": None}],
        [{"cidr": "10.0.0/99"}],
        {},
    ],
)
def test_a_pattern_that_eventbridge_would_refuse_is_refused(wanted: Any) -> None:
    with pytest.raises(InvalidPatternError):
        matches({"detail": {"state": wanted}}, EVENT)


@pytest.mark.parametrize("wanted", [["~", 5], [">", "5"], [">", 5, "<"], [">", 10**10]])
def test_a_comparison_that_is_none_is_refused(wanted: list[Any]) -> None:
    with pytest.raises(InvalidPatternError, match="count"):
        matches({"detail": {"count": [{"numeric": wanted}]}}, EVENT)


@pytest.mark.parametrize("pattern", [{}, {"$or": [{"source": ["aws.batch"]}]}, {"$or": {}}])
def test_a_pattern_without_a_condition_or_a_choice_is_refused(pattern: dict[str, Any]) -> None:
    with pytest.raises(InvalidPatternError):
        matches(pattern, EVENT)


def test_a_wildcard_takes_one_pass_over_a_long_text() -> None:
    hostile = json.loads(json.dumps({"a": "a" * 100_000}))

    assert not matches({"a": [{"wildcard": "*a*a*a*a*a*a*a*a*b*"}]}, hostile)
