"""The handlers of events and schedules, and the authorizer: what they call, what they let out, what they import."""

import inspect
import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest
from chalice.app import ChaliceAuthorizer
from chalice.local import LambdaContext
from moto.events.models import EventPattern

import app
from chalicelib import container, logging_config
from chalicelib.domain.agents.agent import AgentStatus
from chalicelib.domain.notifications.notification import REPORT, WEEKLY_REPORT, Notification
from chalicelib.domain.timestamps import iso, week_of
from chalicelib.gateways.sender_invoker import WAKE_UP
from chalicelib.services.notifying.ports import Retry
from chalicelib.sources import registry
from tests.app.world import READER, ROOT, World, views
from tests.fakes import NOW

STACK = "arn:aws:cloudformation:eu-west-1:111122223333:stack/{}/guid"


def envelope(source: str, detail_type: str, **detail: Any) -> dict[str, Any]:
    return {
        "version": "0",
        "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
        "source": source,
        "detail-type": detail_type,
        "account": "111122223333",
        "region": "eu-west-1",
        "time": iso(NOW),
        "resources": [],
        "detail": detail,
    }


def stack_event(name: str) -> dict[str, Any]:
    status = {"status": "CREATE_COMPLETE", "status-reason": ""}
    detail = {"stack-id": STACK.format(name), "status-details": status}
    return envelope("aws.cloudformation", "CloudFormation Stack Status Change", **detail)


TICK = envelope("aws.events", "Scheduled Event")


def context(name: str = "handler") -> LambdaContext:
    context = LambdaContext(name, 512, max_runtime_ms=60_000)
    context.aws_request_id = "lambda-request"
    return context


def test_an_event_is_stored_and_announced(world: World) -> None:
    app.handle_monitoring_events(envelope("custom.shop", "Order Lost", order=7), context())

    (record,) = world.store.records.values()
    assert record.event.source == "custom.shop"
    assert [receiver for receiver, _ in world.slack.posts] == ["monitoring"]


def test_a_heartbeat_keeps_an_agent_and_is_no_event(world: World) -> None:
    app.handle_monitoring_events(
        envelope("monitoring.agent.heartbeat", "Heartbeat", at=NOW, heartbeat_seconds=300), context()
    )

    assert world.hub.agents.get("111122223333", "eu-west-1").status is AgentStatus.ACTIVE
    assert world.store.records == {}


def test_a_deployment_reaches_the_register_and_its_receiver(world: World) -> None:
    app.update_deployment(stack_event("monitoring-agent"), context())

    assert world.hub.agents.get("111122223333", "eu-west-1").deployment == "CREATE_COMPLETE"
    assert [receiver for receiver, _ in world.slack.posts] == ["deployment"]


def test_the_report_is_sent(world: World) -> None:
    app.daily_report(TICK, context())

    assert [receiver for receiver, _ in world.slack.posts] == [REPORT]


def test_on_mondays_the_week_is_reported_too(world: World) -> None:
    app.daily_report(TICK | {"time": iso(week_of(NOW))}, context())

    assert [each.kind for each in world.store.notifications.values()] == [REPORT, WEEKLY_REPORT]


def test_the_sweep_folds_what_was_stored_alone_and_sends_it(world: World) -> None:
    world.store.conflicts = 3
    world.take()
    assert world.slack.posts == []

    app.deliver_notifications(TICK, context())

    assert len(world.slack.posts) == 1


@pytest.mark.parametrize(("event", "is_scheduled"), [(TICK, True), (WAKE_UP, False)])
def test_the_sweep_knows_whether_a_schedule_has_woken_it(
    world: World, monkeypatch: pytest.MonkeyPatch, event: Mapping[str, Any], is_scheduled: bool
) -> None:
    swept = list[bool]()
    monkeypatch.setattr(world.hub, "sweep", lambda _, *, is_scheduled: swept.append(is_scheduled), raising=False)

    app.deliver_notifications(json.loads(json.dumps(event)), context())

    assert swept == [is_scheduled]


def test_the_sweep_evaluates_what_is_due(world: World) -> None:
    fingerprint = world.take().event.fingerprint
    world.clock.sleep(3_600)

    app.deliver_notifications(TICK, context())

    assert world.store.alerts[fingerprint].status == "resolved"
    assert len(world.slack.posts) == 2


