"""The tables of docs/forwarding.md."""

from infra import catalogue, cost, forwarding_tables, rules, source_index
from infra.generate import FORWARDING, SOURCES, generated
from infra.interests import CORE

KNOWN = source_index.declared(SOURCES)
DECLARED = catalogue.catalogue(KNOWN)


def test_the_page_has_what_would_be_generated() -> None:
    assert generated()[FORWARDING] == FORWARDING.read_text()


def test_each_group_has_its_price_with_problems_and_with_all() -> None:
    wanted = {each.group for each in rules.interests(KNOWN, DECLARED)} - {CORE}
    assert wanted == set(cost.GROUP_EVENTS)
    lines = list(forwarding_tables.groups(rules.forwardings(KNOWN, DECLARED)))[2:]
    assert len(lines) == 2 * len(wanted)
    assert all(line.count("$") == len(forwarding_tables.ACCOUNTS) for line in lines)


def test_each_rule_of_a_group_is_named() -> None:
    text = "\n".join(forwarding_tables.groups(rules.forwardings(KNOWN, DECLARED)))
    names = [each.name for each in rules.forwardings(KNOWN, DECLARED) if each.group != CORE]
    assert names
    assert [name for name in names if f"`{name}`" not in text] == []


def test_each_filter_has_a_line() -> None:
    wanted = rules.interests(KNOWN, DECLARED)
    lines = list(forwarding_tables.filters(wanted))[2:]
    assert len(lines) == len(wanted)


def test_a_year_of_an_event_a_day_costs_what_its_parts_cost() -> None:
    assert cost.events_price(100, 10) == 10 * cost.events_price(100, 1) == 1_000 * cost.events_price(1, 1)
    assert cost.events_price(1, 1) > 365 * (cost.EVENT.price + cost.FORWARDED_EVENT)
