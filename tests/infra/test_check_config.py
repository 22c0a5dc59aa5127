"""make check-config: what is wrong is told by the line, what is right in a few, and of an event why it goes where."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from chalicelib import container
from chalicelib.domain.notifications.notification import REPORT
from infra import check_config, deploy, package
from infra.check_config import ANY_STAGE, WRONG
from infra.deploy import Order
from infra.errors import DeployError
from infra.event_files import WrongError
from infra.receiver_secrets import parameter
from tests.sources.samples import NAMES, SAMPLES

ROOT = Path(__file__).parent.parent.parent
EXAMPLE = ROOT / "docs" / "routes.example.toml"
LEAST = '[default]\nreceivers = "monitoring"\n'
# A Sunday morning, in the window of the example's backup.
SUNDAY = "2026-03-08T03:00:00+01:00"


class Terminal:
    """Runs the command, and reads what it says."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def run(self, *arguments: object) -> tuple[int, list[str], list[str]]:
        """Return the exit code and the lines of both streams."""
        code = check_config.main([str(each) for each in arguments])
        said = self._capsys.readouterr()
        return code, said.out.splitlines(), said.err.splitlines()

    def announced(self, *arguments: object) -> str:
        """Return what it says where nothing is wrong."""
        code, lines, errors = self.run(*arguments)
        assert (code, errors) == (0, [])
        return "\n".join(lines)

    def blamed(self, *arguments: object) -> list[str]:
        """Return what it says where something is wrong."""
        code, lines, errors = self.run(*arguments)
        assert (code, lines) == (WRONG, [])
        return errors


@pytest.fixture(autouse=True)
def _without_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")


@pytest.fixture
def terminal(capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(capsys)


def test_the_files_that_are_deployed_are_right(terminal: Terminal) -> None:
    lines = terminal.announced().splitlines()
    assert lines[:2] == ["scan.toml: OK", "routes.toml: OK"]


def test_each_mistake_is_a_line_with_its_place(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "routes.toml"
    path.write_text(LEAST + "minimum = 'high'\n[[route]]\nname = 'One'\nreceivers = 'a'\n")
    assert [line.split(": ")[0] for line in terminal.blamed(path)] == ["routes.toml:3", "routes.toml:5"]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"[default\n", "routes.toml:1: invalid TOML: "),
        (LEAST.encode() + b"# \xff", "routes.toml:3: invalid UTF-8"),
        (b"", "routes.toml:1: default: required"),
        (b"a = " + b"[" * 9_999, "routes.toml:1: nested too deeply"),
    ],
)
def test_what_cannot_be_read_is_reported_in_one_line(
    terminal: Terminal, tmp_path: Path, content: bytes, complaint: str
) -> None:
    path = tmp_path / "routes.toml"
    path.write_bytes(content)
    (line,) = terminal.blamed(path)
    assert line.startswith(complaint)


def test_a_file_that_is_not_there_is_reported_in_one_line(terminal: Terminal, tmp_path: Path) -> None:
    assert terminal.blamed(tmp_path / "none.toml") == [
        f"{tmp_path / 'none.toml'}: cannot be read: No such file or directory"
    ]
    assert terminal.blamed(tmp_path) == [f"{tmp_path}: cannot be read: Is a directory"]


