"""Sign-ins: links and sessions that were used, and failed attempts, each kept for some hours."""

from msgspec import Struct

from chalicelib.domain.timestamps import DAY
from chalicelib.gateways.dynamodb.expressions import ABSENT, IS, Expected, Key, decode, encode
from chalicelib.gateways.dynamodb.table import DynamoTable
from chalicelib.services.operations.ports import WrongSignIns


class DynamoSignInStore(Struct, frozen=True):
    """The items of sign-ins; that TTL deletes them late does no harm."""

    table: DynamoTable

    def use_up(self, name: str, until: int) -> bool:
        """Mark an id as used until then; False where it was used already."""
        return self.table.put(encode({**_key(name), "expired_at": until}), ABSENT)

    def is_used_up(self, name: str) -> bool:
        """Return whether an id was used."""
        return self.table.get(_key(name)) is not None

    def wrong(self, source: str) -> WrongSignIns | None:
        """Return the failed sign-ins from a network."""
        item = self.table.get(_key(f"wrong-{source}"))
        if item is None:
            return None
        values = decode(item)
        return WrongSignIns(values["wrong"], values["at"])

    def count_wrong(self, source: str, wrong: WrongSignIns, known: WrongSignIns | None) -> bool:
        """Write the failed sign-ins, replacing the `known` ones."""
        values = {"wrong": wrong.count, "at": wrong.at, "expired_at": wrong.at + DAY}
        expected = [Expected(IS, "wrong", known.count)] if known else ()
        return self.table.put(encode({**_key(f"wrong-{source}"), **values}), expected)


def _key(name: str) -> Key:
    return {"pk": f"SIGN_IN#{name}", "sk": "SIGN_IN"}