def test_the_sweep_sends_even_where_it_can_neither_merge_nor_evaluate(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: int, **__: bool) -> None:
        raise RuntimeError("throttled")

    world.slack.fail("monitoring", Retry(30, "busy"))
    world.take()
    world.clock.sleep(60)
    monkeypatch.setattr(world.store, "entered", fail)
    monkeypatch.setattr(world.alerts, "due", fail)

    with pytest.RaisesGroup(*[RuntimeError] * 3):  # merging, evaluating, and noting what is left
        app.deliver_notifications(TICK, context())

    assert [receiver for receiver, _ in world.slack.posts] == ["monitoring"]


def test_a_receiver_that_cannot_be_served_holds_up_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = world.store.pending

    def fail(receiver: str, limit: int, just_written: Iterable[Notification] = ()) -> list[Notification]:
        if receiver == "monitoring":
            raise RuntimeError("throttled")
        return honest(receiver, limit, just_written)

    world.slack.fail("deployment", Retry(30, "busy"))
    app.update_deployment(stack_event("monitoring-agent"), context())
    world.clock.sleep(60)
    monkeypatch.setattr(world.store, "pending", fail)

    with pytest.RaisesGroup(RuntimeError, flatten_subgroups=True):
        app.deliver_notifications(TICK, context())

    assert [receiver for receiver, _ in world.slack.posts] == ["deployment"]


def test_an_agent_that_fell_silent_is_reported(world: World) -> None:
    app.handle_monitoring_events(
        envelope("monitoring.agent.heartbeat", "Heartbeat", at=NOW, heartbeat_seconds=300), context()
    )
    world.clock.sleep(901)

    app.check_agents(TICK, context())
    app.deliver_notifications(TICK, context())

    assert world.hub.agents.get("111122223333", "eu-west-1").status is AgentStatus.STALE
    assert len(world.slack.posts) == 1


def test_a_scan_may_take_as_long_as_its_function(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Callable[[], int]] = []

    class Scan:
        def run(self, remaining: Callable[[], int]) -> None:
            given.append(remaining)

    monkeypatch.setattr(container, "agent", Scan)
    lambda_context = context()
    monkeypatch.setattr(lambda_context, "get_remaining_time_in_millis", lambda: 890_000)

    app.query_error_logs(TICK, lambda_context)

    assert [remaining() for remaining in given] == [890_000]


def test_an_unexpected_error_goes_out_so_that_lambda_tries_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("table gone")

    monkeypatch.setattr(world.store, "record", fail)

    with pytest.raises(RuntimeError, match="table gone"):
        app.handle_monitoring_events(envelope("custom.shop", "Order Lost"), context())


def test_the_log_has_the_request_id_of_the_function(world: World, request_ids: set[str]) -> None:
    app.handle_monitoring_events(envelope("custom.shop", "Order Lost"), context())

    assert request_ids == {"lambda-request"}
    assert logging_config.request_id.get() == ""


def test_the_first_pattern_takes_agents_stacks_and_all_others() -> None:
    pattern = EventPattern(None, registry.event_pattern())

    assert pattern.matches_event(stack_event("shop"))  # type: ignore[arg-type]
    assert pattern.matches_event(stack_event("monitoring-agent"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "is_agents"),
    [
        ("monitoring-agent", True),
        ("monitoring-agent-eu", True),
        ("StackSet-monitoring-agent-5b1a", True),
        ("shop-monitoring-agent", False),
        ("monitoring-hub", False),
        ("StackSet-shop-5b1a", False),
    ],
)
def test_the_second_pattern_takes_the_agents_stacks_alone(name: str, is_agents: bool) -> None:
    pattern = EventPattern(None, registry.agent_stack_pattern())

    assert pattern.matches_event(stack_event(name)) is is_agents  # type: ignore[arg-type]


# --- the authorizer


