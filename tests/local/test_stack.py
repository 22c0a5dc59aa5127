"""The whole hub on one machine, started as a user starts it and walked through from end to end."""

import json
import os
import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.local.running import PATIENCE, Stack, running_stack

pytestmark = pytest.mark.e2e

KINDS = {"alarm", "health", "guardduty", "stack", "error_logs", "backfill", "custom"}


def fetch(url: str, **headers: str) -> Any:
    with urlopen(Request(url, headers=headers), timeout=PATIENCE) as response:
        return json.load(response)


def status_of(url: str, **headers: str) -> int:
    try:
        fetch(url, **headers)
    except HTTPError as error:
        with error:
            return error.code
    return 200


def test_the_whole_way_from_an_event_on_the_bus_to_slack_and_the_api(tmp_path: Path) -> None:
    with running_stack(tmp_path, "--pace", "0") as stack:
        stack.read_until("Ctrl-C ends everything")  # the last line of the welcome
        assert_strangers_are_kept_out(stack)
        assert_a_link_leads_to_the_pages(stack)
        assert_commands_reach_the_stack(stack, tmp_path)
        stack.read_until("payments-receipts: TypeError", "thumbnails: upload failed", "payments-api")
        stack.read_until("a gap in its logs", "has filled the gap")
        assert stack.command("scan").startswith(
            "Scanned in 5 places"
        )  # not before: it might have found what was missed
        stack.read_until("Backfill: 12 errors in 2 groups", "warehouse-load-delay")
        assert_slack_has_it_all(stack)
        assert_the_hub_knows_how_it_is(stack)
        assert_the_printed_curl_lists_the_events(stack)
        assert_ctrl_c_ends_everything(stack)


def assert_strangers_are_kept_out(stack: Stack) -> None:
    events = f"{stack.word_after('API')}/events"
    assert status_of(events) == 401
    assert status_of(events, Authorization="Bearer guessed") == 401
    assert status_of(f"{events}/more/than/that", Authorization="Bearer guessed") == 404


def assert_a_link_leads_to_the_pages(stack: Stack) -> None:
    with urlopen(stack.word_after("Pages"), timeout=PATIENCE) as page:
        assert b"Sign in as local?" in page.read()


def ago(hours: int) -> str:
    return (datetime.now(UTC) - timedelta(hours=hours)).isoformat()


def digest_in(slack: Any) -> bool:
    """Return whether the storm is told: its eight alarms, and what else came meanwhile."""
    return any(re.search(r"\b([89]|1\d) alerts at once", message["html"]) for message in slack["messages"])


def assert_slack_has_it_all(stack: Stack) -> None:
    page = f"{stack.word_after('Slack')}/messages.json"
    deadline = time.monotonic() + PATIENCE
    while not digest_in(slack := fetch(page)):
        assert time.monotonic() < deadline, "The storm's digest does not come."
        time.sleep(0.5)
    assert {refusal["status"] for refusal in slack["refusals"]} == {429}  # while the storm began
    assert_one_message_has_the_whole_story(slack)
    channels = [message["channel"] for message in slack["messages"]]
    assert channels.count("deployment") == 1
    assert channels.count("report") == 2  # the opening's, and the one on demand
    texts = "\n".join(message["html"] for message in slack["messages"] if message["channel"] == "monitoring")
    for announced in (
        "payments-prod",
        "web-staging",
        "data-prod",
        "RESOLVED",
        "Fired again",
        "In 3 accounts:",
        "Deployed shortly before",
    ):
        assert announced in texts
    assert texts.count("Flapping:") == 1
    # Once as it began and once as AWS had more to say, though each account got its copies of both.
    assert texts.count("HIGH · EC2: operational issue (eu-west-1)</h3>") == 2


def assert_one_message_has_the_whole_story(slack: Any) -> None:
    """Read that the app has one message of the problem that spread: its story below it, one of it for all to see."""
    (html,) = [message["html"] for message in slack["living"] if "ledger-writer" in message["html"]]
    assert "RESOLVED · ledger-writer" in html
    for change in ("In more accounts or regions", "now CRITICAL", "Acknowledged</b> by You", "Resolved</b> by You"):
        assert html.count(change) >= 1, change
    assert html.count("Also sent to the channel") == 1


def assert_the_hub_knows_how_it_is(stack: Stack) -> None:
    """Read that both regions' canaries arrived, that what AWS counted is accounted for, and that archives have it."""
    checks = stack.command("checks")
    for region in ("us-east-1", "eu-west-1"):
        assert re.search(rf"^canary +{region}: .* on time$", checks, re.MULTILINE), checks
    assert re.search(r"^reconciliation +balanced: [1-9]", checks, re.MULTILINE), checks
    assert re.search(r"^archive +payments-prod us-east-1: [1-9]\d* events", checks, re.MULTILINE), checks


def assert_the_printed_curl_lists_the_events(stack: Stack) -> None:
    curl = next(line for line in stack.printed if line.strip().startswith("curl "))
    _, header, _, url, _ = curl.split("'")
    name, _, value = header.partition(": ")
    assert len(fetch(url, **{name: value})["items"]) == 5
    deadline = time.monotonic() + PATIENCE
    while True:  # the tour goes on meanwhile, and may add kinds of its own
        events = fetch(url.replace("limit=5", "limit=100"), **{name: value})["items"]
        if {event["kind"] for event in events if event["outcome"]["status"] == "delivered"} >= KINDS:
            break
        assert time.monotonic() < deadline, "Not every kind is delivered."
        time.sleep(0.5)
    assert [event["outcome"]["reason"] for event in events if event["resource"] == "warehouse-cpu"] == ["silenced"] * 2
    assert len({event["account"] for event in events if event["account"] != "*"}) >= 3


def assert_commands_reach_the_stack(stack: Stack, folder: Path) -> None:
    file = folder / "event.json"
    file.write_text(json.dumps({"source": "custom.billing", "detail-type": "Run failed", "detail": {"run": 42}}))
    backfill = ("backfill", "--account", "web-staging", "--since", ago(6), "--until", ago(1))
    commands = (("report",), backfill, ("send", "--account", "web-staging", str(file)))
    with ThreadPoolExecutor() as pool:
        reported, backfilled, sent = pool.map(lambda command: stack.command(*command), commands)
    assert backfilled.splitlines()[-1].startswith("web-staging eu-west-1  done: 12 errors in ")
    assert reported.startswith("Daily report")
    assert sent.startswith("delivered: first")
    assert "web-staging" in sent
    stack.read_until("Run failed")


def assert_ctrl_c_ends_everything(stack: Stack) -> None:
    children = stack.children()
    assert children
    stack.process.send_signal(signal.SIGINT)
    rest, _ = stack.process.communicate(timeout=PATIENCE)
    assert stack.process.returncode == 0
    assert rest.splitlines()[-1] == "Stopping …"
    printed = "".join(stack.printed) + rest
    assert "Traceback" not in printed, printed
    assert not any(is_alive(child) for child in children)
    assert not stack.state.exists()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
