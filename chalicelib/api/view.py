"""Views: handlers behind routes; they take models of the request, and return a model of the response.

A handler's annotations are its route's contract. They are resolved on first use: pydantic, and models made with it, are
for the API's function only, whereas every function imports `app.py`.
"""

import logging
from collections.abc import Callable
from functools import cached_property, update_wrapper
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from chalice.app import Chalice, Request, Response

from chalicelib.api.errors import Forbidden, Unauthorized, explain, failure
from chalicelib.api.middleware import current_request
from chalicelib.domain.errors import MonitoringError
from chalicelib.services.operations.auth import Scope

if TYPE_CHECKING:
    from chalicelib.api.contract import Contract

log = logging.getLogger(__name__)


class View:
    """A handler behind a route: checks the scope (None: open to all), reads the request, writes the response."""

    def __init__(self, handler: Callable[..., Any], scope: Scope | None, status: HTTPStatus = HTTPStatus.OK) -> None:
        update_wrapper(self, handler)
        self.handler, self.scope, self.status = handler, scope, status

    @cached_property
    def contract(self) -> "Contract":
        """What the handler's annotations define."""
        from chalicelib.api.contract import contract_of  # noqa: PLC0415 - no other function may import pydantic

        return contract_of(self.handler)

    def __call__(self, **path: str) -> Response:
        """Handle the current request."""
        try:
            request = current_request.get()
            self._check_scope(request)
            return self.respond(request, path)
        except MonitoringError as error:
            return self.explain(error)
        except Exception:
            log.exception("Request failed")
            return self.explain(None)

    def respond(self, request: Request, path: dict[str, str]) -> Response:
        """Read the request, call the handler and write the response."""
        arguments = self.contract.read(request, path)
        if request.method == "POST" and "idempotency-key" in request.headers:
            from chalicelib.api.idempotency import once  # noqa: PLC0415 - few requests carry a key

            return once(request, lambda: self._answer(request, arguments))
        return self._answer(request, arguments)

    def _answer(self, request: Request, arguments: dict[str, Any]) -> Response:
        return self.contract.write(self.handler(**arguments), request, self.status)

    def explain(self, error: MonitoringError | None) -> Response:
        """Return the response to an error; None is an unexpected one, which is in the log."""
        return failure(500) if error is None else explain(error)

    def _check_scope(self, request: Request) -> None:
        if self.scope is None:
            return
        context = request.context.get("authorizer") or {}
        if "scopes" not in context:
            raise Unauthorized("A bearer token is needed.")
        if self.scope not in context["scopes"].split():
            raise Forbidden(f"The token needs the scope {self.scope}.")


def open_view(handler: Callable[..., Any]) -> View:
    """Make a handler a view that is open to all."""
    return View(handler, scope=None)


def guarded_routes(app: Chalice, authorizer: object) -> Callable[..., Callable[[Callable[..., Any]], View]]:
    """Return a decorator that puts a handler behind a route, for tokens of a scope."""

    def route(
        method: str, path: str, scope: Scope, status: HTTPStatus = HTTPStatus.OK
    ) -> Callable[[Callable[..., Any]], View]:
        registered = app.route(path, methods=[method], authorizer=authorizer)
        return lambda handler: registered(View(handler, scope, status))

    return route
