"""The backlog: one item, which each sweep replaces."""

from msgspec import Struct, convert, to_builtins

from chalicelib.gateways.dynamodb.content import gzipped, unpack
from chalicelib.gateways.dynamodb.expressions import Key, decode, encode
from chalicelib.gateways.dynamodb.table import DynamoTable
from chalicelib.services.operations.ports import Backlog

KEY: Key = {"pk": "BACKLOG", "sk": "BACKLOG"}


class DynamoBacklogStore(Struct, frozen=True):
    """What was left undone."""

    table: DynamoTable

    def save(self, backlog: Backlog) -> None:
        """Put it in the place of what was noted before."""
        self.table.put(encode({**KEY, "content": gzipped(to_builtins(backlog))}))

    def find(self) -> Backlog | None:
        """Return what was noted last; None where nothing was."""
        item = self.table.get(KEY)
        return convert(unpack(decode(item)["content"]), Backlog) if item else None
