"""A link shows what it would do, does it once, and is refused where it should be."""

import logging
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Alert, Announcement, Status
from chalicelib.domain.alerts.timeline import TransitionKind
from chalicelib.domain.errors import Damaged, Expired, NotFound, Outdated
from chalicelib.domain.events.event import Event, Severity
from chalicelib.domain.notifications.action_links import ANY_EPISODE, HOUR, LIFETIME, Action, Claim
from chalicelib.domain.notifications.notification import Reason
from chalicelib.domain.routing.matchers import Field, Matcher
from chalicelib.domain.routing.silences import Silence
from chalicelib.services.notifying.action_links import LONGEST_NAME, ActionLinks, RecordedAction
from tests.domain.given import NOON, a_resolution, an_alert, an_event
from tests.fakes import FakeClock, FakeStore
from tests.gateways.slack.messages import Names, the_links


@dataclass
class Desk:
    """One alert that people mark, and silences, in memory; `writes` counts what was done to them."""

    clock: FakeClock
    alert: Alert
    silences: dict[str, Silence] = field(default_factory=dict)
    writes: int = 0
    accounts: int = 1
    shown: tuple[str, ...] = ()

    def get(self, fingerprint: str) -> Alert:
        """Return the alert, if it is this one."""
        if fingerprint != self.alert.fingerprint:
            raise NotFound("There is no alert with this fingerprint.")
        return self.alert

    def count_accounts(self, alert: Alert) -> int:
        """Return how many there are."""
        return self.accounts

    def take(self, event: Event) -> None:
        """Let the alert see one more event."""
        self.alert, _ = self.alert.observe(event)

    def mark(self, happening: TransitionKind, by: str) -> Alert:
        """Mark the alert."""
        self.writes += 1
        self.alert = self.alert.mark(happening, self.clock.now(), by)
        return self.alert

    def accounts_at(self, alert: Alert, at: int) -> frozenset[str]:
        """Return those that it was in by then."""
        return frozenset(self.shown)

    def acknowledge(self, fingerprint: str, by: str, note: str = "", shown: Collection[str] | None = None) -> Alert:
        """Acknowledge the alert."""
        assert (fingerprint, shown) == (self.alert.fingerprint, frozenset(self.shown))
        return self.mark(TransitionKind.ACKNOWLEDGED, by)

    def resolve(self, fingerprint: str, by: str) -> Alert:
        """Resolve the alert."""
        assert fingerprint == self.alert.fingerprint
        return self.mark(TransitionKind.RESOLVED, by)

    def find(self, silence_id: str) -> Silence | None:
        """Return a silence."""
        return self.silences.get(silence_id)

    def quiet(self, silence_id: str, alert: Alert, duration: int, author: str, shown: Collection[str]) -> Silence:
        """Return the silence of this id, made now if it is not there."""
        assert shown == frozenset(self.shown)
        now = self.clock.now()
        if silence_id not in self.silences:
            self.writes += 1
            self.silences[silence_id] = Silence(
                id=silence_id,
                matchers=(Matcher(Field.FINGERPRINT, (alert.fingerprint,)),),
                starts_at=now,
                ends_at=now + duration,
                author=author,
                reason="",
            )
        return self.silences[silence_id]


class World:
    """The service on a desk with one alert, which has fired once at noon; the message about it is a minute old."""

    def __init__(self) -> None:
        self.clock = FakeClock(NOON + 120)
        self.desk = Desk(self.clock, an_alert(an_event()))
        self.signed = the_links()
        self.store, self.wakes = FakeStore(self.clock), 0
        self.links = ActionLinks(
            self.signed, self.desk, self.desk, Names(), self.clock, self.store, self._channels, self._wake
        )

    def _channels(self, receivers: Collection[str]) -> Collection[str]:
        """Return those that are webhooks of Slack."""
        return [each for each in receivers if each != "pager"]

    def _wake(self) -> None:
        self.wakes += 1

    def token(self, action: Action, **changes: Any) -> str:
        """Return the token of a link of that message."""
        known: dict[str, Any] = {
            "fingerprint": self.desk.alert.fingerprint,
            "episode": 1,
            "expires_at": NOON + 60 + LIFETIME,
            "id": f"{len(action):016x}",
            "duration": HOUR if action is Action.SILENCE else 0,
        }
        claim = Claim(action=action, **known | changes)
        return self.signed.of_alert(claim.fingerprint, [claim]).addresses[0].rpartition("/")[2]


