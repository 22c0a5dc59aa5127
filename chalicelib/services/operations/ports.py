"""Ports that only the services for running the hub need."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from msgspec import Struct

from chalicelib.domain.agents.canary import CanaryArrival

# Seconds: sweeps run every minute, so what waits longer was left by more than one.
LATE = 180


class FailureRouting(Protocol):
    """Where failed deliveries and invocations go."""

    def holds_rule(self, name: str) -> bool:
        """Return whether a rule's failed deliveries go to a queue."""
        ...

    def holds_function(self, name: str) -> bool:
        """Return whether a function's failed invocations go to a queue."""
        ...


class DeadLetter(Struct, frozen=True):
    """A message of a dead-letter queue, hidden from other readers for a while."""

    queue: str
    id: str
    receipt: str
    body: str
    attributes: Mapping[str, str]


class DeadLetterQueues(Protocol):
    """The dead-letter queues."""

    def take(self, queue: str) -> Sequence[DeadLetter]:
        """Take up to ten messages, hidden from other readers for a while; none where there are none."""
        ...

    def remove(self, letter: DeadLetter) -> None:
        """Delete a message."""
        ...

    def give_back(self, letter: DeadLetter) -> None:
        """Make a message visible again."""
        ...

    def count(self, queue: str) -> int:
        """Return about how many messages wait in a queue."""
        ...


class Attempt(Struct, frozen=True, kw_only=True):
    """A request, by its digest, and the response; a status of 0 means none yet."""

    request: str
    at: int
    status: int = 0
    headers: dict[str, str] = {}
    body: str = ""


class IdempotencyStore(Protocol):
    """The attempts at requests with an idempotency key."""

    def find(self, key: str) -> Attempt | None:
        """Return the attempt with a key (a consistent read)."""
        ...

    def save(self, key: str, attempt: Attempt, known: Attempt | None) -> bool:
        """Write an attempt, replacing the `known` one; False where there is another one by now."""
        ...

    def delete(self, key: str) -> None:
        """Forget an attempt."""
        ...


class EventMetric(Struct, frozen=True):
    """A metric of CloudWatch, with its dimensions as names and values."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...] = ()


class Metrics(Protocol):
    """Metrics of CloudWatch."""

    def sums(self, metrics: Sequence[EventMetric], start: int, end: int) -> Sequence[int]:
        """Return the sum of each metric from `start` to `end`, whole hours both; one without data is 0."""
        ...


class ReceiverBacklogState(Struct, frozen=True):
    """A receiver's backlog: how many notifications are pending, how many failed, and since when the oldest waits."""

    receiver: str
    pending: int
    failed: int
    oldest: int


class Backlog(Struct, frozen=True, kw_only=True):
    """What was left undone at a time (epoch seconds).

    `overdue_since` is when the oldest evaluation was due that has not run (0: none is late). `canaries` are the newest
    delivered ones, by region.
    """

    at: int
    overdue_since: int
    receivers: tuple[ReceiverBacklogState, ...]
    canaries: dict[str, CanaryArrival]

    @property
    def oldest_pending(self) -> int:
        """Since when the oldest notification waits; 0 where none does."""
        return min((each.oldest for each in self.receivers if each.oldest), default=0)

    def is_late(self, now: int) -> bool:
        """Return whether anything waits longer than it should."""
        return any(now - each >= LATE for each in (self.overdue_since, self.oldest_pending) if each)


class BacklogStore(Protocol):
    """The backlog of the newest sweep."""

    def save(self, backlog: Backlog) -> None:
        """Save it, replacing the one before."""
        ...

    def find(self) -> Backlog | None:
        """Return the last one saved (a consistent read); None where there is none."""
        ...


class WrongSignIns(Struct, frozen=True):
    """How many sign-ins from one network failed, and when the last did."""

    count: int
    at: int


class SignInStore(Protocol):
    """What is remembered of sign-ins: ids that are used up, and failed attempts by network."""

    def use_up(self, name: str, until: int) -> bool:
        """Mark an id as used until then; False where it was used already."""
        ...

    def is_used_up(self, name: str) -> bool:
        """Return whether an id was used (a consistent read)."""
        ...

    def wrong(self, source: str) -> WrongSignIns | None:
        """Return the failed sign-ins from a network (a consistent read)."""
        ...

    def count_wrong(self, source: str, wrong: WrongSignIns, known: WrongSignIns | None) -> bool:
        """Write the failed sign-ins, replacing the `known` ones; False where these have changed."""
        ...


class ProviderTokens(Struct, frozen=True):
    """What an OpenID provider returns for a code: the ID token, and the access token for userinfo."""

    id_token: str
    access_token: str = ""


class OpenIdProvider(Protocol):
    """A company's OpenID provider; ProviderFailed where it cannot be reached, or refuses."""

    def authorization_endpoint(self) -> str:
        """Return the address at which people sign in."""
        ...

    def redeem(self, code: str, verifier: str, redirect_uri: str) -> ProviderTokens:
        """Exchange a code, which works once, for tokens."""
        ...

    def user_info(self, access_token: str) -> Mapping[str, Any]:
        """Return the provider's userinfo for an access token; empty where it has no such endpoint."""
        ...
