"""The scan file's rules reach what the scan publishes."""

import re

from chalicelib.domain.logs.levels import Level
from chalicelib.domain.scanning.error_groups import LogLine
from chalicelib.domain.scanning.rules import Rule, Rules
from chalicelib.services.scanning.scanner import Scan, ScanPlan
from tests.fakes import FakeClock
from tests.scan_fakes import FakeBus, FakeInventory, FakeLogs, FakeParameters

START = 1_760_000_100  # a line of the grid
SHOP = "/aws/lambda/shop"


def published(rules: Rules, *messages: str) -> list[tuple[object, object]]:
    """Return the title and level of each group of errors that a scan of these messages publishes."""
    plan = ScanPlan(parameter="/monitoring/test/scan")
    clock, bus = FakeClock(START + plan.latency), FakeBus()
    Scan(
        inventory=FakeInventory([SHOP]),
        logs=FakeLogs(clock, [LogLine(START - 100, SHOP, "stream", message) for message in messages]),
        bus=bus,
        state=FakeParameters(),
        clock=clock,
        plan=plan,
        account="111122223333",
        region="eu-central-1",
        rules=rules,
    ).run()
    return [(each.detail["title"], each.detail["level"]) for each in bus.events.values()]


def test_what_a_rule_calls_an_error_is_published_and_what_one_ignores_is_not() -> None:
    rules = Rules(
        errors=(Rule("stock", re.compile("out of stock"), level=Level.FATAL),),
        ignored=(Rule("health", re.compile("health-check")),),
    )

    assert published(rules, "out of stock", "Error: health-check failed") == [("out of stock", "fatal")]
