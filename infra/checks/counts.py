"""Checks of the counts that the daily reconciliation compares: AWS has to know their names."""

import time
from collections.abc import Iterator
from typing import Any

from chalicelib.domain.timestamps import DAY
from chalicelib.gateways.cloudwatch.metrics import PERIOD, CloudWatchMetrics
from chalicelib.services.operations.reconciliation import HANDLED, INVOKED, MATCHED, RECEIVED, metrics_of
from infra.checks.check import Check, CheckStatus, Finding, judged

# Heartbeats make these count in any hub that has run for an hour.
COUNTED = (MATCHED, INVOKED, RECEIVED, HANDLED)


class Counts:
    """What AWS has counted of a stage's events; `session` is boto3's."""

    def __init__(self, session: Any, stage: str) -> None:
        self._session, self._stage = session, stage

    def checks(self) -> Iterator[Check]:
        """Iterate over the checks."""
        yield Check("counts of events", self._counts)

    def _counts(self) -> Iterator[Finding]:
        metrics = [each for each in metrics_of(self._stage) if each.name in COUNTED]
        end = int(time.time()) // PERIOD * PERIOD
        sums = dict.fromkeys(COUNTED, 0)
        counted = CloudWatchMetrics(self._session.client("cloudwatch")).sums(metrics, end - DAY, end)
        for metric, count in zip(metrics, counted, strict=True):
            sums[metric.name] += count
        if not any(sums.values()):
            yield Finding(
                "counts of events", CheckStatus.UNKNOWN, "AWS has counted none in a day", "wait for two hours"
            )
            return
        for name, count in sums.items():
            yield judged(
                f"AWS counts {name}",
                holds=count,
                detail="it has counted none in a day, but others",
                remedy="is LOG_LEVEL above INFO?" if name == HANDLED else "compare its name with AWS's pages",
            )
