"""Checkpoint: where a run writes down how far it has come, for the next one to go on there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Self

from msgspec import Struct

if TYPE_CHECKING:
    from chalicelib.services.scanning.ports import ParameterStore


class Progressive(Protocol):
    """A state that one parameter holds."""

    def encode(self) -> str:
        """Write it."""
        ...

    @classmethod
    def decode(cls, text: str, parameter: str) -> Self:
        """Read it; Misconfigured, with the parameter's name, where it is damaged."""
        ...


class Checkpoint[State: Progressive](Struct, frozen=True):
    """One state of a kind, in a parameter of its own."""

    store: ParameterStore
    parameter: str
    kind: type[State]

    def load(self) -> State | None:
        """Return what was saved last; None where nothing ever was. Misconfigured where it is damaged."""
        text = self.store.get(self.parameter)
        return self.kind.decode(text, self.parameter) if text else None

    def save(self, state: State) -> None:
        """Write a state in place of the one before."""
        self.store.put(self.parameter, state.encode())
