"""Leases and receivers: whose turn it is to send, and to whom anything was ever sent."""

from uuid import uuid4

from msgspec import Struct

from chalicelib.domain.notifications.lease import Lease
from chalicelib.gateways.dynamodb.expressions import DynamoExpression, Key, decode, encode
from chalicelib.gateways.dynamodb.table import DynamoTable

RECEIVERS = "RECEIVERS"


class DynamoReceiverStore(Struct, frozen=True):
    """The receivers, remembered for good: each is a small item of one partition, written once."""

    table: DynamoTable

    def names(self) -> frozenset[str]:
        """Return all receivers that there ever were."""
        return frozenset(item["sk"]["S"] for item in self.table.query(RECEIVERS))

    def add(self, name: str) -> None:
        """Remember a receiver."""
        self.table.put(encode({"pk": RECEIVERS, "sk": name}))


class DynamoLeases(Struct, frozen=True):
    """One lease per receiver, taken and given back by conditional updates."""

    table: DynamoTable

    def acquire(self, receiver: str, now: int, until: int, patience: int = 0) -> Lease | None:
        """Take the lease if the receiver may be sent to within `patience` seconds; it lapses at `until`."""
        holder, expression = uuid4().hex, DynamoExpression()
        latest = {"held_until": now, "next_send_at": now + patience}
        expression.condition = " AND ".join(_at_most(expression, name, time) for name, time in latest.items())
        expression.update({"holder": holder, "held_until": until})
        written = self.table.change(_lease_key(receiver), expression)
        return None if written is None else Lease(receiver, holder, decode(written).get("next_send_at", 0))

    def release(self, lease: Lease, next_send_at: int) -> None:
        """Give the lease back, unless somebody else has taken it since."""
        key = _lease_key(lease.receiver)
        changes = {"holder": "", "held_until": 0, "next_send_at": next_send_at}
        self.table.update(key, DynamoExpression().expect("holder", "=", lease.holder).update(changes))


def _at_most(expression: DynamoExpression, name: str, time: int) -> str:
    """Return the condition that a time, if there is one, is not later."""
    path = expression.path(name)
    return f"(attribute_not_exists({path}) OR {path} <= {expression.value(time)})"


def _lease_key(receiver: str) -> Key:
    return {"pk": f"RECEIVER#{receiver}", "sk": "LEASE"}
