"""The hub's table of contents: everything that can wake it, in one file.

Each handler parses, makes one call and answers. What a handler is called becomes the name of its Lambda function: to
rename one is to make another.
"""

from chalicelib import cold_start  # noqa: F401 - it acts when it is imported, and so before all others

# isort: split
from typing import Any

from chalice.app import AuthRequest, AuthResponse, Chalice, CloudWatchEvent, Cron, Rate

from chalicelib import __version__, bootstrap, sources, web
from chalicelib.web import (
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
    asked,
    asked_alerts,
    asked_coverage,
    asked_silences,
    pages,
)

app = Chalice(app_name="monitoring", configure_logs=False)


# --- events and schedules: an exception goes out, so that Lambda tries again


@app.on_cw_event(sources.event_pattern())
def handle_monitoring_events(event: CloudWatchEvent) -> None:
    """Store and announce one event from any account; take in an agent's heartbeat."""
    bootstrap.hub().receive(event.to_dict())


@app.on_cw_event(sources.agent_stack_pattern())
def update_deployment(event: CloudWatchEvent) -> None:
    """Keep the register of agents true to their stacks."""
    bootstrap.hub().deployments.update(event.to_dict())


@app.schedule(Rate(5, unit=Rate.MINUTES))
def query_error_logs(event: CloudWatchEvent) -> dict[str, Any]:
    """Scan this account's logs for errors, and publish what is found; where it is asked for, those of the past."""
    if "backfill" in event.detail:
        return bootstrap.backfill().run(event.detail["backfill"], web.remaining_time(event)).to_json()
    bootstrap.agent().run(web.remaining_time(event))
    return {}


@app.schedule(Cron(0, 0, "*", "*", "?", "*"))
def daily_report(_event: CloudWatchEvent) -> None:
    """Report on the UTC day that has just ended."""
    bootstrap.hub().reports.send()


@app.schedule(Rate(1, unit=Rate.MINUTES))
def deliver_notifications(_event: CloudWatchEvent) -> None:
    """Send what is pending, and fold in the events that were stored alone."""
    bootstrap.hub().sweep()


@app.schedule(Rate(5, unit=Rate.MINUTES))
def check_agents(event: CloudWatchEvent) -> None:
    """Tell of the agents that fell silent, and of nets of the hub's own that are missing."""
    bootstrap.hub().check(event.account, event.region)


@app.lambda_function()
def redrive(order: dict[str, Any], context: Any) -> dict[str, Any]:
    """Put events that failed back through their handlers; `python -m infra.redrive` calls it."""
    remaining = context.get_remaining_time_in_millis
    return bootstrap.hub().redrive(order["queue"], remaining, dry_run=order.get("dry_run", False)).to_json()


# --- the API: the authorizer knows the token, each route asks for the scope it needs; `docs/api.md` describes it


@app.authorizer(ttl_seconds=60)
def authorize(request: AuthRequest) -> AuthResponse:
    """Let whoever presents a known token through to the routes."""
    return web.admission(bootstrap.hub().access.identify(web.bearer(request.token)))


@app.route("/events", authorizer=authorize)
@web.view(Scope.READ, asked.event_query)
def list_events(query: EventQuery) -> Response:
    """List events, the newest first unless asked otherwise."""
    hub = bootstrap.hub()
    return web.event_page(hub.archive.page(query, hub.clock.now()), query, hub.console)


@app.route("/events/{event_id}", authorizer=authorize)
@web.view(Scope.READ)
def get_event(event_id: str) -> Response:
    """Show one event with its detail and what it is owed."""
    hub = bootstrap.hub()
    return web.event(*hub.notifications.explain(asked.event_id(event_id)), hub.console)


@app.route("/alerts", authorizer=authorize)
@web.view(Scope.READ, asked_alerts.alert_query)
def list_alerts(query: AlertQuery) -> Response:
    """List alerts by the beginning of their newest episodes, the newest first unless asked otherwise."""
    return web.alert_page(bootstrap.hub().alerts.page(query), query)


@app.route("/alerts/{fingerprint}", authorizer=authorize)
@web.view(Scope.READ)
def get_alert(fingerprint: str) -> Response:
    """Show one alert with its newest events and where it is."""
    return web.whole_alert(bootstrap.hub().alerts.look_into(asked_alerts.fingerprint(fingerprint)))


@app.route("/alerts/{fingerprint}/acknowledge", methods=["POST"], authorizer=authorize)
@web.view(Scope.WRITE, asked_alerts.remark)
def acknowledge_alert(remark: Remark, fingerprint: str) -> Response:
    """Say that somebody looks after an alert."""
    return web.alert(bootstrap.hub().alerts.acknowledge(asked_alerts.fingerprint(fingerprint), *remark))


@app.route("/alerts/{fingerprint}/resolve", methods=["POST"], authorizer=authorize)
@web.view(Scope.WRITE, asked_alerts.remark)
def resolve_alert(remark: Remark, fingerprint: str) -> Response:
    """Say that an alert is over."""
    return web.alert(bootstrap.hub().alerts.resolve(asked_alerts.fingerprint(fingerprint), *remark))


@app.route("/alerts/{fingerprint}/reopen", methods=["POST"], authorizer=authorize)
@web.view(Scope.WRITE, asked_alerts.remark)
def reopen_alert(remark: Remark, fingerprint: str) -> Response:
    """Say that an alert is not over, or that nobody looks after it."""
    return web.alert(bootstrap.hub().alerts.reopen(asked_alerts.fingerprint(fingerprint), *remark))


