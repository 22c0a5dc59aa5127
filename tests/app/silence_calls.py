"""All that the API does with silences, on whatever store the hub has."""

import json

from tests.app.world import gateway_event, invoke


def call_silences() -> None:
    """Make a silence, look at it in every way, and end it twice."""
    planned = json.dumps({"everything": True, "duration": "1h", "reason": "A drill."})
    headers = {"content-type": "application/json"}
    status, made = invoke(
        gateway_event("POST", "/silences", body=planned, headers=headers | {"idempotency-key": "a drill"})
    )
    assert status == 201

    one = {"pathParameters": {"silence_id": made["id"]}}
    filters = [{}, {"status": ["active"]}, {"status": ["expired"]}]
    none = {"pathParameters": {"fingerprint": "9" * 32}, "headers": {"idempotency-key": "none"}}
    expected = [
        (gateway_event("POST", "/alerts/{fingerprint}/resolve", **none), 404),
        *((gateway_event("GET", "/silences", multiValueQueryStringParameters=each), 200) for each in filters),
        (gateway_event("GET", "/silences/{silence_id}", **one), 200),
        (gateway_event("POST", "/silences/preview", body=planned, headers=headers), 200),
        (gateway_event("PATCH", "/silences/{silence_id}", body='{"duration": "2h"}', headers=headers, **one), 200),
        (gateway_event("DELETE", "/silences/{silence_id}", **one), 204),
        (gateway_event("DELETE", "/silences/{silence_id}", **one), 204),
    ]
    statuses = [invoke(request)[0] for request, _ in expected]
    assert statuses == [status for _, status in expected]
