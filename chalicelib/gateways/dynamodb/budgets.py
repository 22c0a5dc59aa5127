"""Call budgets: how often methods of other services were called in a minute, by all functions together."""

from msgspec import Struct

from chalicelib.gateways.dynamodb.expressions import AT_MOST, BELOW, Expected, Key, Update
from chalicelib.gateways.dynamodb.table import DynamoTable

MINUTE = 60
# Whoever calls in a minute that is over comes too late.
KEPT = 3_600
# Each minute of a pause is a write; whoever asks for a longer one is asked again then.
LONGEST_PAUSE = 600


class DynamoCallBudgets(Struct, frozen=True):
    """The budgets: one item for each method and minute."""

    table: DynamoTable

    def take(self, name: str, now: int, most: int) -> bool:
        """Count one call in the minute of `now`; False where there were `most` already, or a pause is not over."""
        minute = now // MINUTE
        expected = [Expected(BELOW, "count", most), Expected(AT_MOST, "paused_until", now)]
        return self.table.update(Update(_key(name, minute), _expiry(minute), expected, added={"count": 1}))

    def pause(self, name: str, now: int, until: int) -> None:
        """Refuse all calls from `now` on, until then, or for as long as somebody else has asked for."""
        until = min(until, now + LONGEST_PAUSE)
        is_longer = [Expected(AT_MOST, "paused_until", until)]
        for minute in range(now // MINUTE, (until - 1) // MINUTE + 1):
            self.table.update(Update(_key(name, minute), {"paused_until": until} | _expiry(minute), is_longer))


def _key(name: str, minute: int) -> Key:
    return {"pk": f"BUDGET#{name}", "sk": str(minute)}


def _expiry(minute: int) -> dict[str, int]:
    return {"expired_at": (minute + 1) * MINUTE + KEPT}
