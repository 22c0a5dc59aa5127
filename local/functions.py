"""The hub's Lambda functions in this process: app.py's own handlers, called with Lambda's own events."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any
from uuid import uuid4

from chalice.local import LambdaContext

from chalicelib import container
from chalicelib.container.services import Hub
from chalicelib.domain.notifications.notification import Delivery
from chalicelib.domain.timestamps import iso
from chalicelib.sources.registry import event_pattern, event_patterns
from local.aws import HUB, HUB_REGION
from local.buses import Patterns

# Chalice's default is 60 seconds; the hub's longest job, a scan, is given this many.
LONGEST_RUN = 300_000  # milliseconds


class Functions:
    """What app.py registers; the environment must be the hub's before the first use, as it is in Lambda."""

    def __init__(self) -> None:
        self._module = import_module("app")

    def patterns(self) -> Patterns:
        """Return the event patterns of each handler that has any, by the handler's name."""
        sources = [each for each in self._module.app.event_sources if hasattr(each, "event_pattern")]
        registered = {each.name: (each.event_pattern,) for each in sources}
        return registered | {
            name: event_patterns() for name, patterns in registered.items() if event_pattern() in patterns
        }

    def schedules(self) -> frozenset[str]:
        """Return the names of the handlers that run by the clock."""
        sources = self._module.app.event_sources
        return frozenset(each.name for each in sources if hasattr(each, "schedule_expression"))

    def called(self) -> frozenset[str]:
        """Return the names of the functions that commands invoke."""
        return frozenset(each.name for each in self._module.app.pure_lambda_functions)

    def call(self, name: str) -> Callable[[Any, Any], Any]:
        """Return the function itself."""
        function: Callable[[Any, Any], Any] = getattr(self._module, name)
        return function

    @property
    def hub(self) -> Hub:
        """The hub that the handlers use."""
        return container.hub()

    def count_pending(self) -> int:
        """Count the notifications that are still pending."""
        return sum(self.hub.outbox.count(Delivery.PENDING, self.hub.receivers.named).values())

    def invoke(self, name: str, event: Mapping[str, Any]) -> None:
        """Call a handler as Lambda would; what it raises is passed on."""
        getattr(self._module, name)(dict(event), LambdaContext(name, 512, LONGEST_RUN))

    def tick(self, name: str, at: int) -> None:
        """Call a scheduled handler as its rule would at `at`, in epoch seconds."""
        self.invoke(
            name,
            {
                "version": "0",
                "id": str(uuid4()),
                "detail-type": "Scheduled Event",
                "source": "aws.events",
                "account": HUB.id,
                "time": iso(at),
                "region": HUB_REGION,
                "resources": [f"arn:aws:events:{HUB_REGION}:{HUB.id}:rule/{name}"],
                "detail": {},
            },
        )
