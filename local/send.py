"""Sending one's own events: a file is checked, put on the bus of a running stack, and followed to its outcome."""

import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.error import HTTPError
from urllib.request import Request

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.timestamps import iso
from chalicelib.sources.custom import remarks_of
from chalicelib.sources.registry import CUSTOM_PREFIX, HEARTBEAT, UNKNOWN, interpret
from infra.event_pattern import matches
from local.api import open_url
from local.aws import ACCOUNTS, REGIONS, Account, Cloud, account_name, find_account
from local.buses import Buses, Patterns
from local.errors import LocalError
from local.samples import Sample
from local.state import State

# How long to wait for an event to arrive, for its outcome to be settled, and between two looks, in seconds. The stack
# deals with one event after the other, and each message takes it a second.
ARRIVAL, SETTLEMENT, POLL = 60.0, 15.0, 0.3
TIMEOUT = 10.0  # seconds, for one answer of the API

type Name = Annotated[str, Field(min_length=1)]


class OwnEvent(BaseModel):
    """An event as somebody writes it into a file: EventBridge's JSON, of which three keys are needed."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    source: Name
    detail_type: Name = Field(alias="detail-type")
    detail: dict[str, Any]
    account: str | None = None
    region: str | None = None
    time: Annotated[datetime | None, Field(strict=False)] = None
    resources: tuple[str, ...] = Field((), strict=False)
    id: str | None = None
    version: str | None = None

    @property
    def at(self) -> int:
        """When it happened, in epoch seconds; now where it does not say. A time without an offset is UTC."""
        if self.time is None:
            return int(time.time())
        return int((self.time if self.time.tzinfo else self.time.replace(tzinfo=UTC)).timestamp())


NEEDED = ", ".join(f"`{each.alias or name}`" for name, each in OwnEvent.model_fields.items() if each.is_required())
ALLOWED = ", ".join(f"`{name}`" for name, each in OwnEvent.model_fields.items() if not each.is_required())
RULE = f"An event needs {NEEDED}; it may have {ALLOWED}."
COMPLAINTS = {"missing": "is missing", "extra_forbidden": "is unknown"}


def read_events(path: Path) -> list[OwnEvent]:
    """Read one event or a list of them from a file (`-`: standard input); LocalError says what is wrong with it."""
    source = "standard input" if str(path) == "-" else str(path)
    content = _read_json(path, source)
    events = content if isinstance(content, list) else [content]
    if not events:
        raise LocalError(f"{source} holds an empty list. {RULE}")
    names = [f"{source}, event {number}" for number in range(1, len(events) + 1)] if len(events) > 1 else [source]
    return [_checked(event, name) for event, name in zip(events, names, strict=True)]


def _read_json(path: Path, source: str) -> Any:
    try:
        return json.loads(sys.stdin.read() if str(path) == "-" else path.read_text("utf-8"))
    except OSError as error:
        raise LocalError(f"{source} cannot be read: {error.strerror}.") from None
    except RecursionError:
        raise LocalError(f"{source} cannot be read: it is nested too deep.") from None
    except ValueError as error:
        raise LocalError(f"{source} is not JSON: {error}.") from None


def _checked(event: Any, name: str) -> OwnEvent:
    if not isinstance(event, dict):
        raise LocalError(f"{name} holds {json.dumps(event)[:40]}, which is no object. {RULE}")
    try:
        return OwnEvent.model_validate(event)
    except ValidationError as error:
        problems = "; ".join(_problem(each) for each in error.errors(include_url=False))
    raise LocalError(f"{name}: {problems}. {RULE}")


def _problem(error: Any) -> str:
    field = ".".join(str(step) for step in error["loc"])
    return f"`{field}` {COMPLAINTS.get(error['type']) or error['msg'].replace('Input should', 'should')}"


@dataclass(frozen=True, slots=True)
class Address:
    """The bus that an event is put on; `remark` says where that is another than the event says."""

    account: Account
    region: str
    remark: str = ""


def address_of(event: OwnEvent, wanted: str = "") -> Address:
    """Choose the bus: of the account that is wanted, else of the event's own, else of the first one."""
    account = find_account(wanted or event.account or ACCOUNTS[0].id)
    region = event.region or account.homes[0]
    if region in REGIONS:
        return Address(account, region)
    home = account.homes[0]
    return Address(account, home, f" (there is no bus in {region} here, so it was put in {home})")


