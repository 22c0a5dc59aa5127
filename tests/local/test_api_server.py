"""The API's server refuses over a real socket what API Gateway refuses, in the same words."""

import json
import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from typing import Any

import pytest
from chalice.app import AuthRequest, AuthResponse, Chalice, Response
from chalice.config import Config

from infra.gateway_responses import REQUEST_ID, RESPONSES
from local.api_server import LARGEST_BODY, make_server
from local.aws import LOOPBACK

TOKEN = "Bearer known-token"
TEXTS = {each.kind: each for each in RESPONSES}


def small_app() -> Chalice:
    app = Chalice("small", configure_logs=False)

    @app.authorizer()
    def authorize(request: AuthRequest) -> AuthResponse:
        if request.token == "Bearer broken":
            raise RuntimeError("The authorizer failed.")
        return AuthResponse(routes=["*"] if request.token == TOKEN else [], principal_id="somebody")

    @app.route("/things", methods=["POST"], authorizer=authorize)
    def create_thing() -> Any:
        request: Any = app.current_request
        return {"length": len(request.raw_body)}

    @app.route("/things/{thing_id}", authorizer=authorize)
    def get_thing(thing_id: str) -> Any:
        return {"id": thing_id}

    @app.route("/things/{thing_id}", methods=["DELETE"], authorizer=authorize)
    def delete_thing(thing_id: str) -> Any:
        return Response("", status_code=204)

    @app.route("/things", methods=["OPTIONS"])
    def preflight() -> Any:
        return Response("", status_code=204, headers={"Access-Control-Max-Age": "600"})

    return app


@dataclass(frozen=True)
class Server:
    """A server that serves, and how to call it."""

    port: int

    def call(self, method: str, path: str, headers: Mapping[str, str] | None = None) -> tuple[HTTPResponse, bytes]:
        """Send one request, and return its response."""
        connection = HTTPConnection(LOOPBACK, self.port, timeout=60)
        try:
            connection.request(method, path, headers=headers or {})
            response = connection.getresponse()
            return response, response.read()
        finally:
            connection.close()

    def send(self, raw: bytes) -> bytes:
        """Send bytes as they are, and return all that comes until the connection ends."""
        with socket.create_connection((LOOPBACK, self.port), timeout=60) as connection:
            connection.sendall(raw)
            return b"".join(iter(lambda: connection.recv(65_536), b""))


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    served = make_server(small_app(), Config("dev", config_from_disk={"app_name": "small"}), 0)
    http: Any = served.server
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield Server(http.server_address[1])
    http.shutdown()
    thread.join()
    http.server_close()


def assert_refused(kind: str, status: int, head: Any, body: bytes) -> None:
    request_id = json.loads(body)["error"]["request_id"]
    assert head.status == status
    assert body.decode() == TEXTS[kind].template.replace(REQUEST_ID, request_id)
    assert head.headers["x-amzn-RequestId"] == request_id
    assert head.headers["Content-Type"] == "application/json"
    assert head.headers["Cache-Control"] == "no-store"
    assert head.headers.get("WWW-Authenticate") == ("Bearer" if status == 401 else None)


@pytest.mark.parametrize("headers", [{}, {"Authorization": ""}, {"Authorization": "  "}])
def test_a_missing_token_is_refused_as_api_gateway_does(server: Server, headers: dict[str, str]) -> None:
    assert_refused("UNAUTHORIZED", 401, *server.call("GET", "/things/1", headers))


@pytest.mark.parametrize("token", ["Bearer guessed", "known-token", "Bearer \xff"])
def test_an_unknown_token_is_refused_as_api_gateway_does(server: Server, token: str) -> None:
    assert_refused("ACCESS_DENIED", 401, *server.call("GET", "/things/1", {"Authorization": token}))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/nothing"),
        ("GET", "/things/1/more"),
        ("GET", "/things"),
        ("PUT", "/things"),
        ("OPTIONS", "/nothing"),
        ("OPTIONS", "/things/1"),
        ("TRACE", "/things"),
        ("CONNECT", "/things"),
        ("PROPFIND", "/things"),
        ("get", "/things/1"),
    ],
)
@pytest.mark.parametrize("token", ["", TOKEN, "Bearer \xff"])
def test_an_unknown_path_or_method_is_not_found(server: Server, method: str, path: str, token: str) -> None:
    head, body = server.call(method, path, {"Authorization": token} if token else {})

    assert_refused("MISSING_AUTHENTICATION_TOKEN", 404, head, body)
    assert "known-token" not in f"{head.headers}{body!r}"


