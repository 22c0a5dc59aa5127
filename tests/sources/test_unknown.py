"""Events that nobody has a model for."""

import logging

import pytest

from tests.sources.samples import load, read, without

# Of a service that the hub does not subscribe to.
STRANGE = load("custom-budget") | {"source": "aws.billing"}
UNREADABLE_HEARTBEAT = "Unreadable event: Heartbeat from monitoring.agent.heartbeat"


def test_a_detail_that_does_not_fit_its_model_is_kept_whole() -> None:
    event = read("unknown-unreadable-finding")
    assert event.detail == {"schemaVersion": "9.0", "findings": [{"uid": "3eb2cf41"}]}
    assert event.title == "Unreadable event: GuardDuty Finding from aws.guardduty"


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        ({"detail-type": ""}, "Unrecognised event: aws.billing"),
        ({"source": "aws.billing"}, "Unrecognised event: Budget Exceeded from aws.billing"),
        ({"source": "monitoring.agent.heartbeat", "detail-type": "Heartbeat"}, UNREADABLE_HEARTBEAT),
    ],
)
def test_the_title_says_whether_somebody_should_have_known(changes: dict[str, str], title: str) -> None:
    assert read(STRANGE | changes).title == title


def test_events_of_one_kind_from_one_place_are_one_problem() -> None:
    raw = STRANGE
    assert read(raw | {"id": "another", "detail": {}}).fingerprint == read(STRANGE).fingerprint


@pytest.mark.parametrize("field", ["source", "detail-type", "account", "region"])
def test_other_kinds_and_places_are_other_problems(field: str) -> None:
    assert read(STRANGE | {field: "aws.other"}).fingerprint != read(STRANGE).fingerprint


def test_a_replayed_event_is_the_same_event_whatever_id_it_got() -> None:
    assert read(STRANGE | {"id": "replayed", "replay-name": "night"}).id == read(STRANGE).id


def test_the_content_distinguishes_events() -> None:
    assert read(STRANGE | {"detail": {"budget": "another"}}).id != read(STRANGE).id


@pytest.mark.parametrize("raw", [None, 7, "text", [], {}], ids=repr)
def test_what_is_no_envelope_at_all_has_a_title(raw: object) -> None:
    event = read({"detail": raw} if isinstance(raw, str) else raw)
    assert event.title == "Unrecognised event: without source and type"


def test_what_is_wrong_is_logged_without_what_was_said(caplog: pytest.LogCaptureFixture) -> None:
    raw = without("guardduty-ec2", "id")
    raw["detail"]["severity"] = "hunter2"
    with caplog.at_level(logging.DEBUG):
        read(raw)
    assert "Event detail not readable; stored as unknown" in caplog.text
    assert "hunter2" not in caplog.text
    assert "203.0.113.77" not in caplog.text
