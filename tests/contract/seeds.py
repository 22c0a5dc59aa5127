"""Seeds: what a running stack is given before its API is tried, and the ids of it."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import requests

from tests.local.running import PROJECT, Stack, running_stack

SAMPLES = PROJECT / "tests" / "samples"
# Of each kind some; what the hub itself publishes comes on no bus.
CHOSEN = ("alarm-[cm]*", "guardduty-ec2", "guardduty-s3", "health-issue-open-public", "stack-*failed")
SENT = ("source", "detail-type", "detail", "resources")
LISTS = {"event_id": "events", "fingerprint": "alerts", "notification_id": "notifications", "agent_id": "agents"}
LINK = re.compile(r"/links/([A-Za-z0-9_-]+)")
TIMEOUT = 60  # seconds


class Seeded(NamedTuple):
    """A running stack that has something of everything."""

    url: str
    token: str
    ids: Mapping[str, list[str]]


@contextmanager
def seeded_stack(folder: Path, patience: float) -> Iterator[Seeded]:
    """Run a stack with some events and silences, and with nothing else happening, for so many seconds at most."""
    with running_stack(folder, "--no-feed", patience=patience) as stack:
        stack.read_until("Ctrl-C ends everything")
        url, token, slack = (stack.word_after(each) for each in ("API", "Token", "Slack"))
        send_samples(stack, folder / "events.json")
        ids = {name: listed(url, token, path) for name, path in LISTS.items()}
        ids["silence_id"] = [create_silence(url, token, each) for each in ("account", "kind", "region")]
        messages = requests.get(f"{slack}/messages.json", timeout=TIMEOUT).text
        yield Seeded(url, token, ids | {"token": sorted(set(LINK.findall(messages)))})


def send_samples(stack: Stack, file: Path) -> None:
    """Put events on the bus, and wait for what becomes of them."""
    files = [each for chosen in CHOSEN for each in sorted(SAMPLES.glob(f"{chosen}.json"))]
    events = [json.loads(each.read_text("utf-8")) for each in files]
    file.write_text(json.dumps([{name: each[name] for name in SENT} for each in events]), encoding="utf-8")
    stack.command("send", str(file))


def listed(url: str, token: str, path: str) -> list[str]:
    """Return the ids of what the API lists."""
    response = requests.get(f"{url}/{path}", headers=authorized(token), timeout=TIMEOUT)
    items: list[dict[str, Any]] = response.json()["items"]
    return [each["fingerprint" if path == "alerts" else "id"] for each in items]


def create_silence(url: str, token: str, field: str) -> str:
    """Create a silence, and return its id."""
    body = {"matchers": [{"field": field, "patterns": ["none-*"]}], "duration": "1h", "reason": "A drill."}
    response = requests.post(f"{url}/silences", json=body, headers=authorized(token), timeout=TIMEOUT)
    return str(response.json()["id"])


def authorized(token: str) -> dict[str, str]:
    """Return the header that holds a token."""
    return {"Authorization": f"Bearer {token}"}