@pytest.fixture
def world() -> World:
    return World()


# --- looking


@pytest.mark.parametrize("action", Action)
def test_to_open_a_link_changes_nothing(world: World, action: Action) -> None:
    before = world.desk.alert

    standings = [world.links.show(world.token(action)) for _ in range(3)]

    assert all(standing.is_open for standing in standings)
    assert (world.desk.alert, world.desk.silences, world.desk.writes) == (before, {}, 0)


def test_a_sight_says_what_where_and_how_it_stands(world: World) -> None:
    world.desk.accounts = 3
    standing = world.links.show(world.token(Action.ACKNOWLEDGE))

    assert standing.claim.action is Action.ACKNOWLEDGE
    assert standing.accounts == 3
    assert standing.alert == world.desk.alert
    assert standing.account_name == "payments-production"
    assert standing.now == NOON + 120
    assert (standing.recorded_action, standing.fresh, standing.problem) == (None, False, "")


# --- doing


def test_an_alert_is_acknowledged_in_a_persons_name(world: World) -> None:
    standing = world.links.follow(world.token(Action.ACKNOWLEDGE), " Ana  Example ")

    assert world.desk.alert.status is Status.ACKNOWLEDGED
    assert (standing.recorded_action, standing.fresh) == (RecordedAction("Ana Example", NOON + 120), True)
    assert standing.alert == world.desk.alert


def test_an_alert_is_resolved_in_a_persons_name(world: World) -> None:
    standing = world.links.follow(world.token(Action.RESOLVE), "Ana")

    assert world.desk.alert.status is Status.RESOLVED
    assert (standing.recorded_action, standing.fresh) == (RecordedAction("Ana", NOON + 120), True)


def test_an_alert_is_silenced_for_as_long_as_the_link_says(world: World) -> None:
    standing = world.links.follow(world.token(Action.SILENCE), "Ana")

    (silence,) = world.desk.silences.values()
    assert (silence.starts_at, silence.ends_at, silence.author) == (NOON + 120, NOON + 120 + HOUR, "Ana")
    assert silence.matchers == (Matcher(Field.FINGERPRINT, (world.desk.alert.fingerprint,)),)
    assert (standing.recorded_action, standing.fresh) == (RecordedAction("Ana", NOON + 120, NOON + 120 + HOUR), True)


@pytest.mark.parametrize("name", ["", " ", "\n\t", "x" * (LONGEST_NAME + 1), "x" * 10_000])
def test_without_a_name_nothing_is_done(world: World, name: str) -> None:
    standing = world.links.follow(world.token(Action.ACKNOWLEDGE), name)

    assert "name" in standing.problem
    assert standing.is_open
    assert world.desk.writes == 0


