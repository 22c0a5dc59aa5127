"""Suspect deploys: what was deployed to an account and region shortly before a problem began: a hint, no proof."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from msgspec import Struct

from chalicelib.domain.events.event import Event
from chalicelib.domain.timestamps import DAY

# Seconds. Faults of a deployment mostly show within half an hour; later, other causes are likelier.
SHORTLY = 1_800


class DeployWords(NamedTuple):
    """How events of a kind describe deployments: the thing deployed, and the operation that each state means.

    States are those of operations done and in progress. A later stage of the same deployment reports it again.
    """

    what: str
    done: Mapping[str, str]
    in_progress: Mapping[str, str]


class Deploy(Struct, frozen=True, kw_only=True):
    """A deployment of something called `name`, such as the stack shop, `seconds_before` a problem began.

    `in_progress` means that it was still going on then; `event_id` is the event that reported it.
    """

    what: str
    name: str
    operation: str
    account: str
    region: str
    at: int
    seconds_before: int
    in_progress: bool
    link: str
    event_id: str


def began_at(event: Event) -> int:
    """Return when what an event reports began: its first log line where it has one, else its own time.

    A late line is up to hours older than the event that reports it.
    """
    first_at = event.detail.get("first_at") if isinstance(event.detail, dict) else None
    plausible = isinstance(first_at, int) and event.published_at - DAY <= first_at <= event.published_at
    return first_at if plausible and isinstance(first_at, int) else event.published_at


def deploys_before(events: Iterable[Event], at: int, words: Mapping[str, DeployWords]) -> tuple[Deploy, ...]:
    """Return what was deployed in the half hour before `at`, each in its state then, newest first.

    `words` are those of the kinds of events about deployments.
    """
    latest: dict[tuple[str, str], Event] = {}
    for event in sorted(events, key=lambda each: each.id):
        if event.kind in words and at - SHORTLY <= event.published_at <= at:
            latest[event.kind, event.resource] = event
    deploys = (_deploy(event, at, words[event.kind]) for event in latest.values())
    return tuple(sorted(filter(None, deploys), key=lambda each: (-each.at, each.what, each.name)))


def _deploy(event: Event, at: int, words: DeployWords) -> Deploy | None:
    operation = words.done.get(event.state) or words.in_progress.get(event.state)
    if operation is None:
        return None
    return Deploy(
        what=words.what,
        name=event.resource,
        operation=operation,
        account=event.account,
        region=event.region,
        at=event.published_at,
        seconds_before=at - event.published_at,
        in_progress=event.state in words.in_progress,
        link=event.link,
        event_id=event.id,
    )
