"""No secret of a log line or an event is found in what is published, stored, sent, logged or answered."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from msgspec import to_builtins

from chalicelib import logging_config
from chalicelib.domain.scanning.error_groups import LogLine
from tests.app.world import World
from tests.examples import examples
from tests.gateways.slack.messages import a_composer, an_announcement
from tests.secrets import MESSAGES, Planted, left_of
from tests.services.scanning.scan_rig import PAY, START, Rig
from tests.sources.samples import load


def published(planted: Planted) -> list[dict[str, Any]]:
    """Return the details that a scan of a message publishes."""
    rig = Rig([PAY], [LogLine(START - 100, PAY, f"stream {planted.said[:400]}", planted.said)])
    rig.run()
    return [dict(each.detail) for each in (*rig.bus.events.values(), *rig.bus.heartbeats)]


def announced(world: World, raw: dict[str, Any]) -> Iterator[Any]:
    """Iterate over what becomes of an event: what is stored, answered by the API, and sent to Slack."""
    record = world.hub.ingest(raw)
    yield to_builtins(record)
    yield to_builtins(world.store.alerts[record.event.fingerprint])
    yield world.get(f"/events/{record.event.id}").json_body
    yield world.get(f"/alerts/{record.event.fingerprint}").json_body
    yield a_composer().announcement(*an_announcement(record.event))


SOME = examples(0.2, suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(MESSAGES)
@SOME
def test_no_secret_of_a_log_line_leaves_the_account(planted: Planted) -> None:
    details = published(planted)

    assert any("samples" in detail for detail in details)
    assert left_of(planted.secret, details) == []


@given(MESSAGES)
@SOME
def test_no_secret_of_a_log_line_is_reported_by_the_hub(world: World, planted: Planted) -> None:
    for detail in published(planted):
        if "samples" in detail:
            raw = load("error_logs-python") | {"detail": detail}
            assert left_of(planted.secret, list(announced(world, raw))) == []


@given(MESSAGES)
@SOME
def test_no_secret_of_an_event_is_reported_by_the_hub(world: World, planted: Planted) -> None:
    """Events of others come through EventBridge, past the agent: the hub redacts what it takes in."""
    alarm, stack, own = load("alarm-metric-alarm"), load("stack-create-failed"), load("custom-budget")
    alarm["detail"]["state"]["reason"] = f"Threshold crossed: {planted.said}"
    alarm["detail"]["configuration"]["description"] = f"Described as {planted.said}"
    stack["detail"]["status-details"]["status-reason"] = f"Resource handler returned: {planted.said}"
    own["detail"] = {"title": planted.said, "nested": [{"deep": planted.said}], "password": planted.secret}

    for raw in (alarm, stack, own):
        assert left_of(planted.secret, list(announced(world, raw))) == []


def test_the_access_key_that_a_finding_is_about_is_reported(world: World) -> None:
    finding = load("guardduty-iam-access-key")
    key = finding["detail"]["resource"]["accessKeyDetails"]["accessKeyId"]

    record = world.hub.ingest(finding)

    assert key in json.dumps(record.event.detail)


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Return what our own log lines are written to."""
    root, ours, stream = logging.getLogger(), logging.getLogger("chalicelib"), io.StringIO()
    handlers, levels = root.handlers[:], (root.level, ours.level)
    monkeypatch.setattr("sys.stderr", stream)
    logging_config.configure("INFO")
    yield stream
    root.handlers[:] = handlers
    root.setLevel(levels[0])
    ours.setLevel(levels[1])


def test_no_secret_is_in_our_own_log_lines(written: io.StringIO) -> None:
    @given(MESSAGES)
    @SOME
    def log(planted: Planted) -> None:
        written.seek(0)
        written.truncate()
        error = ValueError(planted.said)
        logging.getLogger("chalicelib.x").error("Lost: %s", planted.said, exc_info=error, extra={"x": planted.said})

        line = json.loads(written.getvalue())
        assert line["level"] == "ERROR"
        assert left_of(planted.secret, line) == []

    log()
