"""The hub at work: what comes over the buses reaches its handlers, and the clock wakes those that run by the clock."""

import logging
import os
import random
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TextIO

from chalicelib.domain.alerts.alert import Alert, Status
from chalicelib.domain.pagination import LARGEST_LIMIT
from chalicelib.domain.queries import AlertQuery
from chalicelib.domain.routing.matchers import Field, Matcher
from chalicelib.domain.routing.silences import Silence
from local.aws import STAGE, Account, Cloud
from local.buses import ATTEMPTS, Arrival, Buses
from local.counts import Counts
from local.failure_queues import create_queues, keep_failed
from local.functions import Functions
from local.jobs import logging_to, report_today
from local.lambdas import serve
from local.samples import Sample
from local.scans import Scans
from local.slack import SlackLookalike
from local.ticker import Terminal, Ticker
from local.workloads import Workload, write_errors

log = logging.getLogger(__name__)

# Seconds between two runs of what the clock wakes; in AWS these are minutes. A handler not named here runs each minute.
EVERY: Mapping[str, float] = {"deliver_notifications": 5, "query_error_logs": 5, "check_agents": 15}
EACH_MINUTE = 60.0
# Scans run in each account with its own credentials, instead of once with the hub's.
SCAN = "query_error_logs"
# Runs at midnight, UTC, here as there.
DAILY = "daily_report"
DAY = 86_400


class Timetable:
    """What the clock wakes, and when next; all are due at once at the beginning, but for the daily report."""

    def __init__(self, names: Iterable[str], clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._due = {name: self._midnight() if name == DAILY else 0.0 for name in sorted(names)}

    def take(self) -> list[str]:
        """Return what is due now, and plan its next run."""
        now = self._clock()
        due = [name for name, at in self._due.items() if at <= now]
        for name in due:
            self._due[name] = self._midnight() if name == DAILY else now + EVERY.get(name, EACH_MINUTE)
        return due

    def _midnight(self) -> float:
        return self._clock() // DAY * DAY + DAY


class Works:
    """The hub's functions at work on a cloud, which is the world that a feed plays in."""

    def __init__(self, cloud: Cloud, slack: SlackLookalike, log_file: TextIO, terminal: Terminal) -> None:
        self._cloud, self._slack = cloud, slack
        self._log_name = os.path.relpath(log_file.name)
        with logging_to(log_file):
            self._functions = Functions()
            self._hub = self._functions.hub
        self._scans = Scans(cloud)
        self._buses = Buses(cloud)
        self._buses.subscribe(self._functions.patterns())
        self._timetable = Timetable(self._functions.schedules())
        self._chance = random.Random()  # noqa: S311 - only what the feed's requests are called
        self._counts = Counts(cloud)
        create_queues(cloud)
        serve({f"monitoring-{STAGE}-{name}": self._functions.call(name) for name in self._functions.called()})
        self._ticker = Ticker(terminal, self._hub.event_store.find)
        self._ticker.listen(logging.getLogger("chalicelib"))
        logging.getLogger("chalicelib").addHandler(self._counts)

    def turn(self) -> bool:
        """Do what is due and deliver what waits on the buses; tells whether there was anything to deliver."""
        for name in self._timetable.take():
            self._wake(name)
        delivered = False
        for arrival in self._buses.arrivals():
            self._deliver(arrival)
            self._ticker.catch_up()
            delivered = True
        self._counts.publish()
        self._ticker.catch_up()
        return delivered

    @property
    def is_settled(self) -> bool:
        """Whether all events that arrived have their final outcome, and no notification is pending."""
        return self._ticker.is_idle and not self._functions.count_pending()

    def now(self) -> int:
        """Return the epoch seconds."""
        return int(time.time())

    def put(self, account: Account, region: str, sample: Sample) -> None:
        """Put an event on an account's bus."""
        self._buses.put(account, region, sample)

    def fail(self, workload: Workload, count: int) -> None:
        """Write errors into a workload's log."""
        write_errors(self._cloud, workload, count, time.time(), self._chance)

    def silence(self, account: Account, resource: str, seconds: int, reason: str) -> None:
        """Keep what happens to one resource from being announced for a while; in force within seconds."""
        now = self.now()
        matchers = (Matcher(Field.ACCOUNT, (account.id,)), Matcher(Field.RESOURCE, (resource,)))
        silence = Silence(
            id="",
            matchers=matchers,
            starts_at=now,
            ends_at=now + seconds,
            author=f"the team of {account.name}",
            reason=reason,
            created_at=now,
        )
        self._hub.silences.create(silence)

    def lose_a_query(self, account: Account) -> None:
        """Let the query fail that would find what is in an account's logs now."""
        self._scans.fail_at(account, self.now())

    def resolve(self, resource: str, events: int, by: str) -> bool:
        """Say that what is wrong with a resource whose name begins so is resolved, once so many events are about it."""
        found = self._firing(resource)
        if found is None or found.count < events:
            return False
        self._hub.alerts.resolve(found.fingerprint, by)
        return True

    def has_returned(self, resource: str) -> bool:
        """Return whether what was wrong with a resource whose name begins so is so again, and everybody knows."""
        found = self._firing(resource)
        return found is not None and found.episodes > 1 and not self._functions.count_pending()

    def offers(self, title: str, action: str) -> bool:
        """Return whether the Slack app's message about something has a button that does this."""
        presser = self._slack.presser
        return presser is not None and presser.offers(title, action) is not None

    def press(self, title: str, action: str) -> None:
        """Press that button, as somebody in the channel would; where it is gone, nothing happens."""
        presser = self._slack.presser
        if presser is not None and (ts := presser.offers(title, action)) is not None:
            presser.press(ts, action)

    def crowd_slack(self, *, crowded: bool) -> None:
        """Let Slack turn messages about problems away, or take them again."""
        self._slack.outage("429" if crowded else None, channel=self._hub.receivers.named[0])

    def report(self) -> None:
        """Send the report of the day so far."""
        self._ticker.say(report_today())

    def say(self, text: str) -> None:
        """Tell the person at the terminal what is about to happen."""
        self._ticker.say(text)

    def _firing(self, resource: str) -> Alert | None:
        firing = self._hub.alerts.page(AlertQuery(statuses=(Status.FIRING,), limit=LARGEST_LIMIT)).items
        return next((each for each in firing if each.resource.startswith(resource)), None)

    def _wake(self, name: str) -> None:
        run = self._scan if name == SCAN else partial(self._functions.tick, name, self.now())
        self._run(name, name, run)

    def _scan(self) -> None:
        for line in self._scans.run().news:
            self._ticker.say(line)

    def _deliver(self, arrival: Arrival) -> None:
        what = f"{arrival.handler} (attempt {arrival.attempt} of {ATTEMPTS})"
        if arrival.attempt == 1:
            self._counts.arrive(arrival.handler)
        error = self._run(arrival.handler, what, partial(self._functions.invoke, arrival.handler, arrival.event))
        if error is not None and arrival.attempt >= ATTEMPTS:
            keep_failed(self._cloud, arrival.handler, arrival.event, error)
        if error is None or arrival.attempt >= ATTEMPTS:
            arrival.done()

    def _run(self, name: str, what: str, run: Callable[[], object]) -> Exception | None:
        """Run a handler; a defect in it ends neither the stack nor the other handlers, and is reported."""
        self._counts.function = name
        try:
            run()
        except Exception as error:
            log.exception("%s failed", what)
            self._ticker.say(f"{what} failed: {type(error).__name__}; {self._log_name} has the rest.")
            return error
        return None
