"""Declared sources: places, templates, states and gradings, whatever stands in an event."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.events.event import Severity, Signal
from chalicelib.sources import declared, registry
from chalicelib.sources.declared import DeclaredSource, EventReader, Grading, description_of, facts_of
from tests.sources.samples import RECEIVED_AT, altered, load, read

DETAIL: dict[str, Any] = {
    "job": {"name": "export", "arn": "arn:aws:batch:eu-west-1:111122223333:job-definition/export:12"},
    "attempts": [{"code": 1}, {"code": 137}, {"reason": "spot"}],
    "machine": "arn:aws:states:eu-west-1:111122223333:stateMachine:settle",
    "state": "TIMED_OUT",
    "alias": "arn:aws:lambda:eu-west-1:111122223333:function:thumbnailer:live",
    "odd-state": "TimedOut",
    "run": "arn:aws:datasync:eu-west-1:111122223333:task/task-1/execution/exec-2",
    "function": "arn:aws:lambda:eu-west-1:111122223333:function:thumbnailer:$LATEST",
    "ratio": 2.0,
    "odd": 2.5,
    "ready": True,
    "nothing": None,
    "empty": "",
}


def envelope(detail: Any = None, **changes: Any) -> Envelope:
    raw = {
        "source": "aws.test",
        "detail-type": "Test",
        "account": "111122223333",
        "region": "eu-west-1",
        "time": "2026-03-02T10:00:00Z",
        "resources": ["arn:aws:ecs:eu-west-1:111122223333:service/shop/cart"],
        "detail": DETAIL if detail is None else detail,
    }
    return Envelope.parse(raw | changes, RECEIVED_AT)


@pytest.fixture
def kind(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that declares a kind, and makes a summary of an event of it."""

    def summary_of(detail: Any = None, **declaration: Any) -> Any:
        base = DeclaredSource(
            kind="test", source="aws.test", detail_types=("Test",), title="{job.name}", identity=("job.name",)
        )
        source = replace(base, **declaration)
        monkeypatch.setattr(declared, "source_called", lambda _: source)
        return declared.summary_of("test", envelope(detail))

    return summary_of


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("job.name", "export"),
        ("job.arn@name", "export"),
        ("machine@name", "settle"),
        ("job.name@name", "export"),
        ("state@words", "timed out"),
        ("run@parent", "arn:aws:datasync:eu-west-1:111122223333:task/task-1"),
        ("run@parent@name", "task-1"),
        ("run@name", "exec-2"),
        ("job.arn@parent", "arn:aws:batch:eu-west-1:111122223333:job-definition/export:12"),
        ("job.name@parent", "export"),
        ("function@name", "thumbnailer"),
        ("alias@name", "thumbnailer"),
        ("odd-state@words", "timed out"),
        ("attempts.1.code", "137"),
        ("attempts.9.code", ""),
        ("attempts.*.code", "1, 137"),
        ("attempts.code", ""),
        ("ratio", "2"),
        ("odd", "2.5"),
        ("ready", "true"),
        ("nothing", ""),
        ("job", ""),
        ("missing | empty | job.name", "export"),
        ("$resources.0@name", "cart"),
        ("$detail-type", "Test"),
        ("$account", "111122223333"),
        ("$unheard-of", ""),
        ("job.name.more", ""),
        ("", ""),
    ],
)
def test_a_place_is_read(place: str, text: str) -> None:
    assert EventReader(envelope()).text(place) == text


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("Job {job.name}: {state@words}", "Job export: timed out"),
        ("Job {job.name}[: {missing}]", "Job export"),
        ("Job {job.name}[: {state}, {missing}]", "Job export"),
        ("Job {job.name}[ ({state})]", "Job export (TIMED_OUT)"),
        ("{missing} left", "left"),
    ],
)
def test_a_template_is_filled(template: str, text: str) -> None:
    assert EventReader(envelope()).filled(template) == text


def test_what_stands_in_an_event_is_never_taken_for_a_template() -> None:
    detail = {"job": {"name": "[{state}]"}, "state": "x"}

    assert EventReader(envelope(detail)).filled("Job {job.name}[ {state}]") == "Job [{state}] x"


@pytest.mark.parametrize(
    ("state", "signal"),
    [("TIMED_OUT", Signal.FIRING), ("DONE", Signal.RESOLVED), ("RUNNING", Signal.NOTICE), (None, Signal.FIRING)],
)
def test_a_state_decides(kind: Any, state: Any, signal: Signal) -> None:
    found = kind({"job": {"name": "a"}, "state": state}, state=("state",), problems=("TIMED_OUT",), ends=("DONE",))

    assert found.signal is signal


def test_an_end_counts_before_a_problem(kind: Any) -> None:
    detail = {"job": {"name": "a"}, "one": "ACTIVE", "two": "ARCHIVED"}

    assert kind(detail, state=("one", "two"), problems=("ACTIVE",), ends=("ARCHIVED",)).signal is Signal.RESOLVED


