"""Checks of what people and programs meet: the API, its authorizer and throttling, and the secrets of receivers."""

import json
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from infra.checks.check import Check, CheckStatus, Finding, judged
from infra.throttling import RATE

TIMEOUT = 10
# A token that nobody was given.
UNKNOWN_TOKEN = "x" * 32


class Interface:
    """The API of a stage, and the `secrets` of its receivers; `session` is boto3's."""

    def __init__(self, session: Any, stage: str, secrets: Sequence[str]) -> None:
        self._session, self._stage, self._of_receivers = session, stage, secrets
        self._parameters = session.client("ssm")

    def checks(self) -> Iterator[Check]:
        """Iterate over the checks."""
        yield Check("API", self._api)
        yield Check("throttling of the API", self._throttling)
        yield Check("secrets", self._secrets)

    def _api(self) -> Iterator[Finding]:
        url = self._base_url()
        if url is None:
            yield judged(
                f"parameter /monitoring/{self._stage}/base-url",
                holds=False,
                detail="it is not there",
                remedy=f"python -m infra.deploy --restore-only --stage {self._stage}",
            )
            return
        yield _responses(f"{url}/health", 200, "the API answers, and its table does")
        yield _responses(f"{url}/events", 401, "the API lets nobody in without a token")
        yield _responses(f"{url}/events", 401, "the API lets nobody in with an unknown token", token=UNKNOWN_TOKEN)
        yield _responses(f"{url}/no-such-path", 404, "the API knows no other paths", token=UNKNOWN_TOKEN)

    def _throttling(self) -> Iterator[Finding]:
        url = self._base_url()
        if url is None:
            return
        api = url.removeprefix("https://").partition(".")[0]
        stages = self._session.client("apigateway").get_stages(restApiId=api)["item"]
        names = [each["stageName"] for each in stages]
        yield judged("one stage of the API", holds=names == ["api"], detail=f"there are {', '.join(names)}")
        limits = stages[0].get("methodSettings", {}).get("*/*", {})
        yield judged(
            f"at most {RATE} requests a second",
            holds=0 < limits.get("throttlingRateLimit", 0) <= RATE,
            detail=f"the limit is {limits.get('throttlingRateLimit')}",
            remedy=f"python -m infra.deploy --restore-only --stage {self._stage}",
        )

    def _secrets(self) -> Iterator[Finding]:
        """Look whether the secrets are there; their values are not read."""
        for name in self._of_receivers:
            yield judged(
                f"secret of a receiver, {name}",
                holds=self._kind(name) == "SecureString",
                detail=f"there is no SecureString {name}",
                remedy="put it there; what it is to get stays pending until then",
            )
        tokens = self._names(f"/monitoring/{self._stage}/api-tokens/")
        yield judged(
            "a token for the API", holds=tokens, detail="there is none", remedy="docs/api.md says how to make one"
        )
        if self._kind(f"/monitoring/{self._stage}/link-key") is None:
            yield Finding("key of the buttons", CheckStatus.UNKNOWN, "there is none, so messages have no buttons")

    def _base_url(self) -> str | None:
        names = [f"/monitoring/{self._stage}/base-url"]
        found = self._parameters.get_parameters(Names=names)["Parameters"]
        return found[0]["Value"].rstrip("/") if found else None

    def _kind(self, name: str) -> str | None:
        filters = [{"Key": "Name", "Option": "Equals", "Values": [name]}]
        found = self._parameters.describe_parameters(ParameterFilters=filters)["Parameters"]
        return found[0]["Type"] if found else None

    def _names(self, prefix: str) -> list[str]:
        filters = [{"Key": "Name", "Option": "BeginsWith", "Values": [prefix]}]
        return [each["Name"] for each in self._parameters.describe_parameters(ParameterFilters=filters)["Parameters"]]


def _responses(url: str, status: int, subject: str, token: str = "") -> Finding:
    """Send one request and compare the status, and the shape of an error."""
    request = Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})  # noqa: S310 - from our own parameter
    try:
        with urlopen(request, timeout=TIMEOUT) as response:  # noqa: S310 - the same
            found, body = response.status, response.read()
    except HTTPError as error:
        with error:
            found, body = error.code, error.read()
    except URLError as error:
        return Finding(subject, CheckStatus.UNKNOWN, f"{url} cannot be reached from here: {error.reason}")
    in_shape = status < 400 or _is_our_error(body)  # noqa: PLR2004 - HTTP's errors
    return judged(
        subject,
        holds=found == status and in_shape,
        detail=f"{url} answered {found}{'' if in_shape else ', not in our shape'}",
        remedy="deploy the stage again",
    )


def _is_our_error(body: bytes) -> bool:
    try:
        return bool({"code", "message", "request_id"} <= json.loads(body)["error"].keys())
    except (ValueError, KeyError, TypeError, AttributeError):
        return False
