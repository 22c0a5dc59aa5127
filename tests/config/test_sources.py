"""sources.toml: what is wrong in it is said with its line, and what is right is read."""

import pytest

from chalicelib.config.sources import MOST_SOURCES, read
from chalicelib.domain.errors import Invalid
from chalicelib.domain.events.lifecycle import Lifecycle

LEAST = """\
[[source]]
kind = "invoice_run"
about = "a run of invoices"
source = "custom.billing"
detail_types = "Invoice Run"
severity = "HIGH"
identity = "run"
title = "Invoices of {run}"
"""


def mistakes(text: str, known: frozenset[str] = frozenset()) -> list[str]:
    with pytest.raises(Invalid) as raised:
        read(text, "sources.toml", known)
    return [f"{each.field}: {each.message}" for each in raised.value.violations]


def test_what_is_left_out_has_a_default() -> None:
    (source,) = read(LEAST, "sources.toml")

    assert (source.kind, source.detail_types, source.identity) == ("invoice_run", ("Invoice Run",), ("run",))
    assert (source.severity.default, source.lifecycle, source.group) == ("HIGH", Lifecycle.POINT, "core")


def test_an_empty_file_declares_nothing() -> None:
    assert read("", "sources.toml") == ()


def test_everything_that_may_be_said_is_read() -> None:
    more = """\
group = "jobs"
state = ["outcome", "result"]
problems = ["failed"]
ends = "done"
each = "runs"
due_at = "deadline"
link = "s3#buckets/{bucket}"
facts = { Bucket = "bucket | name@name" }
filter = { kind = [{ prefix = "night" }] }
lifecycle = "planned"
"""
    graded = LEAST.replace('severity = "HIGH"', 'severity = { place = "score", at_least = [[7, "HIGH"], [4, "LOW"]] }')
    (source,) = read(graded + more, "sources.toml")

    assert source.severity.at_least == ((7.0, "HIGH"), (4.0, "LOW"))
    assert (source.group, source.ends, source.each) == ("jobs", ("done",), "runs")
    assert source.filter == {"kind": [{"prefix": "night"}]}


def test_each_detail_type_may_say_how_long_something_lasts() -> None:
    (source,) = read(LEAST + 'lifecycle = { Announced = "planned" }\n', "sources.toml")

    assert source.lifecycle_of("Announced") is Lifecycle.PLANNED
    assert source.lifecycle_of("Done") is Lifecycle.POINT


@pytest.mark.parametrize(
    ("before", "after", "mistake"),
    [
        ('kind = "invoice_run"', 'kind = "Invoice Run"', "sources.toml:2: kind: invalid kind 'Invoice Run'"),
        ('kind = "invoice_run"', "", "sources.toml:1: kind: required"),
        ('"custom.billing"', '"billing"', "sources.toml:4: source: invalid source 'billing'; expected one that begins"),
        (
            'severity = "HIGH"',
            'severity = "SEVERE"',
            "sources.toml:6: severity: invalid severity 'SEVERE'; expected one of",
        ),
        ('severity = "HIGH"', "severity = { values = {} }", "sources.toml:6: place: required"),
        ('"run"', '"run..name"', "sources.toml:7: identity: invalid place 'run..name'"),
        ('"run"', '"run@upper"', "sources.toml:7: identity: invalid form @upper; expected @name or @parent or"),
        ('"run"', '""', "sources.toml:7: identity: invalid place ''"),
        ("{run}", "{run", "sources.toml:8: title: 'Invoices of {run' has a bracket that is not closed"),
        ("{run}", "{run}}", "sources.toml:8: title: 'Invoices of {run}}' has a } that does not belong there"),
        ("{run}", "[[{run}]]", "sources.toml:8: title: 'Invoices of [[{run}]]' has a [ that does not belong there"),
        ('"Invoices of {run}"', "7", "sources.toml:8: title: invalid text 7; expected text"),
        ("title", 'problems = "x"\ntitle', "sources.toml:1: state: required (where the state stands"),
        ("title", 'state = "x"\ntitle', "sources.toml:1: problems: required (the states that are a problem)"),
        ("title", 'state = "x"\nproblems = "y"\nends = "y"\ntitle', "sources.toml:10: ends: 'y' cannot both be"),
        ("title", 'group = "odd"\ntitle', "sources.toml:8: group: invalid group 'odd'; expected one of"),
        (
            "title",
            'link = "jobs/{run}#a"\ntitle',
            "sources.toml:8: link: invalid service 'jobs/{run}'; expected one such as \"batch\"",
        ),
        ("title", 'link = "jobs/home#a"\ntitle', "sources.toml:8: link: invalid service 'jobs/home'"),
        ("title", 'link."Invoice Run" = "jobs/home#a"\ntitle', "sources.toml:8: link: invalid service 'jobs/home'"),
        ("title", 'colour = "red"\ntitle', "sources.toml:8: colour: unknown key; expected one of kind, about"),
        ("[[source]]", "[source]", "sources.toml:1: source: expected [[source]], once for each"),
        ("[[source]]", "[[source", "sources.toml:1: invalid TOML"),
    ],
)
def test_a_mistake_is_reported_with_its_line_and_what_is_allowed(before: str, after: str, mistake: str) -> None:
    found = mistakes(LEAST.replace(before, after, 1))

    assert any(each.startswith(mistake) for each in found), found


def test_a_kind_that_there_is_already_is_refused() -> None:
    assert mistakes(LEAST, frozenset({"invoice_run"})) == [
        "sources.toml:2: kind: there is a kind 'invoice_run' already"
    ]
    assert mistakes(LEAST + LEAST) == ["sources.toml:10: kind: there is a kind 'invoice_run' already"]


def test_there_may_be_so_many_kinds() -> None:
    many = "".join(LEAST.replace("invoice_run", f"kind_{number}") for number in range(MOST_SOURCES + 1))

    assert mistakes(many)[-1].endswith(f"there are {MOST_SOURCES + 1} kinds; there may be {MOST_SOURCES}")
