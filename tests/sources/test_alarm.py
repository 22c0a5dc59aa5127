"""CloudWatch alarms."""

import json
from typing import Any

import pytest

from chalicelib.domain.events import envelope
from chalicelib.domain.events.event import ASSUMED, CHILD, Severity, Signal
from tests.sources.samples import alike, altered, load, read, without

FIRES = "alarm-metric-alarm"


def test_an_alarm_fires_and_says_what_was_crossed() -> None:
    event = read(FIRES)
    assert (event.severity, event.signal) == (Severity.HIGH, Signal.FIRING)
    assert event.title == "checkout-5xx (5XXError of checkout, live crossed 10)"
    assert event.resource == "checkout-5xx"


def test_the_time_is_the_states_own() -> None:
    assert read(load(FIRES) | {"time": "2026-03-02T09:41:30Z"}).id == read(FIRES).id


def test_an_alarm_that_is_ok_again_resolves_what_fired() -> None:
    event = read("alarm-metric-ok")
    assert (event.severity, event.signal, event.title) == (Severity.LOW, Signal.RESOLVED, "checkout-5xx")
    assert event.fingerprint == read(FIRES).fingerprint
    assert event.id > read(FIRES).id


def test_data_that_stops_coming_fires_mildly() -> None:
    event = read("alarm-metric-insufficient-data")
    assert (event.severity, event.signal) == (Severity.MEDIUM, Signal.FIRING)
    assert event.title.endswith(": not enough data")


@pytest.mark.parametrize("previous", [None, {}, {"value": "INSUFFICIENT_DATA"}])
def test_an_alarm_that_never_had_data_is_only_a_notice(previous: Any) -> None:
    raw = altered("alarm-metric-insufficient-data", "previousState", to=previous)
    assert read(raw).signal is Signal.NOTICE
    assert read("alarm-new-insufficient-data").signal is Signal.NOTICE


def test_metric_math_is_called_by_the_label_of_the_expression_that_is_compared() -> None:
    assert read("alarm-math-alarm").title == "payments error rate > 5 % (Error rate crossed 5)"


def test_metric_math_without_a_label_is_called_by_its_expression() -> None:
    raw = load("alarm-math-alarm")
    del raw["detail"]["configuration"]["metrics"][0]["label"]
    assert read(raw).title.endswith("(100 * errors / requests crossed 5)")


def test_a_composite_alarm_has_no_metrics_and_fires_all_the_same() -> None:
    event = read("alarm-composite-alarm")
    assert (event.title, event.severity, event.signal) == ("checkout-down", Severity.HIGH, Signal.FIRING)


def test_an_alarm_whose_owner_has_it_suppressed_is_a_notice_until_the_wait_is_over() -> None:
    held, out = read("alarm-composite-suppressed"), read("alarm-composite-alarm")
    assert (held.signal, out.signal) == (Signal.NOTICE, Signal.FIRING)
    assert held.fingerprint == out.fingerprint
    assert held.id < out.id


@pytest.mark.parametrize(
    "reason_data",
    ["", "no JSON", "[]", "7", json.dumps({"threshold": None}), json.dumps({"threshold": "10"}), json.dumps({})],
)
def test_without_a_threshold_the_title_says_less(reason_data: str) -> None:
    assert read(altered(FIRES, "state", "reasonData", to=reason_data)).title == "checkout-5xx"


@pytest.mark.parametrize(
    ("threshold", "text"), [("10", "10"), ("0.5", "0.5"), ("1500000", "1.5e+06"), ("1" + "0" * 400, "inf")]
)
def test_thresholds_are_written_short(threshold: str, text: str) -> None:
    raw = altered(FIRES, "state", "reasonData", to=f'{{"threshold": {threshold}}}')
    assert read(raw).title == f"checkout-5xx (5XXError of checkout, live crossed {text})"


@pytest.mark.parametrize("path", [("configuration",), ("previousState",), ("state", "reason"), ("state", "reasonData")])
def test_an_alarm_that_says_little_still_fires(path: tuple[str, ...]) -> None:
    event = read(without(FIRES, *path))
    assert (event.kind, event.signal) == ("alarm", Signal.FIRING)
    assert event.fingerprint == read(FIRES).fingerprint


def test_without_a_timestamp_the_envelopes_time_distinguishes_events() -> None:
    raw = without(FIRES, "state", "timestamp")
    assert read(raw).id == read(raw | {"id": "another"}).id
    assert read(raw).id != read(raw | {"time": "2026-03-02T09:50:40Z"}).id


def test_a_state_that_nobody_has_heard_of_is_unknown_and_fires() -> None:
    event = read(altered(FIRES, "state", "value", to="PANIC"))
    assert (event.kind, event.severity, event.signal) == ("alarm", Severity.UNKNOWN, Signal.FIRING)


