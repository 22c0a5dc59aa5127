"""Unmerged events: what fits one transaction, and what is left of entries."""

from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.notifications.notification import Outcome, Reason, Record
from chalicelib.domain.notifications.unmerged_events import Entries, UnmergedEvents, portions, that_fit
from tests.domain.given import NOON, an_event


def some_of(name: int, count: int, reason: Reason) -> UnmergedEvents:
    entries = tuple(f"{name}-{number}" for number in range(count))
    outcome = Outcome(reason=reason)
    record = Record(event=an_event(), outcome=outcome, change=None, updated_at=NOON, expired_at=NOON)
    return UnmergedEvents(name=str(name), fingerprint="f", entries=entries, records=dict.fromkeys(entries, record))


COUNTS = st.lists(st.integers(1, 16), min_size=1, max_size=9)


@given(COUNTS, st.integers(2, 60), st.sampled_from([Reason.PROCESSING, Reason.REPEATED]))
def test_what_fits_and_the_rest_are_all_of_it_and_each_once(counts: list[int], room: int, reason: Reason) -> None:
    some = [some_of(name, count, reason) for name, count in enumerate(counts)]
    fit, rest = that_fit(some, room)

    assert sum(each.writes for each in fit) <= room
    assert sum(len(each.records) for each in fit) >= 1
    merged = [entry for each in (*fit, *rest) for entry in each.records]
    assert merged == [entry for each in some for entry in each.entries]
    left = {each.name: each.left for each in fit if each.left}
    assert left == {each.name: each.entries for each in rest if each.name in {one.name for one in fit}}


def test_where_nothing_more_fits_the_next_is_not_divided() -> None:
    some = [some_of(name, 3, Reason.PROCESSING) for name in range(2)]
    fit, rest = that_fit(some, 5)
    assert (fit, rest) == (some[:1], some[1:])


@given(st.lists(st.tuples(st.integers(1, 3), st.sampled_from(Reason)), min_size=1), st.integers(-1, 3))
def test_however_little_fits_neither_it_nor_the_rest_has_anything_empty(
    counts: list[tuple[int, Reason]], room: int
) -> None:
    fit, rest = that_fit([some_of(name, *each) for name, each in enumerate(counts)], room)
    assert fit
    assert all(each.records for each in (*fit, *rest))
    assert len({each.name for each in fit}) == len(fit)


PROBLEMS = st.lists(st.tuples(st.sampled_from("abcd"), st.integers(1, 16)), max_size=20)


@given(PROBLEMS, st.integers(1, 40), st.integers(1, 3))
def test_portions_hold_all_entries_once_and_a_problem_side_by_side(
    counts: list[tuple[str, int]], most_events: int, most_problems: int
) -> None:
    entered = [
        Entries(name=str(number), fingerprint=problem, entries=tuple(map(str, range(count))))
        for number, (problem, count) in enumerate(counts)
    ]
    found = list(portions(entered, most_events, most_problems))

    read = [each for portion in found for each in portion]
    assert sorted(read, key=lambda each: int(each.name)) == entered
    assert len([key for key, _ in groupby(each.fingerprint for each in read)]) == len(dict(counts))
    for portion in found:
        assert len(portion) == 1 or sum(len(each.entries) for each in portion) <= most_events
        assert 1 <= len({each.fingerprint for each in portion}) <= most_problems
