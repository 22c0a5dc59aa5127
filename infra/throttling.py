"""Throttling: how many requests a second API Gateway lets through to the hub's API, by both ways of deploying.

What it turns away, it answers itself, before an authorizer or a function is invoked: a flood of requests without a
token costs neither money nor the concurrency that events need.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
"""

from typing import Any

# Requests a second, and at once; a team's scripts and pages need a tenth of it.
RATE, BURST = 50, 100


def sam_method_settings() -> list[dict[str, Any]]:
    """Return them as the property MethodSettings of AWS::Serverless::Api."""
    limits = {"ThrottlingRateLimit": RATE, "ThrottlingBurstLimit": BURST}
    return [{"ResourcePath": "/*", "HttpMethod": "*", **limits}]


def stage_patches() -> list[dict[str, str]]:
    """Return them as the patch operations of UpdateStage."""
    return [
        {"op": "replace", "path": "/*/*/throttling/rateLimit", "value": str(RATE)},
        {"op": "replace", "path": "/*/*/throttling/burstLimit", "value": str(BURST)},
    ]
