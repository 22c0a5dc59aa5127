"""The routes file says who hears of what, and where it is wrong it is told so by the line."""

import random
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.config.compiled import Defaults, RoutesFile
from chalicelib.config.routes import MOST_RECEIVERS, MOST_WINDOWS, read
from chalicelib.domain.accounts import Account
from chalicelib.domain.errors import Invalid, Violation
from chalicelib.domain.events.event import Severity
from chalicelib.domain.routing.matchers import Field, Matcher
from chalicelib.domain.routing.routes import HOUR, Route
from chalicelib.domain.routing.silences import FOREVER, Silence

DEFAULTS = Defaults(Severity.MEDIUM, 4 * HOUR)
LEAST = '[default]\nreceivers = "monitoring"\n'
A_TOPIC = "topic = 'arn:aws:sns:eu-west-1:111122223333:ops'"
A_STEP = "{ after = '5m', receivers = 'a' }"
TWO_RECEIVERS_OF_ONE_CHANNEL = """[receivers]
monitoring = { type = "slack", channel = "C0123456789" }

report = { type = "slack", channel = "C0123456789" }
"""

WHOLE = """
[[route]]
name = "payments"
match.account = ["payments-*", "111122223333"]
match.tags = { team = "payments", stage = ["prod", "pre*"] }
match.severity = "HIGH"
match.hours = "Mon-Fri 09:00-18:00 Europe/Berlin"
not.kind = "stack"
receivers = ["payments", "archive"]
continue = true
minimum = "HIGH"
repeat_interval = "90m"
group_by = ["account", "kind"]

[[route]]
name = "stacks"
match.kind = "stack"
receivers = "archive"
every_event = true

[default]
name = "rest"
receivers = "monitoring"

[[silence]]
name = "backup"
match.hours = "Sun 02:00-04:00 Europe/Berlin"
match.title = "*backup*"
reason = "The backup runs."

[[silence]]
name = "holidays"
everything = true
reason = "Nobody is there."

[accounts.111122223333]
name = "payments-prod"
tags = { team = "payments", stage = "prod" }

[accounts.444455556666]
name = "shop"
"""


def parse(text: str) -> RoutesFile:
    return read(text, "routes.toml", DEFAULTS)


def mistakes(text: str) -> list[str]:
    """Return what is wrong with a text, as an operator reads it."""
    with pytest.raises(Invalid) as error:
        parse(text)
    return [f"{each.field}: {each.message}" for each in error.value.violations]


def a_mail(*lines: str) -> str:
    """Return a file whose receiver is reached by mail, with these further lines from the fifth on."""
    return "\n".join((LEAST + "[receivers.monitoring]\ntype = 'email'", *lines))


def a_route(*lines: str) -> str:
    """Return a file with one route that has these lines from line 6 on."""
    return "\n".join((LEAST, "[[route]]", 'name = "one"', *lines))


def test_a_file_says_routes_in_their_order_and_the_default_last() -> None:
    payments, stacks, rest = parse(WHOLE).routes
    assert payments == Route(
        name="payments",
        receivers=("payments", "archive"),
        matchers=(
            Matcher(Field.TAG, ("payments",), "team"),
            Matcher(Field.TAG, ("prod", "pre*"), "stage"),
            Matcher(Field.SEVERITY, ("UNKNOWN", "HIGH", "CRITICAL")),
            Matcher(Field.ACCOUNT, ("payments-*", "111122223333")),
            Matcher(Field.HOURS, ("Mon-Fri 09:00-18:00 Europe/Berlin",)),
            Matcher(Field.KIND, ("stack",), negated=True),
        ),
        minimum=Severity.HIGH,
        repeat_interval=5_400,
        continues=True,
        group_by=("account", "kind"),
    )
    assert (stacks.name, stacks.every_event, stacks.receivers) == ("stacks", True, ("archive",))
    assert rest == Route(name="rest", receivers=("monitoring",), minimum=Severity.MEDIUM, repeat_interval=4 * HOUR)


def test_a_file_says_how_often_something_must_fire() -> None:
    file = parse(
        LEAST + "min_count = 5\n[[route]]\nname = 'a'\nreceivers = 'a'\nmatch.kind = 'alarm'\nmin_count = 2\n"
        "min_count_window = '15m'"
    )
    assert [(each.min_count, each.min_count_window) for each in file.routes] == [(2, 900), (5, HOUR)]
    assert {each.min_count for each in parse(WHOLE).routes} == {1}


