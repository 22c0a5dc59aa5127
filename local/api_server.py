"""The API's server: `chalice local`, except that it refuses as API Gateway does: `python -m local.api_server --port N`.

API Gateway itself refuses a request without a token or with an unknown one, to a path or method that the API does not
have, or with too large a body; infra/gateway_responses.py has its responses. Chalice's own server has others, repeats a
token where it does not know the path, and shows a page where it does not know the method.
"""

import argparse
import logging
import sys
from collections.abc import Sequence
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast, override
from uuid import uuid4

from chalice.app import Chalice
from chalice.cli.factory import CLIFactory
from chalice.config import Config
from chalice.local import (
    ChaliceRequestHandler,
    ForbiddenError,
    LocalDevServer,
    LocalGateway,
    LocalGatewayException,
    NotAuthorizedError,
    RouteMatcher,
    create_local_server,
)

from infra.gateway_responses import CONTENT_TYPE, REQUEST_ID, RESPONSES
from local.aws import LOOPBACK, STAGE
from local.receivers import demo

PROJECT = Path(__file__).parent.parent
# https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
LARGEST_BODY = 10 * 1024 * 1024
# A longer one is no number of bytes that anybody sends, and Python reads only so many digits.
LONGEST_LENGTH = 15

BY_KIND = {response.kind: response for response in RESPONSES}
UNKNOWN, BAD = "MISSING_AUTHENTICATION_TOKEN", "DEFAULT_4XX"
# Where the gateway response keeps the gateway's own status.
OWN_STATUSES = {BAD: HTTPStatus.BAD_REQUEST, "DEFAULT_5XX": HTTPStatus.INTERNAL_SERVER_ERROR}
WITHOUT_BODY = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)

log = logging.getLogger(__name__)


class Refused(LocalGatewayException):
    """API Gateway refuses a request by itself, with one of its gateway responses."""

    def __init__(self, kind: str) -> None:
        response, request_id = BY_KIND[kind], str(uuid4())
        self.CODE = int(response.status or OWN_STATUSES[kind])
        headers = {"x-amzn-RequestId": request_id, "Content-Type": CONTENT_TYPE}
        literal = {name: value.strip("'") for name, value in response.parameters.items()}
        super().__init__(headers | literal, response.template.replace(REQUEST_ID, request_id).encode())


class Gateway(LocalGateway):
    """Chalice's stand-in for API Gateway, which refuses what never reaches a view."""

    def __init__(self, app: Chalice, config: Config) -> None:
        super().__init__(app, config)
        self._methods, self._matcher = app.routes, RouteMatcher(list(app.routes))

    @override
    def handle_request(self, method: str, path: str, headers: dict[str, Any], body: bytes | None) -> dict[str, Any]:
        """Return the response of a view; Refused where none is called."""
        if method not in self._methods_at(path):
            raise Refused(UNKNOWN)
        # A header that says nothing is none.
        said = {name: value for name, value in headers.items() if value.strip() or name.lower() != "authorization"}
        try:
            return super().handle_request(method, path, said, body)
        except NotAuthorizedError:
            raise Refused("UNAUTHORIZED") from None
        except ForbiddenError:
            raise Refused("ACCESS_DENIED") from None
        except Exception:
            log.exception("Function failed")
            raise Refused("DEFAULT_5XX") from None

    def _methods_at(self, path: str) -> set[str]:
        """Return the methods that the API has at a path; none where it has no such path."""
        try:
            return set(self._methods[self._matcher.match_route(path).route])
        except ValueError:
            return set()


class GatewayHandler(ChaliceRequestHandler):
    """Maps HTTP to the app's views, and responds by itself where API Gateway would."""

    def __init__(self, *connection: Any, app_object: Chalice, config: Config) -> None:
        self.local_gateway = Gateway(app_object, config)
        super(ChaliceRequestHandler, self).__init__(*connection)  # which handles all that comes

    @override
    def parse_request(self) -> bool:
        """Read a request's first lines; tells whether there is more to do with it."""
        return super().parse_request() and self._takes_body()

    @override
    def handle_expect_100(self) -> bool:
        """Invite a body, unless it would be refused."""
        return self._takes_body() and super().handle_expect_100()

    @override
    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse a method that nobody knows, or what is no HTTP; nothing of the request is repeated."""
        self._send_error_response(Refused(UNKNOWN if code == HTTPStatus.NOT_IMPLEMENTED else BAD))

    def _takes_body(self) -> bool:
        """Return whether the body may be read; it is refused otherwise."""
        length = self.headers.get("content-length", "0")
        if "transfer-encoding" in self.headers or not (length.isascii() and length.isdigit()):
            self._send_error_response(Refused(BAD))
        elif len(length) > LONGEST_LENGTH or int(length) > LARGEST_BODY:
            self._send_error_response(Refused("REQUEST_TOO_LARGE"))
        else:
            return True
        return False

    @override
    def _send_error_response(self, error: LocalGatewayException) -> None:
        """Send a gateway response; the connection ends, as a body may be left unread."""
        self.close_connection = True
        body = error.body or b""
        length = {"Content-Length": str(len(body)), "Connection": "close"}
        self.send_response(error.CODE)
        self._send_headers(error.headers | length)
        if self.command != "HEAD":
            self.wfile.write(body)

    @override
    def _send_http_response(self, code: int, headers: dict[str, Any], body: str | bytes | None) -> None:
        if code not in WITHOUT_BODY:
            super()._send_http_response(code, headers, body)
            return
        self.send_response(code)
        self._send_headers(headers)


def make_server(app: Chalice, config: Config, port: int) -> LocalDevServer:
    """Return the server of an app, which listens and does not serve yet."""
    server: Any = create_local_server(app, config, LOOPBACK, port)
    server.server.RequestHandlerClass = partial(GatewayHandler, app_object=app, config=config)
    return cast("LocalDevServer", server)


def main(arguments: Sequence[str]) -> None:
    """Serve the API until the process is ended."""
    parser = argparse.ArgumentParser(prog="python -m local.api_server", description="Serves the API.")
    parser.add_argument("--port", type=int, required=True)
    port = parser.parse_args(arguments).port
    demo.install()
    config = CLIFactory(str(PROJECT)).create_config_obj(chalice_stage_name=STAGE)
    make_server(config.chalice_app, config, port).serve_forever()


if __name__ == "__main__":
    main(sys.argv[1:])