def test_a_file_that_begins_with_scan_is_a_scan_file(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "scan.toml"
    path.write_text("[log_groups]\nservices = 'none'\n")
    assert [line.split(": ")[0] for line in terminal.blamed(path)] == ["scan.toml:2"]
    path.write_text("")
    assert terminal.announced(path) == "scan.toml: OK"


def test_valid_files_are_reported_with_routes_receivers_and_their_parameters(terminal: Terminal) -> None:
    announced = terminal.announced(EXAMPLE, "--stage", "prod")
    file = check_config.routes(EXAMPLE, check_config.settings_of(ANY_STAGE))
    assert all(f"{number}. {route.name}\n" in announced for number, route in enumerate(file.routes, 1))
    assert all(f"  {silence.id}\n" in announced for silence in file.silences)
    assert all(f"  {parameter('prod', each, file)}: " in announced for each in (*file.receivers, REPORT))
    assert "matches severity CRITICAL, or UNKNOWN; not tag stage dev | sandbox" in announced
    assert "notifies security: MEDIUM or higher, again after 4h, together by account" in announced
    assert "notifies monitoring: MEDIUM or higher, after 5 lines or events within 15m, CRITICAL at once" in announced
    assert "notifies on-call: MEDIUM or higher, again after 30m, then tries the next route" in announced
    assert max(map(len, announced.splitlines())) <= 120


def test_the_settings_of_a_stage_are_those_that_routes_are_read_with(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".chalice").mkdir()
    variables = {"environment_variables": {"MINIMUM_SEVERITY": "HIGH"}}
    config = {"environment_variables": {"REPEAT_INTERVAL_MINUTES": "60"}, "stages": {"prod": variables, "bad": {}}}
    (tmp_path / ".chalice" / "config.json").write_text(json.dumps(config))
    monkeypatch.setattr(check_config, "PROJECT", tmp_path)
    least = tmp_path / "routes.toml"
    least.write_text(LEAST)
    assert "HIGH or higher, again after 1h" in terminal.announced(least, "--stage", "prod")
    assert terminal.blamed("--stage", "test") == ["'test' is no stage in .chalice/config.json; there are bad, prod"]
    (tmp_path / ".chalice" / "config.json").write_text(json.dumps(config | variables))
    config["environment_variables"] = {"MINIMUM_SEVERITY": "SEVERE"}
    (tmp_path / ".chalice" / "config.json").write_text(json.dumps(config))
    (line,) = terminal.blamed("--stage", "bad")
    assert line.startswith(".chalice/config.json: MINIMUM_SEVERITY is 'SEVERE'")


# --- one event


def test_an_event_is_explained_by_its_routes_their_reasons_and_receivers(terminal: Terminal) -> None:
    announced = terminal.announced(
        EXAMPLE, "--event", SAMPLES / "alarm-metric-alarm.json", "--at", "2026-03-03T12:00:00Z"
    )
    assert "account 111122223333 (payments-prod), region eu-west-1, resource checkout-5xx" in announced
    assert "At 2026-03-03T12:00:00Z:" in announced
    assert "pager does not match: it requires severity CRITICAL, or UNKNOWN" in announced
    assert "shop-by-day does not match: it requires tag team shop\n" in announced
    assert "payments matches: notifies payments, on-call" in announced
    assert "sandboxes" not in announced, "it is not tried any more"
    assert announced.endswith("Outcome first: it is announced.\nNotified: payments, on-call.")


def test_the_example_of_the_page_is_what_is_reported(terminal: Terminal) -> None:
    page = (ROOT / "docs" / "routes.md").read_text()
    shown = page.partition("FILE=docs/routes.example.toml\n```\n\n```text\n")[2].partition("\n```")[0]
    assert shown == terminal.announced(EXAMPLE, "--event", SAMPLES / "guardduty-ec2.json", "--at", SUNDAY)


def test_hours_are_those_of_the_time_that_is_requested(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "event.json"
    path.write_text(json.dumps({"source": "custom.shop", "detail-type": "Order Lost", "account": "444455556666"}))
    by_day = terminal.announced(EXAMPLE, "--event", path, "--at", "2026-03-03T11:00:00Z")
    by_night = terminal.announced(EXAMPLE, "--event", path, "--at", "2026-03-03T23:00:00Z")
    assert "shop-by-day matches" in by_day
    assert "shop-by-day does not match: it requires hours Mon-Fri 09:00-18:00 Europe/Berlin" in by_night
    assert by_day.splitlines()[-1] == "Notified: on-call, shop."
    assert "pager matches: notifies on-call" in by_day


def test_what_silences_an_event_is_named_with_its_reason(terminal: Terminal, tmp_path: Path) -> None:
    raw = json.loads((SAMPLES / "alarm-metric-alarm.json").read_text())
    raw["account"] = "777788889999"
    raw["detail"]["alarmName"] = "warehouse-disks"
    path = tmp_path / "event.json"
    path.write_text(json.dumps(raw))
    announced = terminal.announced(EXAMPLE, "--event", path, "--at", SUNDAY)
    assert "Silenced by warehouse-backup: The weekly backup saturates the disks." in announced
    assert announced.endswith("Outcome silenced: it is stored and counted, but not announced.")


def test_a_name_that_only_an_agent_knows_is_pointed_out(terminal: Terminal, tmp_path: Path) -> None:
    least = tmp_path / "routes.toml"
    least.write_text(LEAST)
    announced = terminal.announced(EXAMPLE, "--event", SAMPLES / "guardduty-sample.json")
    assert "The file has no name for this account" in announced
    assert "has no name" not in terminal.announced(least, "--event", SAMPLES / "guardduty-sample.json"), (
        "nothing asks for one"
    )


@pytest.mark.parametrize("name", NAMES)
def test_every_sample_can_be_explained(terminal: Terminal, name: str) -> None:
    assert "\nOutcome " in terminal.announced(EXAMPLE, "--event", SAMPLES / f"{name}.json")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{", "event.json: invalid JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ("[" * 99_999, "event.json: nested too deeply"),
        ("[]", "event.json: invalid event; expected an object with source, detail-type, account and detail"),
        ("{}", "event.json: invalid event; expected an object with source, detail-type, account and detail"),
    ],
)
def test_an_event_that_is_none_is_reported_in_one_line(
    terminal: Terminal, tmp_path: Path, text: str, complaint: str
) -> None:
    path = tmp_path / "event.json"
    path.write_text(text)
    assert terminal.blamed("--event", path) == [complaint]


def test_a_time_that_is_none_is_refused(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        terminal.run("--at", "yesterday")
    assert "invalid time 'yesterday'; expected one such as 2026-03-01T03:00:00+01:00" in capsys.readouterr().err


# --- before anything is deployed


@pytest.mark.parametrize("name", ["ROUTES", "SCAN"])
def test_a_wrong_file_is_neither_deployed_nor_packaged(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    path = tmp_path / f"{name.lower()}.toml"
    path.write_text("typo = 1\n")
    monkeypatch.setattr(container, name, path)
    with pytest.raises(WrongError, match=f"{path.name}:1: typo: unknown key"):
        check_config.check("prod")
    with pytest.raises(DeployError, match=f"{path.name}:1: typo: unknown key"):
        deploy.check(Order("prod", {}))
    assert package.main(["--stage", "prod", str(tmp_path)]) == WRONG
    assert f"{path.name}:1: typo: unknown key" in capsys.readouterr().err


def test_a_stage_that_is_none_is_not_deployed() -> None:
    with pytest.raises(DeployError, match=r"'nowhere' is no stage in .chalice/config.json; there are dev, prod, test"):
        deploy.check(Order("nowhere", {}))


def test_without_credentials_no_parameter_is_checked(terminal: Terminal) -> None:
    assert "no credentials" in terminal.announced("--stage", "prod")


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("", "/monitoring/prod/slack/report: missing; what its receivers are to get stays pending until it is there"),
        ("String", "/monitoring/prod/slack/report: is a String; expected a SecureString"),
    ],
)
def test_a_stages_parameter_that_is_not_as_it_must_be_is_named(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, kind: str, said: str
) -> None:
    with in_a_stage(monkeypatch, {"slack/monitoring": "SecureString", "slack/deployment": "SecureString"}):
        if kind:
            keep("slack/report", kind)
        assert terminal.blamed("--stage", "prod") == [said]


def test_parameters_that_are_all_there_are_said_to_be(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = dict.fromkeys(("slack/monitoring", "slack/deployment", "slack/report"), "SecureString")
    with in_a_stage(monkeypatch, kept):
        assert "All of them are there." in terminal.announced("--stage", "prod")


@contextmanager
def in_a_stage(monkeypatch: pytest.MonkeyPatch, kept: Mapping[str, str]) -> Iterator[None]:
    """Play an account in which the stage has these parameters."""
    for name, value in (("ACCESS_KEY_ID", "any"), ("SECRET_ACCESS_KEY", "any"), ("DEFAULT_REGION", "eu-central-1")):
        monkeypatch.setenv(f"AWS_{name}", value)
    with mock_aws():
        for name, kind in kept.items():
            keep(name, kind)
        yield


def keep(name: str, kind: str) -> None:
    """Write a parameter of the stage."""
    client: Any = boto3.client("ssm")
    client.put_parameter(Name=f"/monitoring/prod/{name}", Value="https://hooks.example.com", Type=kind)


def test_an_event_is_explained_by_the_rule_of_its_severity_and_what_it_matched(
    terminal: Terminal, tmp_path: Path
) -> None:
    path = tmp_path / "routes.toml"
    path.write_text(
        LEAST + '[[severity]]\nname = "many"\nmatch.kind = "guardduty"\nset = "LOW"\nmin_count = 9\n'
        '[[severity]]\nname = "hosts"\nmatch.detail."resource.resourceType" = "Instance"\nset = "CRITICAL"\n'
        'not.alarm_tags.team = "lab"\n'
        '[[annotation]]\nname = "all"\nowner = "Security"\nnote = "Call them."\n'
        '[[annotation]]\nname = "stacks"\nmatch.kind = "stack"\nowner = "Platform"\n'
    )
    announced = terminal.announced(path, "--event", SAMPLES / "guardduty-ec2.json")
    assert "  kind guardduty, CRITICAL, firing" in announced
    assert "  detail.resource.resourceType Instance\n" in announced
    assert "  rules of the file also match by alarm_tag.team, which it has not\n" in announced
    assert "  Severity rule many matches, and sets LOW, after 9 within 1h\n" in announced
    assert "  Severity CRITICAL by rule hosts; its source says MEDIUM\n" in announced
    assert "  owner Security\n  note Call them.\nAt " in announced
    summary = terminal.announced(path)
    assert "  hosts\n    matches detail.resource.resourceType Instance; not alarm_tag.team lab\n" in summary
    assert "    sets CRITICAL\nAnnotations:\n  all\n    matches everything\n    owner Security\n" in summary


def test_what_explains_an_event_and_what_it_explains_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    check_config.main(["docs/routes.example.toml", "--event", "tests/samples/alarm-metric-alarm.json"])
    shown = capsys.readouterr().out
    assert "composite-alarm holds it back while there is kind alarm that sums it up" in shown
    assert "composite-alarm lets it hold back those that it sums up of kind alarm" in shown
    assert "aws-outage holds it back while there is detail.eventTypeCode AWS_*_OPERATIONAL_ISSUE; kind health" in shown
    assert "unreachable-network lets it" not in shown


def test_an_end_explains_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    check_config.main(["docs/routes.example.toml", "--event", "tests/samples/alarm-metric-ok.json"])
    assert "hold" not in capsys.readouterr().out
