"""Errors that begin shortly after a deploy name it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.alerts.suspect_deploy import SHORTLY, Deploy, began_at, deploy_before
from chalicelib.domain.events.event import Event
from chalicelib.domain.timestamps import DAY
from tests.domain.given import NOON, an_event


def a_stack(status: str = "UPDATE_COMPLETE", at: int = NOON - 240, name: str = "shop") -> Event:
    return an_event(at, id=f"{at:010d}-{name}-{status}", kind="stack", state=status, resource=name)


def named(*stacks: Event, resource: str = "") -> str:
    deploy = deploy_before(stacks, resource, NOON)
    return deploy.stack if deploy else ""


def test_the_deploy_says_what_was_done_where_and_how_long_before() -> None:
    assert deploy_before([a_stack()], "", NOON) == Deploy(
        stack="shop",
        operation="updated",
        account="111122223333",
        region="eu-west-1",
        at=NOON - 240,
        seconds_before=240,
        in_progress=False,
    )


def test_a_deploy_that_goes_on_is_announced_as_such() -> None:
    deploy = deploy_before([a_stack("UPDATE_IN_PROGRESS"), a_stack("UPDATE_COMPLETE", NOON + 60)], "", NOON)
    assert deploy
    assert (deploy.operation, deploy.in_progress) == ("updated", True)


def test_of_a_deploys_stages_the_last_before_the_errors_counts() -> None:
    stages = [a_stack("UPDATE_IN_PROGRESS", NOON - 300), a_stack("UPDATE_ROLLBACK_COMPLETE", NOON - 120)]
    deploy = deploy_before(reversed(stages), "", NOON)
    assert deploy
    assert (deploy.operation, deploy.seconds_before, deploy.in_progress) == ("rolled back", 120, False)


@pytest.mark.parametrize(("at", "found"), [(NOON - SHORTLY - 1, ""), (NOON - SHORTLY, "shop"), (NOON + 1, "")])
def test_what_was_deployed_long_before_or_afterwards_is_not_named(at: int, found: str) -> None:
    assert named(a_stack(at=at)) == found


@pytest.mark.parametrize("status", ["UPDATE_FAILED", "REVIEW_IN_PROGRESS", "ODD"])
def test_what_changed_nothing_is_not_named(status: str) -> None:
    assert named(a_stack(status)) == ""


def test_what_is_no_stack_is_not_named() -> None:
    assert named(an_event(NOON - 60)) == ""


def test_the_stack_that_the_resource_is_named_after_goes_before_the_last() -> None:
    stacks = a_stack(at=NOON - 600), a_stack(at=NOON - 60, name="network")
    assert named(*stacks) == "network"
    assert named(*stacks, resource="shop-Handler-aB3dE5fG7hI9") == "shop"
    assert named(*stacks, resource="shopping") == "network"


@pytest.mark.parametrize(
    ("detail", "expected"),
    [
        ({"first_at": NOON - 100}, NOON - 100),
        ({"first_at": NOON - DAY}, NOON - DAY),
        ({"first_at": NOON - DAY - 1}, NOON),
        ({"first_at": NOON + 1}, NOON),
        ({"first_at": 0}, NOON),
        ({"first_at": "soon"}, NOON),
        (None, NOON),
    ],
)
def test_errors_began_with_their_first_line(detail: object, expected: int) -> None:
    assert began_at(an_event(detail=detail)) == expected


@given(st.lists(st.builds(a_stack, st.sampled_from(["UPDATE_COMPLETE", "UPDATE_IN_PROGRESS", "DELETE_COMPLETE"]))))
def test_the_order_in_which_stacks_are_read_does_not_matter(stacks: list[Event]) -> None:
    assert deploy_before(stacks, "", NOON) == deploy_before(reversed(stacks), "", NOON)
