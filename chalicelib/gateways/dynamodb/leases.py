"""Leases and receivers: whose turn it is to send, and all receivers that there ever were."""

from uuid import uuid4

from msgspec import Struct

from chalicelib.domain.notifications.hourly_cap import HourlyCap
from chalicelib.domain.notifications.lease import Lease, LeaseTimes
from chalicelib.gateways.dynamodb.expressions import AT_MOST, IS, Expected, Key, Update, decode, encode
from chalicelib.gateways.dynamodb.table import DynamoTable

RECEIVERS = "RECEIVERS"


class DynamoReceiverStore(Struct, frozen=True):
    """The receivers, never forgotten: each is a small item of one partition, written once."""

    table: DynamoTable

    def names(self) -> frozenset[str]:
        """Return all receivers that there ever were."""
        return frozenset(item["sk"]["S"] for item in self.table.query(RECEIVERS))

    def add(self, name: str) -> None:
        """Remember a receiver."""
        self.table.put(encode({"pk": RECEIVERS, "sk": name}))


class DynamoLeases(Struct, frozen=True):
    """One lease per receiver, acquired and released by conditional updates."""

    table: DynamoTable

    def acquire(self, receiver: str, now: int, until: int, patience: int = 0, *, urgent: bool = True) -> Lease | None:
        """Take the lease if the receiver may be sent to within `patience` seconds; it lapses at `until`."""
        holder = uuid4().hex
        latest = {"held_until": now, "next_send_at": now + patience} | ({} if urgent else {"digest_at": now})
        expected = [Expected(AT_MOST, name, time) for name, time in latest.items()]
        replaced = self.table.change(Update(_lease_key(receiver), {"holder": holder, "held_until": until}, expected))
        if replaced is None:
            return None
        before = decode(replaced)
        cap = HourlyCap(before.get("capped_until", 0), before.get("digest_at", 0), before.get("capped_at", 0))
        return Lease(
            receiver=receiver,
            holder=holder,
            send_at=before.get("next_send_at", 0),
            delivered_at=before.get("delivered_at", 0),
            abandoned=bool(before.get("holder")),
            cap=cap,
        )

    def times(self, receiver: str) -> LeaseTimes:
        """Return until when the lease is held, and when its pause ends; a consistent read."""
        lease: dict[str, int] = decode(self.table.get(_lease_key(receiver)) or {})
        return LeaseTimes(lease.get("held_until", 0), lease.get("next_send_at", 0))

    def release(self, lease: Lease, next_send_at: int) -> None:
        """Release the lease, unless somebody else has acquired it since."""
        capped = {"capped_until": lease.cap.until, "digest_at": lease.cap.digest_at, "capped_at": lease.cap.per_hour}
        times = {"held_until": 0, "next_send_at": next_send_at, "delivered_at": lease.delivered_at}
        changes = {"holder": lease.holder if lease.abandoned else "", **times, **capped}
        self.table.update(Update(_lease_key(lease.receiver), changes, [Expected(IS, "holder", lease.holder)]))


def _lease_key(receiver: str) -> Key:
    return {"pk": f"RECEIVER#{receiver}", "sk": "LEASE"}