class Sender:
    """Puts events on the buses of a running stack, and asks its API what became of them."""

    def __init__(self, state: State, cloud: Cloud, patterns: Patterns) -> None:
        self._state = state
        self._buses = Buses(cloud)
        self._patterns = patterns

    def send(self, event: OwnEvent, wanted: str = "") -> str:
        """Put an event; returns one line about what became of it. LocalError where nobody takes it."""
        address, at = address_of(event, wanted), event.at
        sample = Sample(
            source=event.source,
            detail_type=event.detail_type,
            detail=event.detail,
            at=at,
            resources=event.resources,
        )
        given = self._buses.put(address.account, address.region, sample)
        raw = {
            "id": given,
            "source": event.source,
            "detail-type": event.detail_type,
            "account": address.account.id,
            "region": address.region,
            "time": iso(at),
            "resources": list(event.resources),
            "detail": event.detail,
        }
        if not any(matches(pattern, raw) for patterns in self._patterns.values() for pattern in patterns):
            raise LocalError(why_nowhere(event, interpret(Envelope.parse(raw, at)).kind))
        if event.source == HEARTBEAT.source:
            return f"taken as a heartbeat of {address.account.name} in {address.region}{address.remark}"
        followed = self._follow(interpret(Envelope.parse(raw, int(time.time()))).id) + address.remark
        return "\n  ".join((followed, *remarks_on(event)))

    def _follow(self, event_id: str) -> str:
        """Wait until the event is there and its outcome settled, or for so long as one has patience."""
        found = self._poll(event_id, ARRIVAL, lambda event: event is not None)
        if found is None:
            raise LocalError(f"The event {event_id} has not arrived after {ARRIVAL:.0f} seconds; is the stack busy?")
        return line_of(self._poll(event_id, SETTLEMENT, lambda event: event["outcome"]["status"] != "pending"))

    def _poll(self, event_id: str, patience: float, is_enough: Callable[[Any], bool]) -> Any:
        """Ask for an event until the answer is enough or `patience` (seconds) is over; returns the last answer."""
        until = time.monotonic() + patience
        while True:
            event = self._find(event_id)
            if is_enough(event) or time.monotonic() >= until:
                return event
            time.sleep(POLL)

    def _find(self, event_id: str) -> Any:
        request = Request(  # noqa: S310 - the stack's own URL
            f"{self._state.api}/events/{event_id}", headers={"Authorization": f"Bearer {self._state.token}"}
        )
        try:
            with open_url(request, timeout=TIMEOUT) as response:
                return json.load(response)
        except HTTPError as error:
            error.close()
            if error.code == 404:  # noqa: PLR2004 - as HTTP says
                return None
            raise LocalError(f"The API answers {error.code} to the stack's own token.") from None


def why_nowhere(event: OwnEvent, kind: str) -> str:
    """Say why no rule takes an event: nobody knows its `kind`, or it is one that is filtered out."""
    what = f"{event.source!r} with the detail type {event.detail_type!r}"
    why = f"No rule of the hub takes {what}"
    if kind != UNKNOWN:
        why = f"The rules of the hub take {what} by a filter, which leaves this one out (docs/forwarding.md)"
    return f"{why}: it was put on the bus and went nowhere. A source that begins with `custom.` is always taken."


def remarks_on(event: OwnEvent) -> list[str]:
    """Say which fields of an event of one's own are not understood."""
    return remarks_of(event.detail) if event.source.startswith(CUSTOM_PREFIX) else []


def line_of(event: Mapping[str, Any]) -> str:
    """Say in one line what became of an event, as the API describes it."""
    outcome = event["outcome"]
    who = account_name(event["account"])
    return f"{outcome['status']}: {outcome['reason']}  {event['id']}  {who}  {event['severity']}  {event['title']}"
