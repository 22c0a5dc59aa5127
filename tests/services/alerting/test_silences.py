"""Silences are made and ended, and stand in the policy within seconds."""

from dataclasses import dataclass, field

import pytest
from msgspec.structs import replace

from chalicelib.domain.accounts import NAMELESS, Account
from chalicelib.domain.errors import Conflict, NotFound
from chalicelib.domain.notifications.notification import Delivery, Reason
from chalicelib.domain.queries import SilenceQuery
from chalicelib.domain.routing.inhibitions import Inhibitions, InhibitRule
from chalicelib.domain.routing.matchers import Field, Matcher
from chalicelib.domain.routing.silences import FOREVER, Silence, SilenceStatus
from chalicelib.services.agents.account_names import REMEMBERED_FOR as NAMES_REMEMBERED_FOR
from chalicelib.services.agents.account_names import AccountDirectory
from chalicelib.services.alerting.policy_provider import REMEMBERED_FOR, PolicyProvider
from chalicelib.services.alerting.silences import Silences
from tests.domain.given import an_alert, an_event
from tests.fake_lists import FakeAlerts, FakeSilences
from tests.fakes import NOW, FakeClock, FakeStore
from tests.services.world import POLICY, World, finding

PLANNED = Silence(
    id="",
    matchers=(Matcher(Field.KIND, ("guardduty",)),),
    starts_at=NOW,
    ends_at=NOW + 600,
    author="on-call",
    reason="A drill.",
    created_at=NOW,
)


@dataclass
class Desk:
    """Silences in memory, and the policy that they are part of; `broken` takes the store away."""

    clock: FakeClock = field(default_factory=FakeClock)
    broken: bool = False

    def __post_init__(self) -> None:
        self.store = FakeSilences(self.clock)
        self.silences = Silences(self.store, self.clock)
        self.policies = PolicyProvider(POLICY, self, self, self.clock)  # type: ignore[arg-type]  # as far as it is asked
        self.reads = 0

    def unexpired(self, now: int) -> list[Silence]:
        """Return the silences that have not ended, if the store answers."""
        self.reads += 1
        if self.broken:
            raise OSError("away")
        return self.store.unexpired(now)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_silence_is_made_with_an_id_and_listed(desk: Desk) -> None:
    made = desk.silences.create(PLANNED)
    assert made == replace(PLANNED, id=made.id, revision=1)
    assert desk.silences.get(made.id) == desk.silences.find(made.id) == made
    assert desk.silences.page(SilenceQuery(statuses=(SilenceStatus.ACTIVE,))).items == (made,)


def test_the_same_request_twice_makes_one_silence(desk: Desk) -> None:
    assert desk.silences.create(PLANNED) == desk.silences.create(PLANNED)
    assert len(desk.store.items) == 1


@pytest.mark.parametrize(
    ("first", "second", "count"),
    [
        ((0, 600), (5, 605), 1),  # begins at once, and lasts so long
        ((0, 600), (5, 600), 1),  # begins at once, until a time
        ((300, 900), (300, 900), 1),  # at a time
        ((300, 900), (86_700, 87_300), 2),  # the day after, for as long
        ((0, 600), (300, 900), 2),  # again, a little later
        ((0, 600), (5, 1_205), 2),  # for longer
    ],
)
def test_a_silence_is_made_again_for_another_time_only(
    desk: Desk, first: tuple[int, int], second: tuple[int, int], count: int
) -> None:
    for created_at, (starts_at, ends_at) in ((NOW, first), (NOW + 5, second)):
        times = {"created_at": created_at, "starts_at": NOW + starts_at, "ends_at": NOW + ends_at}
        desk.silences.create(replace(PLANNED, **times), desk.silences.standing())
    assert len(desk.store.items) == count


def test_requests_that_differ_make_two_silences(desk: Desk) -> None:
    assert desk.silences.create(PLANNED).id != desk.silences.create(replace(PLANNED, reason="Another drill.")).id


