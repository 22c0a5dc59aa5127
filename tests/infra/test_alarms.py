"""The hub watches itself: each function by errors, throttles and silence, and the log for what only the log says."""

import io
import json
import logging
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest

from app import app
from chalicelib import logging_config
from chalicelib.domain.timestamps import DAY
from chalicelib.services.alerting.policy_provider import PolicyProvider
from chalicelib.services.notifying.dispatcher import OVERDUE
from chalicelib.services.notifying.ports import Rejected
from chalicelib.settings import HubSettings
from chalicelib.sources.registry import archive_pattern
from infra.functions import Function, Trigger, functions_of
from tests.fakes import FakeClock
from tests.infra.templates import TEMPLATES, read, resources
from tests.services.world import World, finding

FUNCTIONS = functions_of(app)
SETTINGS = {"TABLE_NAME": "monitoring-prod", "STAGE": "prod"}
FILTER = re.compile(r'\{ \$\.message = "(?P<message>[^"]+)" \}')


def alarms(function: Function, metric: str) -> list[dict[str, Any]]:
    """Return a function's alarms on one of Lambda's metrics."""
    name = {"Fn::Sub": function.name("${Stage}")}
    found = (each["Properties"] for each in resources("hub.yaml", "AWS::CloudWatch::Alarm").values())
    return [
        each
        for each in found
        if each["MetricName"] == metric and each.get("Dimensions") == [{"Name": "FunctionName", "Value": name}]
    ]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.handler or "api")
@pytest.mark.parametrize("metric", ["Errors", "Throttles"])
def test_every_function_has_an_alarm_for_what_goes_wrong(function: Function, metric: str) -> None:
    (alarm,) = alarms(function, metric)

    assert alarm["AlarmActions"] == [{"Ref": "Alarms"}]
    assert alarm["TreatMissingData"] == "notBreaching"


def test_there_is_no_alarm_for_a_function_that_is_not_there() -> None:
    found = (
        each["Properties"].get("Dimensions", [{}])[0]
        for each in resources("hub.yaml", "AWS::CloudWatch::Alarm").values()
    )
    names = {each["Value"]["Fn::Sub"] for each in found if each.get("Name") == "FunctionName"}

    assert names == {each.name("${Stage}") for each in FUNCTIONS}


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.handler or "api")
def test_a_function_that_runs_by_the_clock_may_not_fall_silent(function: Function) -> None:
    found = alarms(function, "Invocations")

    assert len(found) == (function.interval > 0)
    assert function.interval > 0 or function.trigger is not Trigger.SCHEDULE
    for alarm in found:
        assert alarm["TreatMissingData"] == "breaching"
        assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("LessThanThreshold", 1)
        patience = alarm["Period"] * alarm["EvaluationPeriods"]
        assert function.interval < patience <= max(900, function.interval + 3_600) + function.timeout + alarm["Period"]
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
        assert patience <= (86_400 if alarm["Period"] < 3_600 else 604_800)


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.handler or "api")
def test_a_run_that_takes_its_whole_time_is_no_silence(function: Function) -> None:
    """Its invocation is heard of when it ends, stamped with when it began."""
    for alarm in alarms(function, "Invocations"):
        patience = alarm["Period"] * alarm["EvaluationPeriods"]
        assert patience >= function.interval + function.timeout


@pytest.mark.parametrize("function", [each for each in FUNCTIONS if each.trigger is Trigger.EVENT])
@pytest.mark.parametrize("metric", ["AsyncEventsDropped", "AsyncEventAge", "DestinationDeliveryFailures"])
def test_an_event_that_lambda_loses_or_keeps_waiting_is_an_alarm(function: Function, metric: str) -> None:
    (alarm,) = alarms(function, metric)

    assert alarm["Namespace"] == "AWS/Lambda"
    six_hours = 6 * 3_600 * 1_000
    assert alarm["Threshold"] * alarm["EvaluationPeriods"] < six_hours


@pytest.mark.parametrize("function", [each for each in FUNCTIONS if each.trigger is Trigger.EVENT])
@pytest.mark.parametrize("metric", ["FailedInvocations", "InvocationsSentToDlq", "InvocationsFailedToBeSentToDlq"])
def test_an_event_that_a_rule_cannot_deliver_is_an_alarm(function: Function, metric: str) -> None:
    rule = [{"Name": "RuleName", "Value": {"Fn::Sub": function.rule_name("${Stage}")}}]
    found = (each["Properties"] for each in resources("hub.yaml", "AWS::CloudWatch::Alarm").values())
    (alarm,) = [each for each in found if each["MetricName"] == metric and each["Dimensions"] == rule]

    assert (alarm["Namespace"], alarm["Threshold"], alarm["TreatMissingData"]) == ("AWS/Events", 0, "notBreaching")


