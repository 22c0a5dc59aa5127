"""Leases and receivers: whose turn it is to send, and to whom anything was ever sent."""

from uuid import uuid4

from msgspec import Struct

from chalicelib.domain.notifications.lease import Lease
from chalicelib.gateways.dynamodb import items
from chalicelib.gateways.dynamodb.expressions import DynamoExpression
from chalicelib.gateways.dynamodb.table import DynamoTable


class DynamoReceiverStore(Struct, frozen=True):
    """The receivers, remembered for good: each is a small item of one partition, written once."""

    table: DynamoTable

    def names(self) -> frozenset[str]:
        """Return all receivers that there ever were."""
        return frozenset(item["sk"]["S"] for item in self.table.query(items.RECEIVERS))

    def add(self, name: str) -> None:
        """Remember a receiver."""
        self.table.put(items.receiver_item(name))


class DynamoLeases(Struct, frozen=True):
    """One lease per receiver, taken and given back by conditional updates."""

    table: DynamoTable

    def acquire(self, receiver: str, now: int, until: int) -> Lease | None:
        """Take the lease if the receiver may be sent to at `now`; it lapses at `until`."""
        lease, key = Lease(receiver, uuid4().hex), items.lease_key(receiver)
        expression = DynamoExpression().expect("next_send_at", "<=", now)
        expression.condition += " OR attribute_not_exists(pk)"
        expression.update({"holder": lease.holder, "next_send_at": until})
        return lease if self.table.update(key, expression) else None

    def release(self, lease: Lease, next_send_at: int) -> None:
        """Give the lease back, unless somebody else has taken it since."""
        key, changes = items.lease_key(lease.receiver), {"holder": "", "next_send_at": next_send_at}
        self.table.update(key, DynamoExpression().expect("holder", "=", lease.holder).update(changes))
