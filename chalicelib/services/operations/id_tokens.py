"""ID tokens: what a provider says about a person, checked as OpenID Connect requires of a client.

The signature is not checked: the hub takes ID tokens only from the token endpoint itself, over TLS, whose certificate
then vouches for the issuer (OpenID Connect Core 3.1.3.7, step 6; ADR 34).
"""

import binascii
import hmac
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from msgspec import DecodeError, json

from chalicelib.domain.openid_client import OpenIdClient
from chalicelib.domain.text import clean

# Seconds by which clocks may differ.
LEEWAY = 60
LONGEST_SUBJECT = 255
PARTS = 3


class WrongIdTokenError(Exception):
    """An ID token is not valid for us; the text names the claim that is wrong, and no value."""


def claims_of(token: str, client: OpenIdClient, nonce: str, now: int) -> Mapping[str, Any]:
    """Return the claims of an ID token; WrongIdTokenError unless it was issued to us with this nonce and is valid."""
    claims = _decoded(token)
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    party = claims.get("azp", client.client_id if len(audiences) == 1 else None)
    subject, begins = claims.get("sub"), claims.get("nbf", now)
    checks = {
        "iss": claims.get("iss") == client.issuer,
        "aud": client.client_id in audiences,
        "azp": party == client.client_id,
        "sub": isinstance(subject, str) and len(subject) <= LONGEST_SUBJECT and clean(subject, LONGEST_SUBJECT) != "",
        "exp": _is_time(claims.get("exp")) and claims["exp"] + LEEWAY > now,
        "iat": _is_time(claims.get("iat")) and claims["iat"] - LEEWAY <= now,
        "nbf": _is_time(begins) and begins - LEEWAY <= now,
        "nonce": hmac.compare_digest(str(claims.get("nonce", "")).encode(errors="replace"), nonce.encode()),
    }
    wrong = [name for name, holds in checks.items() if not holds]
    if wrong:
        raise WrongIdTokenError(", ".join(wrong))
    return claims


def _decoded(token: str) -> dict[str, Any]:
    parts = token.split(".")
    if len(parts) != PARTS:
        raise WrongIdTokenError("its form")
    try:
        content = b64decode(parts[1] + "=" * (-len(parts[1]) % 4), b"-_", validate=True)
        return json.decode(content, type=dict[str, Any])
    except (binascii.Error, ValueError, DecodeError, RecursionError):
        raise WrongIdTokenError("its form") from None


def _is_time(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
