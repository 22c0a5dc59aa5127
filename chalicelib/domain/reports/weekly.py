"""The weekly report: the noisiest alerts, response times, and which messages people found useful."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from heapq import nlargest, nsmallest
from typing import Self

from msgspec import Struct, field, json

from chalicelib.domain.alerts.alert import Mark
from chalicelib.domain.alerts.timeline import TransitionKind
from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.feedback import Feedback
from chalicelib.domain.notifications.notification import Notification, Reason
from chalicelib.domain.reports.response_times import EpisodeTimes, ResponseTimes
from chalicelib.domain.text import shortened

TOP, ROWS = 10, 10
TITLE, NAME = 120, 64
# Alerts counted one by one; when there are twice as many, those with the fewest messages are dropped.
TRACKED = 5_000
EPISODES, ACCOUNTS = 50, 100
# Reasons of notifications that only update a message, and interrupt nobody.
QUIET = frozenset({Reason.ACKNOWLEDGED, Reason.REOPENED, Reason.SILENCED, Reason.INHIBITED})


class NoisyAlert(Struct, frozen=True, kw_only=True):
    """An alert by its messages and episodes, and how many people found a message useful, or not.

    `accounts` is in how many accounts it was, counted to 100.
    """

    title: str
    severity: Severity
    account: str
    region: str
    fingerprint: str
    messages: int
    episodes: int
    accounts: int
    useful: int = 0
    not_useful: int = 0


class WeekRow(Struct, frozen=True, kw_only=True):
    """An account's or team's messages about how many problems, and the response times."""

    name: str
    messages: int
    problems: int
    taken: ResponseTimes
    ended: ResponseTimes


class WeekTable(Struct, frozen=True):
    """The rows with most messages first; `more` are not shown."""

    rows: tuple[WeekRow, ...]
    more: int


class WeekReport(Struct, frozen=True, kw_only=True):
    """Seven days, which begin at `week` (a Monday, epoch seconds).

    `messages` were sent about `problems`; `before` is the number of messages in the week before, None without a report
    of it. `taken` is how long it took until somebody acknowledged, `ended` until the problem was over. `approximate`
    means that there was too much to count it all.
    """

    week: int
    messages: int
    before: int | None
    problems: int
    noisiest: tuple[NoisyAlert, ...]
    taken: ResponseTimes
    ended: ResponseTimes
    accounts: WeekTable
    teams: WeekTable
    useful: int
    not_useful: int
    approximate: bool

    def to_json(self) -> str:
        """Write the report as JSON of less than 100 kB."""
        return json.encode(self).decode()

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote; ValueError for anything else."""
        return json.decode(text, type=cls)


class WeekAlert(Struct, kw_only=True):
    """One alert's week; `team` is its owner, if known."""

    fingerprint: str
    title: str
    severity: Severity
    account: str
    region: str
    team: str = ""
    messages: int = 0
    episodes: dict[int, EpisodeTimes] = field(default_factory=dict)
    accounts: set[str] = field(default_factory=set)

    def add(self, notification: Notification) -> None:
        """Count one notification."""
        self.messages += notification.reason not in QUIET
        self.severity = max(self.severity, notification.severity)
        if not notification.is_over:  # what ended it may be called otherwise
            self.title, self.account, self.region = notification.title, notification.account, notification.region
        if len(self.accounts) < ACCOUNTS:
            self.accounts.add(notification.account)
        known = notification.episode in self.episodes
        if not notification.since or (not known and len(self.episodes) >= EPISODES):
            return
        times = self.episodes.setdefault(notification.episode, EpisodeTimes(notification.since))
        times.began = min(times.began, notification.since)
        if notification.is_over:
            times.ended = min(times.ended or notification.created_at, notification.created_at)

    def take_on(self, marks: Iterable[Mark]) -> None:
        """Record when somebody acknowledged it, the first time in each episode."""
        for mark in sorted(marks, key=lambda each: each.at):
            begun = [each for each in self.episodes.values() if each.began <= mark.at]
            if mark.kind is TransitionKind.ACKNOWLEDGED and begun:
                times = max(begun, key=lambda each: each.began)
                times.taken = times.taken or mark.at


