"""docs/routes.md says what the reader of the routes file knows; docs/routes.example.toml does what its comments say."""

import re
import tomllib
from typing import Any, get_args

import pytest
from msgspec.structs import replace

from chalicelib import container
from chalicelib.config import fields, routes
from chalicelib.config.compiled import Defaults, RoutesFile
from chalicelib.config.inhibit_tables import InhibitTable
from chalicelib.config.match_tables import MatchTable
from chalicelib.config.models import by_key
from chalicelib.config.receivers import ReceiverTable
from chalicelib.config.routes import MOST_RECEIVERS, read
from chalicelib.config.rule_tables import AnnotationTable, SeverityTable
from chalicelib.config.toml_reader import Table
from chalicelib.domain.alerts.window_count import HIGHEST_COUNT
from chalicelib.domain.errors import Invalid
from chalicelib.domain.events.event import Event, Severity
from chalicelib.domain.routing.notification_policy import Policy
from chalicelib.domain.timestamps import DAY
from tests.app.world import ROOT, SETTINGS
from tests.domain.given import an_event

PAGE = (ROOT / "docs" / "routes.md").read_text()
SNIPPETS = re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
EXAMPLE = ROOT / "docs" / "routes.example.toml"
DEFAULTS = Defaults(Severity.MEDIUM, 14_400)
# A Tuesday, at noon in Berlin; there, night is twelve hours later.
NOON = 1_772_535_600
NIGHT = NOON + DAY // 2
PAYMENTS, SHOP, DATA, SANDBOX, STRANGER = (
    *("111122223333", "444455556666", "777788889999", "555566667777", "888899990000"),
)


def example() -> RoutesFile:
    return read(EXAMPLE.read_text(), EXAMPLE.name, DEFAULTS)


def section(heading: str) -> str:
    """Return the text under a heading, up to the next of any level."""
    (text,) = re.findall(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#+ |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    return str(text)


def keys(heading: str) -> set[str]:
    """Return the first column of the table under a heading."""
    return set(re.findall(r"^\| `([a-z_]+)` \|", section(heading), re.MULTILINE))


@pytest.mark.parametrize(
    ("heading", "table"),
    [
        ("`[[route]]`", routes.RouteTable),
        ("`[[silence]]`", routes.SilenceTable),
        ("`[[severity]]`", SeverityTable),
        ("`[[annotation]]`", AnnotationTable),
        ("`[[inhibit]]`", InhibitTable),
        ("`match` and `not`", MatchTable),
        ("`[accounts]`", routes.AccountTable),
        ("`[receivers]`", ReceiverTable),
    ],
)
def test_every_key_is_described_and_no_other(heading: str, table: type[Table]) -> None:
    assert keys(heading) == by_key(table).keys()


def test_the_default_is_described_with_every_key_that_it_knows() -> None:
    known, unknown = section("`[default]`").split("it has no ")
    assert set(re.findall(r"`([a-z_]+)`", known)) - {"default"} == by_key(routes.DefaultTable).keys()
    assert (
        set(re.findall(r"`([a-z_]+)`", unknown))
        == by_key(routes.RouteTable).keys() - by_key(routes.DefaultTable).keys()
    )


def test_every_table_has_a_section() -> None:
    assert set(re.findall(r"^## `\[+([a-z]+)\]+`$", PAGE, re.MULTILINE)) == by_key(routes.RoutesTables).keys()


def test_the_limits_are_those_of_the_reader() -> None:
    assert f"There may be {MOST_RECEIVERS} receivers." in PAGE
    assert f"Up to {fields.MOST_PATTERNS} in a list, of up to {fields.LONGEST_PATTERN} characters" in PAGE
    assert f"one line of up to {fields.LONGEST_TEXT} characters" in PAGE
    words = [*get_args(fields.Group.__value__), *get_args(fields.SeverityName.__value__)]
    assert section("`[[route]]`").count("`5m` to `7d`") == len(["repeat_interval", "min_count_window", "ack_expires"])
    assert f"`{fields.LOWEST_COUNT}` to `{HIGHEST_COUNT}`" in section("`[[route]]`")
    assert f"at most {routes.MOST_WINDOWS} different ones" in section("`[[route]]`")
    assert all(f"`{name}`" in section("`[[route]]`") for name in words)


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_every_piece_of_a_file_on_the_page_can_be_read(snippet: str) -> None:
    start = "" if "[default]" in snippet else '[default]\nreceivers = "monitoring"\n'
    if not snippet.startswith("["):
        snippet = "[[route]]\n" + snippet
    if snippet.startswith("[route.match]"):
        snippet = "[[route]]\n" + snippet
    if "[[route]]" in snippet and "receivers" not in snippet:
        snippet = snippet.replace("[[route]]\n", '[[route]]\nname = "a"\nreceivers = "a"\n')
    assert read(start + snippet, "page", DEFAULTS).routes


def test_the_three_ways_to_write_a_match_are_one() -> None:
    written = [
        each for each in re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL) if "pre-prod" in each
    ]
    assert len(written) == 3
    meant: list[Any] = [tomllib.loads(each.replace("[route.match]", "[match]"))["match"] for each in written]
    assert meant == [meant[0]] * 3


