"""Scan budgets: a day's log scans would read more than they may, so the rest of it is looked at in part or not at all.

The scanner publishes this detail with PutEvents, so anyone in an account can forge one: account and region are the
envelope's, which nobody can. Sizes are in bytes, times in epoch seconds.
"""

from typing import Literal

from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.events.event import Severity, Signal, Summary
from chalicelib.sources.schema import Count, Declaration, Detail, Name, Time

GIGABYTE = 10**9


class ScanBudget(Detail, frozen=True, kw_only=True):
    """How a scan stands to its budget on a UTC `day` (YYYY-MM-DD).

    `spent` of `budget` bytes are scanned, and the whole day would come to `forecast`. `allowance` is what is looked at
    from now on: a "sample" of the windows, or "nothing".
    """

    state: Literal["over", "within"]
    day: Name
    at: Time
    budget: Count = 0
    spent: Count = 0
    forecast: Count = 0
    allowance: Literal["all", "sample", "nothing"] = "nothing"

    def summary(self, envelope: Envelope) -> Summary:
        """Say what the day's scans may read, and what becomes of the rest of it."""
        place = (envelope.account, envelope.region)
        is_over = self.state == "over"
        return Summary(
            title=self._over() if is_over else "Log scan: within its budget again",
            severity=Severity.MEDIUM if is_over else Severity.LOW,
            identity=place,
            occurrence=(*place, self.day, self.state),
            signal=Signal.FIRING if is_over else Signal.RESOLVED,
            at=self.at,
            resource="log scan",
        )

    def _over(self) -> str:
        if self.allowance == "sample":
            return f"Log scan: samples only, to keep the day within {gigabytes(self.budget)}"
        return f"Log scan: stopped until midnight UTC, the day's {gigabytes(self.budget)} are used up"


def gigabytes(count: int) -> str:
    """Write bytes as gigabytes, as AWS bills them."""
    return f"{count / GIGABYTE:,.3g} GB"


SOURCE = Declaration(
    ScanBudget,
    source="monitoring.agent.budget",
    detail_types=("Scan Budget",),
    identity="account, region",
    occurrence="identity, day, state",
    origin="envelope, envelope, when it was noticed",
)
