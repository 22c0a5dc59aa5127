"""What a hub does each minute, put together."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.container.services import Hub
    from chalicelib.services.operations.sweep import Sweep


def build_sweep(hub: "Hub") -> "Sweep":
    """Build what sends, merges, evaluates and counts."""
    from chalicelib.services.alerting.episode_counter import EpisodeCounter
    from chalicelib.services.operations.sweep import Sweep

    counter = EpisodeCounter(hub.episode_counts, hub.alert_store, hub.event_store, hub.clock)
    return Sweep(hub.ingest, hub.evaluator, hub.dispatcher, hub.receivers, counter, hub.clock, hub.heartbeat_url)
