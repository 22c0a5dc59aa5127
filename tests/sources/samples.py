"""Whole EventBridge envelopes to read, and ways to damage them."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

from chalicelib.config import sources
from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.events.event import Event
from chalicelib.sources.registry import interpret
from infra import catalogue

SAMPLES = Path(__file__).parent.parent / "samples"
NAMES = sorted(path.stem for path in SAMPLES.glob("*.json"))
# What a kind can read and nobody has to hear of is not forwarded: `<kind>-quiet-<case>`.
QUIET = [name for name in NAMES if "-quiet-" in name]
# What a team declares for itself needs none of ours.
TEAMS = frozenset(each.kind for each in sources.read(catalogue.OWN.read_text("utf-8"), catalogue.OWN.name))
# After all of them.
RECEIVED_AT = 1_772_496_600


def load(name: str) -> Any:
    """Return one sample, as EventBridge would deliver it."""
    return json.loads((SAMPLES / f"{name}.json").read_text())


def altered(name: str, *path: str, to: Any) -> Any:
    """Return one sample with another value at `path` within its detail."""
    raw = load(name)
    place = raw["detail"]
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = deepcopy(to)
    return raw


def without(name: str, *path: str) -> Any:
    """Return one sample without the field at `path` within its detail."""
    raw = load(name)
    place = raw["detail"]
    for step in path[:-1]:
        place = place[step]
    del place[path[-1]]
    return raw


def read(raw: Any, received_at: int = RECEIVED_AT) -> Event:
    """Return the event that the hub makes of a sample, or of the sample of that name."""
    return interpret(Envelope.parse(load(raw) if isinstance(raw, str) else raw, received_at))


def alike(*events: Event) -> bool:
    """Return whether all are the same event of the same problem."""
    return len({event.id for event in events}) == len({event.fingerprint for event in events}) == 1
