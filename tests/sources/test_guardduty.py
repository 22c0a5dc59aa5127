"""GuardDuty findings."""

import pytest

from chalicelib.domain.events.event import Severity, Signal
from chalicelib.sources.guardduty import severity_of
from tests.sources.samples import alike, altered, load, read, without

FINDING = "guardduty-ec2"


@pytest.mark.parametrize(
    ("score", "severity"),
    [
        *[(10.0, Severity.CRITICAL), (9.0, Severity.CRITICAL), (8.9, Severity.HIGH), (7.0, Severity.HIGH)],
        *[(6.9, Severity.MEDIUM), (4.0, Severity.MEDIUM), (3.9, Severity.LOW), (1.0, Severity.LOW)],
        *[(0.9, Severity.UNKNOWN), (0.0, Severity.UNKNOWN), (-1.0, Severity.UNKNOWN), (float("nan"), Severity.UNKNOWN)],
    ],
)
def test_a_score_belongs_to_the_band_whose_floor_it_reaches(score: float, severity: Severity) -> None:
    assert severity_of(score) is severity


@pytest.mark.parametrize(
    ("name", "severity", "resource"),
    [
        (FINDING, Severity.MEDIUM, "i-0b22a22eec53b9321"),
        ("guardduty-s3", Severity.HIGH, "invoices-archive"),
        ("guardduty-iam-access-key", Severity.LOW, "report-reader"),
        ("guardduty-eks", Severity.MEDIUM, "shop"),
        ("guardduty-ecs", Severity.MEDIUM, "batch"),
        ("guardduty-container", Severity.HIGH, "image-resizer"),
        ("guardduty-lambda", Severity.HIGH, "thumbnailer"),
        ("guardduty-rds", Severity.HIGH, "ledger"),
        ("guardduty-malware-ebs", Severity.HIGH, "i-0c33b33ffd64ca432"),
        ("guardduty-attack-sequence", Severity.CRITICAL, "AttackSequence"),
    ],
)
def test_a_finding_fires_and_names_its_resource(name: str, severity: Severity, resource: str) -> None:
    event = read(name)
    assert (event.severity, event.signal, event.resource) == (severity, Signal.FIRING, resource)
    assert event.title == load(name)["detail"]["title"]


def test_an_administrators_copy_is_the_same_event_in_the_members_account() -> None:
    copy = read("guardduty-ec2-administrator-copy")
    assert alike(copy, read(FINDING))
    assert copy.account == "111122223333"
    assert load("guardduty-ec2-administrator-copy")["account"] == "123456789012"


def test_a_finding_that_is_seen_again_is_another_event_of_the_same_problem() -> None:
    again = read(altered(FINDING, "updatedAt", to="2026-03-02T10:45:00.000Z"))
    assert again.fingerprint == read(FINDING).fingerprint
    assert again.id > read(FINDING).id


def test_an_archived_finding_resolves_although_it_lacks_fields() -> None:
    event = read("guardduty-archived")
    assert (event.severity, event.signal) == (Severity.LOW, Signal.RESOLVED)
    assert event.fingerprint == read(FINDING).fingerprint
    assert event.title == "UnauthorizedAccess:EC2/SSHBruteForce"
    assert event.resource == "Instance"


def test_a_sample_finding_says_so_and_is_mild() -> None:
    event = read("guardduty-sample")
    assert event.severity is Severity.LOW
    assert event.title.startswith("[SAMPLE] The EC2 instance i-99999999")


@pytest.mark.parametrize("info", [{"sample": True}, {"value": '{"sample": true}', "type": "default"}])
def test_a_sample_is_recognised_by_a_field_or_by_json_within_one(info: object) -> None:
    assert read(altered("guardduty-sample", "service", "additionalInfo", to=info)).title.startswith("[SAMPLE] ")


def test_a_sample_whose_title_says_so_already_is_not_marked_twice() -> None:
    raw = altered("guardduty-sample", "title", to="[SAMPLE] A bitcoin is being mined.")
    assert read(raw).title == "[SAMPLE] A bitcoin is being mined."


@pytest.mark.parametrize(
    "field", ["updatedAt", "severity", "title", "type", "resource", "service", "region", "accountId"]
)
def test_a_finding_that_says_little_is_still_a_finding(field: str) -> None:
    for raw in (without(FINDING, field), altered(FINDING, field, to=None)):
        event = read(raw)
        assert (event.kind, event.fingerprint) == ("guardduty", read(FINDING).fingerprint)
        assert event.id == read(raw | {"id": "another"}).id


def test_a_finding_without_title_and_type_has_a_title() -> None:
    raw = without(FINDING, "title")
    del raw["detail"]["type"]
    assert read(raw).title == "GuardDuty finding"


def test_a_resource_that_lacks_its_name_is_called_by_its_type() -> None:
    assert read(without(FINDING, "resource", "instanceDetails", "instanceId")).resource == "Instance"
    assert read(altered("guardduty-s3", "resource", "s3BucketDetails", to=[])).resource == "S3Bucket"
    assert read(altered("guardduty-s3", "resource", "s3BucketDetails", to=None)).resource == "S3Bucket"
    assert read(altered(FINDING, "resource", "instanceDetails", "instanceId", to=7)).resource == "Instance"


def test_a_finding_without_an_id_is_unknown() -> None:
    assert read(without(FINDING, "id")).kind == "unknown"


@pytest.mark.parametrize(("name", "shown"), [(FINDING, "current"), ("guardduty-archived", "archived")])
def test_the_link_leads_to_the_finding_in_the_list_that_has_it(name: str, shown: str) -> None:
    assert read(name).link == (
        "https://eu-west-1.console.aws.amazon.com/guardduty/home?region=eu-west-1"
        f"#/findings?macros={shown}&fId=3eb2cf41a7c94d1bb8f2c1d0e9f8a7b6"
    )
