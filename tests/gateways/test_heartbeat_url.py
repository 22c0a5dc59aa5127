"""The heartbeat URL: called where there is one, and never shown."""

import logging
from typing import Any, NoReturn

import pytest

from chalicelib.gateways.heartbeat_url import HeartbeatUrl
from chalicelib.gateways.http import HttpClient, Response

URL = "https://beats.example.com/4f7c-secret"


class Http(HttpClient):
    """Answers with one status, and remembers what was called."""

    def __init__(self, status: int = 200) -> None:
        super().__init__()
        self._status, self.called = status, [""][:0]

    def post(self, url: str, _document: Any, _headers: Any = None, _longest: int = 0) -> Response:
        """Remember."""
        self.called.append(url)
        return Response(self._status, "")


def test_it_is_called_once() -> None:
    http = Http()
    HeartbeatUrl({"/monitoring/prod/heartbeat-url": URL}.get, "prod", http)()
    assert http.called == [URL]


@pytest.mark.parametrize("url", [None, "", "http://beats.example.com/4f7c-secret", "file:///etc/passwd"])
def test_where_there_is_none_or_an_unsafe_one_nothing_is_called(url: str | None) -> None:
    http = Http()
    HeartbeatUrl(lambda _: url, "prod", http)()
    assert http.called == []


@pytest.mark.parametrize("status", [0, 404, 500])
def test_what_goes_wrong_is_logged_without_the_url_and_raises_nothing(
    caplog: pytest.LogCaptureFixture, status: int
) -> None:
    with caplog.at_level(logging.WARNING):
        HeartbeatUrl(lambda _: URL, "prod", Http(status))()
    (line,) = caplog.records
    assert (line.getMessage(), line.__dict__["status"]) == ("Heartbeat URL not accepted", status)
    assert "secret" not in str(line.__dict__)


def test_a_parameter_that_cannot_be_read_fails_no_sweep(caplog: pytest.LogCaptureFixture) -> None:
    def deny(_name: str) -> NoReturn:
        raise PermissionError(URL)

    with caplog.at_level(logging.WARNING):
        HeartbeatUrl(deny, "prod", Http())()
    (line,) = caplog.records
    assert line.__dict__["reason"] == "PermissionError"
    assert "secret" not in str(line.__dict__)
