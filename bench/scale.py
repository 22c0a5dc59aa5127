"""What grows with a hub, and what must not: reads and sweeps of hubs with 10,000, 30,000 or a million events.

    python -m bench.scale [--events N …] [--rows TEXT]

Measured on AWS's DynamoDB Local, filled through the hub's own mapping: calls are counted, read units are those that the
database states, and minutes follow from calls of 10 ms each. Nothing here is a time of this machine.

Printed: each figure at each size with its goal. Exits 1 where a goal is missed, or where what is read grows with the
hub. A million events take about an hour: `--events 10000 1000000`. `--rows` chooses those whose names have the text.
"""

import argparse
import logging
import os
import sys
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from bench import scale_reads as reads
from bench import scale_sweep as sweep
from bench.scale_hub import ScaledHub
from bench.scale_meter import Meter
from bench.scale_reads import Figure
from chalicelib.gateways import aws_clients
from infra.argument_types import at_least_one
from local import dynamodb_local

SIZES = (10_000, 30_000)
# A bigger hub's page may take so much more, and one call, as where its events lie is chance.
TOLERANCE = 1.1


class Row(NamedTuple):
    """A line of the table: what is measured, in which unit, the highest that is good, and whether that may grow."""

    name: str
    unit: str
    goal: float
    measure: Callable[[ScaledHub], Figure]
    may_grow: bool = False


ROWS = (
    Row("events, newest page", "calls", 8, reads.a_page_of_events),
    Row("one rare event by region", "pages", 10, reads.a_rare_event),
    Row("alerts of an account, a page", "RRU", 120, reads.alerts_of_an_account),
    Row("CRITICAL alerts, a page", "RRU", 120, reads.critical_alerts),
    Row("one busy alert in 200 accounts", "calls", 8, reads.one_busy_alert, may_grow=True),
    Row("50,000 alerts due", "minutes", 5, sweep.due_alerts),
    Row("20,000 silenced due before one", "minutes", 0, sweep.silenced_alerts),
    Row("1,000 standing silences", "RRU", 60, reads.standing_silences),
    Row("1,000 silent agents, each check", "writes", 0, sweep.silent_agents),
    Row("CRITICAL behind 4,000 MEDIUM", "seconds", 60, sweep.critical_behind_others),
    Row("5,000 unmerged of one alert", "calls", 120, sweep.unmerged_events),
)


def main(arguments: Sequence[str]) -> int:
    """Measure hubs of each size, print the table, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=at_least_one, nargs="+", default=SIZES)
    parser.add_argument("--rows", default="")
    chosen = parser.parse_args(arguments)
    sizes, rows = sorted(chosen.events), [row for row in ROWS if chosen.rows in row.name]
    logging.disable(logging.CRITICAL)
    os.environ |= {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_DEFAULT_REGION": "eu-central-1"}
    measured = [_measure(size, rows) for size in sizes]
    print(f"\n{'':34}{'goal':>16}{''.join(f'{size:>12,}' for size in sizes)}  at the largest")
    is_good = [_print_row(row, [figures[row.name] for figures in measured]) for row in rows]
    return 0 if all(is_good) else 1


def _measure(size: int, rows: Sequence[Row]) -> dict[str, Figure]:
    """Return each row's figure for a hub with so many events, in a database of its own."""
    with dynamodb_local.running() as url:
        os.environ["AWS_ENDPOINT_URL"] = url
        session = aws_clients.session()
        scaled, begun = ScaledHub(session, Meter(session), size), time.monotonic()
        scaled.fill()
        print(f"{size:,} events: filled in {time.monotonic() - begun:.0f} s", flush=True)
        figures = {}
        for row in rows:
            begun = time.monotonic()
            figures[row.name] = row.measure(scaled)
            print(f"  {row.name}: {time.monotonic() - begun:.0f} s", flush=True)
        return figures


def _print_row(row: Row, figures: Sequence[Figure]) -> bool:
    """Print a line, and tell whether it keeps to its goal at each size and does not grow."""
    values = [figure.value for figure in figures]
    grows = not row.may_grow and values[-1] > values[0] * TOLERANCE + 1
    complaint = "  MISSED" if max(values) > row.goal else "  GROWS" if grows else ""
    goal = f"<= {row.goal:g} {row.unit}"
    print(f"{row.name:34}{goal:>16}{''.join(f'{value:>12,.4g}' for value in values)}  {figures[-1].note}{complaint}")
    return not complaint


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
