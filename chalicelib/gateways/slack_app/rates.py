"""Rates: how often the app may call each of Slack's methods, by all functions and for all receivers of a token.

https://docs.slack.dev/apis/web-api/rate-limits: each method has a tier, and tiers count by app and workspace.
"""

from typing import TYPE_CHECKING

from msgspec import Struct

from chalicelib.domain.text import digest
from chalicelib.services.notifying.ports import Retry

if TYPE_CHECKING:
    from chalicelib.services.notifying.ports import CallBudgets
    from chalicelib.services.ports import Clock

MINUTE = 60
TIER_3, TIER_4 = 50, 100
# Posting has no tier: a channel takes one message a second, which is a receiver's pace.
CALLS_A_MINUTE = {
    "chat.update": TIER_3,
    "conversations.history": TIER_3,
    "conversations.replies": TIER_3,
    "chat.postEphemeral": TIER_4,
    "users.info": TIER_4,
    "views.open": TIER_4,
    "views.update": TIER_4,
}
# The part of each rate that is reserved for HIGH and CRITICAL.
KEPT_FOR_GRAVE = 0.3
ID = 16


class MethodRates(Struct, frozen=True):
    """The rate budgets of one token; their names do not reveal the token."""

    budgets: "CallBudgets"
    clock: "Clock"
    token: str

    def take(self, method: str, *, is_grave: bool) -> Retry | None:
        """Count one call; if the rate is used up, return when there may be more."""
        most = CALLS_A_MINUTE.get(method)
        if most is None:
            return None
        now = self.clock.now()
        allowed = most if is_grave else int(most * (1 - KEPT_FOR_GRAVE))
        if self.budgets.take(self._name(method), now, allowed):
            return None
        return Retry(MINUTE - now % MINUTE, f"rate limited: {method}")

    def pause(self, method: str, seconds: int) -> None:
        """Stop all calls of a method for so long, as Slack requested."""
        if method in CALLS_A_MINUTE:
            now = self.clock.now()
            self.budgets.pause(self._name(method), now, now + seconds)

    def _name(self, method: str) -> str:
        return f"slack-app/{digest('slack token', self.token)[:ID]}/{method}"
