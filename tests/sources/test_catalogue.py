"""The catalogue: what the hub makes of an event of each declared kind, problem by problem and end by end."""

# ruff: noqa: E501 - a table reads by the row

import re

import pytest

from chalicelib.domain.events.event import Signal
from chalicelib.domain.events.lifecycle import Lifecycle
from chalicelib.domain.timestamps import DAY
from chalicelib.sources.declared import description_of
from chalicelib.sources.registry import DECLARED, ENDLESS
from tests.sources.samples import NAMES, TEAMS, alike, altered, load, read

# A sample that fires, one that ends it ("" where quiet does), its severity, its resource, and its title.
PROBLEMS = [
    ("access_analyzer-public", "access_analyzer-resolved", "HIGH", "arn:aws:s3:::reports", "reports: Access Analyzer Finding"),
    ("appflow-failed", "", "MEDIUM", "crm-contacts", "Flow crm-contacts: execution failed"),
    ("application_insights-detected", "application_insights-resolved", "HIGH", "shop", "Application shop: problem in progress"),
    ("auto_scaling-launch-failed", "auto_scaling-launched", "MEDIUM", "shop-web", "Auto Scaling group shop-web: EC2 Instance Launch Unsuccessful"),
    ("backup_job-failed", "backup_job-completed", "MEDIUM", "arn:aws:rds:eu-west-1:111122223333:db:ledger", "Backup Job of ledger: failed"),
    ("batch_job-failed", "batch_job-succeeded", "MEDIUM", "nightly-export", "Batch job nightly-export: failed"),
    ("beanstalk-severe", "beanstalk-ok", "MEDIUM", "shop-prod", "Environment shop-prod: Environment health changed"),
    ("batch_queue-blocked", "", "MEDIUM", "gpu", "Batch queue gpu: blocked by train-ranking"),
    ("build-failed", "build-succeeded", "HIGH", "shop-tests", "Build of shop-tests: failed"),
    ("canary_run-failure", "canary_run-success", "HIGH", "checkout-page", "Canary checkout-page: failed"),
    ("certificate-in-45-days", "certificate-available", "MEDIUM", "shop.example.com", "ACM Certificate Approaching Expiration: shop.example.com, 45 days left"),
    ("config_rule-non-compliant", "config_rule-compliant", "MEDIUM", "sg-0a1b2c3d4e5f60718", "sg-0a1b2c3d4e5f60718: non compliant with restricted-ssh"),
    ("console_sign_in-root", "", "HIGH", "Root", "Console sign-in success: Root"),
    ("cost_anomaly-detected", "", "MEDIUM", "Amazon EC2", "Unusual cost of Amazon EC2: 1001 USD more than expected"),
    ("datasync-error", "datasync-success", "MEDIUM", "arn:aws:datasync:eu-west-1:111122223333:task/task-0a1b2c3d", "DataSync task-0a1b2c3d: error"),
    ("devops_guru-open", "devops_guru-closed", "HIGH", "shop", "Throttled table orders"),
    ("dlm_policy-error", "dlm_policy-enabled", "MEDIUM", "arn:aws:dlm:eu-west-1:111122223333:policy/policy-0a1b2c3d", "Lifecycle policy policy-0a1b2c3d: error"),
    ("dms_task-failed", "dms_task-started", "MEDIUM", "arn:aws:dms:eu-west-1:111122223333:task:ORDERS", "DMS task ORDERS: replication task failed"),
    ("ebs-snapshot-failed", "ebs-snapshot-succeeded", "MEDIUM", "arn:aws:ec2::eu-central-1:snapshot/snap-0c1d", "EBS copy snapshot of snap-0c1d: failed"),
    ("ecs_service-cannot-place", "ecs_service-steady", "HIGH", "cart", "ECS service cart: service task placement failure"),
    ("elasticache-limit", "elasticache-created", "MEDIUM", "sessions", "Cache Limit Approaching: sessions"),
    ("emr-step-failed", "emr-step-completed", "MEDIUM", "aggregate", "EMR aggregate: failed"),
    ("glue_crawler-failed", "glue_crawler-succeeded", "MEDIUM", "orders", "Glue crawler orders: failed"),
    ("glue_data_quality-failed", "glue_data_quality-succeeded", "MEDIUM", "orders", "Data quality of orders: failed"),
    ("glue_job-failed", "glue_job-succeeded", "MEDIUM", "load-orders", "Glue job load-orders: failed"),
    ("inspector-active", "inspector-closed", "CRITICAL", "i-0b22a22eec53b9321", "CVE-2026-00001 - libimage"),
    ("internet_monitor-created", "internet_monitor-closed", "MEDIUM", "shop", "Internet Monitor shop: availability"),
    ("kms_key_deletion-scheduled", "kms_key_deletion-cancelled", "HIGH", "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-4e5f-4607-8192-a3b4c5d6e7f8", "KMS key 0a1b2c3d-4e5f-4607-8192-a3b4c5d6e7f8: schedule key deletion"),
    ("lambda_result-failure", "lambda_result-success", "MEDIUM", "arn:aws:lambda:eu-west-1:111122223333:function:thumbnailer:$LATEST", "Function thumbnailer: UnidentifiedImageError"),
    ("macie-new", "macie-archived", "HIGH", "invoices-archive", "The S3 object contains financial information"),
    ("malware_scan-threats", "", "HIGH", "uploads", "Malware scan of inbox/invoice.zip in uploads: threats found"),
    ("opensearch-update", "", "HIGH", "search", "OpenSearch search: Service Software Update Required"),
    ("rds-low-storage", "", "HIGH", "ledger", "ledger: Allocated storage has been exhausted. Allocate additional storage to resolve."),
    ("redshift_statement-failed", "", "MEDIUM", "load-orders", "Redshift statement load-orders: failed"),
    ("secret_rotation-failed", "secret_rotation-succeeded", "HIGH", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop/database-a1b2c3", "Secret database-a1b2c3: rotation failed"),
    ("security_hub-new", "security_hub-passed", "HIGH", "arn:aws:s3:::ledger-archive", "S3 buckets should block public access"),
    ("security_hub_v2-new", "security_hub_v2-resolved", "HIGH", "arn:aws:lambda:eu-west-1:444455556666:function:thumbnailer", "A function can be invoked by everybody"),
    ("signer-failed", "", "MEDIUM", "7d8e9f0a-1b2c-4d3e-8f40-516273849506", "Signing job 7d8e9f0a-1b2c-4d3e-8f40-516273849506: failed"),
    ("ssm_association-failed", "", "LOW", "i-0b22a22eec53b9321", "Association AWS-GatherSoftwareInventory on i-0b22a22eec53b9321: failed"),
    ("ssm_automation-failed", "ssm_automation-success", "MEDIUM", "patch-fleet", "Automation patch-fleet: failed"),
    ("ssm_command-failed", "", "LOW", "AWS-RunPatchBaseline", "Command AWS-RunPatchBaseline: failed"),
    ("ssm_compliance-non-compliant", "ssm_compliance-compliant", "MEDIUM", "i-0b22a22eec53b9321", "i-0b22a22eec53b9321: non compliant (patch)"),
    ("ssm_window-failed", "", "MEDIUM", "mw-0a1b2c3d4e5f60718", "Maintenance window mw-0a1b2c3d4e5f60718: timed out"),
    ("step_functions-failed", "step_functions-succeeded", "MEDIUM", "settle", "State machine settle: failed (States.TaskFailed)"),
    ("transfer-sftp-connector-file-send-failed", "", "MEDIUM", "c-0a1b2c3d4e5f60718", "SFTP Connector File Send Failed: /invoices/2026-03.csv"),
    ("trusted_advisor-error", "trusted_advisor-ok", "MEDIUM", "sg-0a1b2c3d4e5f60718", "Security Groups - Unrestricted Access: sg-0a1b2c3d4e5f60718"),
    ("xray_insight-active", "xray_insight-closed", "MEDIUM", "cart", "X-Ray insight in Default: We noticed more faults than usual in cart."),
]  # fmt: skip
NOTED = {"instance_state", "spot_interruption"}


def test_every_declared_kind_has_its_problem_here() -> None:
    assert {name.partition("-")[0] for name, *_ in PROBLEMS} == DECLARED - NOTED - TEAMS


@pytest.mark.parametrize(("name", "end", "severity", "resource", "title"), PROBLEMS, ids=lambda each: str(each)[:40])
def test_a_problem_is_described_in_the_words_of_its_declaration(
    name: str, end: str, severity: str, resource: str, title: str
) -> None:
    event = read(name)

    assert event.kind == name.partition("-")[0]
    assert (event.signal, event.severity.name) == (Signal.FIRING, severity)
    assert (event.resource, event.title) == (resource, title)


@pytest.mark.parametrize(("name", "end"), [(name, end) for name, end, *_ in PROBLEMS if end])
def test_what_went_well_ends_the_same_problem(name: str, end: str) -> None:
    problem, over = read(name), read(end)

    assert (over.signal, over.severity.name) == (Signal.RESOLVED, "LOW")
    assert over.fingerprint == problem.fingerprint
    assert over.id > problem.id


@pytest.mark.parametrize("name", [each for each in NAMES if each.partition("-")[0] in NOTED])
def test_what_is_only_noted_is_a_notice(name: str) -> None:
    assert read(name).signal is Signal.NOTICE


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("inspector-active", ("444455556666", "eu-west-1")),
        ("security_hub-new", ("444455556666", "eu-west-1")),
        ("security_hub_v2-new", ("444455556666", "eu-west-1")),
        ("macie-new", ("444455556666", "eu-west-1")),
    ],
)
def test_a_finding_that_an_administrator_sees_is_its_members(name: str, where: tuple[str, str]) -> None:
    event = read(name)
    copy = read(load(name) | {"account": "999900001111", "id": "another", "time": "2026-03-02T10:13:00Z"})

    assert (event.account, event.region) == where
    assert (copy.id, copy.fingerprint) == (event.id, event.fingerprint)


