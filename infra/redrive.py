"""Redrive: puts events that failed back through their handlers: `python -m infra.redrive --stage prod [--dry-run]`.

The work is done by the function `redrive`, with its own permissions and next to the table; this asks it for run after
run until nothing is left that it can put back. With `--agent-region` it begins with what an agent could not forward
(`infra/agent_queue.py`); `--agent-profile` is a profile of the AWS CLI that leads to the agent's account.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import boto3
import msgspec
from botocore.config import Config

from chalicelib.services.operations.redrive import RedriveOrder
from infra.agent_queue import AgentQueue
from infra.errors import FAILED, DeployError, in_one_line

QUEUES = ("undelivered", "failed")
# The functions that commands invoke run for at most 4 minutes: NAT drops a connection that is idle for 350 seconds. To
# ask again while one runs would only make two of it.
PATIENT = Config(read_timeout=300, retries={"total_max_attempts": 1})

type Tally = dict[str, Any]


def runs(client: Any, stage: str, queue: str, *, dry_run: bool) -> Iterator[Tally]:
    """Ask for runs while there is more and the last one got somewhere; DeployError where the function fails."""
    order = msgspec.json.encode(RedriveOrder.of({"queue": queue, "dry_run": dry_run}))
    while True:
        response = client.invoke(FunctionName=f"monitoring-{stage}-redrive", Payload=order)
        tally: Tally = json.loads(response["Payload"].read())
        if "FunctionError" in response:
            raise DeployError(f"The function monitoring-{stage}-redrive failed: {tally.get('errorMessage', tally)}")
        if "has_more" not in tally:
            raise DeployError(f"monitoring-{stage}-redrive answers in another way: is this AWS, or a stand-in?")
        yield tally
        if dry_run or not (tally["has_more"] and tally["redriven"] + tally["overtaken"]):
            return


def lines_of(tally: Tally, *, dry_run: bool) -> Iterator[str]:
    """Iterate over the lines about one run."""
    yield from (f"  {line}" for line in tally["lines"])
    if dry_run:
        more = ", and more behind them" if tally["has_more"] else ""
        yield f"{tally['queue']}: {tally['seen']} waiting, {tally['unreadable']} of them unreadable{more}"
    else:
        yield (
            f"{tally['queue']}: {tally['redriven']} put back, {tally['overtaken']} overtaken by later runs, "
            f"{tally['failed']} failed again, {tally['unreadable']} unreadable"
        )


def bring(session: Any, chosen: argparse.Namespace) -> int:
    """Bring to the hub what an agent could not forward, or only look; returns how many messages nobody can read."""
    agent: Any = boto3.Session(profile_name=chosen.agent_profile, region_name=chosen.agent_region)
    unreadable = 0
    for line in AgentQueue(agent.client("sqs"), session.client("sqs"), chosen.stage).bring(dry_run=chosen.dry_run):
        sys.stdout.write(f"  {line}\n")
        unreadable += line.startswith("kept")
    return unreadable


def main(arguments: Sequence[str]) -> int:
    """Put back what waits, and return the exit code: 1 where something stays behind."""
    parser = argparse.ArgumentParser(prog="python -m infra.redrive", description=__doc__.splitlines()[0])
    parser.add_argument("--stage", required=True)
    parser.add_argument("--queue", choices=QUEUES, help="one of the two; both if left out")
    parser.add_argument("--dry-run", action="store_true", help="only look what waits")
    parser.add_argument("--agent-region", help="begin with what the agent in this region could not forward")
    parser.add_argument("--agent-profile", help="how to get into the agent's account, if it is not the hub's")
    chosen = parser.parse_args(arguments)
    if chosen.agent_profile and not chosen.agent_region:
        parser.error("--agent-profile needs --agent-region: an account has an agent in each of its regions")

    def work() -> int:
        session: Any = boto3.Session()
        kept = bring(session, chosen) if chosen.agent_region else 0
        client = session.client("lambda", config=PATIENT)
        for queue in [chosen.queue] if chosen.queue else QUEUES:
            for tally in runs(client, chosen.stage, queue, dry_run=chosen.dry_run):
                sys.stdout.writelines(f"{line}\n" for line in lines_of(tally, dry_run=chosen.dry_run))
                kept += tally["failed"] + tally["unreadable"]
        return FAILED if kept else 0

    return in_one_line(work)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
