"""Publisher: puts an agent's events on the event bus of its account."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from chalicelib.domain.agents.canary import slot_of
from chalicelib.domain.events.outgoing import Entry
from chalicelib.domain.scanning.budget import Allowance, Spend
from chalicelib.domain.scanning.error_groups import ErrorGroup
from chalicelib.domain.scanning.findings import Findings
from chalicelib.domain.scanning.windows import Grid, Window
from chalicelib.domain.text import digest
from chalicelib.services.scanning.report import ScanReport
from chalicelib.sources.registry import BACKFILL, CANARY, HEARTBEAT, Source, source_of

if TYPE_CHECKING:
    from chalicelib.services.ports import Clock
    from chalicelib.services.scanning.ports import EventBus

ERROR_LOGS, BUDGET = source_of("error_logs"), source_of("scan_budget")


class AgentIdentity(Struct, frozen=True, kw_only=True):
    """Who scans: an agent of the hub of `stage`, its release, its scan interval and tag."""

    account: str
    region: str
    stage: str = ""
    name: str = ""
    version: str = ""
    commit: str = ""
    heartbeat_seconds: int = 300
    scan_tag: str = ""


class Publisher(Struct, frozen=True):
    """Publishes for one agent; each method raises PublishFailed where the bus did not accept everything.

    `identify` returns the agent's identity; `canary_slots` holds the interval of the last canary that this function
    instance has published.
    """

    bus: EventBus
    clock: Clock
    identify: Callable[[], AgentIdentity]
    canary_slots: list[int] = field(default_factory=list)

    @property
    def agent(self) -> AgentIdentity:
        """The agent."""
        return self.identify()

    def errors(self, findings: Findings, *, late: Grid | None = None, is_backfill: bool = False) -> list[ErrorGroup]:
        """Publish the errors of a search, and return them.

        Those of the second pass are marked late, and are dated by when their window was `late` enough to be scanned
        again, as they are news only then. Those of a backfill are no news at all.
        """
        found = [(group, window) for window, groups in findings.by_window() for group in groups]
        self.bus.publish([self._error_entry(group, window, late, is_backfill=is_backfill) for group, window in found])
        return [group for group, _ in found]

    def budget(self, spend: Spend, allowance: Allowance, limit: int, forecast: int) -> None:
        """Publish how the scan stands in relation to its budget, on the day of `spend`."""
        detail = {
            "state": "within" if allowance is Allowance.ALL else "over",
            "day": spend.day,
            "at": self.clock.now(),
            "budget": limit,
            "spent": spend.bytes,
            "forecast": forecast,
            "allowance": allowance,
        }
        self._publish(BUDGET, self.clock.now(), detail)

    def heartbeat(self, report: ScanReport) -> None:
        """Publish that the agent is alive, and what it has scanned."""
        agent, now = self.agent, self.clock.now()
        detail = {
            "at": now,
            "heartbeat_seconds": agent.heartbeat_seconds,
            "stage": agent.stage,
            "name": agent.name,
            "version": agent.version,
            "commit": agent.commit,
            "scan_tag": agent.scan_tag,
        }
        self._publish(HEARTBEAT, now, detail | report.to_heartbeat())

    def canary(self) -> None:
        """Publish a canary at the end of the first run in each interval.

        A new function instance may publish another one: the hub takes one for each region and interval.
        """
        now = self.clock.now()
        if self.canary_slots != [slot_of(now)]:
            self._publish(CANARY, now, {"stage": self.agent.stage, "sent_at": now})
            self.canary_slots[:] = [slot_of(now)]

    def backfill_finished(self, at: int, detail: dict[str, Any]) -> None:
        """Publish that a backfill has ended, so that the hub counts what it received."""
        self._publish(BACKFILL, at, detail)

    def _publish(self, source: Source, at: int, detail: dict[str, Any]) -> None:
        self.bus.publish([Entry(source.source, source.detail_type, at, detail)])

    def _error_entry(self, group: ErrorGroup, window: Window, late: Grid | None, *, is_backfill: bool) -> Entry:
        """Return the event about an error group; scanning the window again gives it the same idempotency key."""
        late_at = late.due_at(window.start) if late else 0
        key = digest(
            *(self.agent.account, self.agent.region, str(window.start), str(window.end)),
            *(group.log_group.name, group.fingerprint),
            *(("late",) if late_at else ()),
        )
        detail = {
            "idempotency_key": key,
            "log_group": group.log_group.name,
            "service": group.log_group.service,
            "resource": group.log_group.resource,
            "fingerprint": group.fingerprint,
            "title": group.title,
            "culprit": group.culprit,
            "level": group.level,
            "count": group.count,
            "first_at": group.first_at,
            "last_at": group.last_at,
            "window": {"start": window.start, "end": window.end},
            **({"late": True, "late_at": late_at} if late_at else {}),
            **({"backfill": True} if is_backfill else {}),
            "samples": [
                {"timestamp": each.at, "stream": each.stream, "message": each.message} for each in group.samples
            ],
        }
        return Entry(ERROR_LOGS.source, ERROR_LOGS.detail_type, late_at or window.end, detail)
