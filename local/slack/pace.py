"""How fast a webhook may be used: a token bucket per channel.

https://docs.slack.dev/apis/web-api/rate-limits
"""

from dataclasses import dataclass, field

from local.slack import limits


@dataclass(frozen=True, slots=True)
class RateLimit:
    """A steady pace in messages a second, and how many may come at once after a pause."""

    per_second: float = limits.MESSAGES_PER_SECOND
    burst: int = limits.BURST


@dataclass(slots=True)
class Bucket:
    """A token bucket: each message takes a token, and time puts tokens back up to the burst."""

    limit: RateLimit
    filled_at: float
    tokens: float = field(init=False)

    def __post_init__(self) -> None:
        self.tokens = self.limit.burst

    def take(self, at: float) -> float:
        """Take a token at a time in seconds; 0 when there was one, else the seconds until there is."""
        self.tokens = min(self.limit.burst, self.tokens + (at - self.filled_at) * self.limit.per_second)
        self.filled_at = at
        if self.tokens >= 1:
            self.tokens -= 1
            return 0.0
        return (1 - self.tokens) / self.limit.per_second
