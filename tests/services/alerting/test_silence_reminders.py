"""That a silence ends soon is said once beforehand, where what it covers still fires."""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.timeline import TransitionKind
from chalicelib.domain.routing.silences import Silence
from chalicelib.domain.timestamps import DAY
from chalicelib.gateways.slack.blocks import SlackMessage
from chalicelib.services.alerting.silence_preview import MOST_SHOWN, Preview
from chalicelib.services.alerting.silence_reminders import SilenceReminders
from tests.domain.given import NOON, an_event
from tests.fake_lists import FakeSilences
from tests.fakes import FakeClock, FakeStore
from tests.gateways.slack.messages import a_composer, judge, judge_harmless, words

FIRING = Alert.about(an_event()).observe(an_event())[0]
TAKEN = FIRING.mark(TransitionKind.ACKNOWLEDGED, NOON + 9, "Ann")
SILENCE = Silence(
    id="s", matchers=(), starts_at=NOON - 7_200, ends_at=NOON + 600, author="Ann", reason="moving <!here> a warehouse"
)


class Desk:
    """Silences, and the alerts that each of them covers."""

    def __init__(self, silence: Silence, covered: Sequence[Alert]) -> None:
        self.clock = FakeClock(NOON)
        self.store, self.silences, self.covered = FakeStore(self.clock), FakeSilences(self.clock), tuple(covered)
        self.silences.save(silence)
        self.remind = SilenceReminders(self.silences, self.preview, self.store, self.clock)

    def preview(self, _silence: Silence) -> Preview:
        """Return what is covered."""
        return Preview.of(self.covered, complete=True)

    def message(self) -> SlackMessage:
        """Return the reminder as Slack shows it."""
        (notification,) = self.store.notifications.values()
        message = a_composer(now=NOON).announcement(notification, None)
        judge(message)
        judge_harmless(message)
        return message


def test_a_silence_that_ends_soon_is_said_once_to_the_receiver_of_reports() -> None:
    desk = Desk(SILENCE, [FIRING, FIRING, TAKEN])

    assert [desk.remind(), desk.remind()] == [1, 0]
    (notification,) = desk.store.notifications.values()
    assert (notification.receiver, notification.due_at, notification.by) == ("report", NOON + 600, "Ann")
    said = words(desk.message())
    assert "Silence ends soon, 2 alerts that it covers still fire: moving <!here> a warehouse" in said
    assert "*Due in 10 min*" in said


def test_all_are_counted_that_still_fire_not_those_alone_that_a_preview_shows() -> None:
    desk = Desk(SILENCE, [TAKEN] * MOST_SHOWN + [FIRING] * 7)

    assert desk.remind() == 1
    assert "7 alerts that it covers still fire" in str(list(desk.store.notifications.values()))


def test_one_whose_end_was_moved_is_said_again() -> None:
    desk = Desk(SILENCE, [FIRING])
    desk.remind()
    desk.silences.items["s"] = replace(SILENCE, ends_at=NOON + 700)

    assert desk.remind() == 1
    assert "1 alert that it covers still fires" in str(list(desk.store.notifications.values()))


@pytest.mark.parametrize(
    ("changes", "covered"),
    [
        ({}, []),
        ({}, [TAKEN]),
        ({"ends_at": NOON + 901}, [FIRING]),
        ({"starts_at": NOON - 60}, [FIRING]),
        ({"starts_at": NOON + 60, "ends_at": NOON + DAY}, [FIRING]),
        ({"ends_at": NOON}, [FIRING]),
    ],
    ids=["covers nothing", "somebody has it", "later", "short", "not yet", "over"],
)
def test_of_all_others_nothing_is_said(changes: dict[str, int], covered: list[Alert]) -> None:
    desk = Desk(replace(SILENCE, **changes), covered)

    assert desk.remind() == 0
    assert desk.store.notifications == {}
