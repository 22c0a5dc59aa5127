"""The contract of delivery: what every type of receiver does with what comes back, and with a crash at every call."""

import logging
from collections.abc import Iterator

import pytest

from chalicelib.gateways.notifiers import DRY
from chalicelib.gateways.notifiers import TYPES as SHIPPED
from chalicelib.services.notifying.ports import Delivered, Message, Rejected, Retry
from tests.domain.given import an_event
from tests.fakes import Crash, Died
from tests.gateways.http_server import SECRET, running
from tests.gateways.receiver_types import RECEIVER, TYPES, Stand
from tests.gateways.slack.messages import an_announcement


@pytest.fixture(params=TYPES)
def stand(request: pytest.FixtureRequest) -> Iterator[Stand]:
    """Return a receiver of each type."""
    with running() as server:
        yield Stand(request.param, server)


def one() -> Message:
    """Return a message about one alert that has just begun to fire."""
    notification, record = an_announcement(an_event(), receiver=RECEIVER)
    return Message(RECEIVER, [notification], record)


def notify(stand: Stand) -> Delivered | Retry | Rejected:
    """Send the message."""
    return stand.notifiers().notify(one())


def test_every_type_that_ships_keeps_the_contract() -> None:
    assert {name.partition(" ")[0] for name in TYPES} == SHIPPED.keys() - {DRY}


def test_what_a_receiver_takes_is_delivered(stand: Stand) -> None:
    assert isinstance(notify(stand), Delivered)
    assert stand.server.received


def test_what_a_receiver_cannot_read_is_rejected_and_the_receiver_stays(stand: Stand) -> None:
    stand.refuse(400, "invalid")
    result = notify(stand)

    assert isinstance(result, Rejected)
    assert not result.receiver_gone


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_receiver_that_is_gone_takes_nothing_more(stand: Stand, status: int) -> None:
    stand.refuse(status, "gone")
    result = notify(stand)

    assert isinstance(result, Rejected)
    assert result.receiver_gone


@pytest.mark.parametrize(("retry_after", "seconds"), [("7", 7), ("", 30), ("soon", 30), ("99999999", 3_600), ("0", 1)])
def test_a_rate_limit_is_kept_for_as_long_as_it_says(stand: Stand, retry_after: str, seconds: int) -> None:
    stand.refuse(429, "{}")
    stand.server.headers = {"Retry-After": retry_after}
    result = notify(stand)

    assert isinstance(result, Retry)
    assert result.after == seconds


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_receiver_that_is_broken_is_tried_again(stand: Stand, status: int) -> None:
    stand.refuse(status, "<html>")

    assert isinstance(notify(stand), Retry)


def test_a_receiver_that_does_not_answer_is_tried_again(stand: Stand) -> None:
    stand.server.silent = True

    assert isinstance(notify(stand), Retry)


@pytest.mark.parametrize("status", [301, 307, 308])
def test_no_redirect_is_followed_or_taken_for_a_delivery(stand: Stand, status: int) -> None:
    stand.refuse(status, "")
    stand.server.headers = {"Location": f"http://127.0.0.1:{stand.server.port}/elsewhere"}

    assert isinstance(notify(stand), Retry)
    assert "/elsewhere" not in {each.path for each in stand.server.received}


@pytest.mark.parametrize("status", [400, 404, 429, 500, 0])
def test_no_secret_stands_in_a_result_or_in_the_log(
    stand: Stand, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    stand.refuse(status or 200, SECRET)
    stand.server.silent = not status
    result = notify(stand)

    for part in SECRET.split("/"):
        assert part not in repr(result)
        assert part not in caplog.text


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_crash_at_any_call_loses_nothing(stand: Stand, *, after: bool) -> None:
    counting = Crash()
    stand.notifiers(counting).notify(one())
    assert counting.calls

    for at in range(1, len(counting.calls) + 1):
        stand.server.received.clear()
        stand.references.kept.clear()
        with pytest.raises(Died):
            stand.notifiers(Crash(at, after=after)).notify(one())
        stand.clock.sleep(60)

        assert isinstance(notify(stand), Delivered)
        assert 1 <= len(stand.server.received) <= 2 * len(counting.calls)
