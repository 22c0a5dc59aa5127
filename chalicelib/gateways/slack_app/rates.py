"""Rates: how often the app may call each of Slack's methods, by all functions and for all receivers of a token.

https://docs.slack.dev/apis/web-api/rate-limits: each method has a tier, and the tiers count by app and workspace.
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
# Posting has no tier: it is one message a second for each channel, at which pace a receiver is sent to.
CALLS_A_MINUTE = {
    "chat.update": TIER_3,
    "conversations.history": TIER_3,
    "conversations.replies": TIER_3,
    "chat.postEphemeral": TIER_4,
    "users.info": TIER_4,
    "views.open": TIER_4,
    "views.update": TIER_4,
}
# This part of each is kept for what is HIGH or CRITICAL.
KEPT_FOR_GRAVE = 0.3
ID = 16


class MethodRates(Struct, frozen=True):
    """The rates of one token, which nobody can read in what they are counted by."""

    budgets: "CallBudgets"
    clock: "Clock"
    token: str

    def take(self, method: str, *, is_grave: bool) -> Retry | None:
        """Count one call; where there were as many as may be, return when there may be more."""
        most = CALLS_A_MINUTE.get(method)
        if most is None:
            return None
        now = self.clock.now()
        allowed = most if is_grave else int(most * (1 - KEPT_FOR_GRAVE))
        if self.budgets.take(self._name(method), now, allowed):
            return None
        return Retry(MINUTE - now % MINUTE, f"rate limited: {method}")

    def pause(self, method: str, seconds: int) -> None:
        """Let nobody call a method for so long, as Slack asks for."""
        if method in CALLS_A_MINUTE:
            now = self.clock.now()
            self.budgets.pause(self._name(method), now, now + seconds)

    def _name(self, method: str) -> str:
        return f"slack-app/{digest('slack token', self.token)[:ID]}/{method}"
