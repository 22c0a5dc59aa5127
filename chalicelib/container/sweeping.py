"""Builds the sweep."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.container.services import Hub
    from chalicelib.services.operations.backlog import Backlogs
    from chalicelib.services.operations.sweep import Sweep


def build_backlogs(hub: "Hub") -> "Backlogs":
    """Build what counts and saves the backlog."""
    from chalicelib.services.operations.backlog import Backlogs

    return Backlogs(
        hub.alert_store, hub.outbox, hub.notification_store, hub.backlog_store, hub.clock, hub.receivers.named
    )


def build_sweep(hub: "Hub") -> "Sweep":
    """Build what sends, merges, evaluates and counts."""
    from chalicelib.services.alerting.episode_counter import EpisodeCounter
    from chalicelib.services.ingestion.hourly_counter import HourlyCounter
    from chalicelib.services.ingestion.merger import Merger
    from chalicelib.services.operations.sweep import Sweep

    hourly = HourlyCounter(hub.hourly_counts)
    merger = Merger(hub.ledger, hub.unmerged_event_store, hub.policies, hub.clock, hourly)
    counter = EpisodeCounter(hub.episode_counts, hub.alert_store, hub.event_store, hub.clock)
    return Sweep(
        merger,
        hub.evaluator,
        hub.dispatcher,
        hub.receivers,
        counter,
        build_backlogs(hub).note,
        hub.clock,
        hub.heartbeat_url,
        # Created when it is called, as most sweeps wake nobody.
        lambda: hub.wake_sender(),  # noqa: PLW0108
        hub.copy_silences,
    )
