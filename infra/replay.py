"""Replay: sends events of the past from the archive to the hub again.

`python -m infra.replay --stage prod --since 2026-01-31T02:00:00Z [--until …] [--source aws.health] [--dry-run]`. The
archive holds every event that the hub takes. What the hub has already, it knows again and stores no second time; so a
replay repairs whatever was lost behind the bus, and may be repeated. EventBridge replays in no order, and only events
that are older than ten minutes are sure to be in the archive.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-replay-archived-event.html
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any

import boto3
from chalice.app import CloudWatchEventConfig

from app import app
from chalicelib.domain.timestamps import iso, parse_time
from infra.errors import FAILED, DeployError, in_one_line
from infra.functions import Trigger, functions_of, patterns_of

# AWS's page says that an event may take so long to reach the archive.
SETTLED_AFTER = 600
POLL = 10.0
# At the end of a name, which two replays of one second would share without them.
SUFFIX_BYTES = 4
UNDER_WAY = ("STARTING", "RUNNING")


@dataclass(frozen=True, slots=True)
class Span:
    """What is replayed: everything published from `since` up to `until`, in epoch seconds."""

    since: int
    until: int

    @classmethod
    def of(cls, since: int, until: int | None, now: int) -> "Span":
        """Check a span; DeployError says what is wrong with it. Without an end, it ends ten minutes ago."""
        latest = now - SETTLED_AFTER
        end = latest if until is None else until
        if end > latest:
            raise DeployError(
                f"--until {iso(end)} is too recent: events are sure to be in the archive after ten minutes, so the "
                f"latest end is {iso(latest)}."
            )
        if since >= end:
            raise DeployError(f"--since {iso(since)} is not before the end, {iso(end)}.")
        return cls(since, end)

    def __str__(self) -> str:
        return f"{iso(self.since)} to {iso(self.until)}"


def sources_of(handler: str) -> Iterator[str]:
    """Iterate over the sources that a handler's rule matches; one that ends in a dot stands for all that begin so."""
    (event_source,) = [
        each for each in app.event_sources if each.name == handler and isinstance(each, CloudWatchEventConfig)
    ]
    for pattern in patterns_of(event_source.event_pattern):
        for branch in pattern.get("$or", [pattern]):
            for each in branch["source"]:
                yield each if isinstance(each, str) else each["prefix"]


def handlers_for(sources: Sequence[str]) -> list[str]:
    """Return the handlers whose rules match all events, or those of some sources; DeployError where none does."""
    handlers = [each.handler for each in functions_of(app) if each.trigger is Trigger.EVENT]
    if not sources:
        return handlers
    for source in sources:
        if not any(_matches(source, handler) for handler in handlers):
            known = sorted({each for handler in handlers for each in sources_of(handler)})
            raise DeployError(f"--source {source} is none that the hub takes; expected one of {', '.join(known)}.")
    return [each for each in handlers if any(_matches(source, each) for source in sources)]


def _matches(source: str, handler: str) -> bool:
    return any(source == each or (each.endswith(".") and source.startswith(each)) for each in sources_of(handler))


class Replay:
    """Replays events of a stage's archive; `client` is boto3's for `events`."""

    def __init__(self, client: Any, stage: str) -> None:
        self._client, self._stage = client, stage
        self._archive = f"monitoring-{stage}"

    def start(self, span: Span, handlers: Sequence[str], now: int) -> str:
        """Start a replay to the rules of `handlers`, and to no others; returns its name."""
        archive = self._describe(span)
        bus, names = archive["EventSourceArn"], {each.handler: each for each in functions_of(app)}
        rules = bus.replace(":event-bus/", ":rule/").removesuffix("/default")
        name = f"{self._archive}-{now}-{token_hex(SUFFIX_BYTES)}"
        self._client.start_replay(
            ReplayName=name,
            Description=f"python -m infra.replay, {span}",
            EventSourceArn=archive["ArchiveArn"],
            EventStartTime=datetime.fromtimestamp(span.since, UTC),
            EventEndTime=datetime.fromtimestamp(span.until, UTC),
            Destination={
                "Arn": bus,
                "FilterArns": [f"{rules}/{rule}" for each in handlers for rule in names[each].rule_names(self._stage)],
            },
        )
        return name

    def _describe(self, span: Span) -> dict[str, Any]:
        try:
            archive: dict[str, Any] = self._client.describe_archive(ArchiveName=self._archive)
        except self._client.exceptions.ResourceNotFoundException:
            raise DeployError(f"There is no archive {self._archive}: deploy the stage first.") from None
        days = archive.get("RetentionDays", 0)
        if days and span.since < time.time() - timedelta(days=days).total_seconds():
            raise DeployError(f"The archive {self._archive} keeps events for {days} days: begin later.")
        return archive

    def progress(self, name: str) -> Iterator[str]:
        """Iterate over lines that say how far a replay is, until it ends; DeployError where it fails."""
        reached = ""
        while True:
            replay = self._client.describe_replay(ReplayName=name)
            last = replay.get("EventLastReplayedTime")
            if last is not None and iso(int(last.timestamp())) != reached:
                reached = iso(int(last.timestamp()))
                yield f"replayed up to {reached}"
            if replay["State"] not in UNDER_WAY:
                break
            time.sleep(POLL)
        if replay["State"] != "COMPLETED":
            reason = replay.get("StateReason", "no reason given")
            raise DeployError(f"The replay {name} ended as {replay['State']}: {reason}")
        yield "completed"


def moment(text: str) -> int:
    """Read a time such as 2026-01-31T02:00:00Z as epoch seconds."""
    found = parse_time(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"invalid time {text!r}; expected one such as 2026-01-31T02:00:00Z")
    return found


def main(arguments: Sequence[str]) -> int:
    """Replay, and return the exit code: 1 where the replay could not be started or did not complete."""
    parser = argparse.ArgumentParser(prog="python -m infra.replay", description=__doc__.splitlines()[0])
    parser.add_argument("--stage", required=True)
    parser.add_argument("--since", required=True, type=moment, help="begin with events of this time, in UTC")
    parser.add_argument(
        "--until", type=moment, help="end before this time; by default, and at the latest, 10 minutes ago"
    )
    parser.add_argument(
        "--source", action="append", default=[], help="replay to the rules that match this source only; may be repeated"
    )
    parser.add_argument("--dry-run", action="store_true", help="only say what would be replayed")
    chosen = parser.parse_args(arguments)

    def work() -> int:
        now = int(time.time())
        span, handlers = Span.of(chosen.since, chosen.until, now), handlers_for(chosen.source)
        say(f"Events of {span} to {', '.join(handlers)}")
        if chosen.dry_run:
            return 0
        replay = Replay(boto3.Session().client("events"), chosen.stage)
        name = replay.start(span, handlers, now)
        say(f"  the replay {name} goes on even if this command is stopped")
        try:
            for line in replay.progress(name):
                say(f"  {line}")
        except KeyboardInterrupt:
            say(f"  to end it: aws events cancel-replay --replay-name {name}")
            return FAILED
        return 0

    return in_one_line(work)


def say(line: str) -> None:
    """Print the progress."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
