"""Ports that only log scans need."""

from collections.abc import Sequence
from typing import Protocol

from chalicelib.domain.events.outgoing import Entry
from chalicelib.domain.scanning.error_groups import LogGroupListing
from chalicelib.domain.scanning.queries import LogQuery, QueryHandle, ResultPage


class Inventory(Protocol):
    """The log groups to scan."""

    def list_log_groups(self) -> LogGroupListing:
        """Return the log groups that are wanted and exist, each once; the system's own are left out."""
        ...


class Logs(Protocol):
    """CloudWatch Logs Insights of an account and region."""

    def start(self, log_query: LogQuery) -> QueryHandle:
        """Start a query; QueryRefused where AWS does not accept it, now or at all."""
        ...

    def result(self, query: QueryHandle, rows: int) -> ResultPage | None:
        """Return a page of up to so many rows; None while the query runs. QueryRefused where it cannot be read."""
        ...

    def stop(self, query: QueryHandle) -> None:
        """Stop a query whose result is no longer needed; never raises, as there is nothing left to do."""
        ...


class EventBus(Protocol):
    """The event bus."""

    def publish(self, entries: Sequence[Entry]) -> None:
        """Put all entries; PublishFailed where some were not accepted; the others are published then."""
        ...


class ParameterStore(Protocol):
    """Stores the state of scans."""

    def get(self, name: str) -> str | None:
        """Return a parameter's value; None where it does not exist."""
        ...

    def put(self, name: str, value: str) -> None:
        """Write a parameter."""
        ...
