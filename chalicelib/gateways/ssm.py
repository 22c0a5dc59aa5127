"""Parameters: SSM Parameter Store, for secrets (kept in memory for a while) and for the scan's state (never kept).

No value ever enters a log or an exception: AWS's own errors may quote what they refuse.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.domain.errors import Misconfigured

if TYPE_CHECKING:
    from chalicelib.services.ports import Clock

DEFAULT_TTL = 300


class Parameters:
    """The parameters of an account and region; secrets are asked for again after `ttl` seconds.

    Every method raises Misconfigured, with the parameter's name and AWS's error code, where SSM does not answer.
    """

    def __init__(self, client: Any, clock: "Clock", ttl: int = DEFAULT_TTL) -> None:
        self._client, self._clock, self._ttl = client, clock, ttl
        self._kept: dict[str, tuple[int, Any]] = {}

    def get(self, name: str) -> str | None:
        """Return the value of a plain parameter as it is now; None where there is none."""
        return self._read(name, decrypt=False)

    def get_secret(self, name: str) -> str | None:
        """Return the value of a SecureString, at most `ttl` seconds old; None where there is none."""
        return self._remembered(name, lambda: self._read(name, decrypt=True))

    def list_secrets(self, path: str) -> dict[str, str]:
        """Return the SecureStrings directly below a path by the last part of their names, at most `ttl` seconds old."""
        return dict(self._remembered(path.rstrip("/") + "/", lambda: self._read_all(path)))

    def put(self, name: str, value: str) -> None:
        """Write a plain parameter, whether it is there or not."""
        with _without_values(name, "written"):
            self._client.put_parameter(Name=name, Value=value, Type="String", Overwrite=True)

    def _remembered[T](self, key: str, read: Callable[[], T]) -> T:
        now = self._clock.now()
        if key not in self._kept or now >= self._kept[key][0]:
            self._kept[key] = (now + self._ttl, read())
        value: T = self._kept[key][1]
        return value

    def _read(self, name: str, *, decrypt: bool) -> str | None:
        with _without_values(name, "read"):
            try:
                answer = self._client.get_parameter(Name=name, WithDecryption=decrypt)
            except self._client.exceptions.ParameterNotFound:
                return None
        value: str = answer["Parameter"]["Value"]
        return value

    def _read_all(self, path: str) -> dict[str, str]:
        with _without_values(path, "listed"):
            pages = self._client.get_paginator("get_parameters_by_path").paginate(Path=path, WithDecryption=True)
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
