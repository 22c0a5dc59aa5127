"""Idempotency: a request that is sent again with the same key gets the first response, and is done once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from chalicelib.domain.errors import Conflict, KeyReused
from chalicelib.domain.timestamps import DAY
from chalicelib.services.operations.ports import Attempt

if TYPE_CHECKING:
    from chalicelib.services.operations.ports import IdempotencyStore
    from chalicelib.services.ports import Clock

KEPT = DAY
# Seconds: longer than API Gateway lets any request take, so the first attempt has ended, one way or another.
PATIENCE = 60
IN_PROGRESS = "The first request with this idempotency key is in progress; try again."


class Idempotency(Struct, frozen=True):
    """Remembers responses to requests with a key for a day."""

    store: IdempotencyStore
    clock: Clock

    def begin(self, key: str, request: str) -> Attempt | None:
        """Return the first attempt at a request, with its response; None: this is the first.

        KeyReused where the key belongs to another request, Conflict while the first attempt is in progress. An attempt
        that never ended, as its function was killed, may be repeated.
        """
        now = self.clock.now()
        known = self.store.find(key)
        if known and known.at + KEPT > now:
            if known.request != request:
                raise KeyReused("The idempotency key belongs to another request.")
            if known.status:
                return known
            if known.at + PATIENCE > now:
                raise Conflict(IN_PROGRESS)
        if not self.store.save(key, Attempt(request=request, at=now), known):
            raise Conflict(IN_PROGRESS)
        return None

    def end(self, key: str, answered: Attempt) -> None:
        """Save the response, unless another attempt has taken over."""
        known = self.store.find(key)
        if known and known.request == answered.request and not known.status:
            self.store.save(key, answered, known)

    def forget(self, key: str) -> None:
        """Delete a failed attempt, so that the request may be tried again."""
        self.store.delete(key)