@app.route("/notifications", authorizer=authorize)
@web.view(Scope.READ, asked_alerts.notification_query)
def list_notifications(query: NotificationQuery) -> Response:
    """List notifications by when they were owed, the newest first unless asked otherwise."""
    return web.notification_page(bootstrap.hub().notifications.page(query), query)


@app.route("/notifications/{notification_id}", authorizer=authorize)
@web.view(Scope.READ)
def get_notification(notification_id: str) -> Response:
    """Show one notification."""
    return web.notification(bootstrap.hub().notifications.get(asked_alerts.notification_id(notification_id)))


@app.route("/notifications/{notification_id}/redeliver", methods=["POST"], authorizer=authorize)
@web.view(Scope.WRITE, asked_alerts.again)
def redeliver_notification(again: bool, notification_id: str) -> Response:  # noqa: FBT001 - what was asked, as all views take it
    """Owe a notification again; the next sweep sends it."""
    known = asked_alerts.notification_id(notification_id)
    return web.notification(bootstrap.hub().notifications.redeliver(known, again=again))


@app.route("/silences", authorizer=authorize)
@web.view(Scope.READ, asked_silences.silence_query)
def list_silences(query: SilenceQuery) -> Response:
    """List silences by when they end, the last first."""
    hub = bootstrap.hub()
    return web.silence_page(hub.silences.page(query), query, hub.clock.now())


@app.route("/silences", methods=["POST"], authorizer=authorize)
@web.view(Scope.WRITE, lambda request: asked_silences.new_silence(request, bootstrap.hub().clock.now()))
def create_silence(new: Silence) -> Response:
    """Hold back for a while what is expected."""
    hub = bootstrap.hub()
    return web.silence_created(hub.silences.create(new), hub.clock.now())


@app.route("/silences/{silence_id}", authorizer=authorize)
@web.view(Scope.READ)
def get_silence(silence_id: str) -> Response:
    """Show one silence, whether it has ended or not."""
    hub = bootstrap.hub()
    return web.silence(hub.silences.get(asked_silences.silence_id(silence_id)), hub.clock.now())


@app.route("/silences/{silence_id}", methods=["DELETE"], authorizer=authorize)
@web.view(Scope.WRITE)
def delete_silence(silence_id: str) -> Response:
    """End a silence now."""
    bootstrap.hub().silences.expire(asked_silences.silence_id(silence_id))
    return web.nothing()


@app.route("/agents", authorizer=authorize)
@web.view(Scope.READ, asked.agent_query)
def list_agents(query: AgentQuery) -> Response:
    """List agents by account and region."""
    return web.agent_page(bootstrap.hub().agents.page(query.limit, query.cursor), query)


@app.route("/agents", methods=["POST"], authorizer=authorize)
@web.view(Scope.WRITE, asked.new_agent)
def create_agent(new: NewAgent) -> Response:
    """Register an agent that is expected to report."""
    return web.created(bootstrap.hub().agents.create(new.account, new.region, new.name))


@app.route("/agents/{agent_id}", authorizer=authorize)
@web.view(Scope.READ)
def get_agent(agent_id: str) -> Response:
    """Show one agent and what it has scanned."""
    hub = bootstrap.hub()
    return web.whole_agent(hub.agents.get(*asked.place(agent_id)), hub.clock.now())


@app.route("/agents/{agent_id}", methods=["PATCH"], authorizer=authorize)
@web.view(Scope.WRITE, asked.new_name)
def rename_agent(name: str, agent_id: str) -> Response:
    """Give an agent another name."""
    return web.agent(bootstrap.hub().agents.rename(*asked.place(agent_id), name))


@app.route("/agents/{agent_id}", methods=["DELETE"], authorizer=authorize)
@web.view(Scope.WRITE)
def delete_agent(agent_id: str) -> Response:
    """Forget an agent; its next heartbeat would register it anew."""
    bootstrap.hub().agents.remove(*asked.place(agent_id))
    return web.nothing()


@app.route("/coverage", authorizer=authorize)
@web.view(Scope.READ, asked_coverage.coverage_query)
def list_coverage(query: CoverageQuery) -> Response:
    """List what each agent has scanned, and what it has not, by account and region."""
    hub = bootstrap.hub()
    page = hub.agents.page(query.limit, query.cursor, query.account, query.region)
    return web.coverage_page(page, query, hub.clock.now())


# --- what the buttons in messages open: their token is the authority


@app.route("/links/{token}")
@pages.view()
def show_link(token: str) -> Response:
    """Show what a button would do; changes nothing, for previews open links as well."""
    return pages.link(bootstrap.hub().links.show(token))


@app.route("/links/{token}", methods=["POST"], content_types=[pages.FORM])
@pages.view(pages.name)
def follow_link(name: str, token: str) -> Response:
    """Do what a button says, once, in a person's name."""
    return pages.link(bootstrap.hub().links.follow(token, name))


# --- how the hub is


@app.route("/health")
@web.view(scope=None)
def get_health() -> Response:
    """Tell whether the hub and its table answer; needs no token."""
    return web.health(bootstrap.settings().stage, __version__, healthy=bootstrap.hub().is_healthy())


web.furnish(app, cors_origin=lambda: bootstrap.settings().cors_origin)
