"""Explain: what the hub would make of events in files, by the code that is deployed, without AWS and without a hub.

`python -m infra.explain [--json] EVENT.json…`; a file holds an event, a list of them, or `{"events": […]}`. Those of a
file are taken in one after the other, each when it was sent, and the alerts that they make are remembered until its
end. With `--json` each event is one line. A file that cannot be read is one line too, on standard error, and the exit
code is then 1.
"""

import argparse
import json
import logging
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from chalicelib import container
from chalicelib.config.compiled import RoutesFile
from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.events.event import Event
from chalicelib.domain.notifications.notification import Outcome, record_announcement
from chalicelib.domain.routing.decision import decide
from chalicelib.domain.routing.next_evaluation import with_next_evaluation
from chalicelib.domain.routing.notification_policy import Policy, evaluate
from chalicelib.domain.timestamps import parse_time
from chalicelib.sources.registry import event_patterns, interpret_all
from infra import catalogue, generate, source_index
from infra.check_config import ANY_STAGE, RIGHT, WRONG, moment, routes, settings_of
from infra.errors import exit_with
from infra.event_files import WrongError, events_in
from infra.event_pattern import matches
from infra.explanation import Explanation, policy_of
from infra.rules import forwardings

# So often an alert is evaluated between two events: for years where it is due each day.
MOST_EVALUATIONS = 1_000


@dataclass(frozen=True, slots=True)
class Observed:
    """One event as the hub made it, when it came (epoch seconds), and what became of it."""

    raw: Mapping[str, Any]
    event: Event
    at: int
    outcome: Outcome
    routes: tuple[str, ...]

    def line(self, file: str) -> dict[str, Any]:
        """Return what is printed as JSON."""
        event, outcome = self.event, self.outcome
        account = self.raw.get("account")
        rules = _agent_patterns(account if isinstance(account, str) else "")
        return {
            "file": file,
            "kind": event.kind,
            "severity": event.severity.name,
            "signal": str(event.signal),
            "lifecycle": str(event.lifecycle),
            "title": event.title,
            "resource": event.resource,
            "account": event.account,
            "region": event.region,
            "fingerprint": event.fingerprint,
            "id": event.id,
            "link": event.link,
            "forwarded": any(matches(pattern, self.raw) for pattern in rules),
            "subscribed": any(matches(pattern, self.raw) for pattern in event_patterns()),
            "routes": list(self.routes),
            "outcome": f"{outcome.status}: {outcome.reason}",
        }


@dataclass(slots=True)
class Rehearsal:
    """Takes events in as a hub with no alerts would, one after the other; `at` is when, if not when each was sent."""

    policy: Policy
    at: int | None = None
    _alerts: dict[str, Alert] = field(default_factory=dict)
    _seen: dict[str, tuple[Event, Outcome]] = field(default_factory=dict)

    def take(self, raw: Mapping[str, Any]) -> Iterator[Observed]:
        """Take each problem of one event in; what comes twice is what it was the first time."""
        now = self._arrival(raw)
        for event in interpret_all(Envelope.parse(raw, now)):
            yield self._take(raw, event, now)

    def _take(self, raw: Mapping[str, Any], event: Event, now: int) -> Observed:
        if event.id not in self._seen:
            self._seen[event.id] = self._observe(event, now)
        graded, outcome = self._seen[event.id]
        matched = self.policy.matched_routes(graded, now)
        return Observed(raw, graded, now, outcome, tuple(each.name for each in matched.routes))

    def _observe(self, event: Event, now: int) -> tuple[Event, Outcome]:
        before = self._alerts.get(event.fingerprint) or Alert.about(event)
        policy = replace(self.policy, inhibitions=self.policy.inhibitions.knowing(self._alerts.values(), now))
        decision = decide(self._until(now, before), [event], policy, now)
        self._alerts[event.fingerprint] = decision.alert
        (decided,) = decision.events
        return decided.event, decided.outcome

    def _until(self, now: int, alert: Alert) -> Alert:
        """Return what time alone has made of an alert by `now`."""
        for _ in range(MOST_EVALUATIONS):
            at = alert.due
            if not 0 < at <= now:
                break
            after, outcome = evaluate(alert, self.policy, at)
            announced = record_announcement(after, outcome, at)
            alert = with_next_evaluation(replace(announced, due=0), self.policy, at)
        return alert

    def _arrival(self, raw: Mapping[str, Any]) -> int:
        if self.at is not None:
            return self.at
        sent = parse_time(raw.get("time"))
        return sent if sent is not None and sent > 0 else int(time.time())


@cache
def _forwarding() -> tuple[Mapping[str, Any], ...]:
    known = source_index.declared(generate.SOURCES)
    rules = forwardings(known, catalogue.catalogue(known))
    return tuple(each.pattern for each in rules if not each.only_all)


def _agent_patterns(account: str) -> list[Mapping[str, Any]]:
    """Return the patterns of an account's agent, as they are where nobody has chosen other groups."""
    return [{"account": [account], **pattern} for pattern in _forwarding()]


def _report(path: Path, file: RoutesFile, chosen: argparse.Namespace) -> Iterator[str]:
    settings = settings_of(chosen.stage)
    rehearsal = Rehearsal(policy_of(file, settings), chosen.at)
    for raw in events_in(path):
        for observed in rehearsal.take(raw):
            if chosen.json:
                yield json.dumps(observed.line(str(path)))
            else:
                yield f"{path}: {observed.outcome.status}: {observed.outcome.reason}"
                yield from Explanation(file, settings, observed.event, observed.at).lines()


def main(arguments: Sequence[str] | None = None) -> int:
    """Explain each event, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m infra.explain", description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="+", type=Path, metavar="EVENT.json", help="files of events")
    parser.add_argument("--json", action="store_true", help="a line of JSON for each event")
    parser.add_argument(
        "--routes", type=Path, default=container.ROUTES, metavar="FILE.toml", help="another routes file"
    )
    parser.add_argument("--stage", default=ANY_STAGE, help="whose settings, such as prod")
    parser.add_argument("--at", type=moment, metavar="TIME", help="when they arrive; else each when it was sent")
    chosen = parser.parse_args(arguments)
    logging.getLogger("chalicelib").addHandler(logging.NullHandler())  # what is unreadable shows in what is printed
    code = RIGHT
    try:
        file = routes(chosen.routes, settings_of(chosen.stage))
    except WrongError as error:
        sys.stderr.writelines(f"{line}\n" for line in error.lines)
        return WRONG
    for path in chosen.files:
        try:
            sys.stdout.writelines(f"{line}\n" for line in _report(path, file, chosen))
        except WrongError as error:
            sys.stderr.writelines(f"{line}\n" for line in error.lines)
            code = WRONG
    return code


if __name__ == "__main__":
    exit_with(main)