def test_a_file_counts_within_at_most_three_windows() -> None:
    routes = [
        f"[[route]]\nname = 'r{number}'\nreceivers = 'a'\nmatch.title = '{number}'\nmin_count = 2\n"
        f"min_count_window = '{number}h'\n"
        for number in range(1, MOST_WINDOWS + 2)
    ]
    assert len(parse(LEAST + "".join(routes[:-1])).routes) == MOST_WINDOWS + 1
    assert mistakes(LEAST + "".join(routes))[0].endswith(
        f"there are {MOST_WINDOWS + 1} different values of min_count_window; there may be {MOST_WINDOWS}"
    )


def test_a_file_says_silences_that_come_and_go() -> None:
    backup, holidays = parse(WHOLE).silences
    assert backup == Silence(
        id="backup",
        matchers=(
            Matcher(Field.HOURS, ("Sun 02:00-04:00 Europe/Berlin",)),
            Matcher(Field.TITLE, ("*backup*",)),
        ),
        starts_at=0,
        ends_at=FOREVER,
        author="routes file",
        reason="The backup runs.",
    )
    assert holidays.matchers == ()


def test_a_file_says_what_accounts_are_called() -> None:
    file = parse(WHOLE)
    assert file.account("111122223333") == Account("payments-prod", {"team": "payments", "stage": "prod"})
    assert file.account("444455556666") == Account("shop")
    assert file.account("777788889999") == Account()


def test_the_receivers_are_all_that_any_route_leads_to() -> None:
    assert parse(WHOLE).receivers == ("monitoring", "payments", "archive")


