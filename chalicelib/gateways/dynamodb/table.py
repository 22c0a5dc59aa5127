"""The table: DynamoDB's operations in the few forms that the store needs, with paging and lost races."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from heapq import merge
from itertools import batched, chain, islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from botocore.exceptions import ClientError
from msgspec import Struct
from msgspec.structs import replace

from chalicelib.gateways.dynamodb.expressions import (
    Delete,
    Expected,
    Item,
    Key,
    Put,
    Update,
    Write,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

LARGEST_TRANSACTION = 100
LARGEST_BATCH = 100
# An index with up to so many entries is read in one request, of one or two units.
FEW = 100
# A batch returns at most 16 MB, so a batch of the largest items takes a few rounds.
MOST_ROUNDS = 10

# The partition and sort keys of the table and of each index.
KEYS = {
    "": ("pk", "sk"),
    "by_account": ("account", "id"),
    "by_fingerprint": ("fingerprint", "id"),
    "by_status": ("status", "begun"),
    "work": ("work", "work_at"),
}
# Positions below and above every id.
LOWEST, HIGHEST = "!", "~"

CONDITION_FAILED = "ConditionalCheckFailed"
CONFLICTED = "TransactionConflict"
# What a write alone is told where a transaction has its item.
TRANSACTION_CONFLICT = "TransactionConflictException"
LOST = {"None", CONDITION_FAILED, CONFLICTED, "ThrottlingError", "ProvisionedThroughputExceeded"}


class Span(Struct, frozen=True):
    """A range of sort keys, both ends included, and the direction to read it in."""

    low: str = LOWEST
    high: str = HIGHEST
    ascending: bool = True

    def behind(self, position: str) -> Self:
        """Return the rest of the span after `position`, which is included; all of it if that is empty."""
        if not position:
            return self
        low, high = (position, HIGHEST) if self.ascending else (LOWEST, position)
        return replace(self, low=max(self.low, low), high=min(self.high, high))

    @property
    def end(self) -> str:
        """A position after everything."""
        return HIGHEST if self.ascending else LOWEST


WHOLE = Span()


class Partition(NamedTuple):
    """A partition to read in the order of what follows its sort keys' prefixes, which have one length."""

    name: str
    prefixes: Sequence[str] = ("",)


