"""Sign-in: people in a browser get a session for an API token, pasted once, or for a link that works once."""

import hashlib
import logging
import secrets
from ipaddress import ip_address, ip_network

from msgspec import Struct

from chalicelib.domain.errors import NotFound, SignInRefused, TooManyAttempts, Unusable
from chalicelib.services.operations.auth import Authenticator, Grant, Scope
from chalicelib.services.operations.ports import SignInStore, WrongSignIns
from chalicelib.services.operations.seals import Sealed, Seals
from chalicelib.services.ports import Clock

log = logging.getLogger(__name__)

LIFETIME = 12 * 3_600
LINK_LIFETIME = 15 * 60
# So many may go wrong before the next has to wait: 1 second, 2, 4 and so on, up to half a minute.
FREE_ATTEMPTS = 4
LONGEST_WAIT = 30
# Wrong sign-ins are forgotten after an hour without any.
REMEMBERED_FOR = 3_600
SESSION, LINK, FORM = "session", "sign-in link", "form"


class SessionClaim(Sealed, frozen=True, kw_only=True):
    """The right to act as a token's holder: its name, and which of the tokens of that name it is."""

    name: str
    version: str


class Session(Struct, frozen=True, kw_only=True):
    """Who is signed in, what they may do, and what their forms carry; `text` is what the browser keeps."""

    id: str
    name: str
    scopes: frozenset[Scope]
    expires_at: int
    form_token: str
    text: str


class SignIn(Struct, frozen=True):
    """Opens, reads and ends sessions."""

    authenticator: Authenticator
    seals: Seals
    store: SignInStore
    clock: Clock

    def by_token(self, token: str, source: str) -> Session:
        """Return a session of whoever holds a token; SignInRefused where it is unknown.

        TooManyAttempts where others from the same network address (`source`) were wrong just now: it is not even
        compared then.
        """
        place = _network(source)
        known = self._wrong(place)
        if wait := self._wait(known):
            raise TooManyAttempts(wait)
        grant = self.authenticator.identify(token.strip())
        if grant is None:
            wrong = WrongSignIns((known.count if known else 0) + 1, self.clock.now())
            self.store.count_wrong(place, wrong, known)
            log.warning("Sign-in refused", extra={"wrong": wrong.count})
            raise SignInRefused("This token is not known. Check that all of it was copied.")
        return self._open(grant)

    def inspect(self, text: str) -> SessionClaim:
        """Return whom a link would sign in; changes nothing. Damaged, Expired or SignInRefused where it is no use."""
        claim = self.seals.read(LINK, text, SessionClaim, self.clock.now())
        if self.store.is_used_up(f"link-{claim.id}"):
            raise SignInRefused("This link has been used.")
        if self.authenticator.find(claim.name, claim.version) is None:
            raise SignInRefused("The token that this link was made for is gone.")
        return claim

    def by_link(self, text: str) -> Session:
        """Return a session for a link, which works no longer then; raises what `inspect` raises."""
        claim = self.inspect(text)
        grant = self.authenticator.find(claim.name, claim.version)
        if grant is None or not self.store.use_up(f"link-{claim.id}", claim.expires_at):
            raise SignInRefused("This link has been used.")
        return self._open(grant)

    def session(self, text: str) -> Session | None:
        """Return the session that a browser says it has; None where it has none, or none that lasts."""
        try:
            claim = self.seals.read(SESSION, text, SessionClaim, self.clock.now())
        except Unusable:
            return None
        grant = self.authenticator.find(claim.name, claim.version)
        if grant is None or self.store.is_used_up(f"session-{claim.id}"):
            return None
        return self._session(claim, grant, text)

    def end(self, session: Session) -> None:
        """End a session, in whatever browser."""
        self.store.use_up(f"session-{session.id}", session.expires_at)
        log.info("Signed out", extra={"token": session.name})

    def _open(self, grant: Grant) -> Session:
        claim = _claim(grant, self.clock.now() + LIFETIME)
        log.info("Signed in", extra={"token": grant.name})
        return self._session(claim, grant, self.seals.seal(SESSION, claim))

    def _session(self, claim: SessionClaim, grant: Grant, text: str) -> Session:
        form_token = self.seals.mark(FORM, claim.id)
        return Session(
            id=claim.id,
            name=grant.name,
            scopes=grant.scopes,
            expires_at=claim.expires_at,
            form_token=form_token,
            text=text,
        )

    def _wrong(self, place: str) -> WrongSignIns | None:
        known = self.store.wrong(place)
        return known if known and known.at + REMEMBERED_FOR > self.clock.now() else None

    def _wait(self, known: WrongSignIns | None) -> int:
        """Return how many seconds the next attempt has to wait."""
        if known is None or known.count < FREE_ATTEMPTS:
            return 0
        pause: int = min(2 ** min(known.count - FREE_ATTEMPTS, 8), LONGEST_WAIT)
        return max(0, known.at + pause - self.clock.now())


class LinkIssuer(Struct, frozen=True):
    """Makes links that sign somebody in once; it needs no table, as what makes them runs elsewhere."""

    authenticator: Authenticator
    seals: Seals
    clock: Clock

    def link(self, name: str, lifetime: int = LINK_LIFETIME) -> str:
        """Return what a link carries for the holder of the token of this name; NotFound where there is no such token.

        It works for `lifetime` seconds.
        """
        grant = self.authenticator.named(name)
        if grant is None:
            raise NotFound(f"There is no API token called {name}.")
        return self.seals.seal(LINK, _claim(grant, self.clock.now() + lifetime))


def _claim(grant: Grant, expires_at: int) -> SessionClaim:
    return SessionClaim(id=secrets.token_hex(8), expires_at=expires_at, name=grant.name, version=grant.version)


def _network(source: str) -> str:
    """Return what stands for an address: of IPv6, the network of a household or server; nothing that leads back."""
    try:
        address = ip_address(source)
    except ValueError:
        place = "unknown"
    else:
        place = str(ip_network((address, 64), strict=False) if address.version == 6 else address)  # noqa: PLR2004 - IPv6
    return hashlib.sha256(place.encode()).hexdigest()[:32]
