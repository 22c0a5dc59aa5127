"""python -m infra.explain: a line for each event, made by the code that is deployed; whatever the files hold."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra import explain
from tests.sources.samples import NAMES, SAMPLES, load

FIELDS = (
    *("file", "kind", "severity", "signal", "lifecycle", "title", "resource", "account", "region", "fingerprint"),
    *("id", "link", "forwarded", "subscribed", "routes", "outcome"),
)
ACCOUNT, REGION = "111122223333", "eu-west-1"


class Terminal:
    """Runs the command, and reads what it prints."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._folder, self._capsys = folder, capsys

    def run(self, *arguments: object) -> tuple[int, list[str], list[str]]:
        """Return the exit code and the lines of both streams."""
        code = explain.main([str(each) for each in arguments])
        said = self._capsys.readouterr()
        return code, said.out.splitlines(), said.err.splitlines()

    def file(self, document: Any, name: str = "events.json") -> Path:
        """Return a file that holds a document, or a text as it is."""
        path = self._folder / name
        path.write_text(document if isinstance(document, str) else json.dumps(document))
        return path

    def explained(self, document: Any, *arguments: object) -> list[dict[str, Any]]:
        """Return what each event of a document is explained as."""
        code, lines, errors = self.run("--json", self.file(document), *arguments)
        assert (code, errors) == (0, [])
        return [json.loads(line) for line in lines]


@pytest.fixture
def terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(tmp_path, capsys)


def alarm(state: str, before: str = "OK", at: str = "2026-03-02T10:00:00Z", **more: Any) -> dict[str, Any]:
    raw: dict[str, Any] = load("alarm-metric-alarm")
    raw["time"] = at
    raw["detail"] |= {"state": {"value": state, "timestamp": at}, "previousState": {"value": before}} | more
    return raw


@pytest.mark.parametrize("name", NAMES)
def test_every_problem_of_a_sample_is_one_line_with_all_fields(terminal: Terminal, name: str) -> None:
    code, lines, _ = terminal.run("--json", SAMPLES / f"{name}.json")

    assert code == 0
    assert len(lines) == (2 if "two" in name else 1)
    for line in map(json.loads, lines):
        assert tuple(line) == FIELDS
        assert line["file"] == str(SAMPLES / f"{name}.json")
        assert line["severity"] in {"UNKNOWN", "LOW", "MEDIUM", "HIGH", "CRITICAL"}


def test_several_files_are_explained_in_their_order(terminal: Terminal) -> None:
    names = ["stack-create-failed", "guardduty-s3"]

    _, lines, _ = terminal.run("--json", *(SAMPLES / f"{name}.json" for name in names))

    assert [json.loads(line)["kind"] for line in lines] == ["stack", "guardduty"]


@pytest.mark.parametrize("shape", [lambda events: events, lambda events: {"events": events}])
def test_the_events_of_a_file_are_one_story(terminal: Terminal, shape: Any) -> None:
    fired, again = alarm("ALARM"), alarm("ALARM", at="2026-03-02T10:05:00Z")
    over = alarm("OK", "ALARM", at="2026-03-02T10:10:00Z")

    lines = terminal.explained(shape([fired, fired, again, over]))

    assert len({line["fingerprint"] for line in lines}) == 1
    assert [line["outcome"] for line in lines] == [
        *("pending: first", "pending: first"),  # it is delivered twice
        "suppressed: repeated",
        "pending: resolved",
    ]


def health(arn: str, at: str, **changes: Any) -> dict[str, Any]:
    """Return what AWS Health says of one thing at a time on 2 March 2026."""
    raw: dict[str, Any] = load("health-issue-open-public")
    given = {"eventArn": arn, "lastUpdatedTime": f"Mon, 02 Mar 2026 {at}:00 GMT"}
    return raw | {"time": f"2026-03-02T{at}:20Z", "detail": raw["detail"] | given | changes}


def said(**texts: str) -> list[dict[str, str]]:
    return [{"language": language, "latestDescription": text} for language, text in texts.items()]


ISSUE = "arn:aws:health:eu-west-1::event/RDS/AWS_RDS_OPERATIONAL_ISSUE/one"
PLAN = "arn:aws:health:eu-west-1::event/EKS/AWS_EKS_PLANNED_LIFECYCLE_EVENT/two"
SEPTEMBER = {
    "eventTypeCategory": "scheduledChange",
    "statusCode": "upcoming",
    "startTime": "Wed, 02 Sep 2026 02:00:00 GMT",
}


