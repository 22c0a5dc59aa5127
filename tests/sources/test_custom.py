"""Events of one's own: what their senders say of them, what is not understood, and what makes two the same problem."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.events.event import Event, Severity, Signal
from chalicelib.domain.events.lifecycle import Lifecycle
from chalicelib.sources.custom import remarks_of
from tests.sources.samples import load, read

PLACE = {"account": "111122223333", "region": "eu-west-1", "time": "2026-03-02T10:15:00Z"}
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def custom(detail: Any = None, detail_type: str = "Job Failed", **changes: Any) -> Event:
    """Return what the hub makes of an event with this detail."""
    return read(PLACE | {"source": "custom.jobs", "detail-type": detail_type, "detail": detail} | changes)


def test_every_field_of_the_contract_is_read() -> None:
    event = custom(
        {
            "severity": "high",
            "status": "firing",
            "title": "The nightly export failed",
            "dedup_key": "export",
            "resource": "export-eu",
            "link": "https://ci.example.com/runs/17",
            "description": "Disk full.",
        }
    )

    assert event.kind == "custom"
    assert (event.severity, event.signal, event.lifecycle) == (Severity.HIGH, Signal.FIRING, Lifecycle.CONTINUOUS)
    assert (event.title, event.resource) == ("The nightly export failed", "export-eu")
    assert event.link == "https://ci.example.com/runs/17"
    assert remarks_of(event.detail) == []


def test_an_event_without_any_of_the_fields_is_announced_as_it_is() -> None:
    event = read("custom-budget")

    assert event.title == "Budget Exceeded (custom.billing)"
    assert (event.severity, event.signal, event.resource) == (Severity.UNKNOWN, Signal.FIRING, "budget/shop")
    assert event.detail == load("custom-budget")["detail"]


def test_the_example_that_ships_in_sources_toml_takes_nothing_that_a_team_sends() -> None:
    """It would read states and severities of its own, and note what is CRITICAL."""
    detail = {"run": "March", "outcome": "FAILED", "severity": "CRITICAL"}

    event = custom(detail, "Invoice Run", source="custom.billing")

    assert (event.kind, event.severity, event.signal) == ("custom", Severity.CRITICAL, Signal.FIRING)


@pytest.mark.parametrize("detail", [None, 5, "text", [1], {}])
def test_a_detail_of_any_shape_is_announced(detail: Any) -> None:
    event = custom(detail)

    assert (event.kind, event.title) == ("custom", "Job Failed (custom.jobs)")


def test_an_event_without_a_detail_type_has_a_title() -> None:
    assert custom(detail_type="").title == "Event (custom.jobs)"


# --- what is a problem, and what ends it


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("dedup_key", ["one", "two", "three"]),
        ("resource", ["one", "two", "three"]),
        ("title", ["The export failed", "The import failed", "The backup failed"]),
        ("job", ["one", "two", "three"]),
        ("jobName", ["one", "two", "three"]),
        ("service_name", ["one", "two", "three"]),
    ],
)
def test_three_failed_jobs_are_three_problems(field: str, values: list[str]) -> None:
    events = [custom({field: value, "run": number}) for number, value in enumerate(values)]
    again = [custom({field: value, "run": 99}, time="2026-03-03T10:15:00Z") for value in values]

    assert len({event.fingerprint for event in events}) == 3
    assert [event.fingerprint for event in again] == [event.fingerprint for event in events]


def test_what_an_event_is_about_is_named_in_its_title_and_is_its_resource() -> None:
    event = custom({"jobName": "orders"})

    assert (event.title, event.resource) == ("Job Failed: orders (custom.jobs)", "orders")


@pytest.mark.parametrize("status", ["resolved", "RESOLVED", "ok", "Succeeded", "success", "recovered", "completed"])
def test_a_status_ends_the_problem_of_its_key(status: str) -> None:
    failed = custom({"status": "firing", "dedup_key": "export", "severity": "CRITICAL"})
    over = custom({"status": status, "dedup_key": "export"}, detail_type="Run Finished", region="eu-central-1")

    assert over.fingerprint == failed.fingerprint
    assert (over.signal, over.severity) == (Signal.RESOLVED, Severity.LOW)


@pytest.mark.parametrize(
    ("failed", "succeeded"),
    [
        ("Run Failed", "Run Succeeded"),
        ("RunFailed", "RunSucceeded"),
        ("backup failed", "backup completed successfully"),
        ("Nightly Export Error", "Nightly Export Recovered"),
    ],
)
def test_a_success_is_no_problem_and_ends_the_failure_of_the_same_job(failed: str, succeeded: str) -> None:
    before = custom({"job": "export"}, detail_type=failed)
    after = custom({"job": "export"}, detail_type=succeeded)
    other = custom({"job": "import"}, detail_type=succeeded)

    assert (before.signal, after.signal) == (Signal.FIRING, Signal.RESOLVED)
    assert before.lifecycle is Lifecycle.POINT
    assert after.fingerprint == before.fingerprint != other.fingerprint


@pytest.mark.parametrize(
    "detail_type", ["Run Not Completed", "Completed With Errors", "Order Lost", "Run Unsuccessful"]
)
def test_what_does_not_say_that_all_went_well_is_a_problem(detail_type: str) -> None:
    assert custom(detail_type=detail_type).signal is Signal.FIRING


def test_what_the_sender_says_goes_before_what_the_event_is_called() -> None:
    assert custom({"status": "firing"}, detail_type="Run Succeeded").signal is Signal.FIRING
    assert custom({"status": "resolved"}, detail_type="Run Failed").signal is Signal.RESOLVED


@pytest.mark.parametrize(
    ("detail", "detail_type", "lifecycle"),
    [
        ({"status": "firing"}, "Run Failed", Lifecycle.CONTINUOUS),
        ({"status": "failed"}, "Run", Lifecycle.POINT),
        ({}, "Run Failed", Lifecycle.POINT),
        ({}, "Order Lost", Lifecycle.RECURRING),
        ({"status": "odd"}, "Run Failed", Lifecycle.RECURRING),
    ],
)
def test_only_what_is_called_firing_lasts_until_it_is_called_over(
    detail: Any, detail_type: str, lifecycle: Lifecycle
) -> None:
    assert custom(detail, detail_type).lifecycle is lifecycle


def test_numbers_that_stand_alone_in_a_title_make_no_new_problem() -> None:
    first, second = custom({"title": "17 invoices are stuck"}), custom({"title": "1,204 invoices are stuck"})

    assert first.fingerprint == second.fingerprint
    assert custom({"title": "web-1 is slow"}).fingerprint != custom({"title": "web-2 is slow"}).fingerprint


@pytest.mark.parametrize("changes", [{"account": "444455556666"}, {"source": "custom.other"}])
def test_nobody_ends_the_problem_of_another_account_or_source(changes: dict[str, str]) -> None:
    failed = custom({"dedup_key": "export", "account": "444455556666"})
    other = custom({"dedup_key": "export", "status": "resolved"}, **changes)

    assert other.fingerprint != failed.fingerprint


@pytest.mark.parametrize("changes", [{"region": "eu-central-1"}, {"detail-type": "Order Lost"}, {"source": "custom.x"}])
def test_without_a_key_another_kind_or_place_is_another_problem(changes: dict[str, str]) -> None:
    assert custom({"job": "one"}, **changes).fingerprint != custom({"job": "one"}).fingerprint


# --- what is not understood


@pytest.mark.parametrize(
    ("detail", "remark"),
    [
        (
            {"severity": "urgent"},
            "severity “urgent” is not understood; expected UNKNOWN, LOW, MEDIUM, HIGH, CRITICAL",
        ),
        ({"severity": 3}, "severity “3” is not understood; expected UNKNOWN, LOW, MEDIUM, HIGH, CRITICAL"),
        ({"status": "odd"}, "status “odd” is not understood; expected firing or resolved"),
        ({"status": True}, "status “True” is not understood; expected firing or resolved"),
        ({"title": ["a"]}, "title “['a']” is not understood; expected a text that is not empty"),
        ({"dedup_key": {}}, "dedup_key “{}” is not understood; expected a text that is not empty"),
        ({"resource": " "}, "resource “” is not understood; expected a text that is not empty"),
        (
            {"link": "javascript:1"},
            "link “javascript:1” is not understood; expected an address that begins with https://",
        ),
        ({"link": 5}, "link “5” is not understood; expected an address that begins with https://"),
        ({"description": False}, "description “False” is not understood; expected a text that is not empty"),
    ],
)
def test_a_field_that_is_not_understood_is_said_and_as_good_as_left_out(detail: Any, remark: str) -> None:
    event = custom(detail, detail_type="Order Lost")

    assert remarks_of(event.detail) == [remark]
    assert (event.severity, event.signal, event.link) == (Severity.UNKNOWN, Signal.FIRING, "")
    assert event.title == "Order Lost (custom.jobs)"


def test_what_did_not_go_well_is_about_the_same_as_what_did() -> None:
    detail = {"job": "nightly"}
    failed, over = custom(detail, "Export Not Completed"), custom(detail, "Export Completed")

    assert (failed.signal, over.signal) == (Signal.FIRING, Signal.RESOLVED)
    assert failed.fingerprint == over.fingerprint


def test_a_number_is_a_text_like_any_other() -> None:
    assert remarks_of({"dedup_key": 17, "title": 5, "resource": 1.5}) == []
    assert custom({"dedup_key": 17}).fingerprint == custom({"dedup_key": "17"}).fingerprint


def test_a_field_that_is_null_is_left_out() -> None:
    assert remarks_of(dict.fromkeys(("severity", "status", "title", "dedup_key", "resource", "link"))) == []


@given(ANY_JSON, st.text(max_size=300))
def test_any_json_is_an_event(detail: Any, detail_type: str) -> None:
    event = custom(detail, detail_type)

    assert event.kind == "custom"
    assert event.title
    assert all(isinstance(each, str) for each in remarks_of(event.detail))
