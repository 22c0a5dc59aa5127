"""Silences: made and ended by people, and part of the policy within seconds."""

import logging

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.errors import Conflict, NotFound
from chalicelib.domain.queries import Page, SilenceQuery
from chalicelib.domain.routing.matchers import Field, Matcher
from chalicelib.domain.routing.notification_policy import Policy
from chalicelib.domain.routing.silences import Silence, SilenceStatus
from chalicelib.domain.text import digest
from chalicelib.services import ports

log = logging.getLogger(__name__)

# A silence is in force, or over, after so many seconds at most; each function asks for them as often.
REMEMBERED_FOR = 15
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
            log.info("A silence was ended", extra={"silence": silence_id})
            return
        raise Conflict("The silence is being written by too many at once; try again.")

    def _make(self, silence: Silence) -> Silence:
        try:
            self.store.save(silence)
        except Conflict:  # it was made by the same request before
            return self.get(silence.id)
        log.info("A silence was made", extra={"silence": silence.id, "author": silence.author})
        return replace(silence, revision=silence.revision + 1)


class PolicyProvider:
    """Tells the policy of now: what was deployed, and the silences that people have made."""

    def __init__(self, deployed: Policy, silences: ports.SilenceStore, clock: ports.Clock) -> None:
        self._deployed, self._silences, self._clock = deployed, silences, clock
        self._policy, self._asked_at = deployed, 0

    def __call__(self) -> Policy:
        """Return the policy of now.

        If the silences cannot be read, those last known stand: an event is stored and told rather than kept waiting.
        """
        now = self._clock.now()
        if now - self._asked_at >= REMEMBERED_FOR:
            try:
                silences = (*self._deployed.silences, *self._silences.unexpired(now))
                self._policy = replace(self._deployed, silences=silences)
            except Exception:
                log.exception("Cannot read the silences")
            self._asked_at = now
        return self._policy
