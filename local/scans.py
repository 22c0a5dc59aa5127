"""The agents' scans: the real one in each account, on a faster clock than in AWS."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, override

from msgspec.structs import replace

from chalicelib import container
from chalicelib.container.scanning import build_agent, build_backfill
from chalicelib.domain.scanning.budget import Budget
from chalicelib.domain.scanning.gaps import GapReason
from chalicelib.domain.scanning.queries import LogQuery, QueryHandle, QueryRefused, ResultPage
from chalicelib.services.scanning.backfill import Backfill
from chalicelib.services.scanning.ports import Logs
from chalicelib.services.scanning.report import ScanReport
from chalicelib.services.scanning.scanner import Scanner
from chalicelib.settings import AgentSettings
from local.aws import ACCOUNTS, STAGE, Account, Cloud

# In AWS: windows of five minutes, scanned two minutes after they end. moto has its logs at once, and its queries.
WINDOW, LATENCY = 5, 1
QUERY_WAIT = 0.01
# What heartbeats promise, in seconds; an agent that is silent for three times as long is announced.
INTERVAL = 60


@dataclass(frozen=True, slots=True)
class ScanTotals:
    """What the scans of all accounts found: groups of alike errors, the lines in them, and `news` of gaps."""

    agents: int
    groups: int
    lines: int
    news: tuple[str, ...] = ()


class Impatient(container.SystemClock):
    """The machine's clock, for whom moto's queries are done at once."""

    @override
    def sleep(self, seconds: float) -> None:
        """Wait a moment."""
        super().sleep(min(seconds, QUERY_WAIT))


class Fallible:
    """The logs of a place, of which one query fails where that is wanted."""

    def __init__(self, logs: Logs) -> None:
        self._logs = logs
        self._fails_at: int | None = None

    def fail_at(self, at: int) -> None:
        """Let the next query about that time (epoch seconds) fail."""
        self._fails_at = at

    def start(self, question: LogQuery) -> QueryHandle:
        """Start a query, unless that is to fail."""
        if self._fails_at is not None and question.window.start <= self._fails_at < question.window.end:
            self._fails_at = None
            raise QueryRefused(GapReason.TIMED_OUT)
        return self._logs.start(question)

    def result(self, query: QueryHandle, rows: int) -> ResultPage | None:
        """Return a page of the result."""
        return self._logs.result(query, rows)

    def stop(self, query: QueryHandle) -> None:
        """End a query."""
        self._logs.stop(query)


class Scans:
    """One scan for each place where an agent lives, with its account's credentials and its own watermark."""

    def __init__(self, cloud: Cloud) -> None:
        self._logs: dict[str, Fallible] = {}
        self._scans: dict[str, Scanner] = {}
        self._with_gaps: set[str] = set()
        for account in ACCOUNTS:
            for region in account.homes:
                scan = _scan(cloud, account, region)
                place = f"{account.name} {region}"
                self._logs[place] = logs = Fallible(scan.search.logs)
                self._scans[place] = replace(scan, search=replace(scan.search, logs=logs))

    def run(self) -> ScanTotals:
        """Scan what is due everywhere; each scan publishes through its own account's bus."""
        reports = {place: scan.run() for place, scan in self._scans.items()}
        return ScanTotals(
            len(reports),
            sum(each.events for each in reports.values()),
            sum(each.errors for each in reports.values()),
            tuple(line for place, report in reports.items() for line in self._news(place, report)),
        )

    def fail_at(self, account: Account, at: int) -> None:
        """Let one query of the account's logs fail, the next one about that time (epoch seconds)."""
        self._logs[f"{account.name} {account.homes[0]}"].fail_at(at)

    def _news(self, place: str, report: ScanReport) -> Iterator[str]:
        """Tell of gaps that have come or are filled."""
        gaps = report.state.first.gaps
        if gaps and place not in self._with_gaps:
            gap = gaps[0]
            first, last = (time.strftime("%H:%M:%S", time.localtime(at)) for at in (gap.window.start, gap.window.end))
            yield f"{place}: a gap in its logs from {first} to {last} ({gap.reason}). GET /coverage shows it."
            self._with_gaps.add(place)
        elif not gaps and place in self._with_gaps:
            yield f"{place}: the next scan has filled the gap, and found what was in it."
            self._with_gaps.discard(place)


def backfills(cloud: Cloud, accounts: Iterable[Account]) -> Iterator[tuple[str, Backfill]]:
    """Iterate over what scans the past of each place, and what that place is called."""
    for account in accounts:
        for region in account.homes:
            backfill = build_backfill(_settings(account), _scan(cloud, account, region))
            yield f"{account.name} {region}", backfill


def _scan(cloud: Cloud, account: Account, region: str) -> Scanner:
    session: Any = cloud.session(account, region)
    scan = build_agent(_settings(account), session.client, region, container.scan_file())
    clock = Impatient()
    return replace(scan, clock=clock, search=replace(scan.search, clock=clock))


def _settings(account: Account) -> AgentSettings:
    return AgentSettings(
        stage=STAGE,
        log_level="INFO",
        name=account.name,
        tag_filter="",
        window=WINDOW,
        latency=LATENCY,
        late_delay=0,
        queries=20,
        memory=512,
        budget=Budget(),
        interval=INTERVAL,
    )