def test_a_default_alone_is_enough() -> None:
    (route,) = parse(LEAST).routes
    assert (route.name, route.matchers) == ("default", ())


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("", "1: default: required (the route of all that no other route takes"),
        ("[default]", "1: receivers: required (who is notified: a receiver, or a list of receivers)"),
        ("default = 1", "1: default: expected a table"),
        (LEAST + "routes = 1", "3: routes: unknown key; expected one of name, receivers, minimum"),
        (
            LEAST + "[[routes]]",
            "3: routes: unknown key; expected one of default, route, silence, severity, annotation, inhibit, accounts",
        ),
        (LEAST + "[route]", "3: route: expected [[route]], once for each"),
        ("route = [1]\n" + LEAST, "1: route: expected a table"),
        (LEAST + "[[route]]\nname = 'a'", "3: receivers: required"),
        (LEAST + "[[route]]\nreceivers = 'a'\nmatch.kind = 'stack'", "3: name: required"),
        (LEAST + "name = 'My route'", "3: name: invalid name 'My route'; expected up to 32 lower-case letters"),
        (
            LEAST + "minimum = 'high'",
            "3: minimum: invalid minimum 'high'; expected one of LOW, MEDIUM, HIGH or CRITICAL",
        ),
        (LEAST + "minimum = 'UNKNOWN'", "3: minimum: invalid minimum 'UNKNOWN'; expected one of LOW"),
        (LEAST + "repeat_interval = '4 hours'", "3: repeat_interval: invalid duration '4 hours'; expected one such as"),
        (LEAST + "repeat_interval = 4", '3: repeat_interval: invalid duration 4; expected one such as "4h", in quotes'),
        (LEAST + "repeat_interval = '1m'", "3: repeat_interval: '1m' is not within 5m to 7d"),
        (LEAST + "repeat_interval = '8d'", "3: repeat_interval: '8d' is not within 5m to 7d"),
        (LEAST + "every_event = 'yes'", "3: every_event: invalid value 'yes'; expected true or false, without quotes"),
        (
            LEAST + "group_by = 'title'",
            "3: group_by: invalid group_by 'title'; expected one of account, region, kind or",
        ),
        (LEAST + "group_by = []", "3: group_by: must not be empty"),
        (LEAST + "continue = true", "3: continue: unknown key"),
        (LEAST + "match.kind = 'stack'", "3: match: unknown key"),
        (a_route("receivers = ['a', 'B']"), "6: receivers: invalid name 'B'"),
        (a_route("receivers = ['a',", "'B']"), "7: receivers: invalid name 'B'"),
        (a_route("receivers = ['a', 'a']"), "6: receivers: 'a' is listed more than once"),
        (a_route(f"receivers = {[f'r{number}' for number in range(51)]}"), "6: receivers: expected at most 50 values"),
        (a_route("receivers = 7"), "6: receivers: invalid value 7; expected text, in quotes"),
        (
            a_route("", "match.kind = 'alarms'"),
            "7: kind: unknown kind 'alarms'; did you mean alarm?",
        ),
        (
            a_route("", "match.kind = 'zzzz'"),
            "7: kind: unknown kind 'zzzz'; expected one of access_analyzer, agent_state",
        ),
        (a_route("match = { kind = 7 }"), "6: kind: invalid value 7; expected text, in quotes"),
        (a_route("match.title = ''"), "6: title: must not be empty"),
        (a_route(f"match.title = '{'x' * 201}'"), "6: title: expected at most 200 characters"),
        (a_route("match.title = ['a', '*']"), "6: title: '*' fits everything; leave the line out, or write '[*]'"),
        (a_route("match = 'alarm'"), "6: match: expected a table"),
        (a_route("match.tags = 'prod'"), "6: tags: expected a table"),
        (a_route("[route.match.tags]", "stage = 1"), "7: stage: invalid value 1; expected text"),
        (a_route("match.severity = 3"), "6: severity: invalid severity 3; expected one of LOW"),
        (a_route("match.hours = 9"), "6: hours: invalid value 9; expected text, in quotes"),
        (a_route("match.hours = 'all day'"), "6: hours: invalid hours 'all day'; expected some such as"),
        (a_route("not.hours = ['09:00-10:00 Mars/Base']"), "6: hours: unknown time zone 'Mars/Base'"),
        (a_route("match.name = 'x'"), "6: name: unknown key; expected one of kind, source, account"),
        (a_route("account = 'x'"), "6: account: unknown key; write match.account"),
        (a_route("tags.stage = 'x'"), "6: tags: unknown key; write match.tags"),
        (
            a_route("receivers = 'a'", "every_event = true", "minimum = 'HIGH'"),
            "8: minimum: has no effect, as every_event announces each event",
        ),
        (a_route("min_count = 1"), "6: min_count: 1 is too small; expected 2 or more"),
        (a_route("min_count = 1001"), "6: min_count: 1001 is too large; expected 1000 or less"),
        (a_route("min_count = '5'"), "6: min_count: invalid value '5'; expected a whole number, without quotes"),
        (a_route("min_count = true"), "6: min_count: invalid value True; expected a whole number"),
        (a_route("min_count = 5", "min_count_window = '1m'"), "7: min_count_window: '1m' is not within 5m to 7d"),
        (a_route("receivers = 'a'", "min_count_window = '1h'"), "7: min_count_window: has no effect without min_count"),
        (
            a_route("receivers = 'a'", "every_event = true", "min_count = 5"),
            "8: min_count: has no effect, as every_event",
        ),
        (LEAST + "[[silence]]\nname = 's'\nmatch.kind = 'alarm'", "3: reason: required (why: one line)"),
        (LEAST + "[[silence]]\nname = 's'\nreason = 'r'", "3: silence: expected match or not, or else everything"),
        (LEAST + "[[silence]]\nname = 's'\nreason = 'r'\nmatch = {}", "3: silence: expected match or not, or else"),
        (LEAST + "[[silence]]\nname = 's'\nreason = 'r'\neverything = true\nmatch.kind = 'alarm'", "3: silence: exp"),
        (LEAST + "[[silence]]\nreason = ''", "4: reason: must not be empty"),
        (LEAST + "[[silence]]\nreason = ' x'", "4: reason: expected one line of text"),
        (LEAST + "accounts = 1", "3: accounts: unknown key"),
        ("accounts = 1\n" + LEAST, "1: accounts: expected a table"),
        (LEAST + "[accounts.1111]", "3: 1111: invalid account '1111'; expected an id of 12 digits"),
        (LEAST + "[accounts]\n111122223333 = 'x'", "4: 111122223333: expected a table"),
        (LEAST + "[accounts.111122223333]\nalias = 'x'", "4: alias: unknown key; expected one of name, tags"),
        (LEAST + "[accounts.111122223333.tags]\nteam = 7", "4: team: invalid value 7; expected text"),
        (
            LEAST + "[receivers.monitoring]\ntype = 'smoke'",
            "4: type: invalid type 'smoke'; expected one of slack_webhook",
        ),
        (
            LEAST + "[receivers.monitoring]\nper_minute = 5",
            "4: per_minute: has no effect for a receiver of type slack_w",
        ),
        (LEAST + "[receivers.monitoring]\ntype = 'pagerduty'\nper_minute = 0", "5: per_minute: 0 is too small"),
        (LEAST + "[receivers.monitoring]\ntype = 'slack'", "3: monitoring: channel is required"),
        (LEAST + "[receivers.monitoring]\ntype = 'slack'\nchannel = '#ops'", "5: channel: invalid channel '#ops'"),
        (LEAST + "[receivers.monitoring]\nper_hour = 0", "4: per_hour: 0 is too small; expected 1 or more"),
        (
            LEAST + "[receivers.monitoring]\ntype = 'pagerduty'\nper_hour = 9",
            "5: per_hour: has no effect for a receiver",
        ),
        (a_mail(), "3: monitoring: topic, or else from and to, are required for a receiver of type email"),
        (a_mail("from = 'hub@example.com'"), "3: monitoring: topic, or else from and to, are required"),
        (a_mail("from = 'hub@example.com'", "to = []"), "6: to: must not be empty"),
        (a_mail("from = 'Hub <hub@example.com>'"), "5: from: invalid address 'Hub <hub@example.com>'"),
        (a_mail('to = "ops@example.com\\r\\nBcc: eve@example.com"'), "5: to: invalid address"),
        (a_mail("topic = 'ops'"), "5: topic: invalid topic 'ops'; expected its ARN"),
        (a_mail(A_TOPIC, "to = 'ops@example.com'"), "5: topic: has no effect beside from and to"),
        (a_mail(A_TOPIC, "region = 'eu-west-1'"), "5: topic: has no effect beside from and to"),
        (LEAST + "[receivers.monitoring]\nfrom = 'hub@example.com'", "4: from: has no effect for a receiver of type"),
        (LEAST + "escalate = [{ after = '5m' }]", "3: receivers: required (who is notified then"),
        (LEAST + "escalate = [{ after = '9s', receivers = 'a' }]", "3: after: '9s' is not within 1m to 7d"),
        (
            LEAST + "escalate = [" + "{ after = '5m', receivers = 'a' }, " * 2 + "]",
            "3: escalate: each step must come later",
        ),
        (LEAST + "every_event = true\nescalate = [" + A_STEP + "]", "4: escalate: has no effect"),
        (LEAST + TWO_RECEIVERS_OF_ONE_CHANNEL, "6: channel: C0123456789 is the channel of another receiver as well"),
        (LEAST + "[receivers.report]\ntype = 'pagerduty'", "4: type: the daily report is no reason to page anybody"),
        (LEAST + "[receivers.nobody]\ntype = 'slack_webhook'", "3: nobody: no route leads to this receiver"),
    ],
)
def test_a_mistake_is_reported_with_its_line_and_what_is_allowed(text: str, mistake: str) -> None:
    assert any(each.startswith(f"routes.toml:{mistake}") for each in mistakes(text)), mistakes(text)


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        (LEAST + "name = 'a'\nname = 'b'", "4: invalid TOML: Cannot overwrite a value"),
        (LEAST + "name = a", "3: invalid TOML: Invalid value"),
        (LEAST + "name = 'a", "3: invalid TOML: "),
        (LEAST + "name = ", "3: invalid TOML: Invalid value"),
        ("a = " + "[" * 10_000, "1: nested too deeply"),
    ],
)
def test_what_is_no_toml_is_reported_with_its_line(text: str, mistake: str) -> None:
    (only,) = mistakes(text)
    assert only.startswith(f"routes.toml:{mistake}"), only