@pytest.mark.parametrize("path", [("alarmName",), ("state",), ("state", "value")])
def test_an_alarm_without_a_name_or_a_state_is_unknown(path: tuple[str, ...]) -> None:
    assert read(without(FIRES, *path)).kind == "unknown"


def test_alarms_of_other_accounts_and_regions_are_other_problems() -> None:
    raw = load(FIRES)
    events = [read(raw), read(raw | {"account": "444455556666"}), read(raw | {"region": "us-east-1"})]
    assert len({event.fingerprint for event in events}) == len({event.id for event in events}) == 3


def test_the_link_leads_to_the_alarm_whatever_its_name() -> None:
    assert read("alarm-math-alarm").link == (
        "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1"
        "#alarmsV2:alarm/payments%20error%20rate%20%3E%205%20%25"
    )


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("eu-west-1", "https://eu-west-1.console.aws.amazon.com/"),
        ("cn-north-1", "https://cn-north-1.console.amazonaws.cn/"),
        ("us-gov-west-1", "https://us-gov-west-1.console.amazonaws-us-gov.com/"),
        ("eusc-de-east-1", "https://eusc-de-east-1.console.amazonaws-eusc.eu/"),
        ("a/b|c", "https://a%2Fb%7Cc.console.aws.amazon.com/"),
    ],
)
def test_links_lead_to_the_console_of_the_partition(region: str, host: str) -> None:
    assert read(load(FIRES) | {"region": region}).link.startswith(host)


def test_no_link_leads_into_a_partition_that_is_cut_off() -> None:
    assert read(load(FIRES) | {"region": "us-iso-east-1"}).link == ""


@pytest.mark.parametrize("returned", ["no", 7, {}, []])
def test_what_is_odd_about_a_metric_hides_no_alarm(returned: object) -> None:
    raw = load(FIRES)
    raw["detail"]["configuration"]["metrics"][0]["returnData"] = returned

    assert (read(raw).kind, read(raw).fingerprint) == ("alarm", read(FIRES).fingerprint)


def test_without_a_region_there_is_no_link() -> None:
    assert read(load(FIRES) | {"region": ""}).link == ""


def test_how_bad_an_alarm_is_its_tags_say_or_its_name() -> None:
    assert read(FIRES).severity_by == ASSUMED
    tagged = read(altered(FIRES, "alarmTags", to={"team": "shop", "severity": "critical"}))
    assert (tagged.severity, tagged.severity_by) == (Severity.CRITICAL, "tag severity=critical")
    named = read(altered(FIRES, "alarmName", to="checkout P3 5xx"))
    assert (named.severity, named.severity_by) == (Severity.MEDIUM, "name P3")
    assert read(altered(FIRES, "alarmTags", to=["severity"])).severity is Severity.HIGH


@pytest.mark.parametrize("sample", ["alarm-metric-ok", "alarm-metric-insufficient-data"])
def test_tags_say_how_bad_an_alarm_is_only_while_it_fires(sample: str) -> None:
    tagged = read(altered(sample, "alarmTags", to={"severity": "critical"}))
    assert (tagged.severity, tagged.severity_by) == (read(sample).severity, "")


# --- which metric it is, and of what


def with_dimensions(dimensions: Any) -> Any:
    raw = load(FIRES)
    raw["detail"]["configuration"]["metrics"][0]["metricStat"]["metric"]["dimensions"] = dimensions
    return raw


@pytest.mark.parametrize(
    ("dimensions", "title"),
    [
        ({"InstanceId": "i-0a1"}, "checkout-5xx (5XXError of i-0a1 crossed 10)"),
        ({"A": "one", "B": "two", "C": 3, "D": "4"}, "checkout-5xx (5XXError of one, two, 3, … crossed 10)"),
        ({"A": None}, "checkout-5xx (5XXError crossed 10)"),
        ("nothing", "checkout-5xx (5XXError crossed 10)"),
    ],
)
def test_a_title_says_of_what_the_metric_is(dimensions: Any, title: str) -> None:
    raw = with_dimensions(dimensions)
    raw["detail"]["configuration"]["metrics"][0].pop("label", None)
    assert read(raw).title == title


def test_what_is_not_as_expected_is_said_to_be_so() -> None:
    assert read("alarm-anomaly").title == "login-volume (Logins of eu is not what is expected)"


# --- contributors


