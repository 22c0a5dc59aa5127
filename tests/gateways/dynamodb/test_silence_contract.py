"""What every store promises of its silences."""

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any, cast

import pytest
from msgspec.structs import replace

from chalicelib.domain.errors import Conflict
from chalicelib.domain.pagination import Direction, Page
from chalicelib.domain.queries import SilenceQuery
from chalicelib.domain.routing.matchers import Field, Matcher
from chalicelib.domain.routing.silences import Silence, SilenceStatus
from chalicelib.gateways.dynamodb import DynamoSilenceStore, DynamoTable, items
from chalicelib.gateways.dynamodb.expressions import Item
from tests.domain.given import NOON
from tests.gateways.dynamodb.stores import KEPT, Store, dynamodb_store

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MATCHERS = (
    Matcher(Field.RESOURCE, ("checkout-*", "payments")),
    Matcher(Field.TAG, ("prod",), "stage", negated=True),
    Matcher(Field.HOURS, ("Sun 02:00-04:00 Europe/Berlin",)),
)


def a_silence(number: int, starts_at: int = NOON, ends_at: int = 0) -> Silence:
    """Return a silence that ends `number` minutes after noon."""
    return Silence(
        id=f"{number:016x}",
        matchers=MATCHERS[:1],
        starts_at=starts_at,
        ends_at=ends_at or NOON + 60 * number,
        author="on-call",
        reason="The database moves.",
        created_at=NOON - 10,
    )


def keep(store: Store, *silences: Silence) -> list[Silence]:
    """Save silences, and return them as they are read."""
    for each in silences:
        store.silences.save(each)
    return [replace(each, revision=each.revision + 1) for each in silences]


def pages(store: Store, query: SilenceQuery) -> Iterator[Page[Silence]]:
    """Iterate over the pages of a list."""
    page = store.silences.page(query, store.clock.now())
    yield page
    while page.next:
        page = store.silences.page(replace(query, cursor=page.next), store.clock.now())
        yield page


def listed(store: Store, query: SilenceQuery) -> list[int]:
    """Return the numbers of all silences of a list."""
    return [int(each.id, 16) for page in pages(store, query) for each in page.items]


@pytest.mark.parametrize("matchers", [(), MATCHERS])
def test_a_silence_comes_back_as_it_was_saved(store: Store, matchers: tuple[Matcher, ...]) -> None:
    (kept,) = keep(store, replace(a_silence(1), matchers=matchers))
    assert store.silences.find(kept.id) == kept
    assert store.silences.unexpired(NOON) == [kept]


@pytest.mark.parametrize("silence_id", ["", "unheard of", "x" * 5_000, "\ud800"])
def test_what_is_no_silence_is_not_found(store: Store, silence_id: str) -> None:
    assert store.silences.find(silence_id) is None


def test_a_silence_is_made_once(store: Store) -> None:
    keep(store, a_silence(1))
    with pytest.raises(Conflict):
        store.silences.save(replace(a_silence(1), author="somebody else"))


def test_a_silence_that_has_changed_meanwhile_is_not_overwritten(store: Store) -> None:
    (kept,) = keep(store, a_silence(9))
    (ended,) = keep(store, replace(kept, ends_at=NOON + 1))
    with pytest.raises(Conflict):
        store.silences.save(replace(kept, ends_at=NOON + 2))
    assert store.silences.find(kept.id) == ended


def test_what_has_not_ended_stands_the_soonest_to_end_first(store: Store) -> None:
    keep(store, a_silence(3), a_silence(1), a_silence(4, starts_at=NOON + 200), a_silence(2))
    assert [int(each.id, 16) for each in store.silences.unexpired(NOON + 60)] == [2, 3, 4]


def test_more_silences_stand_than_one_batch_holds(store: Store) -> None:
    keep(store, *map(a_silence, range(1, 131)))
    assert len(store.silences.unexpired(NOON)) == 130


def test_a_silence_that_was_ended_early_stands_no_longer(store: Store) -> None:
    (kept,) = keep(store, a_silence(9))
    keep(store, replace(kept, ends_at=NOON + 5))
    assert store.silences.unexpired(NOON + 5) == []
    assert listed(store, SilenceQuery(statuses=(SilenceStatus.EXPIRED,))) == []
    store.clock.time = NOON + 5
    assert listed(store, SilenceQuery(statuses=(SilenceStatus.EXPIRED,))) == [9]