def test_the_log_knows_who_did_what_and_not_the_token(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    token = world.token(Action.ACKNOWLEDGE)

    world.links.follow(token, "Ana")

    (line,) = caplog.records
    expected = {"action": "acknowledge", "fingerprint": world.desk.alert.fingerprint, "episode": 1, "person": "Ana"}
    assert expected.items() <= vars(line).items()
    assert token not in str(vars(line))


# --- doing it again


@pytest.mark.parametrize("action", Action)
def test_a_link_that_was_used_says_by_whom_and_when_and_does_nothing(world: World, action: Action) -> None:
    token = world.token(action)
    first = world.links.follow(token, "Ana")
    after = replace(world.desk.alert)
    world.clock.sleep(600)

    again = world.links.follow(token, "Bob")

    assert (again.recorded_action, again.fresh, again.is_open) == (first.recorded_action, False, False)
    assert world.links.show(token).recorded_action == first.recorded_action
    assert (world.desk.alert, world.desk.writes) == (after, 1)


def test_two_messages_about_one_alert_acknowledge_it_once(world: World) -> None:
    world.links.follow(world.token(Action.ACKNOWLEDGE), "Ana")

    standing = world.links.follow(world.token(Action.ACKNOWLEDGE, id="f" * 16), "Bob")

    assert standing.recorded_action == RecordedAction("Ana", NOON + 120)
    assert world.desk.writes == 1


def test_the_silences_of_two_messages_are_two(world: World) -> None:
    world.links.follow(world.token(Action.SILENCE), "Ana")
    world.links.follow(world.token(Action.SILENCE, id="f" * 16), "Bob")

    assert len(world.desk.silences) == 2


def test_a_silence_that_has_ended_does_not_begin_again(world: World) -> None:
    token = world.token(Action.SILENCE)
    world.links.follow(token, "Ana")
    world.clock.sleep(2 * HOUR)

    assert world.links.follow(token, "Bob").recorded_action == RecordedAction("Ana", NOON + 120, NOON + 120 + HOUR)
    assert world.desk.writes == 1


@pytest.mark.parametrize("action", [Action.ACKNOWLEDGE, Action.RESOLVE])
def test_what_was_undone_is_not_done_again_by_an_old_link(world: World, action: Action) -> None:
    token = world.token(action)
    world.links.follow(token, "Ana")
    world.clock.sleep(60)
    world.desk.mark(TransitionKind.REOPENED, "Bob")

    with pytest.raises(Outdated, match="Bob has reopened"):
        world.links.follow(token, "Ana")

    assert world.desk.alert.status is Status.FIRING


def test_a_message_that_came_after_an_alert_was_reopened_can_be_used(world: World) -> None:
    world.desk.mark(TransitionKind.ACKNOWLEDGED, "Ana")
    world.desk.mark(TransitionKind.REOPENED, "Bob")
    world.clock.sleep(600)
    token = world.token(Action.ACKNOWLEDGE, expires_at=world.clock.now() + LIFETIME)

    assert world.links.follow(token, "Ana").fresh


def test_who_is_slower_by_a_moment_sees_who_was_faster(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.desk.mark(TransitionKind.ACKNOWLEDGED, "Ana")
    faster = world.desk.alert
    world.desk.alert = an_alert(an_event())
    monkeypatch.setattr(world.desk, "acknowledge", lambda *_, **__: faster)

    standing = world.links.follow(world.token(Action.ACKNOWLEDGE), "Bob")

    assert (standing.recorded_action, standing.fresh) == (RecordedAction("Ana", NOON + 120), False)


def test_of_two_silences_of_one_link_at_once_there_is_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    token = world.token(Action.SILENCE)
    world.links.follow(token, "Ana")
    (silence,) = world.desk.silences.values()
    found = iter([None, silence])
    monkeypatch.setattr(world.desk, "find", lambda _: next(found))

    standing = world.links.follow(token, "Bob")

    assert (standing.recorded_action, standing.fresh) == (RecordedAction("Ana", NOON + 120, NOON + 120 + HOUR), False)
    assert world.desk.writes == 1


# --- what is over


@pytest.mark.parametrize("action", [Action.ACKNOWLEDGE, Action.RESOLVE])
def test_what_is_over_by_itself_leaves_nothing_to_do(world: World, action: Action) -> None:
    world.desk.take(a_resolution(NOON + 90))

    standing = world.links.follow(world.token(action), "Ana")

    assert (standing.is_open, standing.recorded_action, standing.fresh) == (False, None, False)
    assert world.desk.writes == 0


def test_what_is_over_can_still_be_silenced() -> None:
    world = World()
    world.desk.take(a_resolution(NOON + 90))

    assert world.links.follow(world.token(Action.SILENCE), "Ana").fresh


@pytest.mark.parametrize("action", Action)
def test_a_link_of_a_past_episode_is_refused(world: World, action: Action) -> None:
    world.desk.take(a_resolution(NOON + 60))
    world.desk.take(an_event(NOON + 90))

    for attempt in (world.links.show, lambda token: world.links.follow(token, "Ana")):
        with pytest.raises(Outdated, match="begun again"):
            attempt(world.token(action))

    assert world.desk.writes == 0


def test_what_is_flapping_can_be_silenced_in_whatever_episode_it_is(world: World) -> None:
    world.desk.take(a_resolution(NOON + 60))
    world.desk.take(an_event(NOON + 90))

    assert world.links.follow(world.token(Action.SILENCE, episode=ANY_EPISODE), "Ana").fresh


# --- what is no link


@pytest.mark.parametrize("act", [lambda links, token: links.show(token), lambda links, token: links.follow(token, "A")])
@pytest.mark.parametrize(
    ("token", "error"),
    [
        (lambda world: world.token(Action.RESOLVE)[:-1] + "!", Damaged),
        (lambda world: world.token(Action.RESOLVE, expires_at=NOON), Expired),
        (lambda world: world.token(Action.RESOLVE, fingerprint="f" * 32), NotFound),
    ],
)
def test_a_link_that_is_none_or_none_any_more_is_refused(world: World, act: Any, token: Any, error: type) -> None:
    with pytest.raises(error):
        act(world.links, token(world))

    assert world.desk.writes == 0


def test_a_token_of_one_alert_does_nothing_to_another(world: World) -> None:
    ours, theirs = world.token(Action.RESOLVE), world.token(Action.RESOLVE, fingerprint="f" * 32)

    for place in range(0, 80, 4):
        mixed = theirs[:place] + ours[place:]
        if mixed not in {ours, theirs}:
            with pytest.raises(Damaged):
                world.links.follow(mixed, "Ana")

    assert world.desk.writes == 0


def test_whoever_follows_a_link_is_shown_how_many_accounts_have_joined_since(world: World) -> None:
    for number in range(2):
        world.desk.take(an_event(NOON + number, account=f"{number:012}", lines=1))
    world.desk.shown = ("111122223333",)

    assert world.links.show(world.token(Action.ACKNOWLEDGE)).joined == 2
    world.links.follow(world.token(Action.SILENCE), "on-call")
    world.links.follow(world.token(Action.ACKNOWLEDGE), "on-call")
    assert world.desk.writes == 2


@pytest.mark.parametrize(
    ("action", "reason"), [(Action.ACKNOWLEDGE, Reason.ACKNOWLEDGED), (Action.SILENCE, Reason.SILENCED)]
)
def test_what_was_done_is_said_once_in_the_channels_that_had_the_message(
    world: World, action: Action, reason: Reason
) -> None:
    known = Announcement(at=NOON, receivers=("ops", "pager"), severity=Severity.HIGH, count=1, episodes=1)
    world.desk.alert = replace(world.desk.alert, announcement=known)
    for _ in range(2):
        world.links.follow(world.token(action), "Ann")

    (said,) = world.store.notifications.values()
    assert (said.receiver, said.reason, said.by, said.title) == ("ops", reason, "Ann", world.desk.alert.title)
    assert said.due_at == (NOON + 120 + HOUR if action is Action.SILENCE else 0)
    assert world.wakes == 1


@pytest.mark.parametrize("action", [Action.ACKNOWLEDGE, Action.SILENCE])
def test_what_nobody_lived_to_say_is_said_when_the_link_is_followed_again(
    world: World, action: Action, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = Announcement(at=NOON, receivers=("ops",), severity=Severity.HIGH, count=1, episodes=1)
    world.desk.alert = replace(world.desk.alert, announcement=known)
    with monkeypatch.context() as patched:
        patched.setattr(world.store, "enqueue", failing)
        with pytest.raises(RuntimeError):
            world.links.follow(world.token(action), "Ann")
    for name in ("Bob", "Ann"):
        world.clock.sleep(5)
        world.links.follow(world.token(action), name)

    (said,) = world.store.notifications.values()
    assert (said.receiver, said.by, said.created_at, world.wakes) == ("ops", "Ann", NOON + 130, 1)


def test_who_follows_the_links_of_two_messages_is_named_once_in_the_channel(world: World) -> None:
    known = Announcement(at=NOON, receivers=("ops",), severity=Severity.HIGH, count=1, episodes=1)
    world.desk.alert = replace(world.desk.alert, announcement=known)
    for link in (1, 2):
        world.links.follow(world.token(Action.ACKNOWLEDGE, id=f"{link:016x}"), "Ann")

    assert len(world.store.notifications) == 1


def failing(_notification: Any) -> bool:
    """Be a store that cannot be reached."""
    raise RuntimeError


def test_what_all_are_notified_of_anyway_is_not_said_again(world: World) -> None:
    world.links.follow(world.token(Action.RESOLVE), "Ann")

    assert world.store.notifications == {}