def moved(name: str, region: str, finding: str) -> dict[str, Any]:
    raw: dict[str, Any] = load(name)
    return raw | {
        "region": region,
        "id": finding,
        "detail": raw["detail"] | {"region": region, "id": finding, "severity": 5},
    }


STORIES = {
    "an alarm is deleted while it fires": (
        [alarm("ALARM", at="2026-03-02T09:45:00Z"), load("alarm-deleted")],
        ["firing, pending: first", "resolved, pending: resolved"],
    ),
    "AWS has an issue, says more of it, and ends it": (
        [load(f"health-issue-{each}") for each in ("open-public", "open-public-other-account")]
        + [load("health-issue-update-public"), load("health-issue-closed-public")],
        ["firing, pending: first"] * 2 + ["firing, pending: update", "resolved, pending: resolved"],
    ),
    "root works in three regions": (
        [moved("guardduty-root", region, region) for region in ("us-east-1", "eu-west-1", "ap-south-1")],
        ["firing, pending: first", "firing, suppressed: repeated", "firing, suppressed: repeated"],
    ),
    "an issue in two languages, in one event": (
        [
            health(ISSUE, "15:00", communicationId="1", eventDescription=said(ja_JP="\u969c\u5bb3", en_US="Errors.")),
            health(ISSUE, "15:30", communicationId="2", eventDescription=said(en_US="Better.", ja_JP="\u56de\u5fa9")),
        ],
        ["firing, pending: first", "firing, pending: update"],
    ),
    "an issue in two languages, in an event for each": (
        [
            health(ISSUE, "15:00", communicationId="1", eventDescription=said(ja_JP="\u969c\u5bb3")),
            health(ISSUE, "15:00", communicationId="1", eventDescription=said(en_US="Errors.")),
            health(ISSUE, "15:30", communicationId="2", eventDescription=said(en_US="Better.")),
            health(ISSUE, "15:30", communicationId="2", eventDescription=said(ja_JP="\u56de\u5fa9")),
        ],
        [
            *("firing, pending: first", "firing, suppressed: repeated"),
            *("firing, pending: update", "firing, suppressed: repeated"),
        ],
    ),
    "a change that is planned for half a year ahead, and told again": (
        [
            health(PLAN, "15:00", communicationId="1", **SEPTEMBER),
            health(PLAN, "16:00", communicationId="1", **SEPTEMBER),
        ],
        ["firing, pending: first", "firing, suppressed: repeated"],
    ),
    "a metric that swings between data and none": (
        [
            alarm(value, before, at=f"2026-03-02T{hour}:00:00Z")
            for hour in range(10, 20, 2)
            for value, before, hour in (("INSUFFICIENT_DATA", "OK", hour), ("OK", "INSUFFICIENT_DATA", hour + 1))
        ],
        ["firing, pending: first", "resolved, pending: resolved"]
        + ["firing, suppressed: repeated", "resolved, suppressed: nothing_to_resolve"] * 4,
    ),
    "an alarm that has no data any more while it fires": (
        [
            alarm("ALARM", "OK", at="2026-03-02T10:00:00Z"),
            alarm("INSUFFICIENT_DATA", "ALARM", at="2026-03-02T11:00:00Z"),
            alarm("OK", "INSUFFICIENT_DATA", at="2026-03-02T12:00:00Z"),
        ],
        ["firing, pending: first", "firing, suppressed: repeated", "resolved, pending: resolved"],
    ),
    "an alarm that is muted": ([load("alarm-muted")], ["notice, suppressed: notice"]),
    "one of those that an alarm watches": ([load("alarm-contributor")], ["firing, pending: first"]),
}


@pytest.mark.parametrize("story", STORIES)
def test_events_that_belong_together_are_one_problem(terminal: Terminal, story: str) -> None:
    events, expected = STORIES[story]

    lines = terminal.explained(events)

    assert len({line["fingerprint"] for line in lines}) == 1
    assert [f"{line['signal']}, {line['outcome']}" for line in lines] == expected


def test_what_time_makes_of_an_alert_between_two_events_is_known(terminal: Terminal) -> None:
    raw = load("custom-budget") | {"source": "aws.billing"}
    later = [raw | {"time": f"2026-03-{day:02}T10:00:00Z"} for day in (1, 28)]

    assert [line["outcome"] for line in terminal.explained(later)] == ["pending: first", "pending: regression"]