def authorize(authorization: str) -> Mapping[str, Any]:
    authorizer: ChaliceAuthorizer = app.authorize
    arn = "arn:aws:execute-api:eu-west-1:123456789012:abc/api/GET/events"
    event = {"type": "TOKEN", "authorizationToken": authorization, "methodArn": arn}
    return authorizer(event, {})


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_known_token_is_let_through_to_all_routes_with_its_scopes(world: World, scheme: str) -> None:
    answer = authorize(f"{scheme} {READER}")

    assert answer["principalId"] == "reader"
    assert answer["context"] == {"name": "reader", "scopes": "read"}
    (statement,) = answer["policyDocument"]["Statement"]
    assert statement["Effect"] == "Allow"
    assert statement["Resource"] == ["arn:aws:execute-api:eu-west-1:123456789012:abc/api/*/*"]


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer nobody", READER, f"Basic {READER}", f"Bearer{READER}"]
)
def test_anything_else_is_let_through_to_nothing(world: World, header: str) -> None:
    answer = authorize(header)

    assert answer["context"] == {}
    assert [each["Resource"] for each in answer["policyDocument"]["Statement"]] == [[]]


@pytest.mark.parametrize(
    ("token", "status"),
    [(READER, 200), ("nobody", 401), ("", 401)],
)
def test_a_stranger_does_not_reach_the_routes(world: World, token: str, status: int) -> None:
    assert world.call("GET", "/events", token=token).status_code == status


def test_without_configured_tokens_nobody_reaches_the_routes(world: World) -> None:
    world.secrets.values.clear()

    assert world.call("GET", "/events").status_code == 401


def test_an_authorizer_that_cannot_request_tokens_says_so_instead_of_denying(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """API Gateway remembers a denial for a minute, but no error."""

    def fail(_: str) -> None:
        raise RuntimeError("ssm gone")

    monkeypatch.setattr(world.secrets, "list_secrets", fail)

    with pytest.raises(RuntimeError, match="ssm gone"):
        authorize(f"Bearer {READER}")


# Whoever has a link's token may follow the link; whoever has none of anything may ask how the hub is.
DOCS = {"GET /docs", "GET /docs/{asset}"}
# The authorizer reads one header, and browsers have a cookie: pages check it themselves (tests/app/test_ui_sign_in.py).
PAGES = {"GET /ui", *(f"{method} /ui/{path}" for method in ("GET", "POST") for path in ("{page}", "{page}/{item}"))}
# Slack signs what it sends (tests/app/test_slack.py).
SIGNED = {"POST /slack/{kind}"}
OPEN = {"GET /links/{token}", "POST /links/{token}", "GET /health", "GET /openapi.json", *DOCS, *PAGES, *SIGNED}


def test_every_route_but_links_and_health_has_the_authorizer_and_a_scope() -> None:
    routes = {f"{each.method} {path}": each for path, methods in app.app.routes.items() for each in methods.values()}
    guarded = {route for route, entry in routes.items() if entry.authorizer is app.authorize}
    scoped = {route for route, view in views().items() if view.scope}

    assert routes.keys() - guarded == OPEN | {f"OPTIONS {path}" for path in app.app.routes}
    assert guarded == scoped


def test_every_path_has_a_preflight_and_no_cors_of_chalices_own() -> None:
    assert all("OPTIONS" in methods for methods in app.app.routes.values())
    assert not any(entry.cors for methods in app.app.routes.values() for entry in methods.values())


# --- cold start

AWS = {"AWS_DEFAULT_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"}
HUB = {"TABLE_NAME": "monitoring-dev", "STAGE": "dev"}


def imported_by(script: str, names: Iterable[str], environment: Mapping[str, str]) -> list[str]:
    """Return which of the modules a fresh Python has imported after a script."""
    script = f"{script}; import sys; print(*[name for name in {list(names)} if name in sys.modules])"
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_to_import_the_app_needs_nothing_heavy_and_no_environment() -> None:
    heavy = ["boto3", "botocore", "jinja2", "urllib3", "certifi"]

    assert imported_by("import app", heavy, {}) == []


def test_to_take_events_in_a_hub_needs_nothing_that_only_a_message_or_a_model_does() -> None:
    names = ["boto3", "botocore", "jinja2", "chalicelib.sources.schema"]

    assert imported_by("import app; app.container.hub().receive", names, AWS | HUB) == ["botocore"]


@pytest.mark.parametrize("name", [each.name for each in app.app.event_sources])
def test_a_handler_is_no_longer_than_its_line_in_a_table_of_contents(name: str) -> None:
    source = inspect.getsource(getattr(app, name).func)

    assert len(source.splitlines()) <= 1 + 1 + 6
