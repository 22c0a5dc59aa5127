"""What reports say of open alerts, and of silences that end soon: the worst and the first, and how many more."""

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.timeline import TransitionKind
from chalicelib.domain.events.event import Severity
from chalicelib.domain.reports.open_items import SHOWN, EndingSilences, OpenAlerts, ending_silences, open_alerts
from chalicelib.domain.routing.silences import Silence
from chalicelib.domain.text import digest
from chalicelib.domain.timestamps import DAY
from tests.domain.given import NOON, an_event


def an_alert(number: int, severity: Severity, at: int = NOON) -> Alert:
    """Return an alert that fires since then."""
    event = an_event(at, title=f"alert {number}", fingerprint=digest(str(number)), severity=severity)
    return Alert.about(event).observe(event)[0]


def a_silence(name: str, ends_at: int, starts_at: int = NOON - 60) -> Silence:
    """Return a silence."""
    return Silence(id=name, matchers=(), starts_at=starts_at, ends_at=ends_at, author="Ann", reason=f"for {name}")


def test_the_worst_come_first_and_those_that_somebody_has_last() -> None:
    alerts = [
        an_alert(1, Severity.LOW),
        an_alert(2, Severity.CRITICAL).mark(TransitionKind.ACKNOWLEDGED, NOON + 60, "Ann"),
        an_alert(3, Severity.HIGH),
        an_alert(4, Severity.HIGH, NOON - 60),
        an_alert(5, Severity.CRITICAL).mark(TransitionKind.RESOLVED, NOON + 60, "Ann"),
        an_alert(6, Severity.CRITICAL).mark(TransitionKind.ACKNOWLEDGED, NOON + 60),
    ]
    found = open_alerts(alerts, complete=True)

    assert [each.title for each in found.alerts[:3]] == ["alert 4", "alert 3", "alert 1"]
    assert {each.acknowledged_by for each in found.alerts[3:]} == {"Ann", ""}
    assert (found.count, found.acknowledged, found.more) == (5, 2, 0)
    assert found.alerts[0].since == NOON - 60


def test_of_many_open_alerts_the_others_are_counted() -> None:
    found = open_alerts([an_alert(number, Severity.HIGH) for number in range(SHOWN + 3)], complete=False)

    assert (len(found.alerts), found.more, found.complete) == (SHOWN, 3, False)
    assert open_alerts([], complete=True) == OpenAlerts()


def test_silences_that_are_in_force_and_end_within_a_day_are_named_the_first_first() -> None:
    silences = [
        a_silence("late", NOON + DAY),
        a_silence("soon", NOON + 60),
        a_silence("next week", NOON + 7 * DAY),
        a_silence("over", NOON),
        a_silence("not yet", NOON + 120, starts_at=NOON + 60),
    ]
    found = ending_silences(silences, NOON)

    assert [(each.id, each.reason, each.ends_at) for each in found.silences] == [
        ("soon", "for soon", NOON + 60),
        ("late", "for late", NOON + DAY),
    ]
    assert found.more == 0


def test_of_many_silences_the_others_are_counted() -> None:
    found = ending_silences([a_silence(str(number), NOON + 60) for number in range(SHOWN + 2)], NOON)

    assert (len(found.silences), found.more) == (SHOWN, 2)
    assert ending_silences([], NOON) == EndingSilences()
