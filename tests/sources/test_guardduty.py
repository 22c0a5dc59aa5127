"""GuardDuty findings."""

from typing import Any

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
        ("guardduty-attack-sequence", Severity.CRITICAL, "ledger-archive"),
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


def test_a_finding_about_a_bucket_is_not_about_the_user_who_read_it() -> None:
    raw = load("guardduty-s3")
    raw["detail"]["resource"] |= {"resourceType": "S3Bucket", "accessKeyDetails": {"userName": "reader"}}
    raw["detail"]["resource"]["s3BucketDetails"] = [{"name": "wages"}, {"name": "copies"}]

    assert read(raw).resource == "wages"


def test_a_finding_without_an_id_is_unknown() -> None:
    assert read(without(FINDING, "id")).kind == "unknown"


@pytest.mark.parametrize(("name", "shown"), [(FINDING, "current"), ("guardduty-archived", "archived")])
def test_the_link_leads_to_the_finding_in_the_list_that_has_it(name: str, shown: str) -> None:
    assert read(name).link == (
        "https://eu-west-1.console.aws.amazon.com/guardduty/home?region=eu-west-1"
        f"#/findings?macros={shown}&fId=3eb2cf41a7c94d1bb8f2c1d0e9f8a7b6"
    )


# --- what is noticed in several regions, or is more than one thing


def in_region(region: str, finding_id: str, **changes: str) -> Any:
    raw = load("guardduty-root") | {"region": region}
    raw["detail"] |= {"region": region, "id": finding_id} | changes
    return raw


def test_what_a_user_does_is_one_problem_in_however_many_regions_it_is_noticed() -> None:
    events = [read(in_region(region, f"finding-{region}")) for region in ("us-east-1", "eu-west-1", "ap-south-1")]
    assert len({event.fingerprint for event in events}) == 1
    assert len({event.id for event in events}) == 3
    assert [event.region for event in events] == ["us-east-1", "eu-west-1", "ap-south-1"]


@pytest.mark.parametrize("value", [[], {}, "odd", True])
def test_what_is_odd_about_a_finding_hides_none_of_the_rest(value: object) -> None:
    event = read(altered(FINDING, "severity", to=value))
    open_one = read(altered(FINDING, "service", "archived", to={"a": value}))

    assert (event.kind, event.severity, event.fingerprint) == ("guardduty", Severity.UNKNOWN, read(FINDING).fingerprint)
    assert open_one.signal is Signal.FIRING


@pytest.mark.parametrize("count", [1, None, 2, 7])
def test_what_a_user_does_may_repeat_what_another_region_saw(count: object) -> None:
    """A region may have seen it several times before it says so for the first time."""
    assert read(altered("guardduty-root", "service", "count", to=count)).replicated
    assert not read(altered(FINDING, "service", "count", to=count)).replicated


def test_another_user_type_or_account_is_another_problem() -> None:
    first = read(in_region("us-east-1", "one"))
    other_type = read(in_region("us-east-1", "one", type="Stealth:IAMUser/CloudTrailLoggingDisabled"))
    other_account = read(in_region("us-east-1", "one", accountId="444455556666"))
    raw = in_region("us-east-1", "one")
    raw["detail"]["resource"]["accessKeyDetails"]["userName"] = "reader"
    assert len({each.fingerprint for each in (first, other_type, other_account, read(raw))}) == 4


def test_a_user_without_any_name_is_known_by_the_finding() -> None:
    events = []
    for finding_id in ("one", "two"):
        raw = in_region("us-east-1", finding_id)
        raw["detail"]["resource"]["accessKeyDetails"] = {}
        events.append(read(raw))
    assert events[0].fingerprint != events[1].fingerprint


@pytest.mark.parametrize("missing", ["userName", "principalId"])
def test_a_key_is_called_by_the_best_name_that_there_is(missing: str) -> None:
    raw = load("guardduty-root")
    details = raw["detail"]["resource"]["accessKeyDetails"]
    details["userName"] = ""
    details.pop(missing, None)
    assert read(raw).resource in {details.get("principalId"), details["accessKeyId"]}


@pytest.mark.parametrize(
    ("sequence", "resource"),
    [
        ({"resources": [{"uid": "arn:aws:s3:::one"}], "actors": [{"user": {"name": "eve"}}]}, "arn:aws:s3:::one"),
        ({"resources": [], "actors": [{"user": {"name": "eve"}}]}, "eve"),
        ({"actors": [{}]}, "AttackSequence"),
        ("nothing", "AttackSequence"),
    ],
)
def test_a_sequence_is_about_what_was_attacked_or_else_who_did_it(sequence: Any, resource: str) -> None:
    assert (
        read(altered("guardduty-attack-sequence", "service", "detection", "sequence", to=sequence)).resource == resource
    )
