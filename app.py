"""The hub's table of contents: everything that can start it, in one file.

Each handler parses, makes one call and returns. Its name is the name of its Lambda function: renaming it replaces the
function.
"""

from __future__ import annotations

from chalicelib import lambda_runtime  # noqa: F401 - it acts when it is imported, and so before all others

# isort: split
from http import HTTPStatus
from typing import Any

from chalice.app import AuthRequest, AuthResponse, Chalice, CloudWatchEvent, Cron, Rate, Response

from chalicelib import api, container, release
from chalicelib.api import Scope, html, slack, swagger_ui, ui
from chalicelib.domain import queries
from chalicelib.sources import registry

app = Chalice(app_name="monitoring", configure_logs=False)


# --- events and schedules: an exception is raised, so that Lambda retries


@app.on_cw_event(registry.event_pattern())
def handle_monitoring_events(event: CloudWatchEvent) -> None:
    """Store and announce one event from any account; record an agent's heartbeat."""
    container.hub().receive(event.to_dict())


@app.on_cw_event(registry.agent_stack_pattern())
def update_deployment(event: CloudWatchEvent) -> None:
    """Record a change of an agent's stack."""
    container.hub().deployments.update(event.to_dict())


@app.schedule(Rate(5, unit=Rate.MINUTES))
def query_error_logs(event: CloudWatchEvent) -> None:
    """Scan this account's logs for errors, and publish them."""
    container.agent().run(api.remaining_time(event))


@app.schedule(Cron(0, 0, "*", "*", "?", "*"))
def daily_report(event: CloudWatchEvent) -> None:
    """Reconcile and report the UTC day that has just ended."""
    container.hub().end_of_day(event.to_dict())


@app.schedule(Rate(1, unit=Rate.MINUTES))
def deliver_notifications(event: CloudWatchEvent) -> None:
    """Send what is pending, merge events that were stored alone, and evaluate alerts that are due."""
    container.hub().sweep(api.remaining_time(event), is_scheduled=api.is_scheduled(event))


@app.schedule(Rate(5, unit=Rate.MINUTES))
def check_agents(event: CloudWatchEvent) -> None:
    """Report agents that fell silent, missing canaries and failure destinations, and silences that end soon."""
    container.hub().checks.run(event.account, event.region)


@app.lambda_function()
def backfill_error_logs(order: Any, context: Any) -> dict[str, Any]:
    """Scan a past stretch of this account's logs; `python -m infra.backfill` calls it."""
    return container.backfill().run(order, context.get_remaining_time_in_millis).to_json()


@app.lambda_function()
def redrive(order: Any, context: Any) -> dict[str, Any]:
    """Run failed events through their handlers again; `python -m infra.redrive` calls it."""
    return container.redrive(order, context.get_remaining_time_in_millis).to_json()


# --- the API: the authorizer checks the token, each view its scope; `docs/openapi.json` is generated from these


@app.authorizer(ttl_seconds=60)
def authorize(request: AuthRequest) -> AuthResponse:
    """Admit requests with a known token to the routes."""
    return api.auth_response(container.hub().authenticator.identify(api.bearer(request.token)))


route = api.guarded_routes(app, authorize)


@route("GET", "/events", Scope.READ)
def list_events(query: api.requests.EventParameters) -> api.responses.EventPage:
    """List events, without their details.

    Under a filter without an index a page may be short, or even empty, and still have a `next`: the hub reads at most
    1,000 events for a page.
    """
    hub = container.hub()
    chosen = hub.accounts.resolve(query.of(queries.EventQuery))
    return api.responses.EventPage.of(hub.event_store.page(chosen, hub.clock.now()), chosen, _context())


@route("GET", "/events/{event_id}", Scope.READ)
def get_event(event_id: api.requests.EventId) -> api.responses.WholeEventResource:
    """Show an event with its detail and its notifications."""
    return api.responses.WholeEventResource.with_notifications(
        *container.hub().notifications.explain(event_id), _context()
    )


@route("GET", "/alerts", Scope.READ)
def list_alerts(query: api.requests.AlertParameters) -> api.responses.AlertPage:
    """List alerts by the start of their newest episodes.

    Under a filter other than `status` and `fingerprint` a page may be short, or even empty, and still have a `next`.
    """
    chosen = container.hub().accounts.resolve(query.of(queries.AlertQuery))
    return api.responses.AlertPage.of(container.hub().alerts.page(chosen), chosen, _context())


@route("GET", "/alerts/{fingerprint}", Scope.READ)
def get_alert(fingerprint: api.requests.Fingerprint) -> api.responses.WholeAlertResource:
    """Show an alert with its newest events and its accounts and regions."""
    return api.responses.WholeAlertResource.with_events(container.hub().alerts.inspect(fingerprint), _context())


