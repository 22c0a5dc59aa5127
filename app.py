"""The hub's table of contents: everything that can wake it, in one file.

Each handler parses, makes one call and answers. What a handler is called becomes the name of its Lambda function: to
rename one is to make another.
"""

from chalicelib import lambda_runtime  # noqa: F401 - it acts when it is imported, and so before all others

# isort: split
from typing import Any

from chalice.app import AuthRequest, AuthResponse, Chalice, CloudWatchEvent, Cron, Rate

from chalicelib import api, container
from chalicelib.api import (
    AgentQuery,
    AlertQuery,
    CoverageQuery,
    EventQuery,
    NewAgent,
    NotificationQuery,
    Remark,
    Response,
    Scope,
    Silence,
    SilenceQuery,
    html,
    requests,
)
from chalicelib.api.requests import alerts, coverage, silences
from chalicelib.sources import registry

app = Chalice(app_name="monitoring", configure_logs=False)


# --- events and schedules: an exception goes out, so that Lambda tries again


@app.on_cw_event(registry.event_pattern())
def handle_monitoring_events(event: CloudWatchEvent) -> None:
    """Store and announce one event from any account; take in an agent's heartbeat."""
    container.hub().receive(event.to_dict())


@app.on_cw_event(registry.agent_stack_pattern())
def update_deployment(event: CloudWatchEvent) -> None:
    """Keep the register of agents true to their stacks."""
    container.hub().deployments.update(event.to_dict())


@app.schedule(Rate(5, unit=Rate.MINUTES))
def query_error_logs(event: CloudWatchEvent) -> dict[str, Any]:
    """Scan this account's logs for errors, and publish what is found; where it is asked for, those of the past."""
    if "backfill" in event.detail:
        return container.backfill().run(event.detail["backfill"], api.remaining_time(event)).to_json()
    container.agent().run(api.remaining_time(event))
    return {}


@app.schedule(Cron(0, 0, "*", "*", "?", "*"))
def daily_report(_event: CloudWatchEvent) -> None:
    """Report on the UTC day that has just ended."""
    container.hub().reports.send()


@app.schedule(Rate(1, unit=Rate.MINUTES))
def deliver_notifications(_event: CloudWatchEvent) -> None:
    """Send what is pending, and fold in the events that were stored alone."""
    container.hub().sweep()


@app.schedule(Rate(5, unit=Rate.MINUTES))
def check_agents(event: CloudWatchEvent) -> None:
    """Tell of the agents that fell silent, and of nets of the hub's own that are missing."""
    container.hub().checks.run(event.account, event.region)


@app.lambda_function()
def redrive(order: Any, context: Any) -> dict[str, Any]:
    """Put events that failed back through their handlers; `python -m infra.redrive` calls it."""
    return container.redrive(order, context.get_remaining_time_in_millis).to_json()


# --- the API: the authorizer knows the token, each route asks for the scope it needs; `docs/api.md` describes it


@app.authorizer(ttl_seconds=60)
def authorize(request: AuthRequest) -> AuthResponse:
    """Let whoever presents a known token through to the routes."""
    return api.auth_response(container.hub().authenticator.identify(api.bearer(request.token)))


@app.route("/events", authorizer=authorize)
@api.view(Scope.READ, requests.event_query)
def list_events(query: EventQuery) -> Response:
    """List events, the newest first unless asked otherwise."""
    hub = container.hub()
    return api.event_page(hub.event_store.page(query, hub.clock.now()), query, hub.settings.console)


@app.route("/events/{event_id}", authorizer=authorize)
@api.view(Scope.READ)
def get_event(event_id: str) -> Response:
    """Show one event with its detail and what it is owed."""
    hub = container.hub()
    return api.event(*hub.notifications.explain(requests.event_id(event_id)), hub.settings.console)


@app.route("/alerts", authorizer=authorize)
@api.view(Scope.READ, alerts.alert_query)
def list_alerts(query: AlertQuery) -> Response:
    """List alerts by the beginning of their newest episodes, the newest first unless asked otherwise."""
    return api.alert_page(container.hub().alerts.page(query), query)


@app.route("/alerts/{fingerprint}", authorizer=authorize)
@api.view(Scope.READ)
def get_alert(fingerprint: str) -> Response:
    """Show one alert with its newest events and where it is."""
    return api.whole_alert(container.hub().alerts.look_into(alerts.fingerprint(fingerprint)))


@app.route("/alerts/{fingerprint}/acknowledge", methods=["POST"], authorizer=authorize)
@api.view(Scope.WRITE, alerts.remark)
def acknowledge_alert(remark: Remark, fingerprint: str) -> Response:
    """Say that somebody looks after an alert."""
    return api.alert(container.hub().alerts.acknowledge(alerts.fingerprint(fingerprint), *remark))


@app.route("/alerts/{fingerprint}/resolve", methods=["POST"], authorizer=authorize)
@api.view(Scope.WRITE, alerts.remark)
def resolve_alert(remark: Remark, fingerprint: str) -> Response:
    """Say that an alert is over."""
    return api.alert(container.hub().alerts.resolve(alerts.fingerprint(fingerprint), *remark))