class DynamoTable(Struct, frozen=True):
    """One table through one client."""

    client: "DynamoDBClient"
    name: str

    def get(self, key: Key) -> Item | None:
        """Return an item as last written."""
        item: Item | None = self.client.get_item(TableName=self.name, Key=_texts(key), ConsistentRead=True).get("Item")
        return item

    def get_all(self, keys: Iterable[Key]) -> list[Item]:
        """Return the items that exist, as last written, in any order; under heavy load maybe not all of them.

        Keys are deduplicated: an index may show an item twice while its key changes, and BatchGetItem rejects a
        repeated key.
        """
        found: list[Item] = []
        once = {(key["pk"], key["sk"]): key for key in keys}
        for batch in batched(once.values(), LARGEST_BATCH):
            request: Any = {self.name: {"Keys": [_texts(key) for key in batch], "ConsistentRead": True}}
            for _ in range(MOST_ROUNDS):
                answer = self.client.batch_get_item(RequestItems=request)
                found += answer["Responses"].get(self.name, [])
                request = answer.get("UnprocessedKeys")
                if not request:
                    break
        return found

    def query(  # noqa: PLR0913 - as DynamoDB has it
        self,
        partition: str,
        span: Span = WHOLE,
        *,
        index: str = "",
        size: int = 0,
        attributes: Sequence[str] = (),
        consistent: bool = False,
    ) -> Iterator[Item]:
        """Iterate over a partition, reading `size` items at a time (0: a megabyte); as last written if `consistent`.

        The first portion is read at once.
        """
        if span.low > span.high:
            return iter(())
        request: dict[str, Any] = {
            "TableName": self.name,
            "ScanIndexForward": span.ascending,
            **_key_condition(index, partition, span.low, span.high, attributes),
        }
        request |= {"IndexName": index} if index else {}
        request |= {"Limit": size} if size else {}
        request |= {"ConsistentRead": True} if consistent else {}
        answer: Any = self.client.query(**request)
        items = iter(answer["Items"])
        return chain(items, self._behind(answer, request)) if "LastEvaluatedKey" in answer else items

    def _behind(self, answer: Any, request: dict[str, Any]) -> Iterator[Item]:
        while "LastEvaluatedKey" in answer:
            answer = self.client.query(**request, ExclusiveStartKey=answer["LastEvaluatedKey"])
            yield from answer["Items"]

    def count(self, index: str, partition: str, most: int) -> int:
        """Count the entries of an index in a partition, up to `most`; reads no item."""
        keys = _key_condition(index, partition, LOWEST, HIGHEST)
        answer = self.client.query(TableName=self.name, IndexName=index, Select="COUNT", Limit=most, **keys)
        return answer["Count"]

    def through(  # noqa: PLR0913, PLR0917 - what is read, where, and how much of it
        self,
        index: str,
        partitions: Iterable[Partition],
        span: Span,
        size: int,
        position: str = "",
        wanted: Callable[[Sequence[str]], Sequence[bool]] | None = None,
        most_wanted: int = 0,
    ) -> Iterator[list[tuple[str, Item | None]]]:
        """Iterate in order over items that an index of keys has in its partitions, from after `position` on.

        Yields portions of sort keys with items as last written; None instead of an item that has moved, or whose key is
        not `wanted`. Of wanted ones, `most_wanted` at a time are read (0: `size`). A position is a sort key, or the
        beginning of one.
        """
        queries = (self._placed(index, each, span.behind(position), size) for each in partitions)
        merged = merge(*queries, key=itemgetter(0), reverse=not span.ascending)
        behind = (each for each in merged if not (position and each[0].startswith(position)))
        for portion in batched(behind, size):
            fitting = wanted([key for key, _ in portion]) if wanted else [True] * len(portion)
            for entries in _divided(portion, fitting, most_wanted or size):
                items = {
                    _name(item): item for item in self.get_all(key_of(entry) for _, entry, fits in entries if fits)
                }
                found = [(key, entry, items.get(_name(entry), {})) for key, entry, _ in entries]
                yield [(key, item if _is_at(index, entry, item) else None) for key, entry, item in found]

    def _placed(self, index: str, partition: Partition, span: Span, size: int) -> Iterator[tuple[str, Item]]:
        """Iterate over the entries of a span, each with its sort key without the prefix.

        A small partition is read as a whole: reading each prefix would take many requests.
        """
        few = self._few(index, partition) if len(partition.prefixes) > 1 else None
        if few is not None:
            within = (each for each in few if span.low <= each[0] <= span.high)
            return iter(sorted(within, key=itemgetter(0), reverse=not span.ascending))
        queries = (self._behind_prefix(index, partition.name, each, span, size) for each in partition.prefixes)
        return merge(*queries, key=itemgetter(0), reverse=not span.ascending)

    def _few(self, index: str, partition: Partition) -> list[tuple[str, Item]] | None:
        """Return all entries of a partition; None where there are more than a few."""
        ranged, length = KEYS[index][1], len(partition.prefixes[0])
        entries = list(islice(self.query(partition.name, index=index, size=FEW + 1), FEW + 1))
        return None if len(entries) > FEW else [(entry[ranged]["S"][length:], entry) for entry in entries]

    def _behind_prefix(
        self, index: str, partition: str, prefix: str, span: Span, size: int
    ) -> Iterator[tuple[str, Item]]:
        ranged, part = KEYS[index][1], replace(span, low=prefix + span.low, high=prefix + span.high)
        for entry in self.query(partition, part, index=index, size=size):
            yield entry[ranged]["S"].removeprefix(prefix), entry

    def put(self, item: Item, expected: Sequence[Expected] = ()) -> bool:
        """Put one item; False where a condition fails."""
        return self._write(self.client.put_item, Put(item, expected)) is not None

    def update(self, update: Update) -> bool:
        """Update one item; False where a condition fails."""
        return self._write(self.client.update_item, update) is not None

    def change(self, update: Update) -> Item | None:
        """Update one item and return it as it was before; None where a condition fails."""
        replaced = self._write(self.client.update_item, update, ReturnValues="ALL_OLD")
        return None if replaced is None else replaced.get("Attributes", {})

    def _write(self, operation: Callable[..., Any], write: Write, **options: str) -> Any | None:
        """Return the response of an operation; None where its condition fails."""
        try:
            return operation(TableName=self.name, **write.arguments(), **options)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            return None

    def delete(self, key: Key, expected: Sequence[Expected] = ()) -> bool:
        """Delete one item, if it exists; False where a condition fails."""
        return self._write(self.client.delete_item, Delete(key, expected)) is not None

    def transact(self, writes: Sequence[Write]) -> list[str]:
        """Write all or nothing; returns nothing on success, or the reason for each write where it failed."""
        items: Any = [{type(write).__name__: {"TableName": self.name, **write.arguments()}} for write in writes]
        try:
            self.client.transact_write_items(TransactItems=items)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in (TRANSACTION_CONFLICT, "TransactionInProgressException"):
                return [CONFLICTED] * len(writes)
            reasons = [each.get("Code", "None") for each in error.response.get("CancellationReasons", [])]
            if code != "TransactionCanceledException" or not reasons or not LOST.issuperset(reasons):
                raise
            return reasons
        return []


def _key_condition(index: str, partition: str, low: str, high: str, attributes: Sequence[str] = ()) -> dict[str, Any]:
    """Return the arguments of a query for a span of one partition, both ends included, and for some attributes."""
    names = {f"#{place}": name for place, name in enumerate((*KEYS[index], *attributes))}
    condition = {
        "KeyConditionExpression": "#0 = :partition AND #1 BETWEEN :low AND :high",
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": _texts({":partition": partition, ":low": low, ":high": high}),
    }
    return condition | ({"ProjectionExpression": ", ".join([*names][len(KEYS[index]) :])} if attributes else {})


def _divided(
    portion: Sequence[tuple[str, Item]], fitting: Sequence[bool], most: int
) -> Iterator[list[tuple[str, Item, bool]]]:
    """Divide entries so that each part has at most `most` wanted ones, the last of them at its end."""
    part: list[tuple[str, Item, bool]] = []
    count = 0
    for (key, entry), fits in zip(portion, fitting, strict=True):
        part.append((key, entry, fits))
        count += fits
        if count == most:
            yield part
            part, count = [], 0
    if part:
        yield part


def _is_at(index: str, entry: Item, item: Item) -> bool:
    """Return whether an item is still where an index entry says."""
    return all(item.get(name) == entry[name] for name in KEYS[index])


def _texts(values: Mapping[str, str]) -> Item:
    """Write texts, such as keys, as attributes; a lone surrogate becomes a question mark."""
    return {name: {"S": value.encode(errors="replace").decode()} for name, value in values.items()}


def key_of(item: Item) -> Key:
    """Return an item's key."""
    return {name: item[name]["S"] for name in KEYS[""]}


def sort_key(item: Item) -> str:
    """Return an item's sort key."""
    found: str = item["sk"]["S"]
    return found


def _name(item: Item) -> tuple[str, ...]:
    return tuple(key_of(item).values())
