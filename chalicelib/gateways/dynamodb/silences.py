"""Silences: one, those that have not ended, and a page of them by when they end."""

from itertools import chain, islice
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.errors import Conflict
from chalicelib.domain.pagination import Page
from chalicelib.domain.queries import SilenceQuery
from chalicelib.domain.routing.silences import Silence
from chalicelib.gateways.dynamodb import items
from chalicelib.gateways.dynamodb.expressions import Put, at_version
from chalicelib.gateways.dynamodb.pagination import LONGEST_KEY, MOST_EXAMINED, fill, position_of, span_of
from chalicelib.gateways.dynamodb.table import DynamoTable, Partition, Span, sort_key

if TYPE_CHECKING:
    from chalicelib.services.ports import Clock

# Silences read at most, those ended within a day or two included: about a megabyte.
MOST_STANDING = 3_000


class DynamoSilenceStore(Struct, frozen=True):
    """The silences, each kept for `keep_for` seconds after its end."""

    table: DynamoTable
    clock: "Clock"
    keep_for: int

    def find(self, silence_id: str) -> Silence | None:
        """Return one silence, as last written."""
        if not 0 < len(silence_id) <= LONGEST_KEY:
            return None
        item = self.table.get(items.silence_key(silence_id))
        silence = items.silence_of(item) if item else None
        return silence if silence and self._is_kept(silence, self.clock.now()) else None

    def save(self, silence: Silence) -> None:
        """Write a silence that is still at the revision that was read; Conflict where it is not."""
        after = replace(silence, revision=silence.revision + 1)
        item, standing = items.silence_item(after, self.keep_for), items.standing_item(after)
        if self.table.transact([Put(item, at_version("revision", silence.revision)), Put(standing)]):
            raise Conflict(f"Silence {silence.id} was updated concurrently; try again.")

    def unexpired(self, now: int) -> list[Silence]:
        """Return up to 1,000 silences that have not ended, in order of their ends."""
        kept = map(items.silence_of, islice(self.table.query(items.STANDING), MOST_STANDING))
        standing = sorted((each for each in kept if each.ends_at > now), key=lambda each: (each.ends_at, each.id))
        return standing[:MOST_EXAMINED]

    def copy_older(self) -> int:
        """Write what an older version, which knows of no copies, has made or ended; returns how many silences.

        A silence that is in force is so only if its copy is there.
        """
        now = self.clock.now()
        listed = islice(self.table.query(items.SILENCES, Span(f"{now + 1:010d}"), index="work"), MOST_STANDING)
        ends = {sort_key(each): int(each["work_at"]["S"].partition("-")[0]) for each in listed}
        copies = {each.id: each for each in map(items.silence_of, self.table.query(items.STANDING))}
        ends |= {each.id: 0 for each in copies.values() if each.ends_at > now and each.id not in ends}
        differing = [each for each, end in ends.items() if each not in copies or copies[each].ends_at != end]
        found = map(items.silence_of, self.table.get_all(map(items.silence_key, differing)))
        return sum([self._copy(each) for each in found if each != copies.get(each.id)])

    def _copy(self, silence: Silence) -> bool:
        try:
            self.save(silence)
        except Conflict:  # whoever was faster has written both
            return False
        return True

    def page(self, query: SilenceQuery, now: int) -> Page[Silence]:
        """Return a page of silences by when they end, having examined at most 1,000."""
        partitions, position = [Partition(items.SILENCES)], position_of(query.cursor)
        listed = chain.from_iterable(self.table.through("work", partitions, span_of(query), query.limit + 2, position))
        ending = ((key, items.silence_of(item) if item else None) for key, item in listed)
        found = (
            (position, silence if silence and self._fits(query, silence, now) else None) for position, silence in ending
        )
        return fill(found, query)

    def _fits(self, query: SilenceQuery, silence: Silence, now: int) -> bool:
        return (not query.statuses or silence.state(now) in query.statuses) and self._is_kept(silence, now)

    def _is_kept(self, silence: Silence, now: int) -> bool:
        return silence.ends_at + self.keep_for > now