@app.route("/alerts/{fingerprint}/reopen", methods=["POST"], authorizer=authorize)
@api.view(Scope.WRITE, alerts.remark)
def reopen_alert(remark: Remark, fingerprint: str) -> Response:
    """Say that an alert is not over, or that nobody looks after it."""
    return api.alert(container.hub().alerts.reopen(alerts.fingerprint(fingerprint), *remark))


@app.route("/notifications", authorizer=authorize)
@api.view(Scope.READ, alerts.notification_query)
def list_notifications(query: NotificationQuery) -> Response:
    """List notifications by when they were owed, the newest first unless asked otherwise."""
    return api.notification_page(container.hub().notifications.page(query), query)


@app.route("/notifications/{notification_id}", authorizer=authorize)
@api.view(Scope.READ)
def get_notification(notification_id: str) -> Response:
    """Show one notification."""
    return api.notification(container.hub().notifications.get(alerts.notification_id(notification_id)))


@app.route("/notifications/{notification_id}/redeliver", methods=["POST"], authorizer=authorize)
@api.view(Scope.WRITE, alerts.again)
def redeliver_notification(again: bool, notification_id: str) -> Response:  # noqa: FBT001 - what was asked, as all views take it
    """Owe a notification again; the next sweep sends it."""
    known = alerts.notification_id(notification_id)
    return api.notification(container.hub().notifications.redeliver(known, again=again))


@app.route("/silences", authorizer=authorize)
@api.view(Scope.READ, silences.silence_query)
def list_silences(query: SilenceQuery) -> Response:
    """List silences by when they end, the last first."""
    hub = container.hub()
    return api.silence_page(hub.silences.page(query), query, hub.clock.now())


@app.route("/silences", methods=["POST"], authorizer=authorize)
@api.view(Scope.WRITE, lambda request: silences.new_silence(request, container.hub().clock.now()))
def create_silence(new: Silence) -> Response:
    """Hold back for a while what is expected."""
    hub = container.hub()
    return api.silence_created(hub.silences.create(new), hub.clock.now())


@app.route("/silences/{silence_id}", authorizer=authorize)
@api.view(Scope.READ)
def get_silence(silence_id: str) -> Response:
    """Show one silence, whether it has ended or not."""
    hub = container.hub()
    return api.silence(hub.silences.get(silences.silence_id(silence_id)), hub.clock.now())


@app.route("/silences/{silence_id}", methods=["DELETE"], authorizer=authorize)
@api.view(Scope.WRITE)
def delete_silence(silence_id: str) -> Response:
    """End a silence now."""
    container.hub().silences.expire(silences.silence_id(silence_id))
    return api.nothing()


@app.route("/agents", authorizer=authorize)
@api.view(Scope.READ, requests.agent_query)
def list_agents(query: AgentQuery) -> Response:
    """List agents by account and region."""
    return api.agent_page(container.hub().agents.page(query.limit, query.cursor), query)


@app.route("/agents", methods=["POST"], authorizer=authorize)
@api.view(Scope.WRITE, requests.new_agent)
def create_agent(new: NewAgent) -> Response:
    """Register an agent that is expected to report."""
    return api.created(container.hub().agents.create(new.account, new.region, new.name))


@app.route("/agents/{agent_id}", authorizer=authorize)
@api.view(Scope.READ)
def get_agent(agent_id: str) -> Response:
    """Show one agent and what it has scanned."""
    hub = container.hub()
    return api.whole_agent(hub.agents.get(*requests.place(agent_id)), hub.clock.now())


@app.route("/agents/{agent_id}", methods=["PATCH"], authorizer=authorize)
@api.view(Scope.WRITE, requests.new_name)
def rename_agent(name: str, agent_id: str) -> Response:
    """Give an agent another name."""
    return api.agent(container.hub().agents.rename(*requests.place(agent_id), name))


@app.route("/agents/{agent_id}", methods=["DELETE"], authorizer=authorize)
@api.view(Scope.WRITE)
def delete_agent(agent_id: str) -> Response:
    """Forget an agent; its next heartbeat would register it anew."""
    container.hub().agents.remove(*requests.place(agent_id))
    return api.nothing()


@app.route("/coverage", authorizer=authorize)
@api.view(Scope.READ, coverage.coverage_query)
def list_coverage(query: CoverageQuery) -> Response:
    """List what each agent has scanned, and what it has not, by account and region."""
    hub = container.hub()
    page = hub.agents.page(query.limit, query.cursor, query.account, query.region)
    return api.coverage_page(page, query, hub.clock.now())


# --- what the buttons in messages open: their token is the authority


@app.route("/links/{token}")
@html.view()
def show_link(token: str) -> Response:
    """Show what a button would do; changes nothing, for previews open links as well."""
    return html.link(container.hub().links.show(token))


@app.route("/links/{token}", methods=["POST"], content_types=[html.FORM])
@html.view(html.name)
def follow_link(name: str, token: str) -> Response:
    """Do what a button says, once, in a person's name."""
    return html.link(container.hub().links.follow(token, name))


# --- how the hub is


@app.route("/health")
@api.view(scope=None)
def get_health() -> Response:
    """Tell whether the hub and its table answer; needs no token."""
    return api.health(container.settings().stage, healthy=container.hub().checks.is_healthy())


api.install_middleware(app, cors_origin=lambda: container.settings().cors_origin)
