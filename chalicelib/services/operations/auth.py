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

from chalicelib.domain import text

log = logging.getLogger(__name__)

VERSION = 16
SHA256 = re.compile(r"[0-9a-f]{64}")
# The digest of an empty token, as of a shell variable that is not set: anybody could present it.
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
    """What one token allows; `name` says whose it is, and is no secret.

    `version` tells the token from the one that is kept under the same name after it.
    """

    name: str
    scopes: frozenset[Scope]
    version: str = ""


class Authenticator(Struct, frozen=True):
    """Knows the API tokens of one stage.

    Each is a parameter `/monitoring/<stage>/api-tokens/<name>`: JSON with the token's `sha256` in hexadecimal digits
    and its `scopes`. Without such a parameter nobody gets in.
    """

    secrets: SecretStore
    stage: str

    def identify(self, token: str) -> Grant | None:
        """Return what a token allows, None for an unknown one; always compares it with all of them."""
        if not token:
            return None
        presented = hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
        fitting = [grant for digest, grant in self._grants() if hmac.compare_digest(digest, presented)]
        return fitting[0] if fitting else None

    def find(self, name: str, version: str) -> Grant | None:
        """Return what the token of this name and version allows now; None where it was deleted or replaced."""
        return next((grant for _, grant in self._grants() if (grant.name, grant.version) == (name, version)), None)

    def named(self, name: str) -> Grant | None:
        """Return what the token of a name allows."""
        return next((grant for _, grant in self._grants() if grant.name == name), None)

    def _grants(self) -> Iterator[tuple[str, Grant]]:
        path = f"/monitoring/{self.stage}/api-tokens"
        for parameter, value in self.secrets.list_secrets(path).items():
            name = parameter.rpartition("/")[2]
            try:
                yield _parse(name, value)
            except (ValueError, TypeError, KeyError, RecursionError):
                # No traceback: it might show the value.
                log.error("Malformed API token ignored", extra={"parameter": f"{path}/{name}"})  # noqa: TRY400


def _parse(name: str, parameter: str) -> tuple[str, Grant]:
    """Read a parameter's value; raises ValueError, TypeError or KeyError where it is malformed."""
    value = json.loads(parameter)
    digest = value["sha256"].lower() if isinstance(value["sha256"], str) else ""
    scopes = value["scopes"]
    if not (SHA256.fullmatch(digest) and digest != OF_NOTHING and isinstance(scopes, list) and scopes):
        raise ValueError(name)
    return digest, Grant(name, frozenset(map(Scope, scopes)), version_of(digest))


def version_of(digest: str) -> str:
    """Return an identifier of a token that reveals nothing of it."""
    return text.digest("token version", digest)[:VERSION]
