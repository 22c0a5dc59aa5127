"""A link does what it was made for, to the alert it was made for, in its time; and nothing else can be made of it."""

import string
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.domain.errors import Damaged, Expired
from chalicelib.domain.notifications import action_links
from chalicelib.domain.notifications.action_links import (
    ANY_EPISODE,
    HOUR,
    LIFETIME,
    Action,
    Claim,
    claims_of,
    read,
    sign,
)
from chalicelib.domain.notifications.notification import Notification, Outcome, Reason, notifications_of
from tests.domain.given import NOON, an_alert, an_event

KEY = b"k" * 64
ALPHABET = string.ascii_letters + string.digits + "-_"
NUMBERS = st.integers(0, 2**32 - 1)
CLAIMS = st.builds(
    Claim,
    action=st.sampled_from(Action),
    fingerprint=st.binary(min_size=16, max_size=16).map(bytes.hex),
    episode=NUMBERS,
    expires_at=NUMBERS,
    id=st.binary(min_size=8, max_size=8).map(bytes.hex),
    duration=st.integers(0, 2**16 - 1).map(lambda minutes: minutes * 60),
)
CLAIM = Claim(
    action=Action.ACKNOWLEDGE, fingerprint="0f" * 16, episode=2, expires_at=NOON + LIFETIME, id="0123456789abcdef"
)


def a_notification(reason: Reason, episode: int = 2) -> Notification:
    event = an_event()
    (pending,) = notifications_of(an_alert(event), event, Outcome.pending(reason, ("monitoring",), "monitoring"), NOON)
    return replace(pending, episode=episode)


@given(CLAIMS, st.binary(min_size=32, max_size=64))
def test_what_was_signed_is_read_back(claim: Claim, key: bytes) -> None:
    assert read(sign(claim, key), key, claim.expires_at - 1) == claim


@given(CLAIMS, st.integers(0, 79), st.sampled_from(ALPHABET))
def test_whatever_character_is_changed_the_token_is_refused(claim: Claim, place: int, character: str) -> None:
    token = sign(claim, KEY)
    changed = token[:place] + character + token[place + 1 :]
    if changed != token:
        with pytest.raises(Damaged):
            read(changed, KEY, NOON)


def test_every_bit_of_a_token_counts() -> None:
    token = sign(CLAIM, KEY)
    for place, right in enumerate(token):
        for character in set(ALPHABET) - {right}:
            with pytest.raises(Damaged):
                read(token[:place] + character + token[place + 1 :], KEY, NOON)


@given(st.text(max_size=100))
def test_what_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(Damaged):
        read(text, KEY, NOON)


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1], lambda t: t + "A", lambda t: t + "\n", lambda t: t + "=", str.upper]
)
def test_a_token_of_another_form_is_refused(change: Callable[[str], str]) -> None:
    with pytest.raises(Damaged):
        read(change(sign(CLAIM, KEY)), KEY, NOON)


def test_the_signature_of_one_alert_does_not_fit_another() -> None:
    ours, theirs = sign(CLAIM, KEY), sign(replace(CLAIM, fingerprint="f0" * 16), KEY)
    with pytest.raises(Damaged):
        read(theirs[:48] + ours[48:], KEY, NOON)


def test_a_token_made_with_another_key_is_refused() -> None:
    with pytest.raises(Damaged):
        read(sign(CLAIM, b"o" * 64), KEY, NOON)


def test_a_link_works_up_to_its_end_and_not_then() -> None:
    token = sign(CLAIM, KEY)
    assert read(token, KEY, CLAIM.expires_at - 1) == CLAIM
    with pytest.raises(Expired):
        read(token, KEY, CLAIM.expires_at)


def test_an_expired_link_that_was_changed_is_not_called_expired() -> None:
    with pytest.raises(Damaged):
        read(sign(CLAIM, b"o" * 64), KEY, CLAIM.expires_at)


@pytest.mark.parametrize(("place", "value"), [(0, 2), (1, 0), (1, 9)])
def test_a_token_of_another_version_of_the_hub_is_refused(
    monkeypatch: pytest.MonkeyPatch, place: int, value: int
) -> None:
    if place == 0:
        monkeypatch.setattr("chalicelib.domain.notifications.action_links.VERSION", value)
    else:
        monkeypatch.setitem(action_links.CODES, Action.ACKNOWLEDGE, value)
    token = sign(CLAIM, KEY)
    monkeypatch.undo()
    with pytest.raises(Damaged, match="another version"):
        read(token, KEY, NOON)


@pytest.mark.parametrize(
    "reason", [Reason.FIRST, Reason.REGRESSION, Reason.WORSENED, Reason.STEP, Reason.REMINDER, Reason.STABLE]
)
def test_what_fires_can_be_acknowledged_and_silenced_for_an_hour(reason: Reason) -> None:
    acknowledge, silence = claims_of(a_notification(reason), NOON)
    assert (acknowledge.action, acknowledge.duration) == (Action.ACKNOWLEDGE, 0)
    assert (silence.action, silence.duration) == (Action.SILENCE, HOUR)
    for claim in (acknowledge, silence):
        assert claim.fingerprint == an_event().fingerprint
        assert claim.episode == 2
        assert claim.issued_at == NOON
        assert claim.expires_at == NOON + LIFETIME


def test_what_is_flapping_can_be_silenced_whichever_episode_it_is_in() -> None:
    (silence,) = claims_of(a_notification(Reason.FLAPPING), NOON)
    assert (silence.action, silence.episode) == (Action.SILENCE, ANY_EPISODE)


@pytest.mark.parametrize("reason", [Reason.RESOLVED, Reason.EVERY_EVENT, Reason.SCHEDULED])
def test_what_is_over_or_no_alert_leaves_nothing_to_do(reason: Reason) -> None:
    assert claims_of(a_notification(reason), NOON) == ()


def test_a_notification_that_knows_no_episode_leaves_nothing_to_do() -> None:
    """Those that were owed before episodes were written down."""
    assert claims_of(a_notification(Reason.FIRST, episode=0), NOON) == ()


def test_a_message_composed_again_has_the_same_links_and_another_message_has_others() -> None:
    notification = a_notification(Reason.FIRST)
    first = {claim.id for claim in claims_of(notification, NOON)}
    assert first == {claim.id for claim in claims_of(notification, NOON + 60)}
    assert first.isdisjoint(claim.id for claim in claims_of(replace(notification, id="other"), NOON))
    assert len(first) == 2
