"""Answers: what API Gateway says without asking our code, in the one shape of error that clients know.

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
class Answer:
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


NO_STORE = ("Cache-Control", "'no-store'")
CHALLENGE = ("WWW-Authenticate", "'Bearer'")
ASK_AGAIN = "The API did not answer; try again, and tell whoever runs it this request id if that does not help."

ANSWERS = (
    Answer("UNAUTHORIZED", "401", "unauthorized", "A bearer token is needed.", (CHALLENGE,)),
    # Our authorizer turns away nobody but the bearers of unknown tokens; what a token may do, the routes know.
    Answer("ACCESS_DENIED", "401", "unauthorized", "The token is not known.", (CHALLENGE,)),
    # What API Gateway calls a missing token is a path or method that it does not know.
    Answer("MISSING_AUTHENTICATION_TOKEN", "404", "not_found", "There is no such path, or no such method there."),
    Answer("RESOURCE_NOT_FOUND", "404", "not_found", "There is no such path."),
    Answer("REQUEST_TOO_LARGE", "413", "too_large", "The body is larger than API Gateway takes."),
    Answer("UNSUPPORTED_MEDIA_TYPE", "415", "unsupported_media_type", "Send content type application/json."),
    Answer("THROTTLED", "429", "too_many_requests", "Too many requests at once; try again in a moment."),
    Answer("QUOTA_EXCEEDED", "429", "too_many_requests", "The quota of requests is used up."),
    Answer("INTEGRATION_TIMEOUT", "504", "timeout", ASK_AGAIN),
    Answer("DEFAULT_4XX", "", "bad_request", "API Gateway refuses the request."),
    Answer("DEFAULT_5XX", "", "internal_error", ASK_AGAIN),
)


def sam_gateway_responses() -> dict[str, Any]:
    """Return them as the property GatewayResponses of AWS::Serverless::Api."""
    return {answer.kind: _with_status(answer, "StatusCode") | _sam_body(answer) for answer in ANSWERS}


def put_gateway_responses() -> list[dict[str, Any]]:
    """Return them as the arguments of PutGatewayResponse, but for `restApiId`; a deployment must follow."""
    return [
        {"responseType": answer.kind} | _with_status(answer, "statusCode") | _api_body(answer) for answer in ANSWERS
    ]


def _with_status(answer: Answer, name: str) -> dict[str, str]:
    return {name: answer.status} if answer.status else {}


def _headers(answer: Answer) -> dict[str, str]:
    return dict((NO_STORE, *answer.headers))


def _sam_body(answer: Answer) -> dict[str, Any]:
    return {
        "ResponseParameters": {"Headers": _headers(answer)},
        "ResponseTemplates": {CONTENT_TYPE: answer.template},
    }


def _api_body(answer: Answer) -> dict[str, Any]:
    headers = {f"gatewayresponse.header.{name}": value for name, value in _headers(answer).items()}
    return {"responseParameters": headers, "responseTemplates": {CONTENT_TYPE: answer.template}}
