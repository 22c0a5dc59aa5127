"""Silences: creating, changing and ending them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.joined_accounts import MOST_JOINED
from chalicelib.domain.errors import Conflict, NotFound
from chalicelib.domain.pagination import Page
from chalicelib.domain.queries import SilenceQuery
from chalicelib.domain.routing.matchers import Field, Matcher
from chalicelib.domain.routing.silences import Silence, SilenceStatus
from chalicelib.domain.text import digest

if TYPE_CHECKING:
    from chalicelib.services import ports

log = logging.getLogger(__name__)

ID = 16
# Attempts to write a silence; only somebody who changes the same silence can be in the way.
ATTEMPTS = 3
# Seconds within which an equal silence is taken for a repeated press of a button.
MOMENTS = 30


class Silences(Struct, frozen=True):
    """Creates silences, changes and ends them."""

    store: ports.SilenceStore
    clock: ports.Clock

    def page(self, query: SilenceQuery) -> Page[Silence]:
        """Return a page of silences by when they end."""
        return self.store.page(query, self.clock.now())

    def find(self, silence_id: str) -> Silence | None:
        """Return one silence, whether it has ended or not."""
        return self.store.find(silence_id)

    def get(self, silence_id: str) -> Silence:
        """Return one silence; NotFound where there is none."""
        silence = self.store.find(silence_id)
        if silence is None:
            raise NotFound("There is no silence with this id.")
        return silence

    def standing(self) -> list[Silence]:
        """Return the silences that have not ended."""
        return self.store.unexpired(self.clock.now())

    def create(self, planned: Silence, standing: Sequence[Silence] = ()) -> Silence:
        """Create a silence; its id is derived from its content, so that equal requests within a second create one.

        One that equals one of those `standing` which was created moments before is not created again either.
        """
        if twin := next((each for each in standing if _is_twin(planned, each)), None):
            return twin
        words = (repr(getattr(planned, name)) for name in ("matchers", "starts_at", "ends_at", "author", "reason"))
        return self._make(replace(planned, id=digest("silence", str(planned.created_at), *words)[:ID]))

    def quiet(  # noqa: PLR0913 - what a silence is made of
        self,
        silence_id: str,
        alert: Alert,
        duration: int,
        author: str,
        shown: Collection[str] | None = None,
        *,
        reason: str = "",
    ) -> Silence:
        """Return the silence of this id, created now if it is missing: on one alert, for so many seconds.

        It covers the accounts that its message has `shown` (None: those where the alert is now): an account that the
        alert reaches later is announced.
        """
        now = self.clock.now()
        covered = {each.account for each in alert.accounts} if shown is None else shown
        silence = Silence(
            id=silence_id,
            matchers=(Matcher(Field.FINGERPRINT, (alert.fingerprint,)), *_accounts_of(covered)),
            starts_at=now,
            ends_at=now + duration,
            author=author,
            reason=reason or f"Asked for in a message: {alert.title}",
            created_at=now,
        )
        return self.store.find(silence_id) or self._make(silence)

    def silence_alert(
        self, alert: Alert, duration: int, author: str, reason: str = "", standing: Sequence[Silence] = ()
    ) -> Silence:
        """Silence one alert from now on for so many seconds."""
        now = self.clock.now()
        planned = Silence(
            id="",
            matchers=(Matcher(Field.FINGERPRINT, (alert.fingerprint,)),),
            starts_at=now,
            ends_at=now + duration,
            author=author,
            reason=reason or f"Silenced with others: {alert.title}",
            created_at=now,
        )
        return self.create(planned, standing)

    def expire(self, silence_id: str) -> None:
        """End a silence now; one that has ended stays as it is. NotFound where there is none."""
        self._change(silence_id, lambda silence, now: replace(silence, ends_at=min(silence.ends_at, now)))

    def move_end(self, silence_id: str, end_of: Callable[[Silence, int], int]) -> Silence:
        """Move the end of a silence to what `end_of` returns for it; Conflict where it has ended already."""

        def moved(silence: Silence, now: int) -> Silence:
            if silence.state(now) is SilenceStatus.EXPIRED:
                raise Conflict("The silence has ended; create a new one.")
            return replace(silence, ends_at=end_of(silence, now))

        return self._change(silence_id, moved)

    def _change(self, silence_id: str, change: Callable[[Silence, int], Silence]) -> Silence:
        """Write what `change` makes of a silence; NotFound where there is none."""
        for _ in range(ATTEMPTS):
            silence = self.get(silence_id)
            changed = change(silence, self.clock.now())
            if changed == silence:
                return silence
            try:
                self.store.save(changed)
            except Conflict:
                continue
            log.info("Silence changed", extra={"silence": silence_id, "ends_at": changed.ends_at})
            return replace(changed, revision=changed.revision + 1)
        raise Conflict("The silence was updated concurrently; try again.")

    def _make(self, silence: Silence) -> Silence:
        try:
            self.store.save(silence)
        except Conflict:  # it was made by the same request before
            return self.get(silence.id)
        log.info("Silence created", extra={"silence": silence.id, "author": silence.author})
        return replace(silence, revision=silence.revision + 1)


def _is_twin(planned: Silence, other: Silence) -> bool:
    """Return whether another silence says the same, covers the same time and was created moments before."""
    is_same = all(getattr(planned, name) == getattr(other, name) for name in ("matchers", "author", "reason"))
    begin_at_once = all(each.starts_at == each.created_at for each in (planned, other))
    is_as_long = planned.ends_at - planned.starts_at == other.ends_at - other.starts_at
    begins_alike = planned.starts_at == other.starts_at or begin_at_once
    ends_alike = planned.ends_at == other.ends_at or is_as_long
    return is_same and begins_alike and ends_alike and 0 <= planned.created_at - other.created_at < MOMENTS


def _accounts_of(shown: Collection[str]) -> tuple[Matcher, ...]:
    """Return a matcher for the accounts shown; nothing where there are none, or so many that some may be unknown."""
    if not 0 < len(shown) < MOST_JOINED:
        return ()
    return (Matcher(Field.ACCOUNT, tuple(sorted(shown))),)
