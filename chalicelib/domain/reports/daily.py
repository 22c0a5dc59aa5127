"""The daily report: adds up a day's events, in bounded memory however many there were."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from heapq import nlargest, nsmallest
from typing import Self

from msgspec import Struct, field, json

from chalicelib.domain.agents.agent import Agent, AgentStatus
from chalicelib.domain.alerts.alert import Change
from chalicelib.domain.events.event import Event, Severity, Signal
from chalicelib.domain.notifications.notification import Delivery, Record
from chalicelib.domain.reports.open_items import EndingSilences, OpenAlerts
from chalicelib.domain.reports.reconciliation import DayReconciliation
from chalicelib.domain.reports.scan_summary import ScanSummary, summarize_scans
from chalicelib.domain.text import shortened

TOP = 8
ROWS = 12
SILENT = 10
# So that a report of nothing but emoji fits the limit, too.
TITLE, NAME = 120, 64
# Further sources and accounts are counted together; anyone may invent sources.
DISTINCT = 2_000
OTHERS = "(others)"
# Accounts of an alert that are counted; each takes memory.
ACCOUNTS = 100
# Alerts counted one by one; when there are twice as many, the least severe are dropped.
TRACKED = 10_000


class Row(Struct, frozen=True):
    """A count, and that of the day before."""

    name: str
    count: int
    before: int


class ReportTable(Struct, frozen=True):
    """The largest counts; `more` further names have `count` together, and had `before`."""

    rows: tuple[Row, ...]
    more: int
    count: int
    before: int


class Mention(Struct, frozen=True, kw_only=True):
    """An alert in a list; `count` is how often it fired on the day, in how many `accounts` (counted to 100)."""

    title: str
    severity: Severity
    account: str
    region: str
    fingerprint: str
    count: int
    accounts: int = 1


class Listing(Struct, frozen=True):
    """The most severe alerts of one sort: `times` it happened, and `more` alerts are not shown."""

    times: int
    alerts: tuple[Mention, ...]
    more: int


class ReceiverBacklog(Struct, frozen=True):
    """One receiver's pending and failed notifications, at the time of the report."""

    receiver: str
    pending: int
    failed: int


class SilentAgent(Struct, frozen=True):
    """An agent that is stale, and when it last reported (epoch seconds)."""

    agent: str
    name: str
    heartbeat_at: int


class CanaryLatency(Struct, frozen=True):
    """How many seconds the last canary of a region took to arrive."""

    region: str
    seconds: int


NO_SCANS = ScanSummary()


class Report(Struct, frozen=True, kw_only=True):
    """One UTC day, which begins at `day` (epoch seconds); `outcomes` add up to `events.count`.

    `resolved` counts resolved alerts. `silent` has the agents that are silent longest, `agents` counts all stale ones.
    `scans` is what agents report of their scans, `canaries` how long the regions' canaries took, slowest first.
    `still_open` and `ending` are alerts and silences at the time of the report. `reconciliation` is None if there was
    none. `approximate` means that there were too many alerts to count each, so that lists may be short.
    """

    day: int
    events: Row
    severities: tuple[Row, ...]
    sources: ReportTable
    accounts: ReportTable
    top: Listing
    opened: Listing
    reopened: Listing
    resolved: int
    outcomes: Mapping[Delivery, int]
    approximate: bool
    agents: Mapping[AgentStatus, int]
    silent: tuple[SilentAgent, ...]
    backlog: tuple[ReceiverBacklog, ...]
    scans: ScanSummary = NO_SCANS
    canaries: tuple[CanaryLatency, ...] = ()
    still_open: OpenAlerts = OpenAlerts()
    ending: EndingSilences = EndingSilences()
    reconciliation: DayReconciliation | None = None

    def to_json(self) -> str:
        """Write the report as JSON of less than 100 kB."""
        return json.encode(self).decode()

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote; ValueError for anything else."""
        return json.decode(text, type=cls)


class Totals(Struct):
    """Counts of events by severity, source and account."""

    events: int = 0
    severities: Counter[Severity] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    accounts: Counter[str] = field(default_factory=Counter)

    def add(self, event: Event) -> None:
        """Count one event."""
        self.events += 1
        self.severities[event.severity] += 1
        _count(self.sources, event.source)
        _count(self.accounts, event.account)


class _Followed(Struct, kw_only=True):
    """One alert's day."""

    title: str
    severity: Severity
    account: str
    region: str
    fired: int = 0
    changes: Counter[Change | None] = field(default_factory=Counter)
    accounts: set[str] = field(default_factory=set)

    def add(self, record: Record) -> None:
        firing = record.event.signal is Signal.FIRING
        self.fired += firing
        self.changes[record.change] += 1
        if firing:
            event = record.event
            self.title, self.account, self.region = event.title, event.account, event.region
            self.severity = max(self.severity, event.severity)
            if len(self.accounts) < ACCOUNTS:
                self.accounts.add(event.account)


