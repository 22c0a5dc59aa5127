"""A hub in memory behind the real app.py, and a client that calls it as API Gateway would."""

import hashlib
import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from chalice.local import LambdaContext
from chalice.test import Client, HTTPResponse

import app
from chalicelib import container, logging_config
from chalicelib.api.view import View
from chalicelib.container.services import Hub
from chalicelib.domain.notifications.notification import Record
from chalicelib.domain.timestamps import iso
from chalicelib.services.tasks import run_all
from chalicelib.settings import HubSettings
from local.api_server import Gateway, Refused
from tests.contract.responses import Seen, problems
from tests.failure_fakes import FakeBacklogStore, FakeFailureRouting, FakeMetrics, FakeQueues
from tests.fake_lists import FakeAlertDetails, FakeAlerts, FakeNotifications, FakeSilences
from tests.fakes import NOW, FakeClock, FakeNotifier, FakeReceiverStore, FakeStore
from tests.feedback_fakes import FakeFeedbackStore
from tests.gateways.slack.messages import the_links
from tests.request_fakes import FakeIdempotency, FakeSignIns

ROOT = Path(app.__file__).parent
# What is deployed is its owners' business; these tests have a file of their own.
DEPLOYED_ROUTES, ROUTES = container.ROUTES, Path(__file__).with_name("routes.toml")
READER, WRITER, BOTH = "reader-token", "writer-token", "both-token"
SETTINGS = HubSettings.load({"TABLE_NAME": "monitoring-dev", "STAGE": "dev", "GROUP_WAIT_SECONDS": "0"})


@contextmanager
def fresh_caches() -> Iterator[None]:
    """Forget what others made of their environment, and in the end what was made of this one."""
    made = (container.settings, container.hub, container.scanner)
    for each in made:
        each.cache_clear()
    try:
        yield
    finally:
        for each in made:
            each.cache_clear()


class FakeSecrets:
    """Secrets in memory: names and values right below one path."""

    def __init__(self, path: str, values: Mapping[str, str]) -> None:
        self.path, self.values = path, dict(values)
        self.elsewhere: dict[str, str] = {}

    def get_secret(self, name: str) -> str | None:
        """Return one of them, or one that is `elsewhere`, by its whole name; None where there is none."""
        return self.elsewhere.get(name) or self.values.get(name.removeprefix(f"{self.path}/"))

    def list_secrets(self, path: str) -> Mapping[str, str]:
        """Return the secrets below the path."""
        return self.values if path == self.path else {}


def token_parameter(token: str, *scopes: str) -> str:
    """Return what the parameter of a token holds."""
    return json.dumps({"sha256": hashlib.sha256(token.encode()).hexdigest(), "scopes": scopes})


def tokens() -> FakeSecrets:
    """Return the parameters of the three tokens."""
    values = {
        "reader": token_parameter(READER, "read"),
        "writer": token_parameter(WRITER, "write"),
        "both": token_parameter(BOTH, "read", "write"),
    }
    secrets = FakeSecrets("/monitoring/dev/api-tokens", values)
    secrets.elsewhere["/monitoring/dev/link-key"] = "k" * 64
    return secrets


class CheckedGateway(Gateway):
    """A gateway all of whose responses must be as docs/openapi.json says."""

    def handle_request(self, method: str, path: str, headers: dict[str, Any], body: bytes | None) -> dict[str, Any]:
        """Return the response of a view, or raise what API Gateway responds itself."""
        try:
            answer = super().handle_request(method, path, headers, body)
        except Refused as refused:
            body = refused.body or b""
            check(method, path, {"statusCode": refused.CODE, "headers": refused.headers, "body": body.decode()})
            raise
        check(method, path, answer)
        return answer


def check(method: str, path: str, answer: Mapping[str, Any]) -> None:
    """Hold what a function answers to API Gateway against the document, in which pages and chats are not."""
    if path.startswith(("/ui", "/slack")):
        return
    headers = {name.lower(): str(value) for name, value in answer["headers"].items()}
    seen = Seen(method, path, answer["statusCode"], headers, answer["body"] or "")
    assert not (wrong := problems(seen)), f"{method} {path}: {seen.status}: {'; '.join(wrong)}"


