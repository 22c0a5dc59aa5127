"""The command that counts again how often busy alerts fired."""

import time

import boto3
import pytest
from moto import mock_aws
from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.hourly_counts import hours_until
from chalicelib.domain.alerts.timeline import REMEMBERED
from chalicelib.gateways import dynamodb
from chalicelib.gateways.dynamodb.hourly_counts import DynamoHourlyCounts
from infra import recount
from local.table import create_table
from tests.domain.given import an_event
from tests.gateways.dynamodb.stores import KEPT, a_record


def test_busy_alerts_are_counted_again(capsys: pytest.CaptureFixture[str]) -> None:
    now = int(time.time())
    with mock_aws():
        client = boto3.client("dynamodb")
        create_table(client, "monitoring-prod")
        table = dynamodb.DynamoTable(client, "monitoring-prod")
        ledger = dynamodb.DynamoLedger(table, KEPT)
        for ago in range(REMEMBERED + 3, 0, -1):
            event = an_event(now - ago)
            known = ledger.alert(event.fingerprint) or Alert.about(event)
            ledger.record(replace(a_record(event), expired_at=now + KEPT), known.observe(event)[0], ())
        calm = an_event(now, fingerprint="1" * 32)
        ledger.record(a_record(calm), Alert.about(calm).observe(calm)[0], ())

        assert recount.main(["--stage", "prod"]) == 0

        found = DynamoHourlyCounts(table).find_all([event.fingerprint, calm.fingerprint], hours_until(now))

    assert capsys.readouterr().out == "Counted again: 1 busy alerts\n"
    assert {each: sum(counts.values()) for each, counts in found.items()} == {event.fingerprint: 3}
