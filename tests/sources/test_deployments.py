"""Deployments by CodePipeline, CodeDeploy and ECS, and updates of Lambda functions: notices, problems, ends."""

from typing import Any

import pytest

from chalicelib.domain.alerts.suspect_deploy import DeployWords, deploys_before
from chalicelib.domain.events.event import Severity, Signal
from chalicelib.domain.events.lifecycle import Lifecycle
from chalicelib.sources import codedeploy, codepipeline, ecs_deployment, index, lambda_update
from tests.sources.samples import altered, load, read

BEGAN, OVER, FAILED = (
    (Severity.LOW, Signal.NOTICE),
    (Severity.LOW, Signal.RESOLVED),
    (Severity.HIGH, Signal.FIRING),
)
STORIES = [
    ("codepipeline-started", "codepipeline-succeeded", "codepipeline-failed"),
    ("codedeploy-start", "codedeploy-success", "codedeploy-failure"),
    ("ecs_deployment-in-progress", "ecs_deployment-completed", "ecs_deployment-failed"),
]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story[0].partition("-")[0])
def test_a_deployment_that_fails_is_a_problem_which_the_next_that_succeeds_ends(story: tuple[str, str, str]) -> None:
    events = [read(name) for name in story]
    assert [(each.severity, each.signal) for each in events] == [BEGAN, OVER, FAILED]
    assert len({each.fingerprint for each in events}) == 1
    assert len({each.id for each in events}) == len(events)
    assert {each.lifecycle for each in events} == {Lifecycle.POINT}


@pytest.mark.parametrize(
    ("name", "title", "link"),
    [
        ("codepipeline-failed", "Pipeline shop-release: failed", "codesuite/codepipeline/pipelines/shop-release/view?"),
        ("codedeploy-failure", "CodeDeploy shop/shop-blue: deployment failed", "codedeploy/deployments/d-A1B2C3D4E?"),
        (
            "ecs_deployment-failed",
            "ECS service web/shop: deployment failed",
            "/ecs/v2/clusters/web/services/shop/deployments?region=eu-west-1",
        ),
        ("lambda_update-code", "Function shop-checkout: updated", "#/functions/shop-checkout"),
    ],
)
def test_a_deployment_is_called_by_what_is_deployed_and_leads_there(name: str, title: str, link: str) -> None:
    event = read(name)
    assert event.title == title
    assert link in event.link
    assert event.link.startswith("https://eu-west-1.console.aws.amazon.com/")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("codepipeline-succeeded", "pipeline shop-release run False"),
        ("codepipeline-started", "pipeline shop-release run True"),
        ("codedeploy-success", "deployment group shop/shop-blue deployed False"),
        ("codedeploy-start", "deployment group shop/shop-blue deployed True"),
        ("codedeploy-failure", "deployment group shop/shop-blue deployed in part False"),
        ("ecs_deployment-completed", "ECS service web/shop deployed False"),
        ("ecs_deployment-in-progress", "ECS service web/shop deployed True"),
        ("lambda_update-code", "function shop-checkout updated False"),
        ("stack-update-complete", "stack checkout-api updated False"),
    ],
)
def test_a_deployment_is_named_before_a_problem(name: str, said: str) -> None:
    words = {kind: DeployWords(*each) for kind, each in index.DEPLOYS.items()}
    event = read(name)
    (deploy,) = deploys_before([event], event.published_at + 60, words)
    assert f"{deploy.what} {deploy.name} {deploy.operation} {deploy.in_progress}" == said
    assert deploy.link == event.link


@pytest.mark.parametrize("name", ["lambda_update-refused", "codepipeline-failed"])
def test_what_changed_nothing_is_no_deployment(name: str) -> None:
    words = {kind: DeployWords(*each) for kind, each in index.DEPLOYS.items()}
    event = read(name)
    assert deploys_before([event], event.published_at, words) == ()


@pytest.mark.parametrize(
    ("name", "key", "states"),
    [
        ("codepipeline-failed", "state", codepipeline.STATES),
        ("codedeploy-failure", "state", codedeploy.STATES),
        ("ecs_deployment-failed", "eventName", ecs_deployment.STATES),
    ],
)
def test_a_state_decides_severity_and_signal(name: str, key: str, states: Any) -> None:
    seen = {state: read(altered(name, key, to=state)) for state in states}
    assert {state: (event.severity, event.signal) for state, event in seen.items()} == states
    unlisted = read(altered(name, key, to="UNHEARD_OF"))
    assert (unlisted.severity, unlisted.signal) == (Severity.UNKNOWN, Signal.FIRING)


def test_a_group_that_is_called_like_its_application_is_named_once() -> None:
    assert read(altered("codedeploy-success", "deploymentGroup", to="shop")).resource == "shop"
    assert read(altered("codedeploy-success", "deploymentId", to="")).link == ""


def test_a_service_without_an_arn_is_known_by_its_deployment() -> None:
    event = read(load("ecs_deployment-failed") | {"resources": []})
    assert (event.resource, event.link != "") == ("ecs-svc/4711", True)
    old = read(load("ecs_deployment-failed") | {"resources": ["arn:aws:ecs:eu-west-1:111122223333:service/shop"]})
    assert (old.resource, old.link) == ("shop", "")


@pytest.mark.parametrize(
    ("function", "name"),
    [
        ("shop", "shop"),
        ("shop:live", "shop"),
        ("111122223333:shop", "shop"),
        ("111122223333:function:shop", "shop"),
        ("arn:aws:lambda:eu-west-1:111122223333:function:shop:7", "shop"),
        ("", ""),
    ],
)
def test_a_function_is_known_by_its_name_however_it_was_called(function: str, name: str) -> None:
    event = read(altered("lambda_update-code", "requestParameters", "functionName", to=function))
    assert (event.resource, event.signal) == (name, Signal.NOTICE)


def test_a_call_that_was_refused_or_is_not_known_says_so() -> None:
    refused = read("lambda_update-refused")
    assert refused.title.endswith("UpdateFunctionConfiguration20150331v2 was refused (ResourceConflictException)")
    assert refused.state == ""
    other = read(altered("lambda_update-code", "eventName", to="DeleteFunction20150331"))
    assert (other.title, other.state) == ("Function shop-checkout: DeleteFunction20150331", "")
    assert set(lambda_update.OPERATIONS) == {
        "UpdateFunctionCode",
        "UpdateFunctionConfiguration",
        "PublishVersion",
        "UpdateAlias",
    }
