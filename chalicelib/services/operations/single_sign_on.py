"""Single sign-on: people sign in with their company's account, by OpenID Connect's authorization code flow with PKCE.

The browser keeps one signed cookie meanwhile. State, nonce and verifier are derived from its id with the hub's key:
none of them is stored, and nobody else can compute them.
"""

import hashlib
import hmac
import logging
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from msgspec import Struct

from chalicelib.domain.errors import Misconfigured, ProviderFailed, SignInRefused, Unusable
from chalicelib.domain.text import clean, shortened, word
from chalicelib.services.operations.auth import Scope
from chalicelib.services.operations.id_tokens import LONGEST_SUBJECT, WrongIdTokenError, claims_of
from chalicelib.services.operations.ports import OpenIdProvider
from chalicelib.services.operations.sign_in import Session, SignIn
from chalicelib.services.operations.sign_in_throttle import SignInAttempt
from chalicelib.services.operations.signed_tokens import SignedClaim

log = logging.getLogger(__name__)

# Seconds that somebody may take at the provider.
LIFETIME = 600
CALLBACK = "ui/oidc/callback"
START, STATE, NONCE, VERIFIER = "single sign-on", "state", "nonce", "verifier"
LONGEST_CODE, LONGEST_NAME, MOST_GROUPS = 4_096, 100, 5_000
BEGIN_AGAIN = (
    "This sign-in was started in another browser, has expired, or was started again since. Please begin again."
)
NOT_FOR_US = (
    "Your company's sign-in sent a response that the hub cannot accept."
    " Try again; if that fails too, tell whoever runs the hub."
)
NO_GROUP = "Your company knows you as {name}, but none of your groups may see these pages. Ask whoever runs the hub."
DENIED = "Your company's sign-in did not let you through, or you cancelled it."


class SignOnClaim(SignedClaim, frozen=True, kw_only=True):
    """A sign-in under way, and the page that somebody wanted to see."""

    onward: str


class SignOnStart(Struct, frozen=True):
    """The provider's address to sign in at, and the cookie that the browser keeps meanwhile."""

    address: str
    signed: str


class SingleSignOn(Struct, frozen=True):
    """Sends people to their company's provider, and opens a session from its response."""

    provider: OpenIdProvider
    sign_in: SignIn
    base_url: Callable[[], str | None]

    def begin(self, onward: str) -> SignOnStart:
        """Return where to sign in; ProviderFailed where the provider's address is unknown."""
        now = self.sign_in.clock.now()
        claim = SignOnClaim(id=secrets.token_hex(16), expires_at=now + LIFETIME, onward=onward)
        client = self.sign_in.client
        query = {
            "response_type": "code",
            "client_id": client.client_id,
            "redirect_uri": self._redirect_uri(),
            "scope": client.scope,
            "state": self._derived(STATE, claim),
            "nonce": self._derived(NONCE, claim),
            "code_challenge": _base64url(hashlib.sha256(self._derived(VERIFIER, claim).encode()).digest()),
            "code_challenge_method": "S256",
        }
        endpoint = self.provider.authorization_endpoint()
        address = f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"
        return SignOnStart(address, self.sign_in.signer.sign(START, claim))

    def finish(self, signed: str, answer: Mapping[str, str], source: str) -> tuple[Session, str]:
        """Return a session for whom the provider sends back, and the page that they wanted to see.

        Raises SignInRefused, ProviderFailed or TooManyAttempts, with a text for the person.
        """
        attempt = self.sign_in.throttle.admit(source)
        claim = self._begun(signed, answer, attempt)
        if answer.get("error"):
            log.warning("OpenID provider denied the sign-in", extra={"error": clean(answer["error"], 64)})
            raise SignInRefused(DENIED)
        try:
            claims = self._claims(answer.get("code", ""), claim)
        except (ProviderFailed, SignInRefused):
            attempt.went_wrong()
            raise
        return self._session(claims), claim.onward

    def _begun(self, signed: str, answer: Mapping[str, str], attempt: SignInAttempt) -> SignOnClaim:
        """Return the sign-in that a response belongs to; each is accepted once."""
        sign_in = self.sign_in
        try:
            claim = sign_in.signer.read(START, signed, SignOnClaim, sign_in.clock.now())
        except Unusable:
            claim = None
        given = answer.get("state", "").encode(errors="replace")
        if claim is None or not hmac.compare_digest(given, self._derived(STATE, claim).encode()):
            # Another site can make a browser open this page, but not with the cookie: that must not slow anybody down.
            if signed:
                attempt.went_wrong()
            raise SignInRefused(BEGIN_AGAIN)
        if not sign_in.store.use_up(f"oidc-{claim.id}", claim.expires_at):
            raise SignInRefused(BEGIN_AGAIN)
        return claim

    def _claims(self, code: str, claim: SignOnClaim) -> Mapping[str, Any]:
        """Return the provider's claims: those of the ID token, and of userinfo where some are missing."""
        client = self.sign_in.client
        if not code or len(code) > LONGEST_CODE:
            raise SignInRefused(NOT_FOR_US)
        tokens = self.provider.redeem(code, self._derived(VERIFIER, claim), self._redirect_uri())
        try:
            claims = claims_of(tokens.id_token, client, self._derived(NONCE, claim), self.sign_in.clock.now())
        except WrongIdTokenError as error:
            log.warning("ID token refused", extra={"wrong": str(error)})
            raise SignInRefused(NOT_FOR_US) from None
        if {client.groups_claim, client.name_claim} <= claims.keys():
            return claims
        more = self.provider.user_info(tokens.access_token)
        if more and more.get("sub") != claims["sub"]:
            log.warning("ID token refused", extra={"wrong": "sub of userinfo"})
            raise SignInRefused(NOT_FOR_US)
        return {**more, **claims}

    def _session(self, claims: Mapping[str, Any]) -> Session:
        client, groups, name = self.sign_in.client, self._groups(claims), self._name(claims)
        scopes = [
            *([Scope.READ] if client.may_read(groups) else []),
            *([Scope.WRITE] if client.may_write(groups) else []),
        ]
        if not scopes:
            log.warning("Sign-in without a group", extra={"person": name, "groups": len(groups)})
            raise SignInRefused(NO_GROUP.format(name=name))
        return self.sign_in.by_company(name, frozenset(scopes))

    def _groups(self, claims: Mapping[str, Any]) -> frozenset[str]:
        found = claims.get(self.sign_in.client.groups_claim, [])
        several = found[:MOST_GROUPS] if isinstance(found, list) else [found]
        return frozenset(each for each in several if isinstance(each, str))

    def _name(self, claims: Mapping[str, Any]) -> str:
        """Return the name to record; the subject where the provider does not vouch for the name."""
        name = claims.get(self.sign_in.client.name_claim)
        # Some providers return a string: Amazon Cognito's userinfo has "false".
        is_vouched = self.sign_in.client.name_claim != "email" or claims.get("email_verified") not in (False, "false")
        shown = word(name, LONGEST_NAME) if is_vouched else ""
        return shown or shortened(clean(claims["sub"], LONGEST_SUBJECT), LONGEST_NAME)

    def _derived(self, purpose: str, claim: SignOnClaim) -> str:
        return self.sign_in.signer.signature(f"{START} {purpose}", claim.id)

    def _redirect_uri(self) -> str:
        base = self.base_url()
        if not base:
            raise Misconfigured("The hub does not know its own address: deploying writes the parameter base-url.")
        return f"{base.strip().rstrip('/')}/{CALLBACK}"


def _base64url(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")
