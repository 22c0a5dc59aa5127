"""Figures: what came of a storm, and whether its goals are met; of several seeds the worst of each."""

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from bench.storm_plan import ACCOUNTS, START, Plan, the_events
from bench.stormy_app import StormyApp
from chalicelib.domain.events.event import Severity
from chalicelib.services.notifying.ports import Message

if TYPE_CHECKING:
    from bench.storm import Storm

LONGEST_DRAIN = 180


class Figure(Struct, frozen=True):
    """A figure to print, and whether its goal, if there is one, is met; the greater its `badness`, the worse it is."""

    name: str
    value: str
    met: bool = True
    badness: float = 0.0


def figures(storm: "Storm") -> list[Figure]:
    """Return what came of the storm."""
    plan = storm.plan
    return [
        Figure("events", f"{plan.events:,} of {_size():.1f} kB, {plan.problems} problems, {ACCOUNTS} accounts"),
        Figure("invocations", f"{storm.function.invocations:,}, {storm.function.crashes} died"),
        Figure("failed three times", f"{storm.redriven}, put back after ten minutes", badness=storm.redriven),
        *_what_is_kept(storm),
        *_what_was_sent(storm),
        *_what_was_repeated(storm),
        *(_what_stands_in_the_channel(storm.slack) if isinstance(storm.slack, StormyApp) else ()),
        *_what_it_cost(storm),
    ]


def _what_is_kept(storm: "Storm") -> Iterator[Figure]:
    events, left = storm.plan.events, storm.left()
    alerts = storm.store.alerts.values()
    exact = sum(alert.count for alert in alerts) == events == sum(alert.total for alert in alerts)
    yield Figure("events without an outcome", f"{left} (goal 0)", left == 0, left)
    yield Figure("counts are exact", "yes" if exact else "no", exact)


def _what_was_sent(storm: "Storm") -> Iterator[Figure]:
    posts, pending, problems = storm.slack.posts, len(storm.store.notifications), storm.plan.problems
    sent = {each.id for _, message in posts for each in message.notifications}
    single = sum(not _is_digest(message) for _, message in posts)
    digests, worst = len(posts) - single, _place_of_the_worst(storm)
    yield Figure("notifications pending and sent", f"{pending} and {len(sent)}", pending == len(sent))
    yield Figure("messages", f"{single} and {digests} digests, in {storm.slack.attempts} posts", badness=single)
    each, most = single / problems, storm.plan.most_messages
    yield Figure("messages per problem", f"{each:.2f} and digests (goal at most {most})", each <= most, each)
    yield Figure("message with the worst problem", f"{worst} (goal at most 5)", worst in range(1, 6), worst or math.inf)
    yield Figure("first message after", f"{posts[0][0] - START:.1f} s", badness=posts[0][0])


def _what_was_repeated(storm: "Storm") -> Iterator[Figure]:
    """Count what people have read before: each crash after a post, and each post that nobody answered, may repeat one.

    A message that comes a third time is two repetitions. A digest that says so, as nobody knew whether the one before
    had arrived, goes by no reader unnoticed.
    """
    messages = [message for _, message in storm.slack.posts]
    whole, single = list[Message](), 0
    for number, again in enumerate(messages):
        was_digest = [_is_digest(first) for first in messages[:number] if _ids(first) & _ids(again)]
        if _is_digest(again) and any(was_digest):
            whole.append(again)
        single += not all(was_digest) if _is_digest(again) else bool(was_digest)
    most = storm.interrupted + storm.slack.unknown
    goal = f"goal at most {most}, after crashes and time-outs"
    yield Figure("messages sent again", f"{single} ({goal})", single <= most, single - most)
    marked = sum(each.doubtful for each in whole)
    unmarked = len(whole) - marked
    yield Figure("digests again, and unmarked", f"{unmarked} (goal 0), {marked} marked", unmarked == 0, unmarked)


def _what_stands_in_the_channel(app: StormyApp) -> Iterator[Figure]:
    posts = Counter(each.metadata["event_payload"]["id"] for each in app.slack.messages if each.metadata)
    twice = posts.total() - len(posts)
    goal = f"goal at most {app.unknown}, one for each unknown outcome"
    yield Figure("posts that stand there twice", f"{twice} ({goal})", twice <= app.unknown, twice)
    own = Counter(app.problems_with_messages())
    most = max(own.values(), default=0)
    extra = own.total() - len(own)
    yield Figure("messages of one problem", f"{most} (goal 1, and {goal})", extra <= app.unknown, most)


def _what_it_cost(storm: "Storm") -> Iterator[Figure]:
    plan, store = storm.plan, storm.store
    each, attempts = store.units / plan.events, store.attempts / plan.events
    drained, last = (max(0.0, at - plan.over_at) for at in (storm.drained_at, store.settled_at))
    since = "Slack is back" if plan.outage else "the minute in"
    in_time = storm.left() == 0 and drained <= LONGEST_DRAIN
    text = f"{drained:.0f} s (goal at most {LONGEST_DRAIN}), {last:.0f} s with what Lambda tried again"
    yield Figure(f"drained after {since}", text, in_time, drained)
    within = each <= plan.most_units
    yield Figure("write units per event", f"{each:.2f} (goal at most {plan.most_units:g})", within, each)
    yield Figure("attempts per event", f"{attempts:.2f}", badness=attempts)


def _size() -> float:
    return len(json.dumps(next(the_events(Plan(events=1), 0)))) / 1_000


def _ids(message: Message) -> frozenset[str]:
    return frozenset(each.id for each in message.notifications)


def _is_digest(message: Message) -> bool:
    return len({each.fingerprint or each.id for each in message.notifications}) > 1


def _place_of_the_worst(storm: "Storm") -> int:
    for place, (_, message) in enumerate(storm.slack.posts, start=1):
        if any(each.severity is Severity.CRITICAL for each in message.notifications):
            return place
    return 0


def summary(played: Mapping[int, Sequence[Figure]]) -> str:
    """Return a line for each figure: the worst of all seeds, and how many of them miss its goal."""
    return "\n".join(
        map(_worst, zip(*([(seed, each) for each in found] for seed, found in played.items()), strict=True))
    )


def _worst(figures_of_seeds: Sequence[tuple[int, Figure]]) -> str:
    seed, worst = max(figures_of_seeds, key=lambda each: (not each[1].met, each[1].badness))
    missed = [seed for seed, each in figures_of_seeds if not each.met]
    where = f", seed {seed}" if len(figures_of_seeds) > 1 else ""
    of_all = f" of {len(figures_of_seeds)} seeds miss it: {', '.join(map(str, missed[:10]))}"
    count = f"; {len(missed)}{of_all}" if missed and where else ""
    return f"{' ' if worst.met else '!'} {worst.name:32} {worst.value}{where}{count}"
