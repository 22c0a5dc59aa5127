"""Matchers choose events by what stands in their fields, by their accounts, and by the time."""

from typing import Any

import pytest

from chalicelib.domain.accounts import Account
from chalicelib.domain.events.event import Event, Severity
from chalicelib.domain.routing.matchers import LABELS, Field, MatchContext, Matcher, match_all
from tests.domain.given import NOON, an_event

PAYMENTS = Account("payments-prod", {"team": "payments", "stage": "prod"})


def seen(**changes: Any) -> MatchContext:
    """Return an event like any other, except for what is said, in the account payments-prod."""
    return MatchContext(an_event(**changes), NOON, {"111122223333": PAYMENTS}.__getitem__)


@pytest.mark.parametrize("pattern", ["checkout-5xx", "checkout-*", "*5xx", "checkout-?xx", "*", "checkout-[45]xx"])
def test_a_pattern_fits_the_whole_field(pattern: str) -> None:
    assert Matcher(Field.RESOURCE, (pattern,)).matches(seen())


@pytest.mark.parametrize("pattern", ["checkout", "Checkout-*", "5xx", ""])
def test_a_pattern_that_fits_a_part_or_another_case_does_not_fit(pattern: str) -> None:
    assert not Matcher(Field.RESOURCE, (pattern,)).matches(seen())


def test_one_fitting_pattern_is_enough() -> None:
    assert Matcher(Field.REGION, ("us-*", "eu-*")).matches(seen())


def test_no_pattern_fits_nothing() -> None:
    assert not Matcher(Field.REGION, ()).matches(seen())


def test_a_negated_matcher_fits_what_none_of_its_patterns_does() -> None:
    assert not Matcher(Field.REGION, ("us-*", "eu-*"), negated=True).matches(seen())
    assert Matcher(Field.REGION, ("us-*", "ap-*"), negated=True).matches(seen())


FIELDS = Event.__struct_fields__


@pytest.mark.parametrize("field", [each for each in Field if each in FIELDS and each not in {Field.SEVERITY, *LABELS}])
def test_a_field_is_text_of_an_event(field: Field) -> None:
    assert Matcher(field, (getattr(an_event(), field),)).matches(seen())


def test_every_other_field_has_a_meaning_of_its_own() -> None:
    assert {each for each in Field if each not in FIELDS} - LABELS == {Field.TAG, Field.HOURS}


def test_a_severity_goes_by_its_name() -> None:
    assert Matcher(Field.SEVERITY, ("HIGH", "CRITICAL")).matches(seen(severity=Severity.HIGH))
    assert not Matcher(Field.SEVERITY, ("HIGH", "CRITICAL")).matches(seen(severity=Severity.MEDIUM))


@pytest.mark.parametrize("pattern", ["111122223333", "1111*", "payments-prod", "*-prod"])
def test_an_account_goes_by_its_id_or_its_name(pattern: str) -> None:
    assert Matcher(Field.ACCOUNT, (pattern,)).matches(seen())


@pytest.mark.parametrize("pattern", ["444455556666", "payments", "*-dev"])
def test_an_account_of_another_id_and_name_does_not_fit(pattern: str) -> None:
    assert not Matcher(Field.ACCOUNT, (pattern,)).matches(seen())


def test_an_id_needs_no_query_for_the_name_of_the_account() -> None:
    known: dict[str, Account] = {}
    strangers = MatchContext(an_event(), NOON, known.__getitem__)
    assert Matcher(Field.ACCOUNT, ("111122223333",)).matches(strangers)
    assert not Matcher(Field.ACCOUNT, ("444455556666",)).matches(strangers)


def test_a_tag_of_the_account_fits_by_its_key_and_value() -> None:
    assert Matcher(Field.TAG, ("pay*",), "team").matches(seen())
    assert not Matcher(Field.TAG, ("shop",), "team").matches(seen())
    assert not Matcher(Field.TAG, ("*",), "owner").matches(seen())
    assert Matcher(Field.TAG, ("*",), "owner", negated=True).matches(seen())


def test_an_account_that_nobody_knows_has_neither_name_nor_tags() -> None:
    stranger = MatchContext(an_event())
    assert not Matcher(Field.ACCOUNT, ("payments-*",)).matches(stranger)
    assert not Matcher(Field.TAG, ("*",), "team").matches(stranger)


def test_hours_fit_by_the_time_of_now() -> None:
    noon = Matcher(Field.HOURS, ("Sat 00:00-24:00 UTC", "Mon 12:00-12:01 UTC"))
    assert noon.matches(MatchContext(an_event(), NOON))
    assert not noon.matches(MatchContext(an_event(), NOON + 60))


def test_there_is_no_matcher_for_hours_that_are_none() -> None:
    with pytest.raises(ValueError, match="invalid hours"):
        Matcher(Field.HOURS, ("at night",))


def test_all_matchers_must_fit() -> None:
    kind, region = Matcher(Field.KIND, ("alarm",)), Matcher(Field.REGION, ("us-*",))
    assert match_all((kind,), seen())
    assert not match_all((kind, region), seen())


def test_no_matchers_fit_every_event() -> None:
    assert match_all((), seen())
