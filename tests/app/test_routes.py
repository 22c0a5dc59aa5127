"""The routes file as the hub has it: what follows from it, and that a wrong one stops the functions."""

from pathlib import Path

import pytest

from chalicelib import container
from chalicelib.container import files
from chalicelib.domain.accounts import Account
from chalicelib.domain.alerts.alert import Flapping
from chalicelib.domain.errors import Misconfigured
from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.notification import Reason
from chalicelib.domain.routing.matchers import Field, Matcher
from chalicelib.domain.routing.routes import Route
from chalicelib.settings import HubSettings
from chalicelib.sources.registry import AGENT_STACKS
from tests.app import world as world_of_apps
from tests.app.world import DEPLOYED_ROUTES, ROOT, SETTINGS, World
from tests.sources.samples import load


def test_a_route_that_says_neither_has_the_minimum_and_the_interval_of_the_settings() -> None:
    settings = HubSettings.load(
        {"TABLE_NAME": "t", "STAGE": "dev", "MINIMUM_SEVERITY": "HIGH", "REPEAT_INTERVAL_MINUTES": "60"}
    )
    deployment, monitoring = container.routes(settings).routes
    stacks = (Matcher(Field.KIND, ("stack",)), Matcher(Field.RESOURCE, AGENT_STACKS))
    assert (deployment.name, deployment.receivers, deployment.every_event) == ("deployment", ("deployment",), True)
    assert set(deployment.matchers) == set(stacks)
    assert monitoring == Route(
        name="monitoring", receivers=("monitoring",), minimum=Severity.HIGH, repeat_interval=3_600, group_wait=10
    )


def test_every_receiver_that_may_have_notifications_is_swept(world: World) -> None:
    assert world.hub.receivers.named == ("monitoring", "deployment", "report")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            b"[default]\nreceivers = 7\nwhat = 1",
            "routes.toml:2: receivers: invalid .*; routes.toml:3: what: unk",
        ),
        (b"default]", "routes.toml:1: invalid TOML"),
        (b"\xff", "routes.toml cannot be read"),
        (None, "routes.toml cannot be read"),
    ],
)
def test_a_wrong_file_stops_a_function_at_its_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: bytes | None, complaint: str
) -> None:
    path = tmp_path / "routes.toml"
    if text is not None:
        path.write_bytes(text)
    monkeypatch.setattr(files, "ROUTES", path)
    with pytest.raises(Misconfigured, match=complaint):
        container.routes(SETTINGS)


def test_the_file_lies_where_chalice_packages_it() -> None:
    assert DEPLOYED_ROUTES == ROOT / "chalicelib" / "config" / "routes.toml"


def test_an_event_goes_all_the_ways_of_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "routes.toml"
    path.write_text(
        """
        default = { receivers = "monitoring" }
        accounts.111122223333 = { name = "payments-prod", tags = { team = "payments" } }
        [[route]]
        name = "team"
        match.tags.team = "payments"
        match.account = "*-prod"
        receivers = ["payments", "archive"]
        continue = true
        """
    )
    monkeypatch.setattr(files, "ROUTES", path)
    world = World()
    outcome = world.take().outcome
    assert (outcome.reason, outcome.by) == (Reason.FIRST, "team, default")
    assert set(outcome.deliveries) == {"payments", "archive", "monitoring"}


def test_a_stack_of_an_agent_is_announced_to_the_deployment_receiver(world: World) -> None:
    record = world.hub.ingest(load("stack-agent-create-complete"))
    assert (record.outcome.by, list(record.outcome.deliveries)) == ("deployment", ["deployment"])


def test_what_an_agent_calls_its_account_is_a_name_to_match(world: World) -> None:
    world.hub.agents.create("777788889999", "eu-west-1", "shop")
    assert world.hub.ingest.policy().accounts("777788889999") == Account("shop")


def test_what_flaps_is_as_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    variables = {"TABLE_NAME": "t", "STAGE": "dev", "FLAP_CHANGES": "7", "FLAP_WINDOW_MINUTES": "90"}
    monkeypatch.setattr(world_of_apps, "SETTINGS", HubSettings.load(variables))
    assert World().hub.ingest.policy().flapping == Flapping(changes=7, window=5_400)