def test_a_silence_is_ended_once_and_stays_ended(desk: Desk) -> None:
    made = desk.silences.create(PLANNED)
    desk.clock.sleep(60)
    desk.silences.expire(made.id)
    desk.clock.sleep(60)
    desk.silences.expire(made.id)
    assert desk.silences.get(made.id).ends_at == NOW + 60


def test_a_silence_that_has_not_begun_can_be_ended(desk: Desk) -> None:
    made = desk.silences.create(replace(PLANNED, starts_at=NOW + 300))
    desk.silences.expire(made.id)
    assert desk.silences.get(made.id).state(NOW) is SilenceStatus.EXPIRED
    assert desk.store.unexpired(NOW) == []


def test_what_is_no_silence_is_neither_shown_nor_ended(desk: Desk) -> None:
    for query in (desk.silences.get, desk.silences.expire):
        with pytest.raises(NotFound):
            query("0" * 16)
    assert desk.silences.find("0" * 16) is None


def test_whoever_ends_a_silence_tries_again_when_another_was_faster(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, save, lost = desk.silences.create(PLANNED), desk.store.save, [1, 2]

    def lose(silence: Silence) -> None:
        if lost:
            lost.pop()
            raise Conflict("faster")
        save(silence)

    monkeypatch.setattr(desk.store, "save", lose)
    desk.silences.expire(made.id)
    assert desk.silences.get(made.id).state(NOW) is SilenceStatus.EXPIRED


def test_whoever_loses_each_time_is_reported(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    made = desk.silences.create(PLANNED)

    def lose(_silence: Silence) -> None:
        raise Conflict("faster")

    monkeypatch.setattr(desk.store, "save", lose)
    with pytest.raises(Conflict, match="try again"):
        desk.silences.expire(made.id)


def test_a_message_silences_its_alert_once(desk: Desk) -> None:
    alert = an_alert(an_event())
    made = desk.silences.quiet("a" * 16, alert, 3_600, "on-call", ())
    assert (made.id, made.ends_at - made.starts_at) == ("a" * 16, 3_600)
    assert made.matchers == (Matcher(Field.FINGERPRINT, (alert.fingerprint,)),)
    desk.clock.sleep(60)
    assert desk.silences.quiet("a" * 16, alert, 3_600, "somebody else", ()) == made


def test_a_silence_is_in_force_within_seconds_and_the_store_is_not_queried_each_time(desk: Desk) -> None:
    assert desk.policies().silences == ()
    made = desk.silences.create(PLANNED)
    assert desk.policies().silences == ()
    desk.clock.sleep(REMEMBERED_FOR)
    assert desk.policies().silences == desk.policies().silences == (made,)
    assert desk.reads == 2


def test_a_silence_that_was_ended_is_lifted_within_seconds(desk: Desk) -> None:
    made = desk.silences.create(PLANNED)
    assert desk.policies().silences == (made,)
    desk.silences.expire(made.id)
    desk.clock.sleep(REMEMBERED_FOR)
    assert desk.policies().silences == ()


def test_silences_of_the_routes_file_stand_beside_those_of_people(desk: Desk) -> None:
    backup = replace(PLANNED, id="backup", starts_at=0, ends_at=FOREVER)
    made = desk.silences.create(PLANNED)
    policies = PolicyProvider(replace(POLICY, silences=(backup,)), desk.store, FakeAlerts(FakeStore()), desk.clock)
    assert policies().silences == (backup, made)


def test_if_the_silences_cannot_be_read_those_last_known_stand(desk: Desk) -> None:
    made = desk.silences.create(PLANNED)
    desk.policies()
    desk.broken = True
    desk.clock.sleep(REMEMBERED_FOR)
    assert desk.policies().silences == (made,)


def test_if_the_silences_could_never_be_read_there_are_none(desk: Desk) -> None:
    desk.broken = True
    assert desk.policies() == POLICY


def test_silences_that_were_just_read_for_the_policy_are_not_read_again(desk: Desk) -> None:
    made = desk.silences.create(PLANNED)
    assert list(desk.policies.standing()) == [made]
    desk.broken = True
    assert list(desk.policies.standing()) == [made]


def test_an_unreadable_silence_is_an_error_to_who_needs_them_all(desk: Desk) -> None:
    desk.silences.create(PLANNED)
    desk.policies()
    desk.broken = True
    desk.clock.sleep(REMEMBERED_FOR)
    desk.policies()
    with pytest.raises(OSError, match="away"):
        desk.policies.standing()


def test_a_silenced_event_is_stored_and_counted_and_names_the_silence() -> None:
    world = World()
    world.policy = replace(POLICY, silences=(replace(PLANNED, id="s1"),))
    record = world.ingest(finding())
    assert (record.outcome.reason, record.outcome.by, record.outcome.status) == (
        Reason.SILENCED,
        "s1",
        Delivery.SUPPRESSED,
    )
    assert world.store.records[record.event.id] == record
    (alert,) = world.store.alerts.values()
    assert (alert.count, alert.total, world.sent()) == (1, 1, [])


class Register:
    """The names that agents gave their accounts; `calls` are those who asked."""

    def __init__(self, *responses: str | Exception) -> None:
        self.responses, self.calls = list(responses), 0

    def name(self, account: str) -> str:
        """Return the next answer."""
        self.calls += 1
        answer = self.responses.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def names(self) -> dict[str, str]:
        """Return no names."""
        return {}

    def named(self, name: str) -> set[str]:
        """Know no account by its name."""
        return set()


def accounts(register: Register, clock: FakeClock | None = None) -> AccountDirectory:
    known = {"111122223333": Account("payments", {"stage": "prod"}), "444455556666": Account(tags={"stage": "dev"})}
    return AccountDirectory(known, register, clock or FakeClock())


def test_the_routes_file_names_an_account_before_its_agents_do() -> None:
    register = Register()
    assert accounts(register).find("111122223333") == Account("payments", {"stage": "prod"})
    assert accounts(register).name("111122223333") == "payments"
    assert register.calls == 0


def test_an_account_without_a_name_in_the_file_has_its_agents_name_and_its_own_tags() -> None:
    assert accounts(Register("shop")).find("444455556666") == Account("shop", {"stage": "dev"})


def test_the_register_is_queried_once_in_a_while() -> None:
    clock = FakeClock()
    register = Register("", "shop")
    known = accounts(register, clock)
    assert [known.name("777788889999"), known.name("777788889999")] == ["", ""]
    clock.sleep(NAMES_REMEMBERED_FOR)
    assert (known.name("777788889999"), register.calls) == ("shop", 2)


def test_no_event_waits_for_a_name_that_cannot_be_read() -> None:
    clock = FakeClock()
    known = accounts(Register("shop", OSError("away")), clock)
    known.name("777788889999")
    clock.sleep(NAMES_REMEMBERED_FOR)
    assert known.name("777788889999") == "shop"


@pytest.mark.parametrize("account", ["", "*"])
def test_what_is_no_account_has_no_name(account: str) -> None:
    assert accounts(Register()).find(account) == NAMELESS


def test_what_holds_back_others_is_read_again_when_it_has_changed(desk: Desk) -> None:
    rule = InhibitRule(name="all", source=(), target=())
    store = FakeStore(desk.clock)
    policies = PolicyProvider(
        replace(POLICY, inhibitions=Inhibitions(rules=(rule,))), desk.store, FakeAlerts(store), desk.clock
    )
    assert policies().inhibitions.sources == ()
    alert = replace(an_alert(an_event(NOW)), inhibits=True)
    store.alerts[alert.fingerprint] = alert
    assert policies().inhibitions.sources == ()
    policies.forget()
    assert policies().inhibitions.sources == (alert,)
