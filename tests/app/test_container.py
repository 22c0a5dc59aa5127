"""The hub and the agent as they are built for AWS, on moto: what they are made of, and which calls they make."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import app
from chalicelib import container, logging_config
from chalicelib.container import SystemClock
from chalicelib.domain.errors import Misconfigured
from tests.app.aws import ENVIRONMENT, context, playing
from tests.app.test_handlers import envelope
from tests.app.world import gateway_event, invoke


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set what a function's environment holds, and leave the log alone."""
    for name, value in (ENVIRONMENT | {"AGENT_NAME": "Shop"}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(logging_config, "configure", lambda _: None)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Play AWS around a stage."""
    with playing(monkeypatch):
        yield


def test_a_hub_on_aws_takes_an_event_all_the_way(aws: None) -> None:
    app.handle_monitoring_events(envelope("custom.shop", "Order Lost", order=7), context())

    status, page = invoke(gateway_event("GET", "/events"))
    (shown,) = page["items"]
    assert status == 200
    assert shown["outcome"]["deliveries"] == {"monitoring": "delivered"}


def test_an_agent_on_aws_scans_and_reports(aws: None) -> None:
    report = container.agent().run()

    assert report.error == ""
    assert (len(report.listing.log_groups), report.windows) == (1, 1)


def test_an_agent_without_a_name_goes_by_its_accounts(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AGENT_NAME")
    requested: list[str] = []

    def name_of(client: Any) -> str:
        requested.append(client.meta.service_model.service_name)
        return "payments-prod"

    monkeypatch.setattr("chalicelib.gateways.account_info.name_of", name_of)

    assert container.agent().publisher.agent.name == "payments-prod"
    assert requested == ["account"]


def test_an_agent_needs_no_table(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TABLE_NAME")

    assert container.agent().publisher.agent.account == "123456789012"


def test_a_container_has_one_hub_and_one_agent(aws: None) -> None:
    assert container.hub() is container.hub()
    assert container.agent() is container.agent()


@pytest.mark.parametrize(
    ("make", "name", "value"),
    [
        (container.hub, "TABLE_NAME", ""),
        (container.hub, "STAGE", " "),
        (container.hub, "EVENT_TTL_DAYS", "0"),
        (container.hub, "SECRETS_TTL_SECONDS", "soon"),
        (container.hub, "MINIMUM_SEVERITY", "BAD"),
        (container.hub, "LOG_LEVEL", "LOUD"),
        (container.hub, "CORS_ORIGIN", "*"),
        (container.agent, "STAGE", ""),
        (container.agent, "SCAN_TAG", "=shop"),
        (container.agent, "SCAN_TAG", "t" * 257),
        (container.agent, "SCAN_WINDOW_SECONDS", "59"),
        (container.agent, "SCAN_INTERVAL_SECONDS", "1"),
    ],
)
def test_a_wrong_setting_stops_with_one_line_that_names_it(
    monkeypatch: pytest.MonkeyPatch, make: Callable[[], object], name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(Misconfigured, match=f"^{name} ") as caught:
        make()

    assert "\n" not in str(caught.value)


def test_the_machines_clock_returns_whole_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "time", lambda: 1_760_000_000.9)
    monkeypatch.setattr(time, "sleep", slept.append)

    SystemClock().sleep(1.5)

    assert SystemClock().now() == 1_760_000_000
    assert slept == [1.5]
