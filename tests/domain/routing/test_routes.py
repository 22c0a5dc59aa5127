"""Routes lead events to receivers."""

import pytest

from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.notification import Reason
from chalicelib.domain.routing.routes import HOUR, MatchedRoutes, Route
from tests.domain.given import an_alert, an_event


@pytest.mark.parametrize("severity", [Severity.HIGH, Severity.CRITICAL])
def test_a_route_hears_what_is_at_least_its_minimum(severity: Severity) -> None:
    assert Route(name="pager", receivers=("pager",), minimum=Severity.HIGH).accepts(severity)


@pytest.mark.parametrize("severity", [Severity.LOW, Severity.MEDIUM])
def test_a_route_does_not_hear_what_is_known_to_be_milder(severity: Severity) -> None:
    assert not Route(name="pager", receivers=("pager",), minimum=Severity.HIGH).accepts(severity)


@pytest.mark.parametrize("minimum", Severity)
def test_every_route_hears_what_nobody_could_determine_the_severity_of(minimum: Severity) -> None:
    assert Route(name="pager", receivers=("pager",), minimum=minimum).accepts(Severity.UNKNOWN)


TEAM = Route(name="team", receivers=("team", "archive"), repeat_interval=HOUR, group_by=("account", "kind"))
ARCHIVE = Route(name="archive", receivers=("archive",), every_event=True)
PAGER = Route(name="pager", receivers=("pager", "team"), minimum=Severity.CRITICAL)
MATCHED = MatchedRoutes((TEAM, ARCHIVE, PAGER))


def test_matched_routes_lead_to_each_receiver_of_its_routes_once() -> None:
    assert (MATCHED.names, MATCHED.receivers) == ("team, archive, pager", ("team", "archive", "pager"))


def test_a_way_brings_to_mind_as_often_as_any_of_its_routes() -> None:
    assert MATCHED.repeat_interval == HOUR


def test_matched_routes_part_into_those_of_alerts_and_those_of_each_event() -> None:
    assert MATCHED.split() == (MatchedRoutes((TEAM, PAGER)), MatchedRoutes((ARCHIVE,)))


def test_only_routes_that_accept_a_severity_are_left_for_it() -> None:
    assert MATCHED.of_alerts().accepting(Severity.HIGH) == MatchedRoutes((TEAM,))


def test_alerts_of_one_account_and_kind_are_one_group_of_a_route_that_groups_by_them() -> None:
    here, there = an_alert(an_event()), an_alert(an_event(account="444455556666"))
    assert TEAM.group(here) == TEAM.group(an_alert(an_event(title="another", region="us-east-1")))
    assert TEAM.group(here) != TEAM.group(there)
    assert PAGER.group(here) == ""


def test_a_receiver_has_the_group_of_the_first_route_that_leads_there() -> None:
    alert = an_alert(an_event())
    outcome = MATCHED.grouped(MATCHED.notify(Reason.FIRST), alert)
    assert outcome.groups == {"team": TEAM.group(alert), "archive": TEAM.group(alert)}
