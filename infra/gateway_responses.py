"""Gateway responses: what API Gateway returns without invoking our code, in the one shape of error that clients know.

Both ways of deploying take them from here: the merge template in SAM's words, and the step after `chalice deploy` in
those of PutGatewayResponse.
https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
"""

import json
from dataclasses import dataclass
from typing import Any

CONTENT_TYPE = "application/json"
# A mapping template: API Gateway puts the request's id in.
REQUEST_ID = "$context.requestId"


@dataclass(frozen=True, slots=True)
class GatewayResponse:
    """One gateway response; an empty status keeps the gateway's own."""

    kind: str
    status: str
    code: str
    message: str
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def template(self) -> str:
        """The body, as a mapping template."""
        error = {"code": self.code, "message": self.message, "details": [], "request_id": REQUEST_ID}
        return json.dumps({"error": error})

    @property
    def parameters(self) -> dict[str, str]:
        """The headers; in a mapping, what is quoted is meant literally."""
        return dict((NO_STORE, *self.headers))


NO_STORE = ("Cache-Control", "'no-store'")
CHALLENGE = ("WWW-Authenticate", "'Bearer'")
TRY_AGAIN = "The API did not respond; try again, and report this request id to its operator if that does not help."

RESPONSES = (
    GatewayResponse("UNAUTHORIZED", "401", "unauthorized", "A bearer token is needed.", (CHALLENGE,)),
    # Our authorizer refuses unknown tokens only; the routes check what a token may do.
    GatewayResponse("ACCESS_DENIED", "401", "unauthorized", "The token is not known.", (CHALLENGE,)),
    # What API Gateway calls a missing token is a path or method that it does not know.
    GatewayResponse(
        "MISSING_AUTHENTICATION_TOKEN", "404", "not_found", "There is no such path, or no such method there."
    ),
    GatewayResponse("RESOURCE_NOT_FOUND", "404", "not_found", "There is no such path."),
    GatewayResponse("REQUEST_TOO_LARGE", "413", "too_large", "The body is larger than API Gateway takes."),
    GatewayResponse("UNSUPPORTED_MEDIA_TYPE", "415", "unsupported_media_type", "Send content type application/json."),
    GatewayResponse("THROTTLED", "429", "too_many_requests", "Too many requests at once; try again in a moment."),
    GatewayResponse("QUOTA_EXCEEDED", "429", "too_many_requests", "The quota of requests is used up."),
    GatewayResponse("INTEGRATION_TIMEOUT", "504", "timeout", TRY_AGAIN),
    GatewayResponse("DEFAULT_4XX", "", "bad_request", "API Gateway refuses the request."),
    GatewayResponse("DEFAULT_5XX", "", "internal_error", TRY_AGAIN),
)


def sam_gateway_responses() -> dict[str, Any]:
    """Return them as the property GatewayResponses of AWS::Serverless::Api."""
    return {response.kind: _with_status(response, "StatusCode") | _sam_body(response) for response in RESPONSES}


def put_gateway_responses() -> list[dict[str, Any]]:
    """Return them as the arguments of PutGatewayResponse, but for `restApiId`; a deployment must follow."""
    return [
        {"responseType": response.kind} | _with_status(response, "statusCode") | _api_body(response)
        for response in RESPONSES
    ]


def _with_status(response: GatewayResponse, name: str) -> dict[str, str]:
    return {name: response.status} if response.status else {}


def _sam_body(response: GatewayResponse) -> dict[str, Any]:
    return {
        "ResponseParameters": {"Headers": response.parameters},
        "ResponseTemplates": {CONTENT_TYPE: response.template},
    }


def _api_body(response: GatewayResponse) -> dict[str, Any]:
    headers = {f"gatewayresponse.header.{name}": value for name, value in response.parameters.items()}
    return {"responseParameters": headers, "responseTemplates": {CONTENT_TYPE: response.template}}