def test_a_contributor_is_a_problem_of_its_own_and_named() -> None:
    first = read("alarm-contributor")
    other = read(altered("alarm-contributor", "alarmContributor", to={"id": "2", "attributes": {"TableName": "eggs"}}))
    assert first.title == "carts-never-written: carts-eu"
    assert (first.signal, first.severity, first.resource) == (Signal.FIRING, Severity.HIGH, "carts-never-written")
    assert first.fingerprint != other.fingerprint
    assert other.title == "carts-never-written: eggs"


def test_a_contributor_that_is_ok_ends_its_own_problem() -> None:
    raw = altered("alarm-contributor", "state", "value", to="OK")
    raw["detail"]["state"]["timestamp"] = "2026-03-02T09:50:00.000+0000"
    assert read(raw).signal is Signal.RESOLVED
    assert read(raw).fingerprint == read("alarm-contributor").fingerprint


def test_a_contributor_without_an_id_is_known_by_its_attributes() -> None:
    one, two = ({"attributes": {"TableName": name}} for name in ("one", "two"))
    events = [read(altered("alarm-contributor", "alarmContributor", to=each)) for each in (one, two, one)]
    assert events[0].fingerprint == events[2].fingerprint != events[1].fingerprint


# --- what its owner has done with it


def test_an_alarm_that_is_deleted_ends_what_fired() -> None:
    event = read("alarm-deleted")
    assert (event.signal, event.severity) == (Signal.RESOLVED, Severity.LOW)
    assert event.title == "checkout-5xx: alarm deleted"
    assert event.fingerprint == read(FIRES).fingerprint
    assert event.id > read(FIRES).id
    assert event.link == ""


@pytest.mark.parametrize(
    ("operation", "title"),
    [
        ("update", "checkout-5xx: alarm changed"),
        ("create", "checkout-5xx: alarm created"),
        ("move", "checkout-5xx: move"),
    ],
)
def test_an_alarm_that_is_changed_is_a_notice(operation: str, title: str) -> None:
    event = read(altered("alarm-quiet-changed", "operation", to=operation))
    assert (event.signal, event.title) == (Signal.NOTICE, title)


def test_two_changes_of_an_alarm_are_two_events() -> None:
    later = altered("alarm-quiet-changed", "configuration", "timestamp", to="2026-03-02T10:03:00.000+0000")
    assert read(later).id != read("alarm-quiet-changed").id
    assert read(load("alarm-quiet-changed") | {"time": "2026-03-02T10:02:30Z"}).fingerprint == read(later).fingerprint


def test_a_muted_alarm_is_a_notice_and_its_end_is_an_end() -> None:
    assert read("alarm-muted").signal is Signal.NOTICE
    assert read(altered("alarm-muted", "state", "value", to="OK")).signal is Signal.RESOLVED
    assert read(altered("alarm-muted", "muteDetail", to={})).signal is Signal.FIRING


def test_an_alarm_may_say_in_its_state_that_it_is_muted() -> None:
    raw = altered("alarm-muted", "state", "muteDetail", to=load("alarm-muted")["detail"]["muteDetail"])
    del raw["detail"]["muteDetail"]
    assert read(raw).signal is Signal.NOTICE


@pytest.mark.parametrize("state", ["ALARM", "INSUFFICIENT_DATA", "OK"])
def test_what_auto_scaling_made_for_itself_is_a_notice(state: str) -> None:
    assert read(altered("alarm-scaling", "state", "value", to=state)).signal is Signal.NOTICE


def test_an_alarm_that_fired_and_has_no_data_still_fires() -> None:
    raw = altered("alarm-metric-insufficient-data", "previousState", "value", to="ALARM")
    event = read(raw)
    assert (event.signal, event.intermittent) == (Signal.FIRING, False)
    assert read("alarm-metric-insufficient-data").fingerprint == event.fingerprint


def test_a_metric_that_comes_and_goes_is_intermittent() -> None:
    assert read(altered("alarm-metric-insufficient-data", "previousState", "value", to="OK")).intermittent


def test_an_alarm_stays_the_same_problem_when_redaction_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = altered(FIRES, "alarmName", to="carts password=s3cr3tzz")
    redacted = read(raw)

    monkeypatch.setattr(envelope, "redacted_detail", lambda value, **_: value)

    assert "s3cr3tzz" not in redacted.title
    assert alike(redacted, read(raw))


def test_a_composite_alarm_sums_up_an_alarm_whose_name_is_redacted() -> None:
    child = read(altered(FIRES, "alarmName", to="carts password=s3cr3tzz"))
    rule = 'ALARM("carts password=s3cr3tzz")'
    parent = read(altered("alarm-composite-alarm", "configuration", "alarmRule", to=rule) | {"account": child.account})
    assert parent.children == (child.fingerprint[:CHILD],)
    assert "s3cr3tzz" not in str(parent)