def test_each_file_is_a_story_of_its_own(terminal: Terminal) -> None:
    path = terminal.file(alarm("ALARM"))

    _, lines, _ = terminal.run("--json", path, path)

    assert [json.loads(line)["outcome"] for line in lines] == ["pending: first"] * 2


def test_an_event_that_no_rule_takes_is_neither_forwarded_nor_subscribed(terminal: Terminal) -> None:
    raw = {"source": "aws.tag", "detail-type": "Tag Change on Resource", "account": ACCOUNT, "detail": {}}

    (line,) = terminal.explained(raw)

    assert (line["forwarded"], line["subscribed"]) == (False, False)
    assert line["kind"] == "unknown"


def test_an_event_of_ones_own_is_forwarded_and_subscribed(terminal: Terminal) -> None:
    raw = {"source": "custom.shop", "detail-type": "Order Lost", "account": ACCOUNT, "detail": {}}

    (line,) = terminal.explained(raw)

    assert (line["forwarded"], line["subscribed"]) == (True, True)


def test_routes_are_those_that_match_at_the_time(terminal: Terminal) -> None:
    example = SAMPLES.parent.parent / "docs" / "routes.example.toml"
    raw = {"source": "custom.shop", "detail-type": "Order Lost", "account": "444455556666", "detail": {}}

    (by_day,) = terminal.explained(raw, "--routes", example, "--at", "2026-03-03T11:00:00Z")
    (by_night,) = terminal.explained(raw, "--routes", example, "--at", "2026-03-03T23:00:00Z")

    assert "shop-by-day" in by_day["routes"]
    assert "shop-by-day" not in by_night["routes"]


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"source": 5, "detail-type": None, "account": ["x"], "time": 7, "resources": "none", "detail": "text"},
        {"source": "aws.health", "detail-type": "AWS Health Event", "detail": [1, 2]},
        {"source": "aws.cloudwatch", "detail-type": "CloudWatch Alarm State Change", "time": "-1", "detail": None},
        {"events": 5},
        {"source": "aws.x", "detail-type": "\ud800<!channel>", "detail": {"a": 1e999}},
    ],
)
def test_an_event_of_any_shape_is_explained(terminal: Terminal, raw: Any) -> None:
    (line,) = terminal.explained(raw)

    assert line["kind"] == "unknown"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "events.json: invalid JSON: Expecting value: line 1 column 1 (char 0)"),
        ("{'a': 1}", "events.json: invalid JSON: Expecting property name"),
        ("[" * 99_999, "events.json: nested too deeply"),
        ("[]", "events.json: there is no event in it"),
        ('{"events": []}', "events.json: there is no event in it"),
        ("5", "events.json: invalid event; expected an object with source, detail-type, account and detail"),
        ('[{}, "x"]', "events.json: event 2 of 2: invalid event; expected an object"),
    ],
)
def test_what_is_no_event_is_one_line_and_an_exit_code(terminal: Terminal, text: str, complaint: str) -> None:
    code, _, errors = terminal.run("--json", terminal.file(text))

    assert code == 1
    (line,) = errors
    assert line.startswith(complaint)


def test_a_file_that_cannot_be_read_keeps_none_of_the_others_from_it(terminal: Terminal, tmp_path: Path) -> None:
    binary = tmp_path / "binary.json"
    binary.write_bytes(b"{}\n\xff")

    code, lines, errors = terminal.run("--json", tmp_path / "none.json", binary, terminal.file({}))

    assert code == 1
    assert len(lines) == 1
    assert errors == [
        f"{tmp_path / 'none.json'}: cannot be read: No such file or directory",
        "binary.json:2: invalid UTF-8",
    ]


def test_routes_with_mistakes_are_reported_by_the_line(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "routes.toml"
    path.write_text("typo = 1\n")

    code, lines, errors = terminal.run("--routes", path, terminal.file({}))

    assert (code, lines) == (1, [])
    assert [line.split(": ")[:2] for line in errors] == [["routes.toml:1", "default"], ["routes.toml:1", "typo"]]


def test_without_json_an_event_is_explained_for_a_person(terminal: Terminal) -> None:
    code, lines, _ = terminal.run(terminal.file(alarm("ALARM")))

    assert code == 0
    assert lines[0].endswith("events.json: pending: first")
    assert lines[-1] == "Notified: monitoring."