@pytest.mark.parametrize("written", ["a%2Fb", "a%20b", "%2F", "..%2F1", "%252F"])
def test_a_path_reaches_the_view_as_it_is_written(server: Server, written: str) -> None:
    head, body = server.call("GET", f"/things/{written}", {"Authorization": TOKEN})

    assert head.status == 200
    assert json.loads(body) == {"id": written}


@pytest.mark.parametrize("path", ["/things/1", "/nothing"])
def test_a_head_has_no_body_and_is_known_nowhere(server: Server, path: str) -> None:
    raw = server.send(f"HEAD {path} HTTP/1.1\r\nHost: x\r\nAuthorization: {TOKEN}\r\n\r\n".encode())

    assert raw.startswith(b"HTTP/1.1 404 ")
    assert raw.endswith(b"\r\n\r\n")


@pytest.mark.parametrize("length", [str(LARGEST_BODY + 1), "9" * 5_000])
@pytest.mark.parametrize("expect", ["", "Expect: 100-continue\r\n"])
def test_a_too_large_body_is_refused_before_it_is_read(server: Server, length: str, expect: str) -> None:
    raw = server.send(f"POST /things HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n{expect}\r\n".encode())

    assert raw.startswith(b"HTTP/1.1 413 ")
    assert json.loads(raw.partition(b"\r\n\r\n")[2])["error"]["code"] == "too_large"


@pytest.mark.parametrize(
    "raw",
    [
        b"POST /things HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /things HTTP/1.1\r\nHost: x\r\nContent-Length: two\r\n\r\n",
        b"POST /things HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET /<script> HTTP/one\r\n\r\n",
        b"\x16\x03\x01\r\n\r\n",
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n",
        b"GET /things/1 HTTP/1.1\r\n" + b"".join(b"X-%d: 1\r\n" % each for each in range(200)) + b"\r\n",
    ],
)
def test_what_is_no_request_is_refused_and_never_repeated(server: Server, raw: bytes) -> None:
    received = server.send(raw)

    assert json.loads(received[received.index(b"{") :])["error"]["code"] == "bad_request"
    assert b"<" not in received


def test_a_body_that_waits_for_an_invitation_gets_it(server: Server) -> None:
    request = f"POST /things HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: {TOKEN}\r\n"
    raw = server.send(f"{request}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{{}}".encode())

    assert raw.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")
    assert raw.endswith(b'{"length":2}')


def test_a_connection_serves_one_request_after_the_other(server: Server) -> None:
    connection = HTTPConnection(LOOPBACK, server.port, timeout=60)
    connection.connect()
    first_socket = connection.sock
    for method, status in (("GET", 200), ("DELETE", 204), ("GET", 200)):
        connection.request(method, "/things/1", headers={"Authorization": TOKEN})
        response = connection.getresponse()
        response.read()
        assert response.status == status
        assert (response.headers.get("Content-Length") is None) == (status == 204)
    assert connection.sock is first_socket
    connection.close()


def test_a_preflight_needs_no_token(server: Server) -> None:
    head, body = server.call("OPTIONS", "/things", {"Origin": "https://status.example.com"})

    assert (head.status, body) == (204, b"")
    assert head.headers["Access-Control-Max-Age"] == "600"


def test_a_function_that_fails_is_an_error_of_the_server(server: Server) -> None:
    assert_refused("DEFAULT_5XX", 500, *server.call("GET", "/things/1", {"Authorization": "Bearer broken"}))
