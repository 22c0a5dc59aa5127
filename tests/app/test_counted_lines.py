"""What the reconciliation counts in logs: each function that writes such a line has its filter in the hub's stack."""

import logging
from collections import Counter

import pytest

from chalicelib import logging_config
from chalicelib.gateways import aws_clients
from chalicelib.services.ingestion.ingest import HANDLED_LINE, STORED_LINE
from tests.app.aws import ENVIRONMENT, WAYS, playing
from tests.infra.templates import resources


def counted(function: str) -> set[str]:
    """Return the lines of a function that the hub's stack counts."""
    group = f"{function.title().replace('_', '')}Logs"
    filters = [each["Properties"] for each in resources("hub.yaml", "AWS::Logs::MetricFilter").values()]
    patterns = [each["FilterPattern"] for each in filters if each["LogGroupName"]["Ref"] == group]
    return {line for line in (HANDLED_LINE, STORED_LINE) for pattern in patterns if f'"{line}"' in pattern}


@pytest.mark.parametrize("function", sorted(WAYS.keys() - {"api_handler", "authorize"}))
def test_a_line_that_is_counted_has_a_filter_wherever_it_is_written(
    function: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name, value in (ENVIRONMENT | {"AWS_LAMBDA_FUNCTION_NAME": f"monitoring-dev-{function}"}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(logging_config, "configure", lambda _: None)
    caplog.set_level(logging.INFO, "chalicelib")
    with playing(monkeypatch):
        session = aws_clients.session()
        monkeypatch.setattr(aws_clients, "session", lambda: session)
        WAYS[function]()
    written = Counter(each.getMessage() for each in caplog.records)

    stores = function not in {"query_error_logs", "backfill_error_logs", "deliver_notifications"}
    assert (written[STORED_LINE] > 0) is stores
    assert (STORED_LINE in counted(function)) is stores
    is_woken_by_events = function in {"handle_monitoring_events", "update_deployment"}
    assert (HANDLED_LINE in counted(function)) is is_woken_by_events
    assert not is_woken_by_events or written[HANDLED_LINE]