@dataclass
class World:
    """Everything around the app, to be looked at and broken."""

    clock: FakeClock = field(default_factory=FakeClock)
    slack: FakeNotifier = field(default_factory=FakeNotifier)
    secrets: FakeSecrets = field(default_factory=tokens)
    failure_routing: FakeFailureRouting = field(default_factory=FakeFailureRouting)
    queues: FakeQueues = field(default_factory=FakeQueues)
    metrics: FakeMetrics = field(default_factory=FakeMetrics)

    def __post_init__(self) -> None:
        self.store = FakeStore(self.clock)
        self.alerts = FakeAlerts(self.store)
        self.silences = FakeSilences(self.clock)
        self.idempotency = FakeIdempotency()
        self.sign_ins = FakeSignIns()
        self.feedback = FakeFeedbackStore()
        self.links = the_links()
        self.client = Client(app.app, stage_name="dev", project_dir=str(ROOT))
        http: Any = self.client.http
        http._local_gateway = CheckedGateway(app.app, http._config)  # noqa: SLF001 - the client makes one of Chalice's own
        self.hub = Hub(
            SETTINGS,
            container.routes(SETTINGS),
            clock=self.clock,
            ledger=self.store,
            event_store=self.store,
            unmerged_event_store=self.store,
            hourly_counts=self.store.hourly,
            outbox=self.store,
            leases=self.store,
            run_at_once=run_all,
            receiver_store=FakeReceiverStore(),
            alert_store=self.alerts,
            alert_index=self.alerts,
            alert_details=FakeAlertDetails(self.store),
            notification_store=FakeNotifications(self.store),
            references=self.store.references,
            episode_counts=self.store.episode_counts,
            agent_store=self.store.agents,
            silence_store=self.silences,
            copy_silences=int,
            idempotency_store=self.idempotency,
            link_signer=self.links,
            notifier=self.slack,
            sign_in_store=self.sign_ins,
            backlog_store=FakeBacklogStore(),
            feedback_store=self.feedback,
            secrets=self.secrets,
            failure_routing=self.failure_routing,
            dead_letter_queues=self.queues,
            metrics=self.metrics,
        )

    def call(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | Iterable[tuple[str, Any]] = (),
        token: str = BOTH,
        **more: Any,
    ) -> HTTPResponse:
        """Send a request through Chalice's own gateway and authorizer; `more` is `json` or `body`, and `headers`."""
        pairs = urlencode(list(query.items()) if isinstance(query, Mapping) else list(query))
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if "json" in more:
            headers["Content-Type"] = "application/json"
        return self.client.http.request(
            method,
            f"{path}?{pairs}" if pairs else path,
            headers=headers | more.get("headers", {}),
            body=more.get("body", json.dumps(more["json"]).encode() if "json" in more else b""),
        )

    def get(self, path: str, **query: Any) -> HTTPResponse:
        """Send a GET."""
        return self.call("GET", path, query)

    def take(self, at: int = NOW, fields: Mapping[str, Any] | None = None) -> Record:
        """Take in an event of somebody's own, published at `at`; `fields` replace some of its envelope's."""
        raw = {
            "id": f"{at}-{len(self.store.records)}",
            "source": "custom.shop",
            "detail-type": "Order Lost",
            "account": "111122223333",
            "region": "eu-west-1",
            "time": iso(at),
            "resources": [],
            "detail": {"order": 7},
        }
        return self.hub.ingest(raw | dict(fields or {}))


class RequestIds(logging.Handler):
    """Collects the request ids under which lines are logged."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Note the request id of now."""
        self.seen.add(logging_config.request_id.get())


def views() -> dict[str, View]:
    """Return the view behind each route, by method and path; preflights have none."""
    functions = {
        f"{method} {path}": entry.view_function
        for path, methods in app.app.routes.items()
        for method, entry in methods.items()
    }
    return {route: function for route, function in functions.items() if isinstance(function, View)}


def gateway_event(method: str, resource: str, **parts: Any) -> dict[str, Any]:
    """Return what API Gateway sends to the API's function; `parts` replace some of it."""
    context = {
        "httpMethod": method,
        "resourcePath": resource,
        "requestId": "gateway-request",
        "authorizer": {"name": "both", "scopes": "read write"},
    }
    return {
        "requestContext": context,
        "headers": {},
        "multiValueQueryStringParameters": None,
        "pathParameters": {},
        "stageVariables": None,
        "body": None,
    } | parts


def invoke(event: Mapping[str, Any]) -> tuple[int, Any]:
    """Invoke the API's function, and return the status and the body of what it answers."""
    answer = invoke_raw(event)
    return answer["statusCode"], json.loads(answer["body"]) if answer["body"] else None


def invoke_raw(event: Mapping[str, Any]) -> dict[str, Any]:
    """Invoke the API's function, and return what it answers to API Gateway."""
    answer: dict[str, Any] = app.app(dict(event), LambdaContext("api_handler", 512))
    context = event.get("requestContext", {})
    if "httpMethod" in context:
        check(context["httpMethod"], context["resourcePath"], answer)
    return answer