def test_all_mistakes_are_reported_at_once_from_top_to_bottom() -> None:
    text = a_route("receivers = 7", "typo = 1", "match.hours = 'never'", "[[route]]", "name = 'one'")
    assert [each.split(":")[1] for each in mistakes(text)] == ["6", "7", "8", "9", "10"]


def test_two_routes_or_silences_of_one_name_are_refused() -> None:
    route = "[[route]]\nname = 'default'\nmatch.kind = 'stack'\nreceivers = 'a'\n"
    silence = "[[silence]]\nname = 's'\nreason = 'r'\neverything = true\n"
    assert mistakes(LEAST + "name = 'default'\n" + route + silence * 2) == [
        "routes.toml:3: name: there is a route 'default' already",
        "routes.toml:13: name: there is a silence 's' already",
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("match.kind = 'stack'", "match.kind = 'stack'\nmatch.region = 'eu-*'"),
        ("match.kind = 'stack'", "match.kind = 'stack'\ncontinue = true"),
        ("not.region = 'eu-*'", "match.kind = 'stack'\nnot.region = 'eu-*'"),
    ],
)
def test_a_route_that_is_never_reached_is_refused(first: str, second: str) -> None:
    text = LEAST + "".join(
        f"[[route]]\nname = '{name}'\nreceivers = 'a'\n{more}\n" for name, more in (("one", first), ("two", second))
    )
    assert mistakes(text) == ["routes.toml:7: 'two' is never reached, as 'one' takes all of it before"]
    assert parse(text.replace(first + "\n[[route]]", first + "\ncontinue = true\n[[route]]", 1)).routes


