"""An HTTP server on loopback that answers as a test says; it plays receivers, and proxies on the way to them."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

SECRET = "T0SECRET/B0SECRET/x0secret"


@dataclass
class Received:
    """One request."""

    path: str
    headers: dict[str, str]
    body: str


@dataclass
class Server:
    """What the server answers, at once or in drips, and what it was sent; a CONNECT is always refused."""

    port: int = 0
    status: int = 200
    body: str = "ok"
    headers: dict[str, str] = field(default_factory=dict)
    silent: bool = False
    drips: bool = False
    header_drips: bool = False
    received: list[Received] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """Return a webhook URL of this server."""
        return f"http://127.0.0.1:{self.port}/services/{SECRET}"


def _handler(state: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            state.received.append(Received(self.path, dict(self.headers), body))
            if state.silent:
                state.over.wait(30)
                return
            if state.header_drips:
                self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
                with suppress(OSError):
                    while not state.over.wait(0.01):
                        self.wfile.write(b"x")
                return
            self.send_response(state.status)
            for name, value in state.headers.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(OSError):  # whoever has had enough hangs up
                for piece in state.body if state.drips else [state.body]:
                    self.wfile.write(piece.encode())
                    state.over.wait(0.01 if state.drips else 0)

        def do_CONNECT(self) -> None:
            state.received.append(Received(self.path, dict(self.headers), ""))
            self.send_error(502)

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    return Handler


@contextmanager
def running(certificate: Path | None = None) -> Iterator[Server]:
    """Run a server, over TLS where a file with a certificate and its key is given."""
    state = Server()
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(state)) as http:
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            http.socket = context.wrap_socket(http.socket, server_side=True)
        state.port = http.server_address[1]
        thread = threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield state
        state.over.set()
        http.shutdown()
        thread.join()
