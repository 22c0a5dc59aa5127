"""The daily report says in few lines what was not looked at, and what looking cost."""

import pytest
from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.timeline import TransitionKind
from chalicelib.domain.events.event import Severity
from chalicelib.domain.reports.daily import CanaryLatency, DayTally, Report, Totals
from chalicelib.domain.reports.open_items import ending_silences, open_alerts
from chalicelib.domain.reports.reconciliation import (
    LOSSY,
    DayReconciliation,
    DeliveryFailures,
    MissingEvents,
    ReconciliationState,
)
from chalicelib.domain.reports.scan_summary import ScanSummary, UnscannedAgent
from chalicelib.domain.routing.silences import Silence
from chalicelib.domain.severity_styles import GOOD, STYLES
from chalicelib.gateways.slack.blocks import SlackMessage
from tests.domain.given import NOON, an_event
from tests.gateways.slack.messages import a_composer, a_record, a_report, judge, judge_harmless, the_links, words


def announced(scans: ScanSummary) -> SlackMessage:
    report: Report = replace(DayTally().report(NOON, Totals(), [], [], NOON), scans=scans)
    message = a_composer().announcement(a_report(report), None)
    judge(message)
    judge_harmless(message)
    return message


def test_a_day_of_full_coverage_says_so_in_a_line() -> None:
    message = announced(ScanSummary(agents=3, bytes=34_200_000_000))
    assert "🔎 All logs scanned\n💰 34.2 GB of logs scanned, about $0.17\n" in words(message) + "\n"
    assert message["attachments"][0]["color"] == GOOD.color


def test_what_was_not_examined_is_said_with_why_and_where() -> None:
    unscanned = (
        UnscannedAgent(agent="111122223333-eu-west-1", name="payments", seconds=900, behind=0),
        UnscannedAgent(agent="444455556666-eu-west-1", name="", seconds=300, behind=7_200),
    )
    reasons = {"timed_out": 900, "throttled": 300}
    message = announced(
        ScanSummary(
            agents=5, unreporting=1, reasons=reasons, behind=1, unscanned=unscanned, more=2, over_budget=1, bytes=1
        )
    )
    assert words(message).splitlines()[4:10] == [
        "❗ *Logs not fully scanned* by 4 of 5 agents: timed out 15 min, throttled 5 min; 1 more than an hour behind",
        "• payments `111122223333-eu-west-1` 15 min missed",
        "• `444455556666-eu-west-1` 5 min missed 2 h behind",
        "… and 2 more",
        "💰 0.0 GB of logs scanned, about $0.00 · 1 over budget",
        "1 agent does not report what was scanned",
    ]
    assert message["attachments"][0]["color"] == STYLES[Severity.MEDIUM].color


def test_without_any_agent_nothing_is_claimed() -> None:
    assert "scanned" not in words(announced(ScanSummary()))


def test_how_long_events_take_is_said_of_the_slowest_region() -> None:
    canaries = (CanaryLatency("eu-north-1", 75), CanaryLatency("eu-west-1", 41))
    report = replace(DayTally().report(NOON, Totals(), [], [], NOON), canaries=canaries)
    said = words(a_composer().announcement(a_report(report), None))

    assert "🐤 Events take up to 1 min from 2 regions to a receiver" in said


@pytest.mark.parametrize(
    ("reconciliation", "line"),
    [
        (
            DayReconciliation(state=ReconciliationState.BALANCED, matched=1_240),
            "🧾 1,240 events, heartbeats and canaries arrived and are accounted for",
        ),
        (DayReconciliation(state=ReconciliationState.UNMEASURED, matched=0), "🧾 AWS counted no events"),
        (
            DayReconciliation(
                state=ReconciliationState.SUSPECTED,
                matched=1_240,
                missing=(MissingEvents("queues", 30), MissingEvents("functions", 4)),
            ),
            "❗ *Events missing* of 1,240: 30 behind the queues, 4 behind the functions",
        ),
        (
            DayReconciliation(
                state=ReconciliationState.FAILING,
                matched=1_240,
                failures=(DeliveryFailures("AsyncEventsDropped", 1_000),),
            ),
            "❗ *Not delivered* 1,000 `AsyncEventsDropped`",
        ),
    ],
    ids=lambda each: each.state if isinstance(each, DayReconciliation) else "",
)
def test_what_became_of_the_days_events_is_a_line(reconciliation: DayReconciliation, line: str) -> None:
    report = replace(DayTally().report(NOON, Totals(), [], [], NOON), reconciliation=reconciliation)
    message = a_composer().announcement(a_report(report), None)
    judge(message)

    assert line in words(message).splitlines()
    is_lossy = reconciliation.state in LOSSY
    assert (message["attachments"][0]["color"] == STYLES[Severity.HIGH].color) is is_lossy


def test_what_is_still_open_leads_to_the_pages_of_its_alerts_and_is_escaped() -> None:
    event = an_event(title="<!channel> orders & more", severity=Severity.HIGH)
    alert = Alert.about(event).observe(event)[0].mark(TransitionKind.ACKNOWLEDGED, NOON + 60, "<@U1> Ann")
    silence = Silence(id="s", matchers=(), starts_at=NOON, ends_at=NOON + 60, author="*Bob*", reason="<!here> a move")
    report = replace(
        DayTally().report(NOON, Totals(), [], [], NOON),
        still_open=open_alerts([alert], complete=False),
        ending=ending_silences([silence], NOON),
    )
    linked = words(a_composer(links=the_links()).announcement(a_report(report), None))
    plain = a_composer().announcement(a_report(report), None)
    judge(plain)
    judge_harmless(plain)

    page = f"<https://hub.example.com/api/ui/alerts/{alert.fingerprint}|&lt;!channel&gt; orders &amp; more>"
    assert "*Still open: more than 1*, 1 acknowledged" in linked
    assert f"🔴 {page} · *payments-production* `111122223333` · eu-west-1 · since" in linked
    assert "&lt;@U1&gt; Ann has it" in linked
    assert "🔕 &lt;!here&gt; a move · by *Bob* · ends" in linked
    assert "🔴 &lt;!channel&gt; orders &amp; more ·" in words(plain)


def test_a_day_is_compared_with_the_day_before_in_plain_words() -> None:
    tally = DayTally()
    for number in range(34):
        tally.add(a_record(NOON + number))
    said = [
        words(a_composer().announcement(a_report(tally.report(NOON, Totals(events=before), [], [], NOON)), None))
        for before in (32, 34, 36)
    ]

    for sentence, text in zip(("2 more than", "as many as", "2 fewer than"), said, strict=True):
        assert f"*34* events, {sentence} the day before" in text
    assert "✅ Nothing is open" in said[0]
