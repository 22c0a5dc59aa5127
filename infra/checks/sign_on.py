"""Checks of single sign-on: whether the company's provider answers as the one that is set, and its secret is there."""

import json
from collections.abc import Iterator
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

from chalicelib.domain.openid_client import OpenIdClient
from infra.checks.check import Check, CheckStatus, Finding, judged

TIMEOUT = 10
SUBJECT = "provider of the company's accounts"


def parameter_of(stage: str) -> str:
    """Return the name of the parameter that holds the secret which the provider gave."""
    return f"/monitoring/{stage}/oidc-client-secret"


def in_words(client: OpenIdClient) -> str:
    """Say who may sign in with their company's account."""
    if not client.issuer:
        return "People sign in to the pages with tokens and links: no OIDC_ISSUER is set."
    seeing, acting = (", ".join(groups) or "nobody" for groups in (client.read_groups, client.write_groups))
    return f"People sign in to the pages at {client.issuer}: {seeing} may see, {acting} may also act."


class SignOn:
    """A stage's OpenID provider; `session` is boto3's."""

    def __init__(self, session: Any, stage: str, client: OpenIdClient) -> None:
        self._session, self._stage, self._client = session, stage, client

    def checks(self) -> Iterator[Check]:
        """Iterate over the checks; there are none where no provider is set."""
        if self._client.issuer:
            yield Check("single sign-on", self._findings)

    def _findings(self) -> Iterator[Finding]:
        name = parameter_of(self._stage)
        filters = [{"Key": "Name", "Option": "Equals", "Values": [name]}]
        found = self._session.client("ssm").describe_parameters(ParameterFilters=filters)["Parameters"]
        yield judged(
            "secret of the provider",
            holds=[each["Type"] for each in found] == ["SecureString"],
            detail=f"there is no SecureString {name}",
            remedy="put it there (docs/ui.md); nobody signs in with their company's account until then",
        )
        yield _discovered(self._client)


def _discovered(client: OpenIdClient) -> Finding:
    try:
        with urlopen(client.discovery_url, timeout=TIMEOUT) as response:  # noqa: S310 - settings let only https through
            document = json.loads(response.read())
            issuer = document.get("issuer") if isinstance(document, dict) else None
    except HTTPError as error:
        with error:
            issuer = f"status {error.code}"
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", error)
        return Finding(SUBJECT, CheckStatus.UNKNOWN, f"{client.discovery_url} cannot be reached from here: {reason}")
    except ValueError:
        issuer = "no JSON"
    return judged(
        SUBJECT,
        holds=issuer == client.issuer,
        detail=f"{client.discovery_url} says {issuer!r}, and OIDC_ISSUER is {client.issuer!r}",
        remedy="set OIDC_ISSUER to exactly what it says, if that is your provider",
    )