def test_the_archive_keeps_all_that_the_hub_takes_for_as_long_as_the_hub_does() -> None:
    (archive,) = resources("hub.yaml", "AWS::Events::Archive").values()
    days = read("hub.yaml")["Parameters"]["ArchiveDays"]

    assert archive["Properties"]["EventPattern"] == archive_pattern()
    assert archive["Properties"]["RetentionDays"] == {"Ref": "ArchiveDays"}
    assert days["MinValue"] <= days["Default"] <= days["MaxValue"] * DAY <= HubSettings.load(SETTINGS).keep_for


def test_the_template_fits_a_request() -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html."""
    assert all(len(path.read_bytes()) <= 51_200 for path in TEMPLATES)


def filtered(metric: str) -> tuple[set[str], set[str]]:
    """Return the messages that a metric counts, and the log groups in which it does."""
    found = [
        each["Properties"]
        for each in resources("hub.yaml", "AWS::Logs::MetricFilter").values()
        if each["Properties"]["MetricTransformations"][0]["MetricName"] == metric
    ]
    messages = {match["message"] for each in found if (match := FILTER.fullmatch(each["FilterPattern"]))}
    return messages, {each["LogGroupName"]["Ref"] for each in found}


@pytest.fixture
def log_lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Return what the services write into the log, as they do on Lambda."""
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    root, ours = logging.getLogger(), logging.getLogger("chalicelib")
    before = root.handlers[:], root.level, ours.level
    logging_config.configure("ERROR")
    yield written
    root.handlers[:], level, our_level = before
    root.setLevel(level)
    ours.setLevel(our_level)


def test_the_log_line_about_a_refusal_is_counted_in_every_function_that_delivers(
    log_lines: io.StringIO,
) -> None:
    world = World()
    world.slack.fail("monitoring", Rejected("HTTP 410", receiver_gone=True))

    world.ingest(finding())

    messages, groups = filtered("Refused")
    assert messages & {json.loads(line)["message"] for line in log_lines.getvalue().splitlines()}
    assert groups == {f"{each.logical_id}Logs" for each in FUNCTIONS if each.is_asynchronous}


def test_the_line_about_what_is_overdue_is_the_one_that_is_counted_after_each_sweep(log_lines: io.StringIO) -> None:
    world = World()
    world.store.acquire("monitoring", world.clock.now(), world.clock.now() + 10 * OVERDUE)
    world.ingest(finding())
    world.clock.sleep(OVERDUE)

    world.next_minute()

    messages, groups = filtered("Overdue")
    assert messages & {json.loads(line)["message"] for line in log_lines.getvalue().splitlines()}
    assert groups == {"DeliverNotificationsLogs"}


def test_the_line_about_silences_that_cannot_be_read_is_counted_wherever_they_count(
    log_lines: io.StringIO,
) -> None:
    def deny(_now: int) -> NoReturn:
        raise PermissionError("AccessDeniedException")

    policy: Any = object()
    assert PolicyProvider(policy, SimpleNamespace(unexpired=deny), SimpleNamespace(), FakeClock())() is policy

    messages, groups = filtered("SilencesUnreadable")
    assert messages & {json.loads(line)["message"] for line in log_lines.getvalue().splitlines()}
    assert groups == {f"{each.logical_id}Logs" for each in FUNCTIONS if each.trigger is not Trigger.AUTHORIZER}


@pytest.mark.parametrize("metric", ["Refused", "Overdue", "SilencesUnreadable"])
def test_what_is_counted_in_the_log_raises_an_alarm(metric: str) -> None:
    (alarm,) = (
        each["Properties"]
        for each in resources("hub.yaml", "AWS::CloudWatch::Alarm").values()
        if each["Properties"]["MetricName"] == metric
    )
    namespaces = {
        each["Properties"]["MetricTransformations"][0]["MetricNamespace"]["Fn::Sub"]
        for each in resources("hub.yaml", "AWS::Logs::MetricFilter").values()
    }

    assert namespaces == {alarm["Namespace"]["Fn::Sub"]}
    assert alarm["AlarmActions"] == [{"Ref": "Alarms"}]


def test_only_our_alarms_may_speak_on_our_topic() -> None:
    (policy,) = resources("hub.yaml", "AWS::SNS::TopicPolicy").values()
    (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]
    names = {
        each["Properties"]["AlarmName"]["Fn::Sub"] for each in resources("hub.yaml", "AWS::CloudWatch::Alarm").values()
    }

    assert statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert statement["Condition"]["ArnLike"]["aws:SourceArn"]["Fn::Sub"].endswith(":alarm:monitoring-${Stage}-*")
    assert all(name.startswith("monitoring-${Stage}-") for name in names)
