"""An OpenID provider in memory: what it says of whoever signs in, and what it was asked."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from chalicelib.domain.errors import ProviderFailed
from chalicelib.domain.openid_client import OpenIdClient
from chalicelib.services.operations.ports import ProviderTokens
from tests.fakes import NOW

CLIENT = OpenIdClient(
    issuer="https://login.example.com", client_id="hub", read_groups=("staff",), write_groups=("on call",)
)
CODE = "a-code"
METADATA: dict[str, Any] = {
    "issuer": CLIENT.issuer,
    "authorization_endpoint": f"{CLIENT.issuer}/authorize",
    "token_endpoint": f"{CLIENT.issuer}/token",
    "userinfo_endpoint": f"{CLIENT.issuer}/me",
    "jwks_uri": f"{CLIENT.issuer}/keys",
    "claims_supported": None,
}


def id_token(claims: Mapping[str, Any]) -> str:
    """Return an ID token with claims; what signs it is never asked."""
    parts = [json.dumps({"alg": "RS256"}), json.dumps(claims), "signature"]
    return ".".join(urlsafe_b64encode(each.encode()).decode().rstrip("=") for each in parts)


class FakeOpenIdProvider:
    """A provider that lets one person in, and remembers the nonce and challenge with which they came."""

    def __init__(self, **person: Any) -> None:
        self.person: dict[str, Any] = {"sub": "7", "email": "ana@example.com", "groups": ["on call"]} | person
        self.info: dict[str, Any] = {}
        self.error = ""
        self.query: dict[str, str] = {}
        self.redeemed: list[tuple[str, str, str]] = []

    def visited(self, address: str, **more: str) -> dict[str, str]:
        """Take in whom the hub sends, and return what is sent back with them."""
        self.query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        return {"code": CODE, "state": self.query["state"]} | more

    @property
    def claims(self) -> dict[str, Any]:
        """What an ID token says now."""
        usual = {"iss": CLIENT.issuer, "aud": "hub", "exp": NOW + 300, "iat": NOW, "nonce": self.query["nonce"]}
        return {name: value for name, value in (usual | self.person).items() if value is not None}

    def authorization_endpoint(self) -> str:
        """Return where people are led."""
        if self.error:
            raise ProviderFailed(self.error)
        return "https://login.example.com/authorize?tenant=1"

    def redeem(self, code: str, verifier: str, redirect_uri: str) -> ProviderTokens:
        """Return the tokens of the one code."""
        self.redeemed.append((code, verifier, redirect_uri))
        if code != CODE:
            raise ProviderFailed("Your company's sign-in did not accept what the hub asked.")
        return ProviderTokens(id_token(self.claims), "access")

    def user_info(self, access_token: str) -> Mapping[str, Any]:
        """Return what more there is to say."""
        assert access_token == "access"
        return self.info
