"""What nets and redrive need of the world; gateways and fakes satisfy it structurally."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from msgspec import Struct


class FailureRouting(Protocol):
    """What the nets are made of."""

    def holds_rule(self, name: str) -> bool:
        """Tell whether what a rule cannot deliver goes to a queue."""
        ...

    def holds_function(self, name: str) -> bool:
        """Tell whether what a function fails on goes to a queue."""
        ...


class DeadLetter(Struct, frozen=True):
    """A message as it lies in a queue, taken out of others' sight for a while."""

    queue: str
    id: str
    receipt: str
    body: str
    attributes: Mapping[str, str]


class DeadLetterQueues(Protocol):
    """The queues under both nets."""

    def take(self, queue: str) -> Sequence[DeadLetter]:
        """Take up to ten messages out of others' sight; none where there are none."""
        ...

    def remove(self, letter: DeadLetter) -> None:
        """Delete a message."""
        ...

    def give_back(self, letter: DeadLetter) -> None:
        """Let everybody see a message again."""
        ...
