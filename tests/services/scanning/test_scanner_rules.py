"""The scan file's rules reach what the scan publishes."""

import re

from msgspec.structs import replace

from chalicelib.domain.logs.levels import Level
from chalicelib.domain.scanning.error_groups import LogLine
from chalicelib.domain.scanning.rules import Rule, Rules
from tests.services.scanning.scan_rig import START, Rig

SHOP = "/aws/lambda/shop"


def published(rules: Rules, *messages: str) -> list[tuple[object, object]]:
    """Return the title and level of each group of errors that a scan of these messages publishes."""
    rig = Rig([SHOP], [LogLine(START - 100, SHOP, "stream", message) for message in messages])
    rig.scanner = replace(rig.scanner, search=replace(rig.scanner.search, rules=rules))
    rig.run()
    return [(each.detail["title"], each.detail["level"]) for each in rig.bus.events.values()]


def test_what_a_rule_calls_an_error_is_published_and_what_one_ignores_is_not() -> None:
    rules = Rules(
        errors=(Rule("stock", re.compile("out of stock"), level=Level.FATAL),),
        ignored=(Rule("health", re.compile("health-check")),),
    )

    assert published(rules, "out of stock", "Error: health-check failed") == [("out of stock", "fatal")]
