"""Checkpoint: a run saves its state in an SSM parameter, for the next run to continue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Self

from msgspec import Struct

if TYPE_CHECKING:
    from chalicelib.services.scanning.ports import ParameterStore


class Progressive(Protocol):
    """A state that fits one parameter."""

    def encode(self) -> str:
        """Return it as text."""
        ...

    @classmethod
    def decode(cls, text: str, parameter: str) -> Self:
        """Read it; Misconfigured, with the parameter's name, where it is damaged."""
        ...


class Checkpoint[State: Progressive](Struct, frozen=True):
    """The saved state of one kind, in a parameter of its own."""

    store: ParameterStore
    parameter: str
    kind: type[State]

    def load(self) -> State | None:
        """Return the state last saved; None where there is none. Misconfigured where it is damaged."""
        text = self.store.get(self.parameter)
        return self.kind.decode(text, self.parameter) if text else None

    def save(self, state: State) -> None:
        """Save a state, replacing the one before."""
        self.store.put(self.parameter, state.encode())
