"""The meter of a table: how often it is called, and what it bills, as the clients of one session call it."""

import threading
from collections import Counter
from typing import Any

from chalicelib.gateways.dynamodb.capacity import units

READS = frozenset({"GetItem", "BatchGetItem", "Query"})
# A call over the network; that of this machine is no measure.
SECONDS_PER_CALL = 0.010


class Meter:
    """Counts calls by operation, read units as DynamoDB Local says, and write units of single puts by their sizes."""

    def __init__(self, session: Any) -> None:
        self.calls: Counter[str] = Counter()
        self.read_units = 0.0
        self.put_units = 0
        self._lock = threading.Lock()
        session.register("provide-client-params.dynamodb", self._want_capacity)
        session.register("after-call.dynamodb", self._note)

    def reset(self) -> None:
        """Begin to count anew."""
        self.calls.clear()
        self.read_units, self.put_units = 0.0, 0

    @property
    def writes(self) -> int:
        """How many calls wrote."""
        return sum(count for name, count in self.calls.items() if name not in READS)

    def _want_capacity(self, params: dict[str, Any], model: Any, **_: Any) -> dict[str, Any]:
        if model.name == "PutItem":
            with self._lock:
                self.put_units += units(params["Item"])
        return params | {"ReturnConsumedCapacity": "TOTAL"} if model.name in READS else params

    def _note(self, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        consumed: Any = parsed.get("ConsumedCapacity", [])
        consumed = consumed if isinstance(consumed, list) else [consumed]
        with self._lock:
            self.calls[model.name] += 1
            self.read_units += sum(each["CapacityUnits"] for each in consumed)