class DayTally:
    """Adds up the records of one day; up to `tracked` alerts are counted exactly."""

    def __init__(self, tracked: int = TRACKED) -> None:
        self.totals = Totals()
        self._tracked = tracked
        self._outcomes: Counter[Delivery] = Counter()
        self._changes: Counter[Change | None] = Counter()
        self._followed: dict[str, _Followed] = {}
        self._fired = 0
        self._approximate = False

    def add(self, record: Record) -> None:
        """Count one record."""
        self.totals.add(record.event)
        self._outcomes[record.outcome.status] += 1
        self._changes[record.change] += 1
        self._fired += record.event.signal is Signal.FIRING
        self._follow(record.event).add(record)

    def report(
        self, day: int, before: Totals, agents: Iterable[Agent], backlog: Iterable[ReceiverBacklog], now: int
    ) -> Report:
        """Return the report, compared with the day `before`, with agents and notifications of `now`."""
        today, known = self.totals, list(agents)
        states, silent = _states(known, now)
        return Report(
            day=day,
            events=Row("", today.events, before.events),
            severities=tuple(
                Row(each.name, today.severities[each], before.severities[each]) for each in reversed(Severity)
            ),
            sources=_table(today.sources, before.sources),
            accounts=_table(today.accounts, before.accounts),
            top=self._list(self._fired, lambda each: each.fired),
            opened=self._list_changed(Change.OPENED),
            reopened=self._list_changed(Change.REOPENED),
            resolved=self._changes[Change.RESOLVED],
            outcomes={each: self._outcomes[each] for each in Delivery},
            approximate=self._approximate,
            agents=states,
            silent=silent,
            backlog=tuple(backlog),
            scans=summarize_scans(known, day, now),
        )

    def _follow(self, event: Event) -> _Followed:
        followed = self._followed.get(event.fingerprint)
        if followed is None:
            if len(self._followed) >= 2 * self._tracked:
                self._forget_mildest()
            followed = self._followed[event.fingerprint] = _Followed(
                title=event.title,
                severity=event.severity,
                account=event.account,
                region=event.region,
            )
        return followed

    def _forget_mildest(self) -> None:
        worst = nlargest(
            self._tracked, self._followed.items(), key=lambda item: (item[1].severity, item[1].fired, item[0])
        )
        self._followed = dict(worst)
        self._approximate = True

    def _list_changed(self, change: Change) -> Listing:
        return self._list(self._changes[change], lambda each: each.changes[change])

    def _list(self, times: int, weight: Callable[[_Followed], int]) -> Listing:
        chosen = [(key, each) for key, each in self._followed.items() if weight(each)]
        worst = nsmallest(TOP, chosen, key=lambda item: (-weight(item[1]), -item[1].severity, item[0]))
        mentions = tuple(
            Mention(
                title=shortened(each.title, TITLE),
                severity=each.severity,
                account=shortened(each.account, NAME),
                region=shortened(each.region, NAME),
                fingerprint=fingerprint,
                count=each.fired,
                accounts=len(each.accounts),
            )
            for fingerprint, each in worst
        )
        return Listing(times, mentions, len(chosen) - len(mentions))


def _count(counter: Counter[str], name: str) -> None:
    counter[name if name in counter or len(counter) < DISTINCT else OTHERS] += 1


def _table(today: Counter[str], before: Counter[str]) -> ReportTable:
    rows = [Row(name, today[name], before[name]) for name in today.keys() | before.keys()]
    rows.sort(key=lambda row: (-row.count, -row.before, row.name))
    rest = rows[ROWS:]
    return ReportTable(tuple(rows[:ROWS]), len(rest), sum(row.count for row in rest), sum(row.before for row in rest))


def _states(agents: Iterable[Agent], now: int) -> tuple[dict[AgentStatus, int], tuple[SilentAgent, ...]]:
    counts: Counter[AgentStatus] = Counter()
    stale: list[SilentAgent] = []
    for agent in agents:
        silent = agent.status is AgentStatus.STALE or (agent.status is AgentStatus.ACTIVE and agent.is_silent(now))
        counts[AgentStatus.STALE if silent else agent.status] += 1
        if silent:
            stale.append(SilentAgent(shortened(agent.id, NAME), shortened(agent.name, NAME), agent.heartbeat_at))
    longest = nsmallest(SILENT, stale, key=lambda each: (each.heartbeat_at, each.agent))
    return {state: counts[state] for state in AgentStatus}, tuple(longest)
