"""SSM Parameter Store: secrets (cached for a while) and the state of scans (never cached).

No value ever enters a log or an exception: AWS's own errors may quote what they refuse.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.domain.errors import Misconfigured

if TYPE_CHECKING:
    from chalicelib.services.ports import Clock

DEFAULT_TTL = 300
# The parameters for links, below the stage's path: nearly every message has some.
LINK_KEY, BASE_URL = "link-key", "base-url"


class Parameters:
    """The parameters of an account and region; secrets are read again after `ttl` seconds.

    `client` returns SSM's client, created when first needed: many functions read no parameter. Every method raises
    Misconfigured, with the parameter's name and AWS's error code, where SSM fails.
    """

    def __init__(
        self, client: Callable[[], Any], clock: "Clock", ttl: int = DEFAULT_TTL, together: Sequence[str] = ()
    ) -> None:
        self._client, self._clock, self._ttl, self._together = client, clock, ttl, together
        self._kept: dict[str, tuple[int, Any]] = {}

    def get(self, name: str) -> str | None:
        """Return the current value of a plain parameter; None where there is none."""
        client = self._client()
        with _without_values(name, "read"):
            try:
                answer = client.get_parameter(Name=name)
            except client.exceptions.ParameterNotFound:
                return None
        value: str = answer["Parameter"]["Value"]
        return value

    def get_secret(self, name: str) -> str | None:
        """Return the value of a SecureString, at most `ttl` seconds old; None where there is none.

        The first of those that are read `together` reads them all.
        """
        return self._remembered(name, lambda: self._read_secret(name))

    def list_secrets(self, path: str) -> dict[str, str]:
        """Return the SecureStrings directly below a path by the last part of their names, at most `ttl` seconds old."""
        return dict(self._remembered(path.rstrip("/") + "/", lambda: self._read_all(path)))

    def put(self, name: str, value: str) -> None:
        """Write a plain parameter, whether it is there or not."""
        with _without_values(name, "written"):
            self._client().put_parameter(Name=name, Value=value, Type="String", Overwrite=True)

    def _remembered[T](self, key: str, read: Callable[[], T]) -> T:
        if not self._is_fresh(key):
            self._keep(key, read())
        value: T = self._kept[key][1]
        return value

    def _is_fresh(self, key: str) -> bool:
        return key in self._kept and self._clock.now() < self._kept[key][0]

    def _keep(self, key: str, value: Any) -> None:
        self._kept[key] = (self._clock.now() + self._ttl, value)

    def _read_secret(self, name: str) -> str | None:
        others = [each for each in self._together if each != name and not self._is_fresh(each)]
        with _without_values(name, "read"):
            try:
                values = self._read_secrets([name, *others])
            except ClientError:
                if not others:
                    raise
                # If one of them may not be read, the others are read nevertheless.
                values, others = self._read_secrets([name]), []
        for each in others:
            self._keep(each, values.get(each))
        return values.get(name)

    def _read_secrets(self, names: Sequence[str]) -> dict[str, str]:
        found = self._client().get_parameters(Names=names, WithDecryption=True)["Parameters"]
        return {each["Name"]: each["Value"] for each in found}

    def _read_all(self, path: str) -> dict[str, str]:
        with _without_values(path, "listed"):
            pages = self._client().get_paginator("get_parameters_by_path").paginate(Path=path, WithDecryption=True)
            return {each["Name"].rsplit("/", 1)[-1]: each["Value"] for page in pages for each in page["Parameters"]}


@contextmanager
def _without_values(name: str, verb: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "Unknown")
        raise Misconfigured(f"Parameter {name} cannot be {verb}: {code}") from None
    except BotoCoreError as error:
        raise Misconfigured(f"Parameter {name} cannot be {verb}: {type(error).__name__}") from None
