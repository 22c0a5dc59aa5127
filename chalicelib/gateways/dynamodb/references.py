"""References: the receivers' own ids for messages; ingest never writes these items or waits for them."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from msgspec import Struct

from chalicelib.gateways.dynamodb.expressions import Key, encode
from chalicelib.gateways.dynamodb.table import DynamoTable

if TYPE_CHECKING:
    from chalicelib.services.ports import Clock


class DynamoReferences(Struct, frozen=True):
    """The references, each kept for `keep_for` seconds after its last write."""

    table: DynamoTable
    clock: "Clock"
    keep_for: int

    def find(self, receiver: str, subject: str) -> str:
        """Return what was last saved; empty where there is nothing, or it has expired."""
        item = self.table.get(_key(receiver, subject))
        if item is None or int(item["expired_at"]["N"]) <= self.clock.now():
            return ""
        reference: str = item["reference"]["S"]
        return reference

    def find_all(self, receiver: str, subjects: Collection[str]) -> dict[str, str]:
        """Return what was last saved for the subjects that have a reference."""
        now, found = self.clock.now(), self.table.get_all(_key(receiver, each) for each in subjects)
        kept = [item for item in found if int(item["expired_at"]["N"]) > now]
        return {item["pk"]["S"].partition("#")[2]: item["reference"]["S"] for item in kept}

    def save(self, receiver: str, subject: str, reference: str) -> None:
        """Save a reference, replacing the one before."""
        expired_at = self.clock.now() + self.keep_for
        self.table.put(encode(_key(receiver, subject) | {"reference": reference, "expired_at": expired_at}))


def _key(receiver: str, subject: str) -> Key:
    return {"pk": f"REFERENCE#{subject}", "sk": receiver}
