"""The pages, with many alerts: what each takes of the processor, and what it asks of the table.

    python -m bench.ui [--alerts 10000] [--events 50000] [--rounds 15]

A million events (`--events 1000000`) take about ten minutes of processor time to write, and four GB.

Measured: the API's own function, from API Gateway's event to the page, on AWS's DynamoDB Local in a process of its own.
The CPU is that of this process alone, so boto3 counts and the database does not; the median of some rounds, after two
that warm up what a container keeps. `cold` is the first request of a fresh page. Calls are those of the round in the
middle, by operation, one GetItem of which asks whether the session was ended; counts of tabs and names of accounts are
remembered for seconds or minutes, and so are missing in most. One alert is busy: a fiftieth of all events is its own,
and its hours are counted beside it.

Exits 1 where a page takes more than 150 ms of CPU, or more than three queries.
"""

import argparse
import os
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import batched
from typing import Any, NamedTuple
from urllib.parse import urlencode

import msgspec
import urllib3
from botocore.model import OperationModel
from chalice.local import LambdaContext

import app
from chalicelib import container
from chalicelib.container.services import Hub
from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.hourly_counts import hours_until
from chalicelib.domain.events.event import Event, Severity, Signal
from chalicelib.domain.notifications.notification import Delivery, Outcome, Reason, Record
from chalicelib.domain.text import digest
from chalicelib.domain.timestamps import DAY
from chalicelib.gateways import aws_clients
from chalicelib.gateways.dynamodb import DynamoTable, items
from chalicelib.gateways.dynamodb.expressions import Item, encode
from chalicelib.gateways.dynamodb.hour_index import SINCE, HourIndexWriter
from chalicelib.gateways.dynamodb.shards import THREE_FROM, outside_fourth
from infra.argument_types import at_least_one
from local import dynamodb_local
from local.table import create_table
from tests.app.world import BOTH, SETTINGS, gateway_event, tokens

GOAL = 0.150
MOST_QUERIES = 3
BATCH, WRITERS = 25, 2
# So many take minutes to write, in which thorough compilation pays.
MANY = 100_000
# How far apart the events of the busy alert are.
EACH_SECONDS = 20
FORM = {"content-type": "application/x-www-form-urlencoded"}
# As botocore calls it; DynamoDB Local checks no signature.
PUT_HEADERS = {
    "Content-Type": "application/x-amz-json-1.0",
    "X-Amz-Target": "DynamoDB_20120810.BatchWriteItem",
    "X-Amz-Date": "20260101T000000Z",
    "Authorization": "AWS4-HMAC-SHA256 Credential=local/20260101/eu-central-1/dynamodb/aws4_request,"
    " SignedHeaders=host, Signature=0",
}
PROGRESS_EACH = 25_000
RESOURCES = ("/ui", "/ui/{page}", "/ui/{page}/{item}")
KEPT = 90 * DAY


class Page(NamedTuple):
    """A page: the parts of its path below `/ui`, and its query."""

    name: str
    parts: tuple[str, ...] = ()
    query: Mapping[str, str] = {}


class Figures(NamedTuple):
    """What a page took: seconds of CPU, at first and usually, its size, and the calls of a round."""

    cold: float
    usual: float
    size: int
    calls: Counter[str]


def an_event(number: int, now: int, of: int, *, is_busy: bool = False) -> Event:
    """Return the `number`-th event, of one of `of` problems, or of the first where that is busy."""
    problem = 0 if is_busy else number % of
    at = now - 60 - number * (EACH_SECONDS if is_busy else 1)
    return Event(
        id=outside_fourth(f"{at:010d}-{digest('event', str(number))}"),
        kind="error_logs",
        source="monitoring.agent.logs",
        detail_type="Error Logs",
        account=f"{problem % 200:012d}",
        region=("eu-west-1", "us-east-1")[problem % 2],
        severity=Severity(1 + problem % 4),
        signal=Signal.FIRING,
        title=f"service-{problem}: ConnectionError: no answer from replica {problem % 7}",
        fingerprint=digest("problem", str(problem)),
        resource=f"service-{problem}",
        resources=(),
        link="https://console.aws.amazon.com/cloudwatch/home",
        published_at=at,
        received_at=at + 5,
        detail={"log_group": f"/aws/lambda/service-{problem}", "count": 3, "samples": [{"message": "x" * 400}] * 3},
        lines=3,
    )


