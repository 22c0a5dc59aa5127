"""Backfill: scans the past for errors: `python -m infra.backfill --stage prod --since 2026-11-20T00:00Z`.

The work is done by a function of the account and region in which this is called, four minutes at a time; this invokes
it run after run until all is done. Whatever ends it half way, the same command goes on there.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import boto3
from msgspec.structs import asdict

from chalicelib.domain.scanning.backfill import EXAMPLE, BackfillOrder
from chalicelib.domain.timestamps import parse_time
from chalicelib.services.scanning.backfill import Progress
from infra.command_arguments import backfill_order
from infra.errors import DeployError, in_one_line
from infra.redrive import PATIENT

# A run that gets nowhere may have come at a bad moment; after so many of them it is enough.
MOST_IN_VAIN = 3


def runs(client: Any, stage: str, order: BackfillOrder) -> Iterator[Progress]:
    """Ask for runs until the last one is done; DeployError where the function fails, or gets nowhere."""
    function = _function(client, stage)
    last, vain = None, 0
    while last is None or not last.done:
        progress = _run(client, function, order)
        yield progress
        if progress.over_budget:
            raise DeployError("The day's budget leaves nothing to spare. The same command goes on from here tomorrow.")
        vain = vain + 1 if progress == last else 0
        if vain == MOST_IN_VAIN:
            raise DeployError(f"{function} gets nowhere; its log says why. The same command goes on from here.")
        last = progress
        order = BackfillOrder(order.since, parse_time(progress.until) or 0)


def _function(client: Any, stage: str) -> str:
    """Return the name of the function that scans the past here: an agent's or the hub's own."""
    names = (f"monitoring-agent-{stage}-backfill", f"monitoring-{stage}-backfill_error_logs")
    for name in names:
        try:
            client.get_function_configuration(FunctionName=name)
        except client.exceptions.ResourceNotFoundException:
            continue
        return name
    raise DeployError(f"Nothing scans in this account and region: there is neither {names[0]} nor {names[1]}.")


def _run(client: Any, function: str, order: BackfillOrder) -> Progress:
    response = client.invoke(FunctionName=function, Payload=json.dumps(asdict(order)).encode())
    result: dict[str, Any] = json.loads(response["Payload"].read())
    if "FunctionError" in response:
        raise DeployError(f"The function {function} failed: {result.get('errorMessage', result)}")
    return Progress(**result)


def main(arguments: Sequence[str]) -> int:
    """Scan a stretch of the past, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m infra.backfill", description=__doc__.splitlines()[0])
    parser.add_argument("--stage", required=True)
    parser.add_argument("--since", required=True, help=f"such as {EXAMPLE}")
    parser.add_argument("--until", help="if left out, as far as the scan has come")
    parser.add_argument("--force", action="store_true", help="scan once more what is done, give up what is unfinished")
    chosen = parser.parse_args(arguments)

    def work() -> int:
        order = backfill_order(since=chosen.since, until=chosen.until, force=chosen.force)
        session: Any = boto3.Session()
        for progress in runs(session.client("lambda", config=PATIENT), chosen.stage, order):
            sys.stdout.write(f"{progress}\n")
        return 0

    return in_one_line(work)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
