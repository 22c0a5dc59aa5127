"""Canaries: events that agents send only as a test of their delivery, and what is known of that."""

from msgspec import Struct

from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.events.event import fingerprint_of

# Seconds between canaries; the first of a region counts for all of its agents.
INTERVAL = 900
# Seconds that a canary may take: EventBridge, a sweep each minute, and differences between clocks.
LONGEST_WAY = 300
# Seconds. A canary dated further ahead would hide that later ones are missing; an older one tells nothing.
FURTHEST_AHEAD, OLDEST = 300, 3_600

RECEIVER = "canary"


class Canary(Struct, frozen=True):
    """One canary: its region, and when it was sent (epoch seconds)."""

    region: str
    sent_at: int

    @property
    def slot(self) -> int:
        """Its interval: one canary of each region and interval is delivered."""
        return slot_of(self.sent_at)


class CanaryArrival(Struct, frozen=True):
    """The newest delivered canary of a region: when it was sent, and how many seconds it took."""

    sent_at: int
    latency: int

    def is_late(self, now: int) -> bool:
        """Return whether the next one should have arrived by now."""
        return now - self.sent_at > INTERVAL + LONGEST_WAY


def slot_of(sent_at: int) -> int:
    """Return the interval of a canary sent at that time."""
    return sent_at // INTERVAL


def canary_of(envelope: Envelope, stage: str) -> Canary | None:
    """Read a canary; None where it is for another stage, or has no plausible time or no region."""
    detail = envelope.detail if isinstance(envelope.detail, dict) else {}
    sent_at = detail.get("sent_at")
    if not isinstance(sent_at, int) or not envelope.region or detail.get("stage") != stage:
        return None
    age = envelope.received_at - sent_at
    return Canary(envelope.region, sent_at) if -FURTHEST_AHEAD <= age <= OLDEST else None


def fingerprint_in(account: str, region: str, stage: str) -> str:
    """Return the fingerprint of all events about a region's canaries; the account is the hub's."""
    return fingerprint_of(RECEIVER, account, region, stage)
