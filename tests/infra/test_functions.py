"""What app.py becomes in AWS."""

import pytest
from chalice.app import Chalice, Cron, Rate

from infra.functions import Trigger, functions_of


def scheduled(schedule: object) -> Chalice:
    app = Chalice(app_name="monitoring", configure_logs=False)
    app.schedule(schedule, name="tick")(lambda event: None)  # type: ignore[arg-type]  # Chalice says less than it takes
    return app


@pytest.mark.parametrize(
    ("schedule", "seconds"),
    [
        (Rate(1, unit=Rate.MINUTES), 60),
        ("rate(2 hours)", 7_200),
        ("rate(1 day)", 86_400),
        (Cron(30, 6, "*", "*", "?", "*"), 86_400),
    ],
)
def test_a_schedule_says_how_often_a_function_runs(schedule: object, seconds: int) -> None:
    (function,) = functions_of(scheduled(schedule))

    assert (function.trigger, function.interval) == (Trigger.SCHEDULE, seconds)


def test_a_schedule_that_nobody_can_watch_is_refused() -> None:
    with pytest.raises(ValueError, match="neither a rate nor a time of day"):
        functions_of(scheduled("cron(0 9 ? * MON-FRI *)"))


def test_a_trigger_that_no_template_knows_is_refused() -> None:
    app = Chalice(app_name="monitoring", configure_logs=False)
    app.on_sqs_message(queue="jobs", name="work")(lambda event: None)

    with pytest.raises(ValueError, match="work: no template knows"):
        functions_of(app)


def test_a_function_that_is_called_by_hand_has_no_rule() -> None:
    app = Chalice(app_name="monitoring", configure_logs=False)
    app.lambda_function(name="redrive")(lambda event, context: None)

    (function,) = functions_of(app)

    assert (function.trigger, function.is_asynchronous, function.interval) == (Trigger.CALL, False, 0)


def test_an_app_without_routes_has_no_function_for_an_api() -> None:
    assert functions_of(Chalice(app_name="monitoring", configure_logs=False)) == ()