@pytest.mark.parametrize(
    ("state", "numbers"),
    [(None, [4, 3, 2, 1]), (SilenceStatus.PENDING, [4]), (SilenceStatus.ACTIVE, [3, 2]), (SilenceStatus.EXPIRED, [1])],
)
def test_silences_are_listed_by_their_state_the_last_to_end_first(
    store: Store, state: SilenceStatus | None, numbers: list[int]
) -> None:
    keep(store, a_silence(3), a_silence(1), a_silence(4, starts_at=NOON + 200), a_silence(2))
    store.clock.time = NOON + 60
    assert listed(store, SilenceQuery(statuses=(state,) if state else ())) == numbers
    assert listed(store, SilenceQuery(statuses=(state,) if state else (), direction=Direction.ASC)) == numbers[::-1]


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8])
def test_pages_lead_through_all_silences_and_back(store: Store, limit: int) -> None:
    keep(store, *map(a_silence, range(1, 8)))
    there = list(pages(store, SilenceQuery(limit=limit)))
    assert [int(each.id, 16) for page in there for each in page.items] == [7, 6, 5, 4, 3, 2, 1]
    for before, page in pairwise(there):
        back = store.silences.page(SilenceQuery(limit=limit, cursor=page.previous), NOON)
        assert back.items == before.items


def test_silences_that_end_in_the_same_second_are_all_listed(store: Store) -> None:
    keep(store, *(a_silence(number, ends_at=NOON + 60) for number in (1, 2, 3)))
    assert listed(store, SilenceQuery(limit=1)) == [3, 2, 1]


def test_a_silence_is_kept_for_as_long_as_the_events_that_it_held_back(store: Store) -> None:
    (kept,) = keep(store, a_silence(1))
    store.clock.time = kept.ends_at + KEPT - 1
    assert store.silences.find(kept.id) == kept
    assert listed(store, SilenceQuery()) == [1]
    store.clock.time += 1
    assert store.silences.find(kept.id) is None
    assert listed(store, SilenceQuery()) == []


# --- Made or ended by a version that keeps no copies of those in force


@pytest.fixture
def silences(client: "DynamoDBClient") -> DynamoSilenceStore:
    return cast("DynamoSilenceStore", dynamodb_store(client).silences)


def written_before(silences: DynamoSilenceStore, silence: Silence) -> Silence:
    """Write a silence as an older version does."""
    after = replace(silence, revision=silence.revision + 1)
    silences.table.put(items.silence_item(after, KEPT))
    return after


def test_silences_of_an_older_version_are_in_force_once_they_are_copied(silences: DynamoSilenceStore) -> None:
    silences.save(a_silence(1))
    made = [written_before(silences, a_silence(number)) for number in (2, 3)]
    written_before(silences, a_silence(4, ends_at=NOON - 60))

    assert silences.copy_older() == len(made)

    assert [each.id for each in silences.unexpired(NOON)] == [a_silence(number).id for number in (1, 2, 3)]
    assert silences.copy_older() == 0


@pytest.mark.parametrize("ends_at", [NOON - 1, NOON + 5, NOON + 600])
def test_what_an_older_version_has_ended_or_extended_ends_so(silences: DynamoSilenceStore, ends_at: int) -> None:
    silences.save(a_silence(2))
    written_before(silences, replace(a_silence(2), revision=1, ends_at=ends_at))

    assert silences.copy_older() == 1

    assert [each.ends_at for each in silences.unexpired(NOON)] == [ends_at] * (ends_at > NOON)
    assert silences.copy_older() == 0


def test_a_silence_that_changes_while_it_is_copied_is_left_as_it_is_then(
    silences: DynamoSilenceStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = written_before(silences, a_silence(1))
    read = type(silences.table).get_all

    def meanwhile(table: DynamoTable, keys: Any) -> list[Item]:
        found = read(table, keys)
        silences.save(replace(before, ends_at=NOON + 5))
        return found

    monkeypatch.setattr(type(silences.table), "get_all", meanwhile)

    assert silences.copy_older() == 0
    assert [each.ends_at for each in silences.unexpired(NOON)] == [NOON + 5]