@pytest.mark.parametrize(
    ("days", "severity", "due"),
    [(45, "MEDIUM", 45), (8, "MEDIUM", 8), (7, "HIGH", 7), (0, "HIGH", 0), ("6", "HIGH", 6), (None, "MEDIUM", None)],
)
def test_a_certificate_grows_worse_as_its_end_comes_near(days: object, severity: str, due: int | None) -> None:
    event = read(altered("certificate-in-45-days", "DaysToExpiry", to=days))

    assert (event.severity.name, event.lifecycle) == (severity, Lifecycle.PLANNED)
    assert event.due_at == (0 if due is None else (event.published_at // DAY + due) * DAY)


def test_a_certificate_is_one_problem_from_its_first_notice_to_its_renewal() -> None:
    names = ("in-45-days", "in-6-days", "expired", "action-required", "available")

    assert len({read(f"certificate-{each}").fingerprint for each in names}) == 1


def test_a_certificate_ends_on_the_same_day_at_whatever_hour_its_days_are_counted() -> None:
    raw = altered("certificate-in-45-days", "DaysToExpiry", to=9)
    at_noon, at_night = (read(raw | {"time": f"2026-03-01T{each}:59Z"}) for each in ("12:00", "23:59"))
    tomorrow = altered("certificate-in-45-days", "DaysToExpiry", to=8) | {"time": "2026-03-02T00:00:00Z"}

    assert at_noon.due_at == at_night.due_at == read(tomorrow).due_at


def test_the_deletion_of_a_key_is_one_problem_with_its_plan_and_due_in_some_days() -> None:
    planned, done = read("kms_key_deletion-scheduled"), read("kms_key_deletion-deleted")

    assert planned.fingerprint == done.fingerprint
    assert planned.due_at // DAY == planned.published_at // DAY + 7
    assert (planned.lifecycle, done.lifecycle) == (Lifecycle.PLANNED, Lifecycle.POINT)
    assert done.title == "KMS key 0a1b2c3d-4e5f-4607-8192-a3b4c5d6e7f8: deleted"


def test_what_a_build_says_of_a_pipelines_build_is_the_pipelines() -> None:
    assert read("build-failed").link.startswith("https://console.aws.amazon.com/cloudwatch/")
    assert read(altered("build-failed", "additional-information", to={})).link == ""


@pytest.mark.parametrize(
    ("names", "signals"),
    [
        (("rds-failover-started", "rds-failover-done"), ["firing", "resolved"]),
        (("elasticache-snapshot-failed", "elasticache-snapshot-created"), ["firing", "resolved"]),
        (("elasticache-update-failed", "elasticache-updated"), ["firing", "resolved"]),
        (("security_hub-new", "security_hub-passed-mildly"), ["firing", "resolved"]),
        (("security_hub_v2-new", "security_hub_v2-passed"), ["firing", "resolved"]),
        (
            ("certificate-in-45-days", "certificate-in-6-days", "certificate-available"),
            ["firing", "firing", "resolved"],
        ),
    ],
)
def test_events_of_one_problem_are_its_story(names: tuple[str, ...], signals: list[str]) -> None:
    events = [read(name) for name in names]

    assert len({event.fingerprint for event in events}) == 1
    assert [str(event.signal) for event in events] == signals


@pytest.mark.parametrize("names", [("beanstalk-severe", "beanstalk-resource"), ("beanstalk-severe", "beanstalk-other")])
def test_an_update_that_went_well_says_nothing_of_an_environments_health(names: tuple[str, str]) -> None:
    assert read(names[0]).fingerprint != read(names[1]).fingerprint


def test_the_next_run_of_a_transfer_ends_what_the_last_one_began() -> None:
    run = "arn:aws:datasync:eu-west-1:111122223333:task/task-0a1b2c3d/execution/exec-2"
    over = read(load("datasync-success") | {"resources": [run]})

    assert (over.signal, over.fingerprint) == (Signal.RESOLVED, read("datasync-error").fingerprint)
    assert over.id != read("datasync-success").id


def test_failures_to_sign_in_are_one_problem_of_an_account_and_root_another() -> None:
    names = [["userIdentity", "userName"], ["userIdentity", "principalId"], ["sourceIPAddress"]]
    failures = [
        read("console_sign_in-failure"),
        *(read(altered("console_sign_in-failure", *each, to="x")) for each in names),
    ]

    assert len({event.fingerprint for event in failures}) == 1
    assert read("console_sign_in-root").fingerprint not in {event.fingerprint for event in failures}


@pytest.mark.parametrize(
    ("severity", "expected"),
    [
        ({"Normalized": 95}, "CRITICAL"),
        ({"Normalized": 70}, "HIGH"),
        ({"Normalized": 69}, "MEDIUM"),
        ({"Normalized": 0}, "LOW"),
        ({"Label": "HIGH", "Normalized": 0}, "HIGH"),
        (None, "UNKNOWN"),
    ],
)
def test_a_finding_without_a_label_is_as_severe_as_its_number(severity: object, expected: str) -> None:
    raw = load("security_hub-new")
    raw["detail"]["findings"][0]["Severity"] = severity

    assert read(raw).severity.name == expected


def test_a_finding_of_the_new_hub_may_say_all_by_numbers() -> None:
    raw = load("security_hub_v2-new")
    finding = raw["detail"]["findings"][0]
    del finding["severity"], finding["status"]
    finding |= {"severity_id": 5, "status_id": 2}

    assert (read(raw).severity.name, read(raw).signal) == ("CRITICAL", Signal.FIRING)
    finding["status_id"] = 4
    assert read(raw).signal is Signal.RESOLVED


def test_a_deletion_that_was_refused_is_only_noted() -> None:
    assert read("kms_key_deletion-quiet-refused").signal is Signal.NOTICE


def test_the_size_of_a_group_that_grows_no_more_is_not_ended_by_one_that_shrinks() -> None:
    failed, launched, terminated = (
        read(f"auto_scaling-{each}") for each in ("launch-failed", "launched", "terminated")
    )

    assert failed.fingerprint == launched.fingerprint != terminated.fingerprint
    assert terminated.fingerprint == read("auto_scaling-terminate-failed").fingerprint


def test_root_is_one_problem_in_whichever_regions_it_signs_in() -> None:
    raw = load("console_sign_in-root")
    elsewhere = raw | {"region": "ap-south-1", "detail": raw["detail"] | {"eventID": "another"}}

    assert read(elsewhere).fingerprint == read(raw).fingerprint
    assert read(elsewhere).region == "ap-south-1"
    assert read(elsewhere).everywhere


def test_what_two_regions_log_of_one_call_is_one_event() -> None:
    raw = load("console_sign_in-root")

    assert alike(read(raw), read(raw | {"region": "ap-south-1", "id": "another"}))


def test_no_declared_problem_is_called_over_because_an_hour_has_passed() -> None:
    """But for a service of ECS, which tells again and again while it cannot do what it should."""
    assert set(ENDLESS) & DECLARED == {"ecs_service"}


def test_the_check_of_a_device_is_no_second_sign_in() -> None:
    raw = load("console_sign_in-root")
    raw["detail"] |= {"eventName": "CheckMfa", "responseElements": {"CheckMfa": "Success"}}

    assert read(raw).signal is Signal.NOTICE


def test_what_a_build_says_without_words_is_not_its_description() -> None:
    phases = [{"phase-context": each} for each in ([], [": "], ["COMMAND_EXECUTION_ERROR: exit status 2"])]
    event = read(altered("build-failed", "additional-information", "phases", to=phases))

    assert description_of(event) == "COMMAND_EXECUTION_ERROR: exit status 2"


def test_the_same_limit_of_two_services_is_two_problems() -> None:
    first, second = (
        altered("trusted_advisor-error", "check-item-detail", to={"Limit Name": "Instances", "Service": each})
        | {"resources": []}
        for each in ("EC2", "RDS")
    )
    for raw in (first, second):
        raw["detail"]["resource_id"] = ""

    assert read(first).fingerprint != read(second).fingerprint


@pytest.mark.parametrize("name", NAMES)
def test_a_link_leads_to_a_page_of_the_console_with_all_its_places_filled(name: str) -> None:
    link = read(name).link

    assert not re.search(r"[{}\[\]\s]|/home/home|#$", link)
    assert not link or link.startswith("https://")


def test_what_opensearch_has_completed_is_over_though_it_is_called_severe() -> None:
    over = load("opensearch-retirement-completed")
    planned = over | {"detail": over["detail"] | {"status": "Scheduled"}}

    assert (read(planned).signal, read(over).signal) == (Signal.FIRING, Signal.RESOLVED)
    assert read(planned).fingerprint == read(over).fingerprint


@pytest.mark.parametrize(
    ("place", "region"),
    [({"Region/AZ": "us-west-2c"}, "us-west-2"), ({"Region": "-"}, "us-east-1"), ({"Region": 5}, "us-east-1")],
)
def test_the_region_of_a_check_is_that_of_a_zone_and_else_the_events(place: dict[str, object], region: str) -> None:
    raw = altered("trusted_advisor-error", "check-item-detail", to=place) | {"region": "us-east-1"}

    assert read(raw).region == region


def test_a_limit_is_that_of_its_own_region() -> None:
    raw = altered(
        "trusted_advisor-error", "check-item-detail", to={"Region": "eu-west-1", "Limit Name": "VPCs", "Service": "VPC"}
    )
    raw["detail"]["resource_id"] = ""

    assert (read(raw).region, read(raw).resource) == ("eu-west-1", "VPCs")


def test_a_finding_that_is_closed_in_the_afternoon_is_closed_after_the_morning() -> None:
    """Inspector writes times as people do, with the half of the day behind them."""
    found = read(altered("inspector-active", "updatedAt", to="Mar 2, 2026, 10:04:12 AM"))
    closed = read(altered("inspector-closed", "updatedAt", to="Mar 2, 2026, 4:08:05 PM"))

    assert closed.published_at - found.published_at == 6 * 3_600 + 233
    assert closed.id > found.id


def test_an_object_that_is_scanned_again_and_found_bad_is_another_event() -> None:
    clean = read(altered("malware_scan-threats", "scanResultDetails", "scanResultStatus", to="NO_THREATS_FOUND"))

    assert clean.id != read("malware_scan-threats").id
    assert clean.signal is Signal.NOTICE


def test_without_a_number_of_days_a_key_is_deleted_on_its_date() -> None:
    raw = load("kms_key_deletion-scheduled")
    del raw["detail"]["requestParameters"]["pendingWindowInDays"]
    raw["detail"]["responseElements"] = {"deletionDate": "Apr 1, 2026, 12:00:00 AM"}

    assert read(raw).due_at == 1_775_001_600


def test_a_limit_without_any_resource_is_known_by_its_check_and_region() -> None:
    raw = altered("trusted_advisor-error", "check-item-detail", to={"Region": "us-west-1", "Service": "AutoScaling"})
    raw["detail"] |= {"resource_id": "", "check-name": "Auto Scaling Groups"}
    over = raw | {"detail": raw["detail"] | {"status": "OK", "uuid": "another"}}

    assert (read(over).signal, read(over).fingerprint) == (Signal.RESOLVED, read(raw).fingerprint)
