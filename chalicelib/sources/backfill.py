"""Backfills: the hub's own scanner has scanned a stretch of the past for errors, and is done.

The scanner says what it scanned; `found` is what the hub then counted in its own table, and overrides whatever else
comes under that name. All times are whole epoch seconds in UTC.
"""

from typing import Annotated, Literal

from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.events.event import Severity, Signal, Summary
from chalicelib.sources.schema import Count, Declaration, Detail, End, Many, Part, Text, Time


class FoundGroup(Part, frozen=True, kw_only=True):
    """Similar errors: how many, and whether they were new to the hub."""

    title: Text = ""
    severity: Literal["UNKNOWN", "LOW", "MEDIUM", "HIGH", "CRITICAL"] = "UNKNOWN"
    is_new: bool = False


class Found(Part, frozen=True, kw_only=True):
    """What a backfill found: `errors` in so many `error_groups`, some of them `new`, and the `worst`, if counted."""

    is_counted: bool = True

    errors: Count = 0
    error_groups: Count = 0
    new: Count = 0
    worst: Annotated[tuple[FoundGroup, ...], Many] = ()


class BackfillFinished(Detail, frozen=True, kw_only=True):
    """A backfill of the logs from `since` up to, not including, `until`."""

    since: Time
    until: End
    finished_at: Time
    found: Found = Found(is_counted=False)

    def summary(self, envelope: Envelope) -> Summary:
        """Say how much it was; it is as bad as the worst of what is new."""
        place = (envelope.account, envelope.region)
        new = (Severity[each.severity] for each in self.found.worst if each.is_new)
        return Summary(
            title=f"Backfill: {headline(self.found)}",
            severity=max(new, default=Severity.LOW),
            identity=place,
            occurrence=(*place, str(self.since), str(self.until), str(self.finished_at)),
            signal=Signal.INFORMATIONAL,
            at=self.finished_at,
        )


def headline(found: Found) -> str:
    """Say in a few words what was found."""
    if not found.is_counted:
        return "done, findings not counted"
    if not found.error_groups:
        return "no new errors in the logs"
    errors = f"{found.errors:,} {'error' if found.errors == 1 else 'errors'}"
    groups = f"{found.error_groups:,} {'group' if found.error_groups == 1 else 'groups'}"
    return f"{errors} in {groups}, {found.new or 'none'} of them new"


SOURCE = Declaration(
    BackfillFinished,
    source="monitoring.agent.logs",
    detail_types=("Backfill Finished",),
    informational=True,
    identity="account, region",
    occurrence="identity, since, until, when it was finished",
    origin="envelope, envelope, when it was finished",
)
