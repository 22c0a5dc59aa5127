"""A cold start: what holds from the app's import until its first job is done."""

import subprocess
import sys

import pytest

from chalicelib.gateways import aws_clients
from tests.app.world import ROOT

PREFLIGHT = {
    "requestContext": {"httpMethod": "OPTIONS", "resourcePath": "/events", "requestId": "one"},
    "headers": {},
    "multiValueQueryStringParameters": None,
    "pathParameters": {},
    "stageVariables": None,
    "body": None,
}


def run(script: str) -> list[str]:
    """Return what a fresh Python prints."""
    environment = {"TABLE_NAME": "monitoring-dev", "STAGE": "dev", "LOG_LEVEL": "ERROR"}
    command = [sys.executable, "-c", script]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    ).stdout.splitlines()


def test_no_garbage_is_searched_for_until_the_first_job_is_done() -> None:
    script = f"import app, gc; print(gc.isenabled()); app.app({PREFLIGHT!r}, None); print(gc.isenabled())"

    assert run(script) == ["False", "True"]


def test_a_session_knows_the_services_that_there_are_and_no_others() -> None:
    session = aws_clients.session()

    assert {"dynamodb", "ssm", "events"} <= set(session.get_available_services())
    with pytest.raises(Exception, match="no-such-service"):
        session.create_client("no-such-service", region_name="eu-central-1")


@pytest.mark.parametrize(
    ("handler", "is_imported"), [("app.app", True), ("app.authorize", False), ("app.daily_report", False), ("", False)]
)
def test_the_models_are_read_before_the_first_request_by_the_api_alone(handler: str, is_imported: bool) -> None:
    script = f"import os; os.environ['_HANDLER'] = {handler!r}; import app, sys; print('pydantic' in sys.modules)"

    assert run(script) == [str(is_imported)]
