"""Lambda on loopback: functions that a command invokes by name, run in the stack's own process."""

import json
from collections.abc import Callable, Mapping
from functools import cache
from threading import Lock
from typing import Any

from chalice.local import LambdaContext

LONGEST_RUN = 240_000  # milliseconds
# Two functions at once would share what one process has of each.
_turn = Lock()
_served: dict[str, Callable[[Any, Any], Any]] = {}


def serve(functions: Mapping[str, Callable[[Any, Any], Any]]) -> None:
    """Let Invoke call these functions by their names, instead of giving back what it was given."""
    _served.update(functions)
    _answer_invocations()


@cache
def _answer_invocations() -> None:
    from moto.awslambda_simple.models import LambdaSimpleBackend  # noqa: PLC0415 - one of moto's services

    invoke = LambdaSimpleBackend.invoke

    def answer(backend: Any, name: str, *request: Any) -> Any:
        if name not in _served:
            return invoke(backend, name, *request)
        _, body, _, headers = request
        with _turn:
            return _call(name, body, headers)

    setattr(LambdaSimpleBackend, "invoke", answer)  # noqa: B010 - mypy knows that methods stay


def _call(name: str, body: Any, headers: dict[str, str]) -> bytes:
    """Return what a function answers; `headers` are those of the response, which say whether it failed."""
    try:
        answer = _served[name](json.loads(body or "{}"), LambdaContext(name, 512, LONGEST_RUN))
    except Exception as error:  # noqa: BLE001 - as Lambda reports whatever goes out of a function
        headers["x-amz-function-error"] = "Unhandled"
        answer = {"errorMessage": str(error), "errorType": type(error).__name__}
    return json.dumps(answer).encode()