@route("GET", "/alerts/{fingerprint}/timeline", Scope.READ)
def get_alert_timeline(fingerprint: api.requests.Fingerprint) -> api.responses.AlertTimeline:
    """Show what happened to an alert: episodes, actions and notifications, newest first."""
    alert = container.hub().alerts.get(fingerprint)
    return api.responses.AlertTimeline.of(container.hub().alert_history.of(alert.fingerprint), _context())


@route("POST", "/alerts/actions", Scope.WRITE)
def act_on_alerts(body: api.requests.AlertActions, caller: str) -> api.responses.AlertActionResults:
    """Acknowledge, resolve, reopen or silence up to 100 alerts, each with its own result.

    An alert that cannot be changed does not stop the others. Each alert gets a silence of its own.
    """
    results = container.hub().bulk_actions.take(body.action, body.fingerprints, caller, body.note, body.duration)
    return api.responses.AlertActionResults.of(results, _context())


@route("POST", "/alerts/{fingerprint}/acknowledge", Scope.WRITE)
def acknowledge_alert(
    fingerprint: api.requests.Fingerprint, body: api.requests.Remark, caller: str
) -> api.responses.AlertResource:
    """Acknowledge an alert: somebody works on it.

    There are no more reminders until it gets worse or is over. An acknowledged alert stays as it is.
    """
    return api.responses.AlertResource.of(
        container.hub().alerts.acknowledge(fingerprint, caller, body.note), _context()
    )


@route("POST", "/alerts/{fingerprint}/resolve", Scope.WRITE)
def resolve_alert(
    fingerprint: api.requests.Fingerprint, body: api.requests.Remark, caller: str
) -> api.responses.AlertResource:
    """Resolve an alert: it is over.

    Everybody who was notified of it is notified of that, once, within a minute. A resolved alert stays as it is.
    """
    return api.responses.AlertResource.of(container.hub().alerts.resolve(fingerprint, caller, body.note), _context())


@route("POST", "/alerts/{fingerprint}/reopen", Scope.WRITE)
def reopen_alert(
    fingerprint: api.requests.Fingerprint, body: api.requests.Remark, caller: str
) -> api.responses.AlertResource:
    """Reopen an alert: it is not over, or nobody works on it.

    The same episode goes on. A firing alert stays as it is.
    """
    return api.responses.AlertResource.of(container.hub().alerts.reopen(fingerprint, caller, body.note), _context())


@route("GET", "/notifications", Scope.READ)
def list_notifications(query: api.requests.NotificationParameters) -> api.responses.NotificationPage:
    """List notifications by when they were enqueued.

    With `status=suppressed`, lists the events of which nobody was notified; without a status, all other notifications.
    """
    chosen = query.of(queries.NotificationQuery)
    return api.responses.NotificationPage.of(container.hub().notifications.page(chosen), chosen, _context())


@route("GET", "/notifications/{notification_id}", Scope.READ)
def get_notification(notification_id: api.requests.NotificationId) -> api.responses.NotificationResource:
    """Show a notification."""
    return api.responses.NotificationResource.of(container.hub().notifications.get(notification_id), _context())


@route("POST", "/notifications/{notification_id}/redeliver", Scope.WRITE)
def redeliver_notification(
    notification_id: api.requests.NotificationId, body: api.requests.Redelivery
) -> api.responses.NotificationResource:
    """Enqueue a failed notification again.

    It is sent within a minute. A pending one stays as it is.
    """
    sent = container.hub().notifications.redeliver(notification_id, force=body.force)
    return api.responses.NotificationResource.of(sent, _context())


@route("GET", "/silences", Scope.READ)
def list_silences(query: api.requests.SilenceParameters) -> api.responses.SilencePage:
    """List silences by when they end, the last first."""
    chosen = query.of(queries.SilenceQuery)
    return api.responses.SilencePage.of(container.hub().silences.page(chosen), chosen, _context())


@route("POST", "/silences", Scope.WRITE, status=HTTPStatus.CREATED)
def create_silence(body: api.requests.NewSilence, caller: str) -> api.responses.SilenceResource:
    """Create a silence; it takes effect within 15 seconds."""
    hub = container.hub()
    return api.responses.SilenceResource.of(hub.silences.create(body.silence(caller, hub.clock.now())), _context())


@route("POST", "/silences/preview", Scope.READ)
def preview_silence(body: api.requests.NewSilence, caller: str) -> api.responses.SilencePreviewResource:
    """Show which alerts a silence would cover, without creating it."""
    hub = container.hub()
    preview = hub.silence_preview(body.silence(caller, hub.clock.now()))
    return api.responses.SilencePreviewResource.of(preview, _context())


@route("GET", "/silences/{silence_id}", Scope.READ)
def get_silence(silence_id: api.requests.SilenceId) -> api.responses.SilenceResource:
    """Show a silence, ended or not."""
    return api.responses.SilenceResource.of(container.hub().silences.get(silence_id), _context())


