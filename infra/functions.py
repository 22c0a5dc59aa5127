"""Functions: what app.py's handlers are called once they are deployed, and how often they run."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from chalice.app import Chalice, CloudWatchEventConfig, ScheduledEventConfig

from chalicelib.domain.timestamps import DAY
from chalicelib.handlers import rule_names
from chalicelib.sources.registry import event_patterns

APP_NAME = "monitoring"
RATE = re.compile(r"rate\((?P<count>\d+) (?P<unit>minute|hour|day)s?\)")
CONFIG = Path(__file__).parent.parent / ".chalice" / "config.json"
HOUR = 3_600
LONGEST_WAIT = 300
SECONDS = {"minute": 60, "hour": 3_600, "day": DAY}
# Agents send a heartbeat every five minutes, the hub's own agent among them, and each heartbeat is an event.
HEARTBEAT_SECONDS = {"handle_monitoring_events": 300}


class Trigger(StrEnum):
    """What wakes a function."""

    API = "api"
    AUTHORIZER = "authorizer"
    EVENT = "event"
    SCHEDULE = "schedule"
    CALL = "call"


@dataclass(frozen=True, slots=True)
class Function:
    """A Lambda function; it is invoked every `interval` seconds, or nobody knows how often (0), by so many `rules`."""

    handler: str
    trigger: Trigger
    interval: int = 0
    rules: int = 1

    @property
    def is_asynchronous(self) -> bool:
        """Return whether a rule invokes it, so that a failure has no caller who would hear of it."""
        return self.trigger in {Trigger.EVENT, Trigger.SCHEDULE}

    @property
    def timeout(self) -> int:
        """How many seconds a run may take, as .chalice/config.json says."""
        config = json.loads(CONFIG.read_text())
        own = config["lambda_functions"].get(self.handler or "api_handler", {})
        return int(own.get("lambda_timeout", config["lambda_timeout"]))

    @property
    def longest_wait(self) -> int:
        """How many seconds an event may wait for capacity: a schedule's is worth nothing once the next one is due.

        0 leaves it at Lambda's own six hours.
        """
        return LONGEST_WAIT if self.trigger is Trigger.SCHEDULE and self.interval <= HOUR else 0

    @property
    def logical_id(self) -> str:
        """The beginning of its resources' names in our own templates."""
        return self.handler.title().replace("_", "") or "Api"

    def name(self, stage: str) -> str:
        """Return the function's name, as `chalice deploy` gives it; the API's handler has none of its own."""
        return "-".join(filter(None, (APP_NAME, stage, self.handler)))

    def rule_name(self, stage: str) -> str:
        """Return the name of the rule that invokes it, as `chalice deploy` gives it."""
        return f"{self.name(stage)}-event"

    def rule_names(self, stage: str) -> tuple[str, ...]:
        """Return the names of all rules that invoke it: what the first cannot hold stands in further ones."""
        return rule_names(self.name(stage), self.rules)


def functions_of(app: Chalice) -> tuple[Function, ...]:
    """Return the functions of an app, its API's handler first; ValueError for a schedule that we cannot read."""
    return tuple(_functions_of(app))


def _functions_of(app: Chalice) -> Iterator[Function]:
    if app.routes:
        yield Function("", Trigger.API)
    for authorizer in app.builtin_auth_handlers:
        yield Function(authorizer.name, Trigger.AUTHORIZER)
    for called in app.pure_lambda_functions:
        yield Function(called.name, Trigger.CALL)
    for source in app.event_sources:
        match source:
            case ScheduledEventConfig():
                yield Function(source.name, Trigger.SCHEDULE, _interval(source.schedule_expression))
            case CloudWatchEventConfig():
                rules = len(patterns_of(source.event_pattern))
                yield Function(source.name, Trigger.EVENT, HEARTBEAT_SECONDS.get(source.name, 0), rules)
            case _:
                raise ValueError(f"{source.name}: no template knows what a {type(source).__name__} needs")


def patterns_of(pattern: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """Return the patterns of all rules of a handler that has this one in app.py."""
    return event_patterns() if pattern == event_patterns()[0] else (pattern,)


def _interval(schedule: object) -> int:
    """Return the seconds between two runs; a cron expression is taken for one that names a time of day."""
    expression = schedule if isinstance(schedule, str) else schedule.to_string()  # type: ignore[attr-defined]  # Rate or Cron
    if match := RATE.fullmatch(expression):
        return int(match["count"]) * SECONDS[match["unit"]]
    if re.fullmatch(r"cron\(\d+ \d+ \* \* \? \*\)", expression):
        return DAY
    raise ValueError(f"{expression}: neither a rate nor a time of day")
