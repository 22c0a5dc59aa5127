"""The world of the demo: what a feed can do to the running stack."""

from typing import Protocol

from local.aws import Account
from local.samples import Sample
from local.workloads import Workload


class World(Protocol):
    """What a feed can do to the stack."""

    def now(self) -> int:
        """Return the epoch seconds."""
        ...

    def put(self, account: Account, region: str, sample: Sample) -> None:
        """Put an event on an account's bus."""
        ...

    def fail(self, workload: Workload, count: int) -> None:
        """Write errors into a workload's log."""
        ...

    def lose_a_query(self, account: Account) -> None:
        """Make the query fail that would find the current lines of an account's logs."""
        ...

    def resolve(self, resource: str, events: int, by: str) -> bool:
        """Resolve the alert of a resource with this prefix, once it has so many events; return whether it was."""
        ...

    def has_returned(self, resource: str) -> bool:
        """Return whether the alert of a resource with this prefix fires again, and was announced again."""
        ...

    def silence(self, account: Account, resource: str, seconds: int, reason: str) -> None:
        """Silence one resource for a while; it takes effect within seconds."""
        ...

    def offers(self, title: str, action: str) -> bool:
        """Return whether the Slack app's message with this title has a button for this action."""
        ...

    def press(self, title: str, action: str) -> None:
        """Press that button, as somebody in the channel would."""
        ...

    def crowd_slack(self, *, crowded: bool) -> None:
        """Make Slack reject messages about problems by its rate limit, or accept them again."""
        ...

    def report(self) -> None:
        """Send the report of the day so far."""
        ...

    def say(self, text: str) -> None:
        """Print what is about to happen."""
        ...
