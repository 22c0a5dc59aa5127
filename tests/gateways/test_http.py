"""Posting over real HTTP: what is sent on which way, and that an address stays a secret."""

import json
import logging
import pkgutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from chalicelib.gateways.http import LONGEST_BODY, SENDING, TIMEOUT, WHOLE, HttpClient, Response, is_safe
from chalicelib.services.notifying.drain import LEASE, LONGEST_DRAIN
from tests.gateways.http_server import SECRET, Server, running

MESSAGE = {"text": "hello"}
ELSEWHERE = f"https://hooks.example.invalid/{SECRET}"


@pytest.fixture
def server() -> Iterator[Server]:
    with running() as server:
        yield server


def test_a_document_is_posted_as_json_and_the_response_is_reported(server: Server) -> None:
    server.status, server.body, server.headers = 429, " rate_limited\n", {"Retry-After": "7"}

    response = HttpClient().post(server.url, MESSAGE)

    (received,) = server.received
    assert response == Response(429, "rate_limited", "7")
    assert received.path == f"/services/{SECRET}"
    assert received.headers["Content-Type"] == "application/json"
    assert json.loads(received.body) == MESSAGE


def test_a_redirect_is_not_followed(server: Server) -> None:
    server.status, server.headers = 307, {"Location": f"http://127.0.0.1:{server.port}/elsewhere"}

    assert HttpClient().post(server.url, MESSAGE).status == 307
    assert len(server.received) == 1


def test_silence_ends_with_the_timeout(server: Server) -> None:
    server.silent = True

    assert HttpClient(timeout=0.05).post(server.url, MESSAGE) == Response(0, "ReadTimeout")


def test_a_long_body_is_not_read_to_its_end(server: Server) -> None:
    server.body = "x" * 1_000_000

    assert len(HttpClient().post(server.url, MESSAGE).text) == LONGEST_BODY


@pytest.mark.parametrize("headers", [{}, {"Content-Length": "9000"}])
def test_a_body_that_comes_in_drips_is_not_waited_for(server: Server, headers: dict[str, str]) -> None:
    server.drips, server.headers, server.body = True, headers, "x" * LONGEST_BODY

    response = HttpClient(timeout=0.2).post(server.url, MESSAGE)

    assert response.status == 200
    assert 0 < len(response.text) < LONGEST_BODY


def test_headers_that_come_in_drips_are_not_waited_for(server: Server) -> None:
    server.header_drips = True

    assert HttpClient(timeout=0.1).post(server.url, MESSAGE) == Response(0, "ReadTimeout")
    for thread in [each for each in threading.enumerate() if each.name == SENDING]:
        thread.join(10)
        assert not thread.is_alive(), "its connection was cut"


def test_a_drain_and_its_last_message_sent_twice_end_within_the_lease() -> None:
    assert LONGEST_DRAIN + 2 * WHOLE * TIMEOUT <= LEASE


