"""Slack's requests: buttons, forms and commands, verified by their signature and answered within seconds.

Requests that are not Slack's, or older than five minutes, are refused without a reason.
"""

import json
import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from chalice.app import Response

from chalicelib.api.middleware import current_request

if TYPE_CHECKING:
    from chalicelib.container.services import Hub

log = logging.getLogger(__name__)

LARGEST = 100_000
HEADERS: dict[str, Any] = {"Content-Type": "application/json", "Cache-Control": "no-store"}


def respond(hub: "Hub") -> Response:
    """Do what the current request asks for in Slack."""
    request = current_request.get()
    body: Any = request.raw_body
    if len(body) > LARGEST or not hub.slack_signatures.is_genuine(body, request.headers):
        log.warning(
            "Slack request refused", extra={"reason": "size" if len(body) > LARGEST else "signature", "size": len(body)}
        )
        return _response(HTTPStatus.UNAUTHORIZED, {"error": "invalid signature"})
    from chalicelib.gateways.slack_app.requests import request_in  # noqa: PLC0415 - few requests come from Slack

    requested = request_in(body)
    if requested is None:
        return _response(HTTPStatus.OK, {})
    return _response(HTTPStatus.OK, hub.chat_actions(requested))


def _response(status: HTTPStatus, document: Any) -> Response:
    return Response(json.dumps(document) if document else "", status_code=status.value, headers=HEADERS)
