"""Sign-in: opens browser sessions for an API token, for a link that works once, or through single sign-on."""

import logging
import secrets

from msgspec import Struct, json

from chalicelib.domain import text
from chalicelib.domain.errors import NotFound, SignInRefused, Unusable
from chalicelib.domain.openid_client import NO_CLIENT, OpenIdClient
from chalicelib.services.operations.auth import VERSION, Authenticator, Grant, Scope
from chalicelib.services.operations.ports import SignInStore
from chalicelib.services.operations.sign_in_throttle import SignInThrottle
from chalicelib.services.operations.signed_tokens import SignedClaim, TokenSigner
from chalicelib.services.ports import Clock

log = logging.getLogger(__name__)

LIFETIME = 12 * 3_600
LINK_LIFETIME = 15 * 60
SESSION, LINK, FORM = "session", "sign-in link", "form"


class SessionClaim(SignedClaim, frozen=True, kw_only=True):
    """The right to act as the holder of an API token, by the token's name and version.

    For single sign-on there is no token but `scopes`; `version` identifies the settings of single sign-on.
    """

    name: str
    version: str
    scopes: tuple[Scope, ...] = ()


class Session(Struct, frozen=True, kw_only=True):
    """Who is signed in, what they may do, and the token in their forms; `text` is the value of the cookie."""

    id: str
    name: str
    scopes: frozenset[Scope]
    expires_at: int
    form_token: str
    text: str


class SignIn(Struct, frozen=True):
    """Opens, reads and ends sessions."""

    authenticator: Authenticator
    signer: TokenSigner
    store: SignInStore
    throttle: SignInThrottle
    clock: Clock
    client: OpenIdClient = NO_CLIENT

    def by_token(self, token: str, source: str) -> Session:
        """Return a session for an API token; SignInRefused where it is unknown.

        TooManyAttempts where attempts from the same network (`source`) failed just now: then the token is not even
        compared.
        """
        attempt = self.throttle.admit(source)
        grant = self.authenticator.identify(token.strip())
        if grant is None:
            attempt.went_wrong()
            raise SignInRefused("This token is not known. Check that all of it was copied.")
        return self._open(grant)

    def inspect(self, signed: str) -> SessionClaim:
        """Return whom a link would sign in; changes nothing.

        Damaged, Expired or SignInRefused where it is of no use.
        """
        claim = self.signer.read(LINK, signed, SessionClaim, self.clock.now())
        if self.store.is_used_up(f"link-{claim.id}"):
            raise SignInRefused("This link has been used.")
        if self.authenticator.find(claim.name, claim.version) is None:
            raise SignInRefused("The token that this link was made for is gone.")
        return claim

    def by_link(self, signed: str) -> Session:
        """Return a session for a link, which then no longer works; raises what `inspect` raises."""
        claim = self.inspect(signed)
        grant = self.authenticator.find(claim.name, claim.version)
        if grant is None or not self.store.use_up(f"link-{claim.id}", claim.expires_at):
            raise SignInRefused("This link has been used.")
        return self._open(grant)

    def by_company(self, name: str, scopes: frozenset[Scope]) -> Session:
        """Return a session for somebody who was identified by single sign-on."""
        grant = Grant(name, scopes, version_of_client(self.client))
        return self._open(grant, tuple(sorted(scopes)))

    def session(self, signed: str) -> Session | None:
        """Return the session of a cookie; None where it is invalid, expired or ended."""
        try:
            claim = self.signer.read(SESSION, signed, SessionClaim, self.clock.now())
        except Unusable:
            return None
        grant = self._grant(claim)
        if grant is None or self.store.is_used_up(f"session-{claim.id}"):
            return None
        return self._session(claim, grant, signed)

    def end(self, session: Session) -> None:
        """End a session, whatever browser has it."""
        self.store.use_up(f"session-{session.id}", session.expires_at)
        log.info("Signed out", extra={"token": session.name})

    def _grant(self, claim: SessionClaim) -> Grant | None:
        """Return what a session allows now; changing the settings of single sign-on ends its sessions."""
        if not claim.scopes:
            return self.authenticator.find(claim.name, claim.version)
        is_known = bool(self.client.issuer) and claim.version == version_of_client(self.client)
        return Grant(claim.name, frozenset(claim.scopes), claim.version) if is_known else None

    def _open(self, grant: Grant, scopes: tuple[Scope, ...] = ()) -> Session:
        claim = _claim(grant, self.clock.now() + LIFETIME, scopes)
        log.info("Signed in", extra={"token": grant.name})
        return self._session(claim, grant, self.signer.sign(SESSION, claim))

    def _session(self, claim: SessionClaim, grant: Grant, signed: str) -> Session:
        form_token = self.signer.signature(FORM, claim.id)
        return Session(
            id=claim.id,
            name=grant.name,
            scopes=grant.scopes,
            expires_at=claim.expires_at,
            form_token=form_token,
            text=signed,
        )


class LinkIssuer(Struct, frozen=True):
    """Creates links that sign somebody in once; it runs elsewhere, so it needs no table."""

    authenticator: Authenticator
    signer: TokenSigner
    clock: Clock

    def link(self, name: str, lifetime: int = LINK_LIFETIME) -> str:
        """Return the token of a link for the holder of this API token; NotFound where there is no such API token.

        It works for `lifetime` seconds.
        """
        grant = self.authenticator.named(name)
        if grant is None:
            raise NotFound(f"There is no API token called {name}.")
        return self.signer.sign(LINK, _claim(grant, self.clock.now() + lifetime))


def version_of_client(client: OpenIdClient) -> str:
    """Return an identifier of the settings of single sign-on, which no API token's version can equal."""
    return f"oidc-{text.digest('openid client', json.encode(client).decode())[:VERSION]}"


def _claim(grant: Grant, expires_at: int, scopes: tuple[Scope, ...] = ()) -> SessionClaim:
    return SessionClaim(
        id=secrets.token_hex(8), expires_at=expires_at, name=grant.name, version=grant.version, scopes=scopes
    )
