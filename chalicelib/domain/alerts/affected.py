"""Affected scopes: in which accounts and regions a problem is, computed from its events."""

from collections.abc import Iterable, Sequence
from itertools import chain

from msgspec import Struct

from chalicelib.domain.events.event import Event, Signal


class Location(Struct, frozen=True, kw_only=True):
    """An account and region where a problem fired: when first and last, in how many events and log lines."""

    account: str
    region: str
    first_seen: int
    last_seen: int
    events: int
    lines: int


class AffectedAccount(Struct, frozen=True, kw_only=True):
    """An account where a problem fired, its regions there, and how many log lines."""

    account: str
    regions: tuple[str, ...]
    lines: int


class AffectedScope(Struct, frozen=True):
    """A problem's locations in one episode, those with most lines first, and the event that began it.

    `complete` is False where only the newest of very many events were counted; then the first one may be missing.
    """

    places: tuple[Location, ...] = ()
    began: Event | None = None
    complete: bool = True

    @property
    def accounts(self) -> tuple[AffectedAccount, ...]:
        """The accounts, those with most lines first."""
        by_account: dict[str, list[Location]] = {}
        for place in self.places:
            by_account.setdefault(place.account, []).append(place)
        accounts = (
            AffectedAccount(
                account=account,
                regions=tuple(each.region for each in places),
                lines=sum(each.lines for each in places),
            )
            for account, places in by_account.items()
        )
        return tuple(sorted(accounts, key=lambda each: (-each.lines, each.account)))


NOWHERE = AffectedScope()


def affected(events: Iterable[Event], *, complete: bool = True) -> AffectedScope:
    """Add up those of an episode's events that fired, in any order; one given twice counts once."""
    fired = {event.id: event for event in events if event.signal in {Signal.FIRING, Signal.HISTORICAL}}
    by_place: dict[tuple[str, str], list[Event]] = {}
    for event_id in sorted(fired):
        event = fired[event_id]
        by_place.setdefault((event.account, event.region), []).append(event)
    places = sorted(map(_place, by_place.values()), key=_rank)
    return AffectedScope(tuple(places), fired[min(fired)] if fired else None, complete)


def together(*counted: Iterable[Location]) -> tuple[Location, ...]:
    """Add up locations that were counted from different events, those with most lines first."""
    added: dict[tuple[str, str], Location] = {}
    for each in chain(*counted):
        known = added.get((each.account, each.region), each)
        both = each if known is each else _sum(known, each)
        added[each.account, each.region] = both
    return tuple(sorted(added.values(), key=_rank))


def _sum(one: Location, other: Location) -> Location:
    return Location(
        account=one.account,
        region=one.region,
        first_seen=min(one.first_seen, other.first_seen),
        last_seen=max(one.last_seen, other.last_seen),
        events=one.events + other.events,
        lines=one.lines + other.lines,
    )


def _place(events: Sequence[Event]) -> Location:
    return Location(
        account=events[0].account,
        region=events[0].region,
        first_seen=events[0].published_at,
        last_seen=events[-1].published_at,
        events=len(events),
        lines=sum(event.lines for event in events),
    )


def _rank(place: Location) -> tuple[int, int, str, str]:
    return -place.lines, -place.events, place.account, place.region
