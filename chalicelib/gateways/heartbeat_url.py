"""The heartbeat URL: tells a service outside AWS that the hub is alive, which alerts somebody when it is not."""

import logging
from collections.abc import Callable

from chalicelib.gateways.http import HttpClient, is_safe

log = logging.getLogger(__name__)

ACCEPTED = range(200, 300)


class HeartbeatUrl:
    """Calls the URL in a stage's SecureString `heartbeat-url`, if there is one; `secret` reads a parameter."""

    def __init__(self, secret: Callable[[str], str | None], stage: str, http: HttpClient) -> None:
        self._secret, self._parameter, self._http = secret, f"/monitoring/{stage}/heartbeat-url", http

    def __call__(self) -> None:
        """Call the URL once; errors are logged without it, and nothing is raised."""
        try:
            url = self._secret(self._parameter)
        except Exception as error:  # noqa: BLE001 - a heartbeat is no reason for a sweep to fail
            log.warning("Heartbeat URL not readable", extra={"reason": type(error).__name__})
            return
        if not url:
            return
        if not is_safe(url):
            log.error("Heartbeat URL is not https", extra={"parameter": self._parameter})
            return
        response = self._http.post(url, {})
        if response.status not in ACCEPTED:
            log.warning("Heartbeat URL not accepted", extra={"status": response.status})
