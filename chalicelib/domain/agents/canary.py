"""Canaries: events that agents send only to see them arrive, and what is known of their way through the hub."""

from msgspec import Struct

from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.events.event import fingerprint_of

# An agent sends one in so many seconds; the first of a region counts for all of them.
INTERVAL = 900
# What a canary may take on its way, in seconds: EventBridge, a sweep each minute, and the clocks' disagreement.
LONGEST_WAY = 300
# One that says it was sent later than this would hide that the next ones are missing; one that is older is no news.
FURTHEST_AHEAD, OLDEST = 300, 3_600

RECEIVER = "canary"


class Canary(Struct, frozen=True):
    """One canary: from which region it came, and when it was sent (epoch seconds)."""

    region: str
    sent_at: int

    @property
    def slot(self) -> int:
        """Which interval it stands for: one canary of each region and interval goes through."""
        return slot_of(self.sent_at)


class CanaryArrival(Struct, frozen=True):
    """The newest canary of a region that went the whole way: when it was sent, and how many seconds it took."""

    sent_at: int
    latency: int

    def is_late(self, now: int) -> bool:
        """Return whether the next one should have arrived by now."""
        return now - self.sent_at > INTERVAL + LONGEST_WAY


def slot_of(sent_at: int) -> int:
    """Return which interval a canary of that time stands for."""
    return sent_at // INTERVAL


def canary_of(envelope: Envelope, stage: str) -> Canary | None:
    """Read a canary; None where it is for another stage, tells no time that could be true, or comes from nowhere."""
    detail = envelope.detail if isinstance(envelope.detail, dict) else {}
    sent_at = detail.get("sent_at")
    if not isinstance(sent_at, int) or not envelope.region or detail.get("stage") != stage:
        return None
    age = envelope.received_at - sent_at
    return Canary(envelope.region, sent_at) if -FURTHEST_AHEAD <= age <= OLDEST else None


def fingerprint_in(account: str, region: str, stage: str) -> str:
    """Return the fingerprint that all events about a region's canaries have; the account is the hub's."""
    return fingerprint_of(RECEIVER, account, region, stage)
