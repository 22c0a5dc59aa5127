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
