"""The rates of Slack's methods: one budget for each method of a token, whoever calls, and the worst problem first."""

from http import HTTPStatus

import pytest

from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.notification import Reason
from chalicelib.gateways.slack_app.rates import CALLS_A_MINUTE, MethodRates
from chalicelib.services.notifying.ports import Delivered, Retry
from local.slack.conversations import failing
from tests.domain.given import NOON
from tests.fakes import FakeCallBudgets, FakeClock
from tests.gateways.slack_app.workspace import Hub, about, an_alert


def test_updates_beyond_the_budget_wait_and_what_is_grave_does_not() -> None:
    hub = Hub()
    mild, grave = an_alert(1, Severity.MEDIUM), an_alert(2, Severity.CRITICAL)
    hub.alerts |= {each.fingerprint: each for each in (mild, grave)}
    for each in (mild, grave):
        hub.deliver(about(each, Reason.FIRST, 1))
    for _ in range(CALLS_A_MINUTE["chat.update"] - 10):
        assert hub.rates.take("chat.update", is_grave=True) is None

    assert isinstance(hub.notify(about(mild, Reason.REMINDER, 2)), Retry)
    assert isinstance(hub.notify(about(grave, Reason.REMINDER, 2)), Delivered)


@pytest.mark.parametrize("method", sorted(CALLS_A_MINUTE))
def test_every_method_has_a_budget_for_all_receivers_of_a_token(method: str) -> None:
    clock, budgets = FakeClock(NOON + 20), FakeCallBudgets()
    functions = [MethodRates(budgets, clock, "xoxb-1"), MethodRates(budgets, clock, "xoxb-1")]
    for number in range(CALLS_A_MINUTE[method]):
        assert functions[number % 2].take(method, is_grave=True) is None

    assert functions[0].take(method, is_grave=True) == Retry(40, f"rate limited: {method}")
    assert MethodRates(budgets, clock, "xoxb-2").take(method, is_grave=True) is None
    clock.sleep(40)
    assert functions[0].take(method, is_grave=True) is None
    assert not any("xoxb" in name for name, _ in budgets.taken)


def test_after_429_nobody_updates_for_as_long_as_slack_says() -> None:
    hub = Hub()
    alerts = [an_alert(number) for number in (1, 2)]
    hub.alerts |= {each.fingerprint: each for each in alerts}
    for each in alerts:
        hub.deliver(about(each, Reason.FIRST, 1))
    hub.slack.failures.append(failing(HTTPStatus.TOO_MANY_REQUESTS, 7))
    assert hub.notify(about(alerts[0], Reason.STEP, 2)) == Retry(7, "rate limited: chat.update")
    calls = len(hub.wire.calls)
    assert isinstance(hub.notify(about(alerts[1], Reason.STEP, 2)), Retry)
    assert len(hub.wire.calls) == calls
    hub.clock.sleep(7)

    assert isinstance(hub.notify(about(alerts[1], Reason.STEP, 2)), Delivered)


def test_a_post_that_comes_too_soon_keeps_its_channel_waiting_alone() -> None:
    hub, alert = Hub(), an_alert()
    hub.alerts[alert.fingerprint] = alert
    hub.slack.failures.append(failing(HTTPStatus.TOO_MANY_REQUESTS, 7))

    assert hub.notify(about(alert, Reason.FIRST, 1)) == Retry(7, "rate limited: chat.postMessage")
    hub.deliver(about(alert, Reason.FIRST, 1))
    assert "conversations.history" not in hub.wire.calls


def test_a_search_is_counted_and_waits_when_there_were_too_many() -> None:
    hub, alert = Hub(), an_alert()
    hub.alerts[alert.fingerprint] = alert
    hub.wire.lost = 1
    hub.notify(about(alert, Reason.FIRST, 1))
    hub.clock.sleep(60)
    for _ in range(CALLS_A_MINUTE["conversations.history"]):
        hub.rates.take("conversations.history", is_grave=True)

    assert hub.notify(about(alert, Reason.FIRST, 1)) == Retry(60, "rate limited: conversations.history")
    hub.deliver(about(alert, Reason.FIRST, 1))
    assert len(hub.slack.roots()) == 1
