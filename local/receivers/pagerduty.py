"""A look-alike of PagerDuty's Events API v2: refuses what its documentation refuses, and keeps incidents by their keys.

https://developer.pagerduty.com/docs/send-alert-event, https://developer.pagerduty.com/docs/events-api-v2-overview
"""

import threading
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal, Self
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, ValidationError, model_validator

from local.receivers.answer import Answer

LARGEST = 512 * 1024


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore")


class PagerDutyPayload(_Part):
    """What a trigger says."""

    summary: Annotated[str, Field(min_length=1, max_length=1_024)]
    source: Annotated[str, Field(min_length=1)]
    severity: Literal["critical", "error", "warning", "info"]
    timestamp: datetime | None = None
    component: str | None = None
    group: str | None = None
    class_: str | None = Field(None, alias="class")
    custom_details: dict[str, Any] | None = None


class PagerDutyLink(_Part):
    """A link shown with the incident."""

    href: HttpUrl
    text: str = ""


class PagerDutyEvent(_Part):
    """One event."""

    routing_key: Annotated[str, Field(min_length=32, max_length=32)]
    event_action: Literal["trigger", "acknowledge", "resolve"]
    dedup_key: Annotated[str, Field(max_length=255)] = ""
    payload: PagerDutyPayload | None = None
    links: list[PagerDutyLink] = []
    client: str = ""

    @model_validator(mode="after")
    def _demand_what_the_action_needs(self) -> Self:
        if self.event_action == "trigger" and self.payload is None:
            raise ValueError("'payload' is missing or blank")
        if self.event_action != "trigger" and not self.dedup_key:
            raise ValueError("'dedup_key' is missing or blank")
        return self


@dataclass(slots=True)
class PagedIncident:
    """An incident: its key, what its first trigger said, its status, and the actions that led there."""

    key: str
    summary: str
    severity: str
    status: str
    actions: list[str] = field(default_factory=list)


class PagerDuty:
    """A service with an integration; safe to use from many threads."""

    def __init__(self) -> None:
        self._incidents: list[PagedIncident] = []
        self._lock = threading.Lock()

    @property
    def incidents(self) -> tuple[PagedIncident, ...]:
        """All incidents, the oldest first."""
        with self._lock:
            return tuple(self._incidents)

    def enqueue(self, body: bytes) -> Answer:
        """Take an event, or refuse it."""
        if len(body) > LARGEST:
            return _refused(["the event is too large"])
        try:
            event = PagerDutyEvent.model_validate_json(body)
        except ValidationError as error:
            return _refused([f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()])
        key = event.dedup_key or uuid4().hex
        with self._lock:
            self._take(event, key)
        document = {"status": "success", "message": "Event processed", "dedup_key": key}
        return Answer.of_json(HTTPStatus.ACCEPTED, document)

    def _take(self, event: PagerDutyEvent, key: str) -> None:
        """Add to the open incident of the key; without one a trigger begins one, and the rest changes nothing."""
        found = next((each for each in self._incidents if each.key == key and each.status != "resolved"), None)
        if found is None and event.payload is not None:
            found = PagedIncident(key, event.payload.summary, event.payload.severity, "triggered")
            self._incidents.append(found)
        if found is None:
            return
        found.actions.append(event.event_action)
        if event.event_action != "trigger":
            found.status = f"{event.event_action.removesuffix('e')}ed"


def _refused(errors: list[str]) -> Answer:
    document = {"status": "invalid event", "message": "Event object is invalid", "errors": errors}
    return Answer.of_json(HTTPStatus.BAD_REQUEST, document)
