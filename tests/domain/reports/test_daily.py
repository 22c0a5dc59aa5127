"""A report counts a whole day, however long, in bounded memory and bounded JSON."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.domain.agents.agent import Agent, AgentStatus
from chalicelib.domain.alerts.alert import Change
from chalicelib.domain.events.event import Severity, Signal
from chalicelib.domain.notifications.notification import Delivery, Outcome, Reason, Record
from chalicelib.domain.reports.daily import (
    ACCOUNTS,
    DISTINCT,
    OTHERS,
    ROWS,
    SILENT,
    TOP,
    DayTally,
    ReceiverBacklog,
    Report,
    Row,
    Totals,
)
from chalicelib.domain.timestamps import DAY
from tests.domain.given import NOON, an_event

MIDNIGHT = NOON - NOON % DAY


def a_record(change: Change | None = None, status: Delivery | None = None, **event: Any) -> Record:
    deliveries = {} if status is None else {"monitoring": status}
    outcome = Outcome(reason=Reason.FIRST, deliveries=deliveries)
    return Record(event=an_event(**event), outcome=outcome, change=change, updated_at=NOON, expired_at=NOON + DAY)


def a_report(
    *records: Record, before: tuple[Record, ...] = (), agents: tuple[Agent, ...] = (), tracked: int = 100
) -> Report:
    tally, totals = DayTally(tracked), Totals()
    for record in records:
        tally.add(record)
    for record in before:
        totals.add(record.event)
    return tally.report(MIDNIGHT, totals, agents, [ReceiverBacklog("monitoring", 2, 1)], NOON)


def an_agent(number: int, status: AgentStatus = AgentStatus.ACTIVE, heartbeat_at: int = NOON - 60) -> Agent:
    return Agent(
        account=f"{number:012d}", region="eu-west-1", name=f"team-{number}", status=status, heartbeat_at=heartbeat_at
    )


RECORDS = st.builds(
    a_record,
    change=st.sampled_from([None, *Change]),
    status=st.sampled_from([None, *Delivery]),
    severity=st.sampled_from(Severity),
    signal=st.sampled_from(Signal),
    fingerprint=st.sampled_from([f"f{number}" for number in range(20)]),
    account=st.sampled_from([f"{number:012d}" for number in range(20)]),
    source=st.sampled_from([f"source {number}" for number in range(20)]),
)


@given(st.lists(RECORDS, max_size=60), st.lists(RECORDS, max_size=60))
def test_everything_adds_up(today: list[Record], before: list[Record]) -> None:
    report = a_report(*today, before=tuple(before))
    assert report.events == Row("", len(today), len(before))
    assert sum(report.outcomes.values()) == len(today)
    assert sum(row.count for row in report.severities) == len(today)
    for table in (report.sources, report.accounts):
        assert sum(row.count for row in table.rows) + table.count == len(today)
        assert sum(row.before for row in table.rows) + table.before == len(before)
    assert report.top.times == sum(record.event.signal is Signal.FIRING for record in today)


@given(st.lists(RECORDS, max_size=40))
def test_json_gives_the_report_back(records: list[Record]) -> None:
    report = a_report(*records, agents=(an_agent(1), an_agent(2, AgentStatus.STALE)))
    assert Report.from_json(report.to_json()) == report


@pytest.mark.parametrize("text", ["", "{", "{}", "[]", '{"day": "soon"}'])
def test_damaged_json_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"truncated|required|Expected"):
        Report.from_json(text)


def test_a_day_of_nothing_has_a_report() -> None:
    report = a_report()
    assert report.events.count == 0
    assert report.top.alerts == ()
    assert report.agents == dict.fromkeys(AgentStatus, 0)


def test_an_unknown_account_is_an_account_like_any_other() -> None:
    assert a_report(a_record(account="")).accounts.rows == (Row("", 1, 0),)


def test_severities_are_listed_all_and_the_worst_first() -> None:
    report = a_report(a_record(severity=Severity.LOW), before=(a_record(severity=Severity.CRITICAL),))
    assert [row.name for row in report.severities] == ["CRITICAL", "HIGH", "MEDIUM", "LOW", "UNKNOWN"]
    assert report.severities[0] == Row("CRITICAL", 0, 1)


def test_a_hundred_accounts_are_cut_to_the_busiest() -> None:
    records = [a_record(account=f"{number:012d}") for number in range(100) for _ in range(number + 1)]
    accounts = a_report(*records).accounts
    assert len(accounts.rows) == ROWS
    assert accounts.rows[0] == Row("000000000099", 100, 0)
    assert (accounts.more, accounts.count) == (100 - ROWS, 5_050 - sum(row.count for row in accounts.rows))


def test_an_account_that_fell_silent_is_still_listed() -> None:
    assert a_report(before=(a_record(account="444455556666"),)).accounts.rows == (Row("444455556666", 0, 1),)


def test_top_alerts_are_those_that_fired_most() -> None:
    records = [a_record(fingerprint=f"f{number}", title=f"t{number}") for number in range(20) for _ in range(number)]
    top = a_report(*records).top
    assert [(each.title, each.count) for each in top.alerts[:2]] == [("t19", 19), ("t18", 18)]
    assert (len(top.alerts), top.more, top.times) == (TOP, 19 - TOP, 190)


def test_an_alert_has_the_title_and_the_worst_severity_it_fired_with() -> None:
    (alert,) = a_report(
        a_record(title="OK", signal=Signal.RESOLVED, severity=Severity.LOW),
        a_record(title="ALARM", severity=Severity.CRITICAL),
        a_record(title="ALARM", severity=Severity.HIGH),
        a_record(title="OK", signal=Signal.RESOLVED, severity=Severity.LOW),
    ).top.alerts
    assert (alert.title, alert.severity, alert.count) == ("ALARM", Severity.CRITICAL, 2)


def test_what_only_ended_fired_not_at_all() -> None:
    report = a_report(a_record(Change.RESOLVED, signal=Signal.RESOLVED))
    assert (report.top.alerts, report.resolved) == ((), 1)


def test_new_and_returning_alerts_are_distinguished() -> None:
    report = a_report(
        a_record(Change.OPENED, fingerprint="new"),
        a_record(Change.REOPENED, fingerprint="again"),
        a_record(Change.REOPENED, fingerprint="again"),
        a_record(Change.REPEATED, fingerprint="old"),
    )
    assert ([each.fingerprint for each in report.opened.alerts], report.opened.times) == (["new"], 1)
    assert ([each.fingerprint for each in report.reopened.alerts], report.reopened.times) == (["again"], 2)


def test_outcomes_are_counted_by_what_became_of_them() -> None:
    report = a_report(a_record(), a_record(status=Delivery.FAILED), a_record(status=Delivery.FAILED))
    assert report.outcomes == {
        Delivery.PENDING: 0,
        Delivery.DELIVERED: 0,
        Delivery.FAILED: 2,
        Delivery.SUPPRESSED: 1,
    }


def test_agents_are_counted_by_state_and_the_longest_silent_named_first() -> None:
    agents = (
        an_agent(1),
        an_agent(2, AgentStatus.EXPECTED, 0),
        an_agent(3, AgentStatus.STALE, NOON - 5_000),
        an_agent(4, AgentStatus.ACTIVE, NOON - 9_000),
        an_agent(5, AgentStatus.REMOVED, NOON - 9_000),
    )
    report = a_report(agents=agents)
    assert report.agents == {
        AgentStatus.ACTIVE: 1,
        AgentStatus.EXPECTED: 1,
        AgentStatus.STALE: 2,
        AgentStatus.REMOVED: 1,
    }
    assert [each.name for each in report.silent] == ["team-4", "team-3"]


def test_more_silent_agents_than_fit_are_still_counted() -> None:
    report = a_report(agents=tuple(an_agent(number, AgentStatus.STALE) for number in range(50)))
    assert (report.agents[AgentStatus.STALE], len(report.silent)) == (50, SILENT)


def test_invented_sources_do_not_fill_the_memory() -> None:
    totals = Totals()
    for number in range(DISTINCT + 500):
        totals.add(an_event(source=f"custom.{number}"))
    assert len(totals.sources) == DISTINCT + 1
    assert totals.sources[OTHERS] == 500


def test_too_many_alerts_are_counted_in_all_and_the_mildest_forgotten() -> None:
    records = [
        a_record(Change.OPENED, fingerprint=f"f{number}", severity=Severity.CRITICAL if number == 3 else Severity.LOW)
        for number in range(25)
    ]
    report = a_report(*records, tracked=10)
    assert report.approximate
    assert (report.opened.times, report.top.times) == (25, 25)
    assert report.opened.alerts[0].fingerprint == "f3"


def test_as_many_alerts_as_are_tracked_are_exact() -> None:
    assert not a_report(*[a_record(fingerprint=f"f{number}") for number in range(20)], tracked=10).approximate


def test_the_longest_report_is_below_a_hundred_kilobytes() -> None:
    wide = "\N{MATHEMATICAL FRAKTUR CAPITAL U}"
    records = [
        a_record(
            change,
            title=wide * 200,
            account=f"{number}{wide * 126}",
            region=wide * 128,
            source=f"{number}{wide * 126}",
            fingerprint=f"{number:032d}",
        )
        for number, change in enumerate([Change.OPENED, Change.REOPENED] * 20)
    ]
    agents = tuple(
        replace(an_agent(number, AgentStatus.STALE), name=wide * 64, region=wide * 128) for number in range(50)
    )
    assert len(a_report(*records, agents=agents).to_json().encode()) < 100_000


def test_an_alert_in_several_accounts_is_listed_where_it_fired_last_with_their_count() -> None:
    records = (a_record(at=NOON + number, account=f"{number:012d}", title=f"copy {number}") for number in range(3))
    (mention,) = a_report(*records).top.alerts
    assert (mention.accounts, mention.count, mention.account, mention.title) == (3, 3, f"{2:012d}", "copy 2")


def test_an_alerts_accounts_are_counted_up_to_a_bound() -> None:
    records = (a_record(at=NOON + number, account=f"{number:012d}") for number in range(ACCOUNTS + 5))
    assert a_report(*records).top.alerts[0].accounts == ACCOUNTS
