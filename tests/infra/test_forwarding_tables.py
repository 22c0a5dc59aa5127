"""The tables of docs/forwarding.md."""

from infra import catalogue, cost, forwarding_tables, rules, source_index
from infra.generate import FORWARDING, SOURCES, generated
from infra.interests import CORE
from tests.sources.samples import TEAMS

KNOWN = source_index.declared(SOURCES)
DECLARED = catalogue.catalogue(KNOWN)
RULES, WANTED = list(rules.forwardings(KNOWN, DECLARED)), rules.interests(KNOWN, DECLARED)


def test_the_page_has_what_would_be_generated() -> None:
    assert generated()[FORWARDING] == FORWARDING.read_text()


def test_each_group_has_its_price_with_problems_and_with_all() -> None:
    wanted = {each.group for each in WANTED} - {CORE}
    lines = list(forwarding_tables.groups(RULES, WANTED))[2:]
    assert len(lines) == 2 * len(wanted)
    assert all(line.count("$") == len(forwarding_tables.ACCOUNTS) for line in lines)


def test_each_rule_of_a_group_is_named() -> None:
    tables = (forwarding_tables.groups(RULES, WANTED), forwarding_tables.kinds(RULES, WANTED))
    names = [each.name for each in RULES if each.group != CORE]
    assert names
    for text in map("\n".join, tables):
        assert [name for name in names if f"`{name}`" not in text] == []


def test_each_kind_has_a_line_for_problems_and_one_for_what_all_adds_with_its_price() -> None:
    lines = list(forwarding_tables.kinds(RULES, WANTED))[2:]
    assert len(lines) == len({(each.kind, each.only_all) for each in WANTED if each.kind})
    assert all(line.partition("` | ")[0] != "" and "| $" in line and "| `" in line for line in lines)
    assert {each.kind for each in WANTED if each.kind} - TEAMS == set(cost.KIND_EVENTS)


def test_a_group_costs_what_its_kinds_cost() -> None:
    (line,) = [each for each in forwarding_tables.groups(RULES, WANTED) if each.startswith("| certificates | `all`")]
    assert f"| {cost.KIND_EVENTS['certificate'][1]:g} |" in line


def test_a_year_of_an_event_a_day_costs_what_its_parts_cost() -> None:
    assert cost.events_price(100, 10) == 10 * cost.events_price(100, 1) == 1_000 * cost.events_price(1, 1)
    assert cost.events_price(1, 1) > 365 * (cost.EVENT.price + cost.FORWARDED_EVENT)