class WeekTally:
    """Adds up the notifications of one week; up to `tracked` alerts are counted exactly."""

    def __init__(self, tracked: int = TRACKED) -> None:
        self.messages = 0
        self.approximate = False
        self._tracked = tracked
        self._alerts: dict[str, WeekAlert] = {}

    def add(self, notification: Notification) -> None:
        """Count one notification; those about no problem are no noise."""
        if not notification.fingerprint or not notification.episode:
            return
        self.messages += notification.reason not in QUIET
        alert = self._alerts.get(notification.fingerprint)
        if alert is None:
            if len(self._alerts) >= 2 * self._tracked:
                self._forget_quietest()
            alert = self._alerts[notification.fingerprint] = WeekAlert(
                fingerprint=notification.fingerprint,
                title=notification.title,
                severity=notification.severity,
                account=notification.account,
                region=notification.region,
            )
        alert.add(notification)

    def noisiest(self, most: int) -> list[WeekAlert]:
        """Return up to `most` alerts, those with most messages first."""
        return nsmallest(most, self._alerts.values(), key=_noise)

    def report(self, week: int, before: int | None, feedback: Sequence[Feedback]) -> WeekReport:
        """Return the week's report."""
        every = list(self._alerts.values())
        return WeekReport(
            week=week,
            messages=self.messages,
            before=before,
            problems=len(every),
            noisiest=tuple(_noisy(each, feedback) for each in self.noisiest(TOP) if each.messages),
            taken=_taken(every),
            ended=_ended(every),
            accounts=_table(every, lambda each: each.account),
            teams=_table(every, lambda each: each.team),
            useful=sum(each.useful for each in feedback),
            not_useful=sum(not each.useful for each in feedback),
            approximate=self.approximate,
        )

    def _forget_quietest(self) -> None:
        loudest = nlargest(self._tracked, self._alerts.values(), key=lambda each: (each.messages, each.fingerprint))
        self._alerts = {each.fingerprint: each for each in loudest}
        self.approximate = True


def _noise(alert: WeekAlert) -> tuple[int, int, str]:
    return -alert.messages, -alert.severity, alert.fingerprint


def _noisy(alert: WeekAlert, feedback: Iterable[Feedback]) -> NoisyAlert:
    said = [each.useful for each in feedback if each.fingerprint == alert.fingerprint]
    return NoisyAlert(
        title=shortened(alert.title, TITLE),
        severity=alert.severity,
        account=shortened(alert.account, NAME),
        region=shortened(alert.region, NAME),
        fingerprint=alert.fingerprint,
        messages=alert.messages,
        episodes=max(1, len(alert.episodes)),
        accounts=len(alert.accounts),
        useful=sum(said),
        not_useful=len(said) - sum(said),
    )


def _table(alerts: Iterable[WeekAlert], name: Callable[[WeekAlert], str]) -> WeekTable:
    groups: dict[str, list[WeekAlert]] = {}
    for each in alerts:
        groups.setdefault(name(each), []).append(each)
    rows = sorted((_row(each, groups) for each in groups), key=lambda row: (-row.messages, -row.problems, row.name))
    return WeekTable(tuple(rows[:ROWS]), max(0, len(rows) - ROWS))


def _row(name: str, groups: Mapping[str, Sequence[WeekAlert]]) -> WeekRow:
    alerts = groups[name]
    return WeekRow(
        name=shortened(name, NAME),
        messages=sum(each.messages for each in alerts),
        problems=len(alerts),
        taken=_taken(alerts),
        ended=_ended(alerts),
    )


def _taken(alerts: Iterable[WeekAlert]) -> ResponseTimes:
    return ResponseTimes.of(
        seconds for each in alerts for times in each.episodes.values() for seconds in times.until_taken
    )


def _ended(alerts: Iterable[WeekAlert]) -> ResponseTimes:
    return ResponseTimes.of(
        seconds for each in alerts for times in each.episodes.values() for seconds in times.until_ended
    )
