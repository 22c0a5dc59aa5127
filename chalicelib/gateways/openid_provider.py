"""The OpenID provider: a company's own sign-in, reached over TLS for its metadata, tokens and userinfo.

https://openid.net/specs/openid-connect-discovery-1_0.html and openid-connect-core-1_0.html. No code, token or secret
enters a log.
"""

import base64
import logging
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from msgspec import DecodeError, Struct, json

from chalicelib.domain.errors import Misconfigured, ProviderFailed
from chalicelib.domain.openid_client import OpenIdClient
from chalicelib.domain.text import clean
from chalicelib.gateways.http import HttpClient, Response, is_safe
from chalicelib.services.operations.ports import ProviderTokens
from chalicelib.services.ports import Clock

log = logging.getLogger(__name__)

# Seconds. A sign-in takes at most three requests, each of up to twice that, and API Gateway waits for 29 seconds.
TIMEOUT = 4.0
SECRET = "oidc-client-secret"  # noqa: S105 - the parameter's name
# Bytes. A discovery document has a few kB; a token may list hundreds of groups.
LONGEST = 512_000
# Seconds for which metadata is cached, and for which a failure to read it is.
REMEMBERED_FOR, FAILURE_REMEMBERED_FOR = 3_600, 15
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
OK = 200
LONGEST_WORD = 64
UNREACHABLE = "Your company's sign-in cannot be reached just now. Try again in a minute."
REFUSED = (
    "Your company's sign-in did not accept what the hub asked. Try again; if it stays so, tell whoever runs the hub."
)


class ProviderMetadata(Struct, frozen=True):
    """The part of a provider's metadata that the hub needs."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str = ""
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


class HttpOpenIdProvider:
    """A provider, reached as the hub's client; ProviderFailed where it cannot be reached, or refuses."""

    def __init__(
        self, client: OpenIdClient, stage: str, secret: Callable[[str], str | None], http: HttpClient, clock: Clock
    ) -> None:
        self._client, self._secret, self._http, self._clock = client, secret, http.within(TIMEOUT), clock
        self._parameter = f"/monitoring/{stage}/{SECRET}"
        self._kept: tuple[int, ProviderMetadata | None] = (0, None)

    def authorization_endpoint(self) -> str:
        """Return the address at which people sign in."""
        return self._metadata().authorization_endpoint

    def redeem(self, code: str, verifier: str, redirect_uri: str) -> ProviderTokens:
        """Exchange a code, which works once, for tokens."""
        metadata = self._metadata()
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        headers = FORM
        if "client_secret_basic" in metadata.token_endpoint_auth_methods_supported:
            pair = f"{quote(self._client.client_id, safe='')}:{quote(self._secret_of_ours(), safe='')}"
            headers = headers | {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
        else:
            fields |= {"client_id": self._client.client_id, "client_secret": self._secret_of_ours()}
        response = self._http.post(metadata.token_endpoint, urlencode(fields).encode(), headers, LONGEST)
        return _read("token", response, ProviderTokens)

    def user_info(self, access_token: str) -> Mapping[str, Any]:
        """Return the provider's userinfo for an access token; empty where it has no such endpoint."""
        url = self._metadata().userinfo_endpoint
        if not (url and access_token):
            return {}
        headers = {"Authorization": f"Bearer {access_token}", "Accept": "application/json"}
        return _read("userinfo", self._http.get(url, headers, LONGEST), dict[str, Any])

    def _metadata(self) -> ProviderMetadata:
        until, known = self._kept
        now = self._clock.now()
        if now < until:
            if known is None:
                raise ProviderFailed(UNREACHABLE)
            return known
        self._kept = (now + FAILURE_REMEMBERED_FOR, None)
        found = _read("discovery", self._http.get(self._client.discovery_url, longest=LONGEST), ProviderMetadata)
        endpoints = filter(None, (found.authorization_endpoint, found.token_endpoint, found.userinfo_endpoint))
        if found.issuer != self._client.issuer or not all(map(is_safe, endpoints)):
            log.error("OpenID issuer mismatch", extra={"issuer": clean(found.issuer, 256)})
            raise ProviderFailed(REFUSED)
        self._kept = (now + REMEMBERED_FOR, found)
        return found

    def _secret_of_ours(self) -> str:
        secret = (self._secret(self._parameter) or "").strip()
        if not secret:
            raise Misconfigured(f"The parameter {self._parameter} is needed, with the secret that the provider gave.")
        return secret


def _read[T](step: str, response: Response, kind: type[T]) -> T:
    """Read a provider's JSON; ProviderFailed for any other response."""
    if response.status != OK:
        more = {"step": step, "status": response.status, "error": _error_of(response)}
        log.warning("OpenID provider refused", extra=more)
        raise ProviderFailed(UNREACHABLE if response.status in {0, 429} or response.status >= 500 else REFUSED)  # noqa: PLR2004 - HTTP's
    try:
        return json.decode(response.text, type=kind)
    except (DecodeError, RecursionError) as error:
        log.warning("OpenID response not readable", extra={"step": step, "error": clean(str(error), LONGEST_WORD)})
        raise ProviderFailed(REFUSED) from None


def _error_of(response: Response) -> str:
    """Return the error code of a response, or the name of the network error; never a whole body."""
    if not response.status:
        return response.text
    try:
        found = json.decode(response.text, type=dict[str, Any]).get("error", "")
    except (DecodeError, RecursionError):
        return ""
    return clean(found, LONGEST_WORD) if isinstance(found, str) else ""
