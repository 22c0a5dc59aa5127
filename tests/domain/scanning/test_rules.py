"""Rules: what people say is an error, or is none."""

import re

import pytest

from chalicelib.domain.logs.levels import Level
from chalicelib.domain.scanning.rules import EXAMINED, NO_RULES, Rule, Rules

SHOP = "/aws/lambda/shop-orders"


def a_rule(match: str, *log_groups: str, level: Level = Level.ERROR) -> Rule:
    return Rule("one", re.compile(match), log_groups, level)


def test_without_rules_only_errors_are_errors() -> None:
    assert NO_RULES.level_of("ERROR lost", SHOP) is Level.ERROR
    assert NO_RULES.level_of("out of stock", SHOP) is None


@pytest.mark.parametrize("level", Level)
def test_what_a_rule_calls_an_error_is_one(level: Level) -> None:
    assert Rules(errors=(a_rule("out of stock", level=level),)).level_of("INFO out of stock", SHOP) is level


def test_a_rule_speaks_for_its_log_groups_only() -> None:
    rules = Rules(errors=(a_rule("out of stock", "/aws/lambda/shop-*", "/other"),))

    assert rules.level_of("out of stock", SHOP)
    assert rules.level_of("out of stock", "/ecs/shop-orders") is None


def test_what_is_to_be_ignored_is_no_error_whatever_else_says_so() -> None:
    rules = Rules(errors=(a_rule("lost"),), ignored=(a_rule("ERROR", SHOP),))

    assert rules.level_of("ERROR lost", SHOP) is None
    assert rules.level_of("ERROR lost", "/else") is Level.ERROR


def test_a_rule_examines_the_beginning_of_an_endless_message() -> None:
    rules = Rules(errors=(a_rule("out of stock$"),))

    assert rules.level_of(" " * EXAMINED + "out of stock", SHOP) is None
