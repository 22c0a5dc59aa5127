"""Silences: made and ended by people."""

import logging

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.errors import Conflict, NotFound
from chalicelib.domain.queries import Page, SilenceQuery
from chalicelib.domain.routing.matchers import Field, Matcher
from chalicelib.domain.routing.silences import Silence, SilenceStatus
from chalicelib.domain.text import digest
from chalicelib.services import ports

log = logging.getLogger(__name__)

ID = 16
# Nobody but the other who ends the same silence is in the way.
ATTEMPTS = 3


class Silences(Struct, frozen=True):
    """Makes silences and ends them."""

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
            raise NotFound("There is no silence of this id.")
        return silence

    def create(self, planned: Silence) -> Silence:
        """Make a silence; its id follows from what it says, so that the same request twice makes one."""
        words = (repr(getattr(planned, name)) for name in ("matchers", "starts_at", "ends_at", "author", "reason"))
        return self._make(replace(planned, id=digest("silence", str(planned.created_at), *words)[:ID]))

    def quiet(self, silence_id: str, alert: Alert, duration: int, author: str) -> Silence:
        """Return the silence of this id, which is made now if it is not there: on one alert, for so many seconds."""
        now = self.clock.now()
        silence = Silence(
            id=silence_id,
            matchers=(Matcher(Field.FINGERPRINT, (alert.fingerprint,)),),
            starts_at=now,
            ends_at=now + duration,
            author=author,
            reason=f"Asked for in a message: {alert.title}",
            created_at=now,
        )
        return self.store.find(silence_id) or self._make(silence)

    def expire(self, silence_id: str) -> None:
        """End a silence now, if it has not ended; NotFound where there is none."""
        for _ in range(ATTEMPTS):
            silence, now = self.get(silence_id), self.clock.now()
            if silence.state(now) is SilenceStatus.EXPIRED:
                return
            try:
                self.store.save(replace(silence, ends_at=now))
            except Conflict:
                continue
            log.info("Silence ended", extra={"silence": silence_id})
            return
        raise Conflict("The silence has a concurrent update; try again.")

    def _make(self, silence: Silence) -> Silence:
        try:
            self.store.save(silence)
        except Conflict:  # it was made by the same request before
            return self.get(silence.id)
        log.info("Silence created", extra={"silence": silence.id, "author": silence.author})
        return replace(silence, revision=silence.revision + 1)
