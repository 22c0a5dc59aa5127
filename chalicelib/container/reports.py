"""Builds the hub's reports."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.container.services import Hub
    from chalicelib.services.alerting.silence_reminders import SilenceReminders
    from chalicelib.services.reporting.daily_report import DailyReports
    from chalicelib.services.reporting.weekly_report import WeeklyReports


def build_daily_reports(hub: "Hub") -> "DailyReports":
    """Build what writes the daily report."""
    from chalicelib.services.reporting.daily_report import DailyReports

    return DailyReports(
        hub.event_store,
        hub.outbox,
        hub.agents,
        hub.dispatcher,
        hub.clock,
        hub.receivers.everybody,
        hub.canaries,
        hub.alert_store,
        hub.policies.standing,
    )


def build_weekly_reports(hub: "Hub") -> "WeeklyReports":
    """Build what writes the weekly report; an alert's team is the owner in its annotation."""
    from chalicelib.services.reporting.weekly_report import WeeklyReports

    return WeeklyReports(
        notifications=hub.notification_store,
        alerts=hub.alert_store,
        feedback=hub.feedback_store,
        outbox=hub.outbox,
        dispatcher=hub.dispatcher,
        clock=hub.clock,
        receivers=hub.receivers.everybody,
        team=lambda alert: hub.annotations.of(alert, hub.clock.now()).owner,
    )


def build_silence_reminders(hub: "Hub") -> "SilenceReminders":
    """Build what announces silences that end soon."""
    from chalicelib.services.alerting.silence_reminders import SilenceReminders

    return SilenceReminders(hub.silence_store, hub.silence_preview, hub.outbox, hub.clock)
