"""What the log scan needs of the world; gateways and fakes satisfy it structurally."""

from collections.abc import Sequence
from typing import Protocol

from chalicelib.domain.entry import Entry
from chalicelib.domain.logs import Answer, Listing
from chalicelib.domain.windows import Window


class Inventory(Protocol):
    """What there is to scan."""

    def list_log_groups(self) -> Listing:
        """Return the existing log groups that are wanted, each once, our own left out."""
        ...


class Logs(Protocol):
    """The log lines of an account and region."""

    def search(self, log_groups: Sequence[str], window: Window, deadline: int) -> Answer:
        """Return the lines in up to 50 log groups that may be errors; gives up at `deadline` (epoch seconds).

        Never raises for what may go wrong with a query: the answer says why there is none.
        """
        ...


class Bus(Protocol):
    """The event bus."""

    def publish(self, entries: Sequence[Entry]) -> None:
        """Put all entries; PublishFailed where some were not taken, the others are then out."""
        ...


class Parameters(Protocol):
    """Where the scan keeps its state."""

    def get(self, name: str) -> str | None:
        """Return a parameter's value; None where it does not exist."""
        ...

    def put(self, name: str, value: str) -> None:
        """Write a parameter."""
        ...
