"""Recount: counts again how often busy alerts fired in the last 24 hours, for the bars of the pages.

`python -m infra.recount --stage prod` counts the newest alerts that are not over, of their events. It is of use where
a function ended between an event and its count, or the table was restored; whatever happens, no message depends on it.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from chalicelib.container import SystemClock
from chalicelib.domain.alerts.alert import Alert, Status
from chalicelib.domain.pagination import LARGEST_LIMIT
from chalicelib.domain.queries import AlertQuery
from chalicelib.gateways import aws_clients, dynamodb
from chalicelib.gateways.dynamodb.hourly_counts import DynamoHourlyCounts
from chalicelib.services.alerting.hourly_recount import HourlyRecount
from chalicelib.services.ports import AlertStore, Clock
from infra.errors import in_one_line

MOST_ALERTS = 1_000


def open_alerts(store: AlertStore, clock: Clock) -> Iterator[Alert]:
    """Iterate over the newest alerts that are not over."""
    query = AlertQuery(statuses=(Status.FIRING, Status.ACKNOWLEDGED), limit=LARGEST_LIMIT)
    for _ in range(MOST_ALERTS // LARGEST_LIMIT):
        page = store.page(query, clock.now())
        yield from page.items
        if page.next is None:
            return
        query = query.at(page.next.encode(query.filters))


def main(arguments: Sequence[str]) -> int:
    """Recount, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m infra.recount", description=__doc__.splitlines()[0])
    parser.add_argument("--stage", required=True)
    chosen = parser.parse_args(arguments)

    def work() -> int:
        client: Any = aws_clients.session().create_client("dynamodb", config=dynamodb.CONFIG)
        table, clock = dynamodb.DynamoTable(client, f"monitoring-{chosen.stage}"), SystemClock()
        recount = HourlyRecount(dynamodb.DynamoEventStore(table, clock), DynamoHourlyCounts(table), clock)
        counted = recount(open_alerts(dynamodb.DynamoAlertStore(table, clock), clock))
        sys.stdout.write(f"Counted again: {counted} busy alerts\n")
        return 0

    return in_one_line(work)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