def fill(hub: Hub, client: Any, alerts: int, events: int) -> tuple[str, str]:
    """Write alerts and events, as the hub would in a year; returns the busy alert's fingerprint and one event's id."""
    now, first = hub.clock.now(), an_event(0, hub.clock.now(), alerts)
    table, hour_index = DynamoTable(client, SETTINGS.table_name), HourIndexWriter()
    table.put(encode({**SINCE, "at": now - KEPT, THREE_FROM: 0}))
    known: dict[str, Alert] = {}
    outcome = Outcome(reason=Reason.FIRST, by="all", deliveries={"monitoring": Delivery.DELIVERED})

    def written() -> Iterator[Item]:
        for number in range(max(events, alerts)):
            event = an_event(number, now, alerts, is_busy=number < events // 50)
            hour_index.note(table, event, now + KEPT)
            before = known.get(event.fingerprint) or Alert.about(event)
            known[event.fingerprint] = before.observe(event)[0]
            record = Record(event=event, outcome=outcome, change=None, updated_at=now, expired_at=now + KEPT)
            yield from filter(None, items.event_items(record))
        for alert in known.values():
            yield items.alert_item(alert, KEPT)

    put_all(client.meta.endpoint_url, written())
    hub.hourly_counts.save(first.fingerprint, dict.fromkeys(hours_until(now), 3_600 // EACH_SECONDS), hours_until(now))
    hub.sweep()
    return first.fingerprint, first.id


def put_all(url: str, written: Iterable[Item]) -> None:
    """Put items into DynamoDB Local, with a third of the work that botocore has, and say how far it is."""
    pool, count = urllib3.PoolManager(maxsize=WRITERS), 0

    def write(batch: Sequence[Item]) -> None:
        requests = {SETTINGS.table_name: [{"PutRequest": {"Item": item}} for item in batch]}
        body = msgspec.json.encode({"RequestItems": requests})
        answer = pool.request("POST", url, body=body, headers=PUT_HEADERS).json()
        if answer != {"UnprocessedItems": {}}:
            raise RuntimeError(f"DynamoDB Local answered {answer}")

    with ThreadPoolExecutor(WRITERS) as writers:
        for batches in batched(batched(written, BATCH), PROGRESS_EACH // BATCH):
            list(writers.map(write, batches))
            count += sum(map(len, batches))
            print(f"{count:,} items written", file=sys.stderr, flush=True)


def send(cookie: str, page: Page, method: str = "GET", body: str = "") -> dict[str, Any]:
    """Return what the API's function answers."""
    names = dict(zip(("page", "item"), page.parts, strict=False))
    event = gateway_event(
        method,
        RESOURCES[len(page.parts)],
        pathParameters=names,
        headers={"cookie": cookie} | (FORM if method == "POST" else {}),
        multiValueQueryStringParameters={name: [value] for name, value in page.query.items()} or None,
        body=body or None,
    )
    answer: dict[str, Any] = app.app(event, LambdaContext("api_handler", 512))
    return answer


def measure(cookie: str, page: Page, rounds: int, calls: Counter[str]) -> Figures:
    """Open a page again and again."""
    spent, made = [], []
    size = 0
    for _ in range(rounds + 2):
        calls.clear()
        begun = time.process_time()
        answer = send(cookie, page)
        spent.append(time.process_time() - begun)
        made.append(Counter(calls))
        assert answer["statusCode"] == 200, (page, answer["statusCode"])  # noqa: S101, PLR2004 - a benchmark of what works
        size = len(answer["body"].encode())
    return Figures(spent[0], statistics.median(spent[2:]), size, sorted(made, key=Counter.total)[len(made) // 2])


def counting(session: Any) -> Counter[str]:
    """Return the calls that the session's clients make from now on, by operation."""
    calls: Counter[str] = Counter()

    def note(**call: Any) -> None:
        model: OperationModel = call["model"]
        calls[model.name] += 1

    session.register("before-call", note)
    return calls


def pages(fingerprint: str, event_id: str) -> Iterator[Page]:
    """Iterate over the pages to be opened."""
    yield Page("list, newest")
    yield Page("list, all", query={"tab": "all"})
    yield Page("list, by severity", query={"sort": "severity"})
    yield Page("list, text, rare", query={"text": "service-7777"})
    yield Page("alert, very busy", ("alerts", fingerprint))
    yield Page("event", ("events", event_id))
    yield Page("events", ("events",))
    yield Page("silences", ("silences",))
    yield Page("agents", ("agents",))
    yield Page("routes", ("routes",))
    yield Page("health", ("health",))


def report(page: Page, figures: Figures) -> bool:
    """Print a page's line; tells whether it keeps to the goals."""
    queries = figures.calls["Query"]
    made = ", ".join(f"{count} {name}" for name, count in sorted(figures.calls.items())) or "none"
    is_good = figures.usual <= GOAL and queries <= MOST_QUERIES
    print(
        f"{page.name:22}{figures.usual * 1_000:8.0f} ms{figures.cold * 1_000:8.0f} ms{figures.size / 1_000:8.0f} kB"
        f"  {made}{'' if is_good else '  TOO MUCH'}"
    )
    return is_good


def main(arguments: Sequence[str]) -> int:
    """Fill a table, open each page, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.ui", description=__doc__.splitlines()[0])
    parser.add_argument("--alerts", type=at_least_one, default=10_000)
    parser.add_argument("--events", type=at_least_one, default=50_000)
    parser.add_argument("--rounds", type=at_least_one, default=15)
    chosen = parser.parse_args(arguments)
    with dynamodb_local.running(is_short_lived=chosen.events < MANY) as url:
        os.environ |= {
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_DEFAULT_REGION": "eu-central-1",
            "TABLE_NAME": SETTINGS.table_name,
            "STAGE": SETTINGS.stage,
            "LOG_LEVEL": "ERROR",
        }
        session = aws_clients.session()
        calls = counting(session)
        client: Any = session.create_client("dynamodb")
        create_table(client, SETTINGS.table_name)
        hub = Hub(SETTINGS, container.routes(SETTINGS), secrets=tokens(), _session=session)
        container.hub = lambda: hub  # type: ignore[assignment]  # the one that is measured
        fingerprint, event_id = fill(hub, client, chosen.alerts, chosen.events)
        answer = send("", Page("", ("sign-in",)), "POST", urlencode({"token": BOTH}))
        cookie = re.split("; ?", answer["headers"]["Set-Cookie"])[0]
        print(f"{chosen.alerts:,} alerts, {chosen.events:,} events\n{'':22}{'CPU':>11}{'cold':>11}{'page':>11}  calls")
        good = []
        for page in pages(fingerprint, event_id):
            hub.sweep()  # as it comes each minute, and notes what `health` shows
            good.append(report(page, measure(cookie, page, chosen.rounds, calls)))
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
