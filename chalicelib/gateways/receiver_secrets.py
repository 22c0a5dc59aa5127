"""Receiver secrets: read when a message is due; while one is missing, delivery is retried later.

An operator can set it, and nothing is lost until then. No value enters a log, a result or an exception.
"""

from collections.abc import Callable

from chalicelib.domain.errors import MonitoringError
from chalicelib.gateways.delivery_results import RETRY_AFTER
from chalicelib.gateways.http import is_safe
from chalicelib.services.notifying.ports import Retry


class ReceiverSecrets:
    """The secrets of a stage's receivers; `secret` returns a parameter's value, None where there is none."""

    def __init__(self, secret: Callable[[str], str | None], stage: str) -> None:
        self._secret, self._stage = secret, stage

    def read(self, receiver: str, path: str) -> str | Retry:
        """Return the value of the parameter at `path`, below those of the stage; Retry where it is missing."""
        parameter = self.name(path)
        try:
            value = self._secret(parameter)
        except MonitoringError as error:
            return _later(receiver, str(error))
        except Exception as error:  # noqa: BLE001 - whatever it is, its text may hold the value
            return _later(receiver, f"SSM parameter {parameter} cannot be read ({type(error).__name__})")
        return value or _later(receiver, f"SSM parameter {parameter} is missing")

    def read_url(self, receiver: str, path: str) -> str | Retry:
        """Return the URL in the parameter; Retry where it is missing or no safe URL."""
        url = self.read(receiver, path)
        return self.unusable(receiver, path, "holds no https URL") if isinstance(url, str) and not is_safe(url) else url

    def unusable(self, receiver: str, path: str, why: str) -> Retry:
        """Return the Retry for a parameter with an invalid value."""
        return _later(receiver, f"SSM parameter {self.name(path)} {why}")

    def name(self, path: str) -> str:
        """Return the name of the parameter at a path."""
        return f"/monitoring/{self._stage}/{path}"


def _later(receiver: str, why: str) -> Retry:
    return Retry(RETRY_AFTER, f"no delivery to {receiver}: {why}")
