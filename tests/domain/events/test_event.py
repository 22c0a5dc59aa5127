"""Envelopes become events, whatever they hold."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.domain.events.envelope import AGENTS_AHEAD, AGENTS_BEHIND, MOST_RESOURCES, RESOURCE_LENGTH, Envelope
from chalicelib.domain.events.event import (
    LATEST,
    LINK_LENGTH,
    REVISION,
    TITLE_LENGTH,
    Event,
    Severity,
    Signal,
    Summary,
)
from chalicelib.domain.events.lifecycle import Lifecycle
from chalicelib.domain.timestamps import DAY, iso, parse_time
from tests.domain.given import NOON, an_event
from tests.domain.test_text import JSON

RAW: dict[str, Any] = {
    "version": "0",
    "id": "7bf73129-1428-4cd3-a780-95db273d1602",
    "detail-type": "CloudWatch Alarm State Change",
    "source": "aws.cloudwatch",
    "account": "111122223333",
    "time": "2026-03-02T12:00:00Z",
    "region": "eu-west-1",
    "resources": ["arn:aws:cloudwatch:eu-west-1:111122223333:alarm:checkout-5xx"],
    "detail": {"alarmName": "checkout-5xx"},
}
SUMMARY = Summary(title="checkout-5xx", severity=Severity.HIGH, identity=("checkout-5xx",))


def event_of(summary: Summary = SUMMARY, raw: Any = RAW, received_at: int = NOON + 5) -> Event:
    return Event.of(Envelope.parse(raw, received_at), "alarm", summary)


def test_an_envelope_is_read_as_eventbridge_writes_it() -> None:
    envelope = Envelope.parse(RAW, NOON + 5)
    assert envelope == Envelope(
        id="7bf73129-1428-4cd3-a780-95db273d1602",
        source="aws.cloudwatch",
        detail_type="CloudWatch Alarm State Change",
        account="111122223333",
        region="eu-west-1",
        time=NOON,
        resources=("arn:aws:cloudwatch:eu-west-1:111122223333:alarm:checkout-5xx",),
        detail={"alarmName": "checkout-5xx"},
        received_at=NOON + 5,
    )


@given(JSON | st.fixed_dictionaries(dict.fromkeys(RAW, JSON)))
def test_any_json_value_is_an_envelope(raw: Any) -> None:
    envelope = Envelope.parse(raw, NOON)
    assert all(isinstance(each, str) for each in envelope.content)
    assert 0 <= envelope.time <= NOON + DAY


@given(JSON)
def test_the_same_content_is_known_again_whatever_its_id_and_whenever_it_arrives(raw: Any) -> None:
    sent = {"detail": raw, "time": iso(NOON)}
    assert Envelope.parse(sent, NOON).content == Envelope.parse(sent | {"id": "replayed"}, NOON + 60).content


def test_what_is_no_object_is_all_detail() -> None:
    assert Envelope.parse(["a", 1], NOON).detail == ["a", 1]


@pytest.mark.parametrize("time", [None, 12, "yesterday", "1969-12-31T23:59:59Z", "2026-03-04T12:00:00Z"])
def test_an_implausible_time_is_the_time_of_receipt(time: Any) -> None:
    assert Envelope.parse(RAW | {"time": time}, NOON + 5).time == NOON + 5


def test_only_a_few_resources_are_kept_and_made_printable() -> None:
    envelope = Envelope.parse(RAW | {"resources": ["a\ud800\n" + "b" * 1000, 7, *["c"] * 500]}, NOON)
    assert len(envelope.resources) == MOST_RESOURCES
    assert envelope.resources[0].startswith("a bbb")
    assert len(envelope.resources[0]) == RESOURCE_LENGTH
    assert envelope.resources[1] == "7"


def test_resources_that_are_no_list_are_none() -> None:
    assert Envelope.parse(RAW | {"resources": "arn"}, NOON).resources == ()


def test_an_event_is_called_after_its_time_and_what_happened() -> None:
    first = event_of(replace(SUMMARY, occurrence=("checkout-5xx", "ALARM")))
    again = event_of(replace(SUMMARY, occurrence=("checkout-5xx", "ALARM")), RAW | {"id": "another"})
    assert first.id == again.id
    assert first.id.startswith(f"{NOON:010d}-")


def test_without_an_occurrence_the_content_and_not_the_envelopes_id_is_compared() -> None:
    assert event_of().id == event_of(raw=RAW | {"id": "replayed"}).id
    assert event_of().id != event_of(raw=RAW | {"detail": {"alarmName": "another"}}).id
    assert event_of().id != event_of(raw=RAW | {"account": "444455556666"}).id


@pytest.mark.parametrize(("due_at", "kept"), [(None, 0), (NOON, NOON), (0, 0), (LATEST, LATEST), (LATEST + 1, 0)])
def test_a_plan_is_kept_with_a_time_that_the_table_can_sort(due_at: int | None, kept: int) -> None:
    event = event_of(replace(SUMMARY, lifecycle=Lifecycle.PLANNED, due_at=due_at))
    assert (event.lifecycle, event.due_at) == (Lifecycle.PLANNED, kept)


def test_a_revision_is_kept_as_a_digest_and_none_as_none() -> None:
    assert event_of().revision == ""
    first, again, other = (event_of(replace(SUMMARY, revision=each)).revision for each in ("c-1", "c-1", "c-2" * 99))
    assert first == again != other
    assert len(first) == len(other) == REVISION


def test_events_of_one_problem_share_a_fingerprint_and_kinds_never_do() -> None:
    envelope = Envelope.parse(RAW, NOON)
    assert event_of().fingerprint == event_of(raw=RAW | {"id": "another"}).fingerprint
    assert Event.of(envelope, "alarm", SUMMARY).fingerprint != Event.of(envelope, "stack", SUMMARY).fingerprint


@given(st.lists(st.text(), min_size=1), st.lists(st.text(), min_size=1))
def test_fingerprints_differ_where_the_identities_do(left: list[str], right: list[str]) -> None:
    of = [event_of(replace(SUMMARY, identity=tuple(each))).fingerprint for each in (left, right)]
    assert (of[0] == of[1]) == (left == right)


def test_what_the_detail_knows_better_wins() -> None:
    event = event_of(replace(SUMMARY, account="444455556666", region="us-east-1", at=NOON - 60))
    assert (event.account, event.region, event.published_at) == ("444455556666", "us-east-1", NOON - 60)


def test_what_the_detail_does_not_know_the_envelope_does() -> None:
    event = event_of()
    assert (event.account, event.region, event.published_at) == ("111122223333", "eu-west-1", NOON)


@pytest.mark.parametrize("at", [-1, NOON + 2 * DAY])
def test_an_implausible_time_in_the_detail_leaves_the_envelopes(at: int) -> None:
    """A second delivery has the same time in its envelope, but is received at another."""
    assert event_of(replace(SUMMARY, at=at)).published_at == NOON


def test_foreign_text_is_bounded() -> None:
    event = event_of(replace(SUMMARY, title="t\n" * 1000, resource="r" * 1000, link="l" * LINK_LENGTH))
    assert (len(event.title), len(event.resource), len(event.link)) == (TITLE_LENGTH, RESOURCE_LENGTH, LINK_LENGTH)


def test_a_link_that_is_cut_leads_nowhere_so_it_is_left_out() -> None:
    assert event_of(replace(SUMMARY, link="l" * (LINK_LENGTH + 1))).link == ""


def test_an_event_always_has_a_title() -> None:
    assert event_of(replace(SUMMARY, title=" \n")).title == "(no title)"


def test_in_a_list_an_event_has_no_detail_and_few_resources() -> None:
    event = an_event(detail={"a": 1}, resources=("a", "b", "c", "d"))
    assert event.abridged() == replace(event, detail=None, resources=("a", "b", "c"))


def test_a_source_says_no_more_than_that_something_fires_unless_it_knows() -> None:
    assert event_of().signal is Signal.FIRING


@given(st.integers(min_value=0, max_value=253_402_300_799))
def test_times_survive_being_written_and_read(time: int) -> None:
    assert parse_time(iso(time)) == time


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-03-02T12:00:00Z", NOON),
        ("2026-03-02T12:00:00.999+0000", NOON),
        ("2026-03-02T13:00:00+01:00", NOON),
        ("2026-03-02T12:00:00", NOON),
        ("2026-03-02 noon", None),
        ("0001-01-01T00:00:00+23:59", -62_135_683_140),
        (NOON, None),
    ],
)
def test_times_are_read_in_any_form_of_iso_8601(text: Any, time: int | None) -> None:
    assert parse_time(text) == time


def test_secrets_in_resources_and_the_detail_type_go_no_further() -> None:
    key = "AKIA" + "IOSFODNN7EXAMPLE"
    raw = {"source": "custom.shop", "detail-type": f"used {key}", "resources": ["db password=hunter2", key, "arn:a:b"]}

    mine, aws = Envelope.parse(raw, NOON), Envelope.parse(raw | {"source": "aws.x", "detail-type": "a"}, NOON)

    assert mine.detail_type == "used [redacted: access key]"
    assert mine.resources == ("db password=[redacted: password]", "[redacted: access key]", "arn:a:b")
    assert aws.resources == ("db password=[redacted: password]", key, "arn:a:b")


AGENTS_EVENT = RAW | {"source": "monitoring.agent.logs", "time": iso(NOON - 60)}


@pytest.mark.parametrize(
    ("said", "lines", "published_at"),
    [
        (NOON + AGENTS_AHEAD, 1, NOON + AGENTS_AHEAD),
        (NOON + AGENTS_AHEAD + 1, 1, NOON - 60),
        (NOON + 23 * 3_600, 0, NOON - 60),
        (NOON - 60 - AGENTS_BEHIND, 0, NOON - 60 - AGENTS_BEHIND),
        (NOON - 61 - AGENTS_BEHIND, 0, NOON - 60),
        (NOON - 20 * DAY, 1, NOON - 20 * DAY),
        (None, 1, NOON - 60),
    ],
)
def test_an_agent_s_event_lies_where_it_can_have_happened(said: int | None, lines: int, published_at: int) -> None:
    """Only a window of log time may be long past: its gaps are filled days later."""
    summary = replace(SUMMARY, at=said, lines=lines)

    assert event_of(summary, AGENTS_EVENT, received_at=NOON).published_at == published_at


@pytest.mark.parametrize("lines", [0, 1])
def test_an_agent_s_event_that_waited_for_days_is_the_same_event(lines: int) -> None:
    summary = replace(SUMMARY, at=NOON - 70, lines=lines)

    assert event_of(summary, AGENTS_EVENT, NOON).id == event_of(summary, AGENTS_EVENT, NOON + 14 * DAY).id


def test_an_agent_s_envelope_of_tomorrow_came_now() -> None:
    assert Envelope.parse(AGENTS_EVENT | {"time": iso(NOON + AGENTS_AHEAD + 1)}, NOON).time == NOON
