"""The ticker's lines: one per event, readable, with colours on a terminal only."""

import dataclasses
import io
import logging
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.events.event import Event, Severity, Summary
from chalicelib.domain.notifications.notification import Delivery, Outcome, Reason, Record
from local.aws import WEB
from local.ticker import FIXED, LONGEST_TITLE, PATIENCE, SHORTEST_TITLE, Terminal, Ticker, line_of

NOW = 1_795_000_000
RAW = {"id": "e-1", "source": "aws.cloudwatch", "detail-type": "x", "account": WEB.id, "region": "eu-west-1"}


def record_of(title: str = "too slow", account: str = WEB.id, **deliveries: Delivery) -> Record:
    summary = Summary(title=title, severity=Severity.HIGH, identity=("x",), account=account)
    event = Event.of(Envelope.parse(RAW, NOW), "alarm", summary)
    outcome = Outcome(reason=Reason.FIRST if deliveries else Reason.BELOW_MINIMUM, deliveries=deliveries)
    return Record(event=event, outcome=outcome, change=None, updated_at=NOW, expired_at=NOW)


class Desk:
    """A ticker with its log, its store and its clock at hand."""

    def __init__(self) -> None:
        self.out = io.StringIO()
        self.records: dict[str, Record] = {}
        self.now = 0.0
        self.ticker = Ticker(Terminal(self.out), self.records.get, lambda: self.now)
        self.log = logging.Logger("hub")  # noqa: LOG001 - one of its own, which no other test hears
        self.ticker.listen(self.log)

    def mention(self, record: Record) -> None:
        """Store an event, and let the log speak of it."""
        self.records[record.event.id] = record
        self.log.info("Event", extra={"event_id": record.event.id})

    def lines(self) -> list[str]:
        """Return what has been written since the last time."""
        self.ticker.catch_up()
        lines = self.out.getvalue().splitlines()
        self.out.seek(0)
        self.out.truncate()
        return lines


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_line_says_account_kind_severity_title_and_outcome(desk: Desk) -> None:
    desk.mention(record_of(monitoring=Delivery.DELIVERED))
    (line,) = desk.lines()
    assert line[8:].split() == ["web-staging", "alarm", "HIGH", "too", "slow", "delivered:", "first"]


def test_an_event_of_every_account_says_so() -> None:
    assert "all accounts" in line_of(record_of(account="*"))


def test_a_suppressed_event_says_why() -> None:
    assert "suppressed: below minimum" in line_of(record_of())


def test_a_silenced_event_says_by_which_silence() -> None:
    record = replace(record_of(), outcome=Outcome(reason=Reason.SILENCED, by="3f9a"))
    assert line_of(record).endswith("suppressed: silenced by 3f9a\x1b[0m")


def test_an_event_that_is_mentioned_twice_has_one_line(desk: Desk) -> None:
    desk.mention(record_of())
    desk.mention(record_of())
    assert len(desk.lines()) == 1
    desk.mention(record_of())
    assert desk.lines() == []


def test_a_pending_event_is_shown_when_it_is_settled(desk: Desk) -> None:
    pending = record_of(monitoring=Delivery.PENDING)
    desk.mention(pending)
    assert desk.lines() == []
    assert not desk.ticker.is_idle
    desk.records[pending.event.id] = record_of(monitoring=Delivery.DELIVERED)
    assert "delivered: first" in desk.lines()[0]
    assert desk.ticker.is_idle


def test_a_pending_event_is_shown_once_and_again_when_its_outcome_is_final(desk: Desk) -> None:
    pending = record_of(monitoring=Delivery.PENDING)
    desk.mention(pending)
    desk.lines()
    desk.now += PATIENCE
    assert "pending: first" in desk.lines()[0]
    desk.now += PATIENCE
    assert desk.lines() == []
    desk.records[pending.event.id] = record_of(monitoring=Delivery.FAILED)
    assert "failed: first" in desk.lines()[0]


def test_a_log_line_about_an_event_that_is_not_there_is_passed_over(desk: Desk) -> None:
    desk.log.info("Event", extra={"event_id": "gone"})
    desk.log.info("nothing about an event")
    assert desk.lines() == []
    assert desk.ticker.is_idle


def test_only_a_terminal_gets_colours() -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    def written(out: io.StringIO, **options: Any) -> str:
        Terminal.of(out, **options).write(line_of(record_of()))
        return out.getvalue()

    assert "\x1b[" in written(Screen(), colours=True)
    assert "\x1b[" not in written(Screen(), colours=False)
    assert "\x1b[" not in written(io.StringIO(), colours=True)


@pytest.mark.parametrize(
    ("width", "title"), [(0, LONGEST_TITLE), (80, SHORTEST_TITLE), (FIXED + 50, 50), (400, LONGEST_TITLE)]
)
def test_titles_are_cut_to_what_the_terminal_has_room_for(width: int, title: int) -> None:
    assert dataclasses.replace(Terminal(io.StringIO()), width=width).title_width == title