def test_of_a_response_in_drips_what_came_in_time_is_known(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.status, server.headers = 202, {"Retry-After": "7"}
    monkeypatch.setattr(HttpClient, "_body_of", lambda *_: server.over.wait(30))

    assert HttpClient(timeout=0.2).post(server.url, MESSAGE) == Response(202, "", "7")


def test_a_name_that_takes_long_to_resolve_is_not_waited_for(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.getaddrinfo", lambda *_args, **_named: server.over.wait(30))

    assert HttpClient(timeout=0.02).post(server.url, MESSAGE) == Response(0, "ConnectTimeout")


def test_what_was_sent_is_in_doubt_though_its_connection_is_closed(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.headers = {"Connection": "close"}
    monkeypatch.setattr("requests.adapters.HTTPAdapter.build_response", lambda *_: server.over.wait(30))

    assert HttpClient(timeout=0.1).post(server.url, MESSAGE) == Response(0, "ReadTimeout")
    assert len(server.received) == 1


@pytest.mark.parametrize("slow", ["socket.getaddrinfo", "chalicelib.gateways.http.HttpClient._session"])
def test_what_did_not_connect_in_time_is_not_sent_later(
    server: Server, monkeypatch: pytest.MonkeyPatch, slow: str
) -> None:
    late, do = threading.Event(), pkgutil.resolve_name(slow)

    def do_late(*args: object, **named: object) -> object:
        late.wait(30)
        return do(*args, **named)

    monkeypatch.setattr(slow, do_late)
    assert HttpClient(timeout=0.02).post(server.url, MESSAGE) == Response(0, "ConnectTimeout")

    sending = [each for each in threading.enumerate() if each.name == SENDING]
    late.set()
    for thread in sending:
        thread.join(10)
        assert not thread.is_alive()
    assert server.received == [], "it is sent again, as if nothing had arrived"


def test_a_body_that_breaks_off_is_kept_as_far_as_it_came(server: Server) -> None:
    server.headers = {"Content-Length": "9000"}

    assert HttpClient().post(server.url, MESSAGE) == Response(200, "ok")


def test_no_credentials_or_proxy_are_taken_from_the_surroundings(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login somebody password secret\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    server.headers = {"Set-Cookie": "who=you"}

    client = HttpClient()

    assert [client.post(server.url, MESSAGE).status for _ in range(2)] == [200, 200]
    assert not {"Authorization", "Cookie"} & {name for each in server.received for name in each.headers}


@pytest.mark.parametrize(
    ("no_proxy", "requested"),
    [
        ("", ["hooks.example.invalid:443"]),
        ("other.invalid,169.254.169.254", ["hooks.example.invalid:443"]),
        ("other.invalid, .example.invalid", []),
        ("hooks.example.invalid", []),
    ],
)
def test_https_goes_through_the_proxy_unless_the_host_is_excepted(
    server: Server, no_proxy: str, requested: list[str]
) -> None:
    client = HttpClient(proxy=f"http://user:{SECRET.replace('/', '-')}@127.0.0.1:{server.port}", no_proxy=no_proxy)

    response = client.post(ELSEWHERE, MESSAGE)

    assert [each.path for each in server.received] == requested
    assert response == Response(0, "ProxyError" if requested else "NameResolutionError")


def test_this_machine_is_reached_without_the_proxy(server: Server) -> None:
    assert HttpClient(proxy="http://127.0.0.1:1").post(server.url, MESSAGE).status == 200


def test_a_certificate_is_checked_against_the_chosen_authorities(tmp_path: Path) -> None:
    certificate = tmp_path / "own.pem"
    command = "openssl req -x509 -newkey rsa:2048 -noenc -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1"
    pair = ("-keyout", str(tmp_path / "key.pem"), "-out", str(certificate))
    subprocess.run([*command.split(), *pair], check=True, capture_output=True)
    both = tmp_path / "both.pem"
    both.write_text((tmp_path / "key.pem").read_text() + certificate.read_text())

    with running(both) as server:
        url = server.url.replace("http:", "https:")
        assert HttpClient().post(url, MESSAGE) == Response(0, "SSLError")
        assert HttpClient(ca_bundle=str(certificate)).post(url, MESSAGE) == Response(200, "ok")
        assert HttpClient(ca_bundle="/no/such/file.pem").post(url, MESSAGE) == Response(0, "OSError")


def reveal_the_url(_session: object, url: str, **_more: object) -> None:
    """Fail as requests does."""
    raise requests.ConnectionError(f"Max retries exceeded with url: {url}")


@pytest.mark.parametrize("case", ["refused", "timeout", "500", "idna", "no host", "library"])
def test_the_address_is_in_no_response_or_log(
    server: Server, case: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    url = server.url
    match case:
        case "refused":
            url = f"http://127.0.0.1:1/{SECRET}"
        case "timeout":
            server.silent = True
        case "500":
            server.status = 500
        case "idna":
            url = f"https://{'x' * 70}.localhost/{SECRET}"
        case "no host":
            url = f"https:///{SECRET}"
        case "library":
            monkeypatch.setattr(requests.Session, "post", reveal_the_url)

    client = HttpClient(timeout=0.05 if case == "timeout" else 5)
    response = client.post(url, MESSAGE)

    assert not [text for text in (repr(response), repr(client), caplog.text) if "secret" in text.lower()]


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://hooks.slack.com/services/T/B/x", True),
        ("http://127.0.0.1:4580/services/T/B/x", True),
        ("http://localhost:4580/services/T/B/x", True),
        ("http://[::1]:4580/services/T/B/x", True),
        ("http://hooks.slack.com/services/T/B/x", False),
        ("http://127.0.0.1.evil.example/", False),
        ("http://localhost.evil.example/", False),
        ("http://10.0.0.1/", False),
        ("ftp://127.0.0.1/", False),
        ("file:///etc/passwd", False),
        ("https://", False),
        ("https://[", False),
        ("hooks.slack.com/services/T/B/x", False),
        ("", False),
    ],
)
def test_only_https_or_this_machine_is_safe(url: str, safe: bool) -> None:
    assert is_safe(url) is safe