def test_a_default_that_is_never_reached_is_refused() -> None:
    assert mistakes(a_route("receivers = 'a'")) == [
        "routes.toml:1: 'default' is never reached, as 'one' takes all of it before"
    ]


def test_there_are_no_more_receivers_than_one_transaction_takes() -> None:
    names = [f"r{number}" for number in range(MOST_RECEIVERS)]
    text = a_route(f"receivers = {names}", "match.kind = 'alarm'")
    assert mistakes(text) == ["routes.toml:1: there are 21 receivers; there may be 20"]


# A line of WHOLE, what it becomes, and what is said of it there.
DAMAGES = [
    ('match.severity = "HIGH"', 'match.severity = "GRAVE"', "invalid severity 'GRAVE'"),
    ('receivers = "archive"', "receivers = []", "receivers: must not be empty"),
    ("every_event = true", "evry_event = true", "evry_event: unknown key"),
    ('name = "backup"', 'name = "back up"', "invalid name 'back up'"),
    ('repeat_interval = "90m"', 'repeat_interval = "ninety"', "invalid duration 'ninety'"),
    ('match.title = "*backup*"', 'match.headline = "x"', "headline: unknown key"),
    ('name = "shop"', "name = 7", "invalid value 7"),
]


@given(st.sets(st.sampled_from(DAMAGES), min_size=1), st.lists(st.integers(0, 40)), st.randoms(use_true_random=False))
def test_a_mistake_is_found_wherever_it_stands(
    damages: set[tuple[str, str, str]], gaps: list[int], chance: random.Random
) -> None:
    """Comments and empty lines move the lines, not what is said of them."""
    text = WHOLE
    for before, after, _ in damages:
        text = text.replace(before, after)
    lines = text.split("\n")
    for gap in gaps:
        lines.insert(gap, chance.choice(["", "# [[route]]", "  # name = 'x'"]))
    expected = {(str(lines.index(after) + 1), complaint) for _, after, complaint in damages}
    announced = mistakes("\n".join(lines))
    assert len(announced) == len(damages)
    for line, complaint in expected:
        assert any(each.startswith(f"routes.toml:{line}: ") and complaint in each for each in announced)


JSON: st.SearchStrategy[Any] = st.recursive(
    st.booleans() | st.integers(-9, 9) | st.sampled_from(["", "*", "stack", "HIGH", "4h", "x y"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=4,
)
KEYS = re.findall(r"^([a-z_.]+) =", WHOLE, re.MULTILINE)


@given(st.sampled_from(["default", "[route]", "[silence]", "accounts.111122223333"]), st.sampled_from(KEYS), JSON)
def test_any_value_anywhere_is_read_or_refused_by_its_line(table: str, key: str, value: Any) -> None:
    written = re.sub(r'"([ab])": ', r"\1 = ", str(value).replace("'", '"')).replace("True", "true")
    text = f"[{table}]\n{key} = {written.replace('False', 'false')}\n"
    try:
        parse(text)
        violations: tuple[Violation, ...] = ()
    except Invalid as error:
        violations = error.violations
    assert all(re.fullmatch(r"routes\.toml:[12]", each.field) for each in violations)


def test_a_file_says_how_long_a_new_problem_waits_for_others() -> None:
    text = LEAST + "group_by = 'account'\ngroup_wait = '30s'\ngroup_interval = '5m'\n"
    (default,) = parse(text).routes
    assert (default.group_wait, default.group_interval) == (30, 300)
    (none,) = parse(LEAST + "group_wait = '0s'").routes
    assert none.group_wait == 0
    (settings,) = read(LEAST, "routes.toml", DEFAULTS._replace(group_wait=10)).routes
    assert settings.group_wait == 10


@pytest.mark.parametrize(
    ("line", "mistake"),
    [
        ("group_wait = '6m'", "3: group_wait: '6m' is not within 0s to 5m"),
        ("group_wait = 10", '3: group_wait: invalid duration 10; expected one such as "10s", in quotes'),
        ("group_interval = '1m'", "3: group_interval: has no effect without group_by"),
        ("group_interval = '30s'", "3: group_interval: '30s' is not within 1m to 1h"),
        ("every_event = true\ngroup_wait = '1s'", "4: group_wait: has no effect, as every_event announces each event"),
    ],
)
def test_a_wait_that_is_none_is_reported(line: str, mistake: str) -> None:
    assert mistakes(LEAST + line) == [f"routes.toml:{mistake}"]
