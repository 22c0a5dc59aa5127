"""Authentication: who may call the API, by bearer tokens of which only digests are stored."""

import hashlib
import hmac
import json
import logging
import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

log = logging.getLogger(__name__)

SHA256 = re.compile(r"[0-9a-f]{64}")
# What an empty shell variable is digested to: a token that everybody has.
OF_NOTHING = hashlib.sha256(b"").hexdigest()


class Scope(StrEnum):
    """What a token may do; neither includes the other."""

    READ = "read"
    WRITE = "write"


class SecretStore(Protocol):
    """Where the digests are kept."""

    def list_secrets(self, path: str) -> Mapping[str, str]:
        """Return the secrets right below a path, by name."""
        ...


class Grant(Struct, frozen=True):
    """What one token allows; `name` says whose it is, and is no secret."""

    name: str
    scopes: frozenset[Scope]


class Authenticator(Struct, frozen=True):
    """Knows the tokens of one stage.

    Each is a parameter `/monitoring/<stage>/api-tokens/<name>`: JSON with the token's `sha256` in hexadecimal digits
    and its `scopes`. Where there is none, nobody gets in.
    """

    secrets: SecretStore
    stage: str

    def identify(self, token: str) -> Grant | None:
        """Return what a token allows, None where it is unknown; always compares it with all of them."""
        if not token:
            return None
        presented = hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
        fitting = [grant for digest, grant in self._grants() if hmac.compare_digest(digest, presented)]
        return fitting[0] if fitting else None

    def _grants(self) -> Iterator[tuple[str, Grant]]:
        path = f"/monitoring/{self.stage}/api-tokens"
        for parameter, text in self.secrets.list_secrets(path).items():
            name = parameter.rpartition("/")[2]
            try:
                yield _parse(name, text)
            except (ValueError, TypeError, KeyError, RecursionError):
                # No traceback: it might show the value.
                log.error("Malformed API token ignored", extra={"parameter": f"{path}/{name}"})  # noqa: TRY400


def _parse(name: str, text: str) -> tuple[str, Grant]:
    """Read a parameter's value; raises ValueError, TypeError or KeyError where it is not as it should be."""
    value = json.loads(text)
    digest = value["sha256"].lower() if isinstance(value["sha256"], str) else ""
    scopes = value["scopes"]
    if not (SHA256.fullmatch(digest) and digest != OF_NOTHING and isinstance(scopes, list) and scopes):
        raise ValueError(name)
    return digest, Grant(name, frozenset(map(Scope, scopes)))
