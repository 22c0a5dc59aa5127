"""Failure destinations: the dead-letter queues of EventBridge rules and the failure destinations of functions."""

from typing import Any


class FailureDestinations:
    """The failure destinations in an account and region; takes boto3's clients for `events` and `lambda`."""

    def __init__(self, events: Any, functions: Any) -> None:
        self._events, self._functions = events, functions

    def holds_rule(self, name: str) -> bool:
        """Return whether every target of a rule has a dead-letter queue; a rule without targets loses everything."""
        try:
            targets = self._events.list_targets_by_rule(Rule=name)["Targets"]
        except self._events.exceptions.ResourceNotFoundException:
            return False
        return bool(targets) and all(each.get("DeadLetterConfig", {}).get("Arn") for each in targets)

    def holds_function(self, name: str) -> bool:
        """Return whether a function has a destination on failure."""
        try:
            config = self._functions.get_function_event_invoke_config(FunctionName=name)
        except self._functions.exceptions.ResourceNotFoundException:
            return False
        return bool(config.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination"))
