"""The check of files with one's own events, and which bus they are put on."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from local import cli
from local.aws import DATA, PAYMENTS, WEB
from local.errors import LocalError
from local.send import OwnEvent, Sender, address_of, line_of, read_events, why_nowhere
from local.state import State

EVENT: dict[str, Any] = {"source": "custom.billing", "detail-type": "Run failed", "detail": {"run": 42}}


def file_with(content: Any, folder: Path) -> Path:
    path = folder / "event.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def complaint_about(content: Any, folder: Path) -> str:
    with pytest.raises(LocalError) as caught:
        read_events(file_with(content, folder))
    said = str(caught.value)
    assert "\n" not in said
    return said.replace(str(folder / "event.json"), "FILE")


def own(**fields: Any) -> OwnEvent:
    return OwnEvent.model_validate(EVENT | fields)


def test_a_file_holds_one_event(tmp_path: Path) -> None:
    (event,) = read_events(file_with(EVENT, tmp_path))
    assert (event.source, event.detail_type, event.detail) == ("custom.billing", "Run failed", {"run": 42})


def test_a_file_holds_a_list_of_events(tmp_path: Path) -> None:
    assert len(read_events(file_with([EVENT, EVENT], tmp_path))) == 2


def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(EVENT)))
    assert len(read_events(Path("-"))) == 1


def test_every_sample_of_the_tests_is_an_event_that_can_be_sent() -> None:
    samples = sorted((Path(__file__).parent.parent / "samples").glob("*.json"))
    assert samples
    for sample in samples:
        (event,) = read_events(sample)
        assert address_of(event).account.id == (event.account or PAYMENTS.id)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("[1,", "FILE is not JSON: Expecting value"),
        ("[" * 100_000, "FILE cannot be read: it is nested too deep."),
        ([], "FILE holds an empty list. An event needs"),
        (3, "FILE holds 3, which is no object. An event needs"),
        ([EVENT, "x"], 'FILE, event 2 holds "x", which is no object.'),
        ({}, "FILE: `source` is missing; `detail-type` is missing; `detail` is missing. An event needs `source`,"),
        (EVENT | {"detal": 1}, "FILE: `detal` is unknown. An event needs"),
        (EVENT | {"detail": "text"}, "FILE: `detail` should be a valid dictionary."),
        (EVENT | {"source": ""}, "FILE: `source` String should have at least 1 character."),
        (EVENT | {"time": "noon"}, "FILE: `time` should be a valid datetime"),
        (EVENT | {"resources": [1]}, "FILE: `resources.0` should be a valid string."),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_wrong_with_a_file_is_one_line(content: Any, complaint: str, tmp_path: Path) -> None:
    assert complaint_about(content, tmp_path).startswith(complaint)


def test_a_complaint_says_what_is_needed_and_what_is_allowed(tmp_path: Path) -> None:
    assert complaint_about({}, tmp_path).endswith(
        "An event needs `source`, `detail-type`, `detail`; it may have `account`, `region`, `time`, `resources`, `id`,"
        " `version`."
    )


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match=r"none.json cannot be read: No such file or directory\.$"):
        read_events(tmp_path / "none.json")


def test_a_file_that_is_no_text_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "event.json"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(LocalError, match="is not JSON"):
        read_events(path)


def test_an_event_is_put_on_its_own_accounts_bus() -> None:
    address = address_of(own(account=DATA.id, region="us-west-2"))
    assert (address.account, address.region, address.remark) == (DATA, "us-west-2", "")


def test_an_event_without_an_account_is_put_on_the_first_ones_bus() -> None:
    assert address_of(own()).account == PAYMENTS


def test_who_sends_can_choose_the_account() -> None:
    assert address_of(own(account=DATA.id), "web-staging").account == WEB


def test_an_event_from_a_region_without_a_bus_is_put_at_home_with_a_remark() -> None:
    address = address_of(own(region="ap-south-1"))
    assert address.region == PAYMENTS.homes[0]
    assert "there is no bus in ap-south-1 here" in address.remark


def test_a_time_without_an_offset_is_utc() -> None:
    assert own(time="2026-01-31T10:00:00").at == own(time="2026-01-31T11:00:00+01:00").at == 1_769_853_600


def test_what_became_of_an_event_is_one_line() -> None:
    event = {
        "id": "1795000000-ab",
        "account": WEB.id,
        "severity": "HIGH",
        "title": "too slow",
        "outcome": {"status": "delivered", "reason": "first"},
    }
    assert line_of(event) == "delivered: first  1795000000-ab  web-staging  HIGH  too slow"


def test_why_an_event_goes_nowhere_is_its_filter_or_that_nobody_knows_it() -> None:
    event = own(source="aws.codebuild")
    assert why_nowhere(event, "unknown").startswith("No rule of the hub takes 'aws.codebuild' with the detail type")
    assert "by a filter, which leaves this one out (docs/forwarding.md)" in why_nowhere(event, "build")


def test_an_event_that_nobody_takes_holds_up_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def send(_: Sender, event: OwnEvent, wanted: str) -> str:
        if event.source == "aws.nobody":
            sys.stderr.write("a line of the hub's log")
            raise LocalError("It went nowhere.")
        return f"delivered: {event.source}{wanted}"

    monkeypatch.setattr(cli, "_enter", lambda _: State(api="", slack="", aws="", token="", table=""))
    monkeypatch.setattr(Sender, "send", send)
    events = file_with([EVENT | {"source": "aws.nobody"}, EVENT], tmp_path)

    assert cli.main(["--state", str(tmp_path / "local.json"), "send", str(events)]) == 1
    assert capsys.readouterr() == ("delivered: custom.billing\n", "It went nowhere.\n")