@route("PATCH", "/silences/{silence_id}", Scope.WRITE)
def change_silence(
    silence_id: api.requests.SilenceId, body: api.requests.SilenceChange
) -> api.responses.SilenceResource:
    """Move the end of a silence; one that has ended stays ended."""
    return api.responses.SilenceResource.of(container.hub().silences.move_end(silence_id, body.end_of), _context())


@route("DELETE", "/silences/{silence_id}", Scope.WRITE)
def delete_silence(silence_id: api.requests.SilenceId) -> None:
    """End a silence now; one that has ended stays as it is."""
    container.hub().silences.expire(silence_id)


@route("GET", "/agents", Scope.READ)
def list_agents(query: api.requests.AgentParameters) -> api.responses.AgentPage:
    """List agents, ordered by id."""
    chosen = query.of(queries.AgentQuery)
    return api.responses.AgentPage.of(container.hub().agents.page(chosen), chosen)


@route("POST", "/agents", Scope.WRITE, status=HTTPStatus.CREATED)
def create_agent(body: api.requests.NewAgent) -> api.responses.AgentResource:
    """Register an agent that is expected to report; agents that report register themselves."""
    return api.responses.AgentResource.of(container.hub().agents.create(body.account, body.region, body.name))


@route("GET", "/agents/{agent_id}", Scope.READ)
def get_agent(agent_id: api.requests.AgentId) -> api.responses.WholeAgentResource:
    """Show an agent with its coverage."""
    return api.responses.WholeAgentResource.with_coverage(container.hub().agents.get(*agent_id), _context())


@route("PATCH", "/agents/{agent_id}", Scope.WRITE)
def rename_agent(agent_id: api.requests.AgentId, body: api.requests.AgentName) -> api.responses.AgentResource:
    """Rename an agent."""
    return api.responses.AgentResource.of(container.hub().agents.rename(*agent_id, body.name))


@route("DELETE", "/agents/{agent_id}", Scope.WRITE)
def delete_agent(agent_id: api.requests.AgentId) -> None:
    """Delete an agent; its next heartbeat registers it again."""
    container.hub().agents.remove(*agent_id)


@route("GET", "/coverage", Scope.READ)
def list_coverage(query: api.requests.CoverageParameters) -> api.responses.CoveragePage:
    """List what each agent has scanned, and what it has not, as of its last heartbeat."""
    chosen = query.select()
    return api.responses.CoveragePage.of(container.hub().agents.page(chosen.agents), chosen, _context())


# --- what buttons in messages open, authorised by their token


@app.route("/links/{token}")
@html.view
def show_link(token: str) -> html.Html:
    """Show what a button would do; changes nothing, as link previews open it too."""
    return html.link(container.hub().links.show(token))


@app.route("/links/{token}", methods=["POST"], content_types=[html.FORM])
@html.view
def follow_link(token: str, name: str) -> html.Html:
    """Do what a button says, once, in the name of a person."""
    return html.link(container.hub().links.follow(token, name))


@app.route("/ui")
@app.route("/ui/{page}")
@app.route("/ui/{page}/{item}")
@app.route("/ui/{page}", methods=["POST"], content_types=[html.FORM])
@app.route("/ui/{page}/{item}", methods=["POST"], content_types=[html.FORM])
def show_ui(page: str = "", item: str = "") -> Response:
    """Show a page for people, or handle one of its forms; authorised by the session cookie."""
    return ui.respond(container.hub(), page, item)


@app.route("/slack/{kind}", methods=["POST"], content_types=[html.FORM])
def serve_slack(kind: str) -> Response:  # noqa: ARG001 - Slack has an address for each
    """Handle a button, form or command in Slack; authorised by Slack's signature."""
    return slack.respond(container.hub())


# --- health and documentation


@app.route("/health")
@api.open_view
def get_health() -> api.responses.HealthResource:
    """Report whether the hub and its table respond, as of a few seconds ago."""
    stage = container.settings().stage
    return api.responses.HealthResource.of(stage, release.VERSION, release.commit(), healthy=container.hub().health())


@app.route("/openapi.json")
@api.open_view
def get_openapi() -> dict[str, Any]:
    """Show this document."""
    return api.openapi_document(app, release.VERSION)


@app.route("/docs")
@app.route("/docs/{asset}")
@swagger_ui.view
def show_docs(asset: str = "") -> Response:
    """Show this document as a page to try it on, or a file that the page needs."""
    return swagger_ui.asset(asset) if asset else swagger_ui.page()


def _context() -> api.responses.Context:
    hub = container.hub()
    return api.responses.Context(hub.accounts.name, hub.settings.console, hub.clock.now(), hub.annotations)


api.install_middleware(app, lambda: container.settings().cors_origin, lambda: container.hub().idempotency)
container.prepare()