def test_the_mistakes_on_the_page_are_reported_in_these_words() -> None:
    wrong, announced = re.findall(
        r"^```text\n(.*?)^```", section("What is wrong with a file"), re.MULTILINE | re.DOTALL
    )
    with pytest.raises(Invalid) as error:
        read(wrong, "routes.toml", DEFAULTS)
    assert [f"{each.field}: {each.message}" for each in error.value.violations] == announced.splitlines()


# --- the example


def policy() -> Policy:
    file = example()
    return Policy(file.routes, file.silences, accounts=file.account)


def way(event: Event, now: int = NOON) -> str:
    return policy().matched_routes(event, now).names


def test_the_example_has_the_receivers_that_the_hub_is_shipped_with() -> None:
    assert set(container.routes(SETTINGS).receivers) <= set(example().receivers)


def test_what_is_gravest_wakes_whoever_is_on_call_and_goes_on_to_its_team() -> None:
    event = an_event(account=SHOP, severity=Severity.CRITICAL)
    assert way(event) == "pager, shop-by-day"
    assert way(event, NIGHT) == "pager, platform"
    assert way(replace(event, account=SANDBOX)) == "sandboxes"


def test_a_team_is_notified_of_its_problems_by_day() -> None:
    assert way(an_event(account=SHOP)) == "shop-by-day"
    assert way(an_event(account=SHOP), NIGHT) == "platform"


def test_payments_are_attended_to_around_the_clock() -> None:
    assert {way(an_event(account=PAYMENTS), now) for now in (NOON, NIGHT)} == {"payments"}


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"kind": "guardduty", "account": SHOP}, "security"),
        ({"kind": "stack", "resource": "StackSet-monitoring-agent-3f1c"}, "deployment"),
        ({"kind": "stack", "resource": "shop", "account": STRANGER}, "platform"),
        ({"account": SANDBOX}, "sandboxes"),
        ({"account": DATA}, "platform"),
        ({"account": STRANGER}, "platform"),
    ],
)
def test_the_rest_goes_where_its_comments_say(changes: dict[str, Any], name: str) -> None:
    assert way(an_event(**changes)) == name


def test_the_windows_of_maintenance_hold_back_what_is_expected_then() -> None:
    sunday_at_three, patch_night = NOON + 5 * DAY - 9 * 3_600, NOON + 14 * 3_600
    backup = an_event(account=DATA, resource="warehouse-cpu")
    reboot = an_event(account=SHOP, title="EC2: instance reboot maintenance")

    def silences(event: Event, now: int) -> str:
        silence = policy().silence(event, now)
        return silence.id if silence else ""

    assert (silences(backup, sunday_at_three), silences(backup, NOON)) == ("warehouse-backup", "")
    assert (silences(reboot, patch_night), silences(reboot, NOON)) == ("patch-night", "")
    assert silences(replace(reboot, severity=Severity.CRITICAL), patch_night) == ""
    assert silences(replace(backup, account=SHOP), sunday_at_three) == ""