def test_what_was_refused_is_only_noted(kind: Any) -> None:
    refused, done = {"job": {"name": "a"}, "error": "AccessDenied"}, {"job": {"name": "a"}, "error": None}

    assert [kind(each, unless="error").signal for each in (refused, done)] == [Signal.NOTICE, Signal.FIRING]


def test_without_a_state_all_fires_or_is_noted(kind: Any) -> None:
    assert kind().signal is Signal.FIRING
    assert kind(notice=True).signal is Signal.NOTICE


@pytest.mark.parametrize(
    ("grading", "severity"),
    [
        (Grading(default="HIGH"), Severity.HIGH),
        (Grading(place="state", values={"TIMED_OUT": "LOW"}), Severity.LOW),
        (Grading(place="state", values={"other": "LOW"}), Severity.UNKNOWN),
        (Grading(place="ratio", at_least=((3, "HIGH"), (2, "MEDIUM"), (1, "LOW"))), Severity.MEDIUM),
        (Grading(place="ratio", at_most=((1, "HIGH"), (7, "MEDIUM"))), Severity.MEDIUM),
        (Grading(place="attempts.*.code", values={"1": "LOW", "137": "HIGH"}), Severity.HIGH),
        (Grading(place="state", at_least=((1, "HIGH"),), default="LOW"), Severity.LOW),
    ],
)
def test_a_grading_says_how_bad_it_is(kind: Any, grading: Grading, severity: Severity) -> None:
    assert kind(severity=grading).severity is severity


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("batch#jobs/{job.name}", "https://eu-west-1.console.aws.amazon.com/batch/home?region=eu-west-1#jobs/export"),
        ("batch#jobs/{missing}", ""),
        ("{address}", ""),
        ("", ""),
    ],
)
def test_a_link_leads_somewhere_or_nowhere(kind: Any, link: str, address: str) -> None:
    assert kind(link=link).link == address


@pytest.mark.parametrize("address", ["https://example.com/a?b=c", "javascript:alert(1)", "https://", 7])
def test_an_address_is_opened_only_where_it_is_one(kind: Any, address: Any) -> None:
    found = kind({"job": {"name": "a"}, "address": address}, link="{address}").link

    assert found == (address if str(address).startswith("https://example") else "")


@pytest.mark.parametrize("detail", [{}, {"other": 1}, {"job": {"name": None}}, {"job": [1]}])
def test_a_detail_that_says_nothing_of_its_kind_is_unknown(kind: Any, detail: Any) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        kind(detail)


def test_occurrence_makes_two_deliveries_one_event(kind: Any) -> None:
    first = kind(occurrence=("job.name", "state"))

    assert first.occurrence == ("111122223333", "eu-west-1", "export", "TIMED_OUT")
    assert kind().occurrence == ()


def test_a_message_has_the_facts_that_are_there_and_a_description() -> None:
    event = read("batch_job-failed")

    assert ("Queue", "reports") in facts_of(event)
    assert ("Exit code", "1") in facts_of(event)
    assert description_of(event) == "Essential container in task exited"
    bare = read(altered("batch_job-failed", "container", to={}))
    assert "Exit code" not in dict(facts_of(bare))


# --- several problems in one event


def events_of(raw: Any) -> Any:
    return registry.interpret_all(Envelope.parse(raw, RECEIVED_AT))


def test_each_finding_of_an_event_is_an_event_of_ours() -> None:
    one, two = events_of(load("security_hub-two-findings"))
    again = events_of(load("security_hub-two-findings") | {"id": "another"})

    assert (one.title, two.title) == ("S3 buckets should block public access", "S3 buckets should not be public")
    assert len({one.fingerprint, two.fingerprint, one.id, two.id}) == 4
    assert [each.id for each in again] == [one.id, two.id]
    assert [len(each.detail["findings"]) for each in (one, two)] == [1, 1]
    assert one.id == read("security_hub-new").id


@pytest.mark.parametrize("findings", [[], None, "x", {}, [1, 2]])
def test_findings_that_are_none_are_one_or_more_unknown_events(findings: Any) -> None:
    events = events_of(altered("security_hub-new", "findings", to=findings))

    assert {each.kind for each in events} == {"unknown"}


def test_what_is_beyond_a_hundred_problems_is_one_event_of_all_the_rest() -> None:
    (finding,) = load("security_hub-new")["detail"]["findings"]
    many = [finding | {"Id": str(number)} for number in range(150)]

    events = events_of(altered("security_hub-new", "findings", to=many))

    assert len(events) == registry.MOST_PROBLEMS + 1
    assert (events[-1].kind, len(events[-1].detail)) == ("unknown", 50)


@given(st.dictionaries(st.sampled_from(["findings", "a", "b"]), st.lists(st.integers() | st.text(), max_size=4)))
def test_any_detail_of_a_kind_with_parts_becomes_events(detail: Any) -> None:
    events = events_of(load("security_hub-new") | {"detail": detail})

    assert events
    assert all(each.title for each in events)
