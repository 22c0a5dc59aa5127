"""What was deployed shortly before a problem is named with it, newest first."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.alerts.suspect_deploy import SHORTLY, Deploy, DeployWords, began_at, deploys_before
from chalicelib.domain.events.event import Event
from chalicelib.domain.timestamps import DAY
from tests.domain.given import NOON, an_event

WORDS = {
    "stack": DeployWords("stack", {"UPDATED": "updated", "ROLLED_BACK": "rolled back"}, {"UPDATING": "updated"}),
    "pipeline": DeployWords("pipeline", {"SUCCEEDED": "run"}, {"STARTED": "run"}),
}


def a_stack(status: str = "UPDATED", at: int = NOON - 240, name: str = "shop", kind: str = "stack") -> Event:
    return an_event(at, id=f"{at:010d}-{kind}-{name}-{status}", kind=kind, state=status, resource=name, link="any")


def before(*events: Event) -> tuple[Deploy, ...]:
    return deploys_before(events, NOON, WORDS)


def names(deploys: Iterable[Deploy]) -> list[str]:
    return [each.name for each in deploys]


def test_a_deploy_says_what_was_done_where_and_how_long_before() -> None:
    stack = a_stack()
    assert before(stack) == (
        Deploy(
            what="stack",
            name="shop",
            operation="updated",
            account="111122223333",
            region="eu-west-1",
            at=NOON - 240,
            seconds_before=240,
            in_progress=False,
            link="any",
            event_id=stack.id,
        ),
    )


def test_a_deploy_that_goes_on_is_reported_as_such() -> None:
    (deploy,) = before(a_stack("UPDATING"), a_stack("UPDATED", NOON + 60))
    assert (deploy.operation, deploy.in_progress) == ("updated", True)


def test_of_a_deploys_stages_the_last_before_the_problem_counts() -> None:
    (deploy,) = before(a_stack("ROLLED_BACK", NOON - 120), a_stack("UPDATING", NOON - 300))
    assert (deploy.operation, deploy.seconds_before, deploy.in_progress) == ("rolled back", 120, False)


@pytest.mark.parametrize("at", [NOON - SHORTLY - 1, NOON + 1])
def test_what_was_deployed_long_before_or_afterwards_is_not_named(at: int) -> None:
    assert before(a_stack(at=at)) == ()
    assert names(before(a_stack(at=NOON - SHORTLY), a_stack(at=NOON, name="now"))) == ["now", "shop"]


@pytest.mark.parametrize("status", ["FAILED", "ODD", ""])
def test_what_changed_nothing_is_not_named(status: str) -> None:
    assert before(a_stack(status)) == ()


def test_what_is_no_deployment_is_not_named() -> None:
    assert before(an_event(NOON - 60, state="UPDATED")) == ()


def test_deployments_of_every_kind_are_named_the_newest_first() -> None:
    events = (
        a_stack(at=NOON - 600),
        a_stack("SUCCEEDED", NOON - 30, "release", "pipeline"),
        a_stack(at=NOON - 60, name="b"),
    )
    assert names(before(*events)) == ["release", "b", "shop"]


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


@given(st.lists(st.builds(a_stack, st.sampled_from(["UPDATED", "UPDATING", "ODD"]), st.integers(NOON - 60, NOON + 60))))
def test_the_order_in_which_events_are_read_does_not_matter(events: list[Event]) -> None:
    assert before(*events) == before(*events[::-1])
