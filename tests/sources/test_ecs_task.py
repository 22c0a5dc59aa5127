"""ECS tasks: what failed is told from what was stopped on purpose."""

import pytest

from chalicelib.domain.events.event import Severity, Signal
from tests.sources.samples import altered, load, read, without

EXITED = "ecs_task-exit-code"


@pytest.mark.parametrize(
    ("name", "title"),
    [
        (EXITED, "ECS cart: task failed, web: exit code 1"),
        (
            "ecs_task-out-of-memory",
            "ECS cart: task failed, web: OutOfMemoryError: Container killed due to memory usage",
        ),
        (
            "ecs_task-failed-to-start",
            "ECS cart: task failed to start: CannotPullContainerError: pull image manifest has been retried 5 time(s)",
        ),
    ],
)
def test_a_task_that_failed_is_a_problem_of_its_service(name: str, title: str) -> None:
    event = read(name)

    assert (event.signal, event.severity, event.title) == (Signal.FIRING, Severity.HIGH, title)
    assert event.resource == "cart"
    assert event.fingerprint == read(EXITED).fingerprint
    assert event.link.endswith("/ecs/v2/clusters/shop/tasks/c7d8e9f0a1b24c3d8e5f60718293a4b5")


@pytest.mark.parametrize("name", ["ecs_task-quiet-scaling", "ecs_task-quiet-spot", "ecs_task-quiet-job-done"])
def test_what_was_stopped_on_purpose_or_is_done_is_a_notice(name: str) -> None:
    assert read(name).signal is Signal.NOTICE


def test_a_task_that_runs_is_a_notice() -> None:
    event = read(altered(EXITED, "lastStatus", to="RUNNING"))

    assert (event.signal, event.title) == (Signal.NOTICE, "ECS cart: running")


def test_a_task_of_its_own_is_known_by_its_family() -> None:
    alone = read(altered(EXITED, "group", to="family:report"))
    nameless = read(without(EXITED, "group"))

    assert (alone.resource, nameless.resource) == ("report", "cart")
    assert alone.fingerprint != read(EXITED).fingerprint


def test_an_event_of_a_state_is_known_by_its_version() -> None:
    assert read(altered(EXITED, "version", to=6)).id != read(EXITED).id
    assert read(load(EXITED) | {"time": "2026-03-02T10:20:00Z"}).id == read(EXITED).id


def test_an_arn_of_the_old_form_has_no_link() -> None:
    assert read(altered(EXITED, "taskArn", to="arn:aws:ecs:eu-west-1:111122223333:task/c7d8")).link == ""
