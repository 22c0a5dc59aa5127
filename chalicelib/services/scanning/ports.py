"""What the log scan needs of the world; gateways and fakes satisfy it structurally."""

from collections.abc import Sequence
from typing import Protocol

from chalicelib.domain.events.outgoing import Entry
from chalicelib.domain.scanning.error_groups import LogGroupListing
from chalicelib.domain.scanning.queries import LogQuery, QueryHandle, ResultPage


class Inventory(Protocol):
    """What there is to scan."""

    def list_log_groups(self) -> LogGroupListing:
        """Return the existing log groups that are wanted, each once, our own left out."""
        ...


class Logs(Protocol):
    """The log lines of an account and region."""

    def start(self, log_query: LogQuery) -> QueryHandle:
        """Start a query; QueryRefused where it is not taken, now or at all."""
        ...

    def result(self, query: QueryHandle, rows: int) -> ResultPage | None:
        """Return a page of up to so many rows; None while there is none. QueryRefused where it cannot be read."""
        ...

    def stop(self, query: QueryHandle) -> None:
        """End a query that nobody waits for any more; never raises, for there is nothing left to do."""
        ...


class EventBus(Protocol):
    """The event bus."""

    def publish(self, entries: Sequence[Entry]) -> None:
        """Put all entries; PublishFailed where some were not taken, the others are then out."""
        ...


class ParameterStore(Protocol):
    """Where a scan keeps its state."""

    def get(self, name: str) -> str | None:
        """Return a parameter's value; None where it does not exist."""
        ...

    def put(self, name: str, value: str) -> None:
        """Write a parameter."""
        ...
