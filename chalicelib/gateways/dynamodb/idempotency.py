"""Idempotency: the attempts at requests with an idempotency key, each kept for a day."""

import gzip

from msgspec import Struct

from chalicelib.gateways.dynamodb.expressions import ABSENT, IS, Expected, Key, decode, encode
from chalicelib.gateways.dynamodb.table import DynamoTable
from chalicelib.services.operations.ports import Attempt

# A day, and what TTL takes at its best.
KEPT = 86_400


class DynamoIdempotencyStore(Struct, frozen=True):
    """The attempts; bodies are gzipped, as bulk actions return a hundred alerts."""

    table: DynamoTable

    def find(self, key: str) -> Attempt | None:
        """Return the attempt with a key, as last written."""
        item = self.table.get(_key(key))
        if item is None:
            return None
        values = decode(item)
        return Attempt(
            request=values["request"],
            at=values["at"],
            status=values["code"],
            headers=values["headers"],
            body=gzip.decompress(values["body"]).decode(),
        )

    def save(self, key: str, attempt: Attempt, known: Attempt | None) -> bool:
        """Write an attempt, replacing the `known` one; False where there is another one by now."""
        values = {
            **_key(key),
            "request": attempt.request,
            "at": attempt.at,
            "code": attempt.status,
            "headers": attempt.headers,
            "body": gzip.compress(attempt.body.encode(), mtime=0),
            "expired_at": attempt.at + KEPT,
        }
        expected = [Expected(IS, "at", known.at)] if known else ABSENT
        return self.table.put(encode(values), expected)

    def delete(self, key: str) -> None:
        """Forget an attempt."""
        self.table.delete(_key(key))


def _key(key: str) -> Key:
    return {"pk": f"IDEMPOTENCY#{key}", "sk": "IDEMPOTENCY"}
