"""The handlers of app.py that nobody waits for, written by `make generate`: not to be edited."""

EVENT_HANDLERS = (
    "handle_monitoring_events",
    "update_deployment",
)
# Seconds between two runs.
SCHEDULES = {
    "query_error_logs": 300,
    "daily_report": 86_400,
    "deliver_notifications": 60,
    "check_agents": 300,
}
# How many rules invoke a handler, where it is more than one.
RULES = {
    "handle_monitoring_events": 8,
}


def rule_names(function: str, count: int) -> tuple[str, ...]:
    """Return what the rules of a function are called: as `chalice deploy` does, and with a number behind it."""
    return (f"{function}-event", *(f"{function}-event-{number}" for number in range(2, count + 1)))


def rules_of(stage: str, handler: str) -> tuple[str, ...]:
    """Return what the rules of a handler are called in a stage."""
    return rule_names(f"monitoring-{stage}-{handler}", RULES.get(handler, 1))
