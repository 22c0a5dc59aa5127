"""The templates as moto's CloudFormation deploys them: names, conditions, parameters; it leaves out what it lacks."""

import logging
from collections.abc import Iterator, Mapping
from typing import Any

import boto3
import pytest
from moto import mock_aws

from chalicelib.domain.scanning.budget import GIGABYTE, Budget, Excess
from chalicelib.settings import AgentSettings
from infra.deploy import protect_table
from tests.infra.templates import INFRA

HUB_ACCOUNT, HUB_REGION = "123456789012", "eu-west-1"
# moto takes credentials that it did not issue for those of this account; with another hub, it is an agent's.
HERE, ELSEWHERE = HUB_ACCOUNT, "111122223333"
CODE = {"CodeBucketPrefix": "monitoring-code", "CodeKey": "monitoring/0123abcd.zip"}

pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse .* not supported by moto")


@pytest.fixture(autouse=True)
def _aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    logging.getLogger("moto").setLevel(logging.ERROR)
    with mock_aws(config={"lambda": {"use_docker": False}}):
        yield
    logging.getLogger("moto").setLevel(logging.NOTSET)


def client(service: str, region: str = HUB_REGION) -> Any:
    session: Any = boto3.Session(region_name=region)
    return session.client(service)


def deploy(template: str, region: str = HUB_REGION, **parameters: str) -> dict[str, str]:
    """Deploy a template as a stack of its own; returns its outputs."""
    cloudformation = client("cloudformation", region)
    name = template.removesuffix(".yaml")
    cloudformation.create_stack(
        StackName=name,
        TemplateBody=(INFRA / template).read_text(),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
    )
    (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}


def deploy_agent(region: str, hub_account: str = HUB_ACCOUNT, **parameters: str) -> None:
    """Deploy an agent, its code in a bucket as code-bucket.yaml makes it."""
    deploy("code-bucket.yaml", region, CodeBucketPrefix="monitoring-code", OrganizationId="o-a1b2c3d4e5")
    client("s3", region).put_object(Bucket=f"monitoring-code-{region}", Key=CODE["CodeKey"], Body=b"code")
    deploy("agent.yaml", region, HubAccount=hub_account, HubRegion=HUB_REGION, **(CODE | parameters))


def rules(region: str) -> dict[str, Mapping[str, Any]]:
    return {each["Name"]: each for each in client("events", region).list_rules()["Rules"]}


def scanners(region: str) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = client("lambda", region).list_functions()["Functions"]
    return [each for each in found if each["Handler"] == "app.query_error_logs"]


def test_the_hubs_stack_outputs_all_that_the_deploy_step_needs() -> None:
    outputs = deploy("hub.yaml", Stage="prod", OrganizationId="o-a1b2c3d4e5", AlarmEmail="ops@example.com")

    arn = f"arn:aws:sqs:{HUB_REGION}:{HERE}:monitoring-prod-"
    assert outputs["TableName"] == "monitoring-prod"
    assert outputs["TableArn"] == f"arn:aws:dynamodb:{HUB_REGION}:{HERE}:table/monitoring-prod"
    assert (outputs["UndeliveredArn"], outputs["FailedArn"]) == (f"{arn}undelivered", f"{arn}failed")
    assert client("sqs").get_queue_attributes(QueueUrl=outputs["FailedUrl"], AttributeNames=["QueueArn"])
    assert outputs["AlarmsArn"].endswith(":monitoring-prod-alarms")


def test_the_hubs_stack_makes_what_it_says() -> None:
    deploy("hub.yaml", Stage="prod", LogRetentionInDays="7")

    table = client("dynamodb").describe_table(TableName="monitoring-prod")["Table"]
    groups = client("logs").describe_log_groups()["logGroups"]
    assert table["DeletionProtectionEnabled"] is False
    for _ in range(2):
        protect_table(client("dynamodb"), "prod")
        table = client("dynamodb").describe_table(TableName="monitoring-prod")["Table"]
        assert table["DeletionProtectionEnabled"] is True
    assert "/aws/lambda/monitoring-prod-deliver_notifications" in {each["logGroupName"] for each in groups}
    assert {each["retentionInDays"] for each in groups} == {7}


def test_an_agent_where_the_hub_is_does_nothing() -> None:
    deploy_agent(HUB_REGION, ScanRegions="all")

    assert rules(HUB_REGION) == {}
    assert scanners(HUB_REGION) == []


@pytest.mark.parametrize(("region", "hub_account"), [("us-east-1", HERE), (HUB_REGION, ELSEWHERE)])
def test_an_agent_anywhere_else_forwards(region: str, hub_account: str) -> None:
    deploy_agent(region, hub_account)

    names = rules(region)
    assert {f"monitoring-agent-dev-{each}" for each in ("health", "agent", "custom")} < names.keys()
    for name in names:
        (target,) = client("events", region).list_targets_by_rule(Rule=name)["Targets"]
        assert target["Arn"] == f"arn:aws:events:{HUB_REGION}:{hub_account}:event-bus/default"
        assert target["DeadLetterConfig"]["Arn"].endswith(f":{region}:{HERE}:monitoring-agent-dev-dead-letters")


@pytest.mark.parametrize(
    ("where", "region", "scans"),
    [
        ("none", "us-east-1", False),
        ("all", "us-east-1", True),
        ("us-east-1", "us-east-1", True),
        ("us-east-1", "us-west-2", False),
        ("eu-central-1,us-east-1", "us-east-1", True),
        ("eu-central-1,us-east-1", "us-west-2", False),
        ("a-a-1,b-b-2,c-c-3,d-d-4,e-e-5,f-f-6,g-g-7,us-east-1", "us-east-1", True),
    ],
)
def test_an_agent_scans_where_it_is_wanted(where: str, region: str, *, scans: bool) -> None:
    deploy_agent(region, ScanRegions=where)

    assert ("monitoring-agent-dev-scan" in rules(region)) is scans
    assert bool(scanners(region)) is scans


def test_the_scanner_runs_the_hubs_own_code_with_an_agents_settings_alone() -> None:
    budget = {"ScanBudgetGb": "50", "ScanOverBudget": "stop"}
    deploy_agent("us-east-1", Stage="prod", ScanRegions="all", ScanTag="team=payments", ScanMinutes="15", **budget)

    (scanner,) = scanners("us-east-1")
    variables = scanner["Environment"]["Variables"]
    settings = AgentSettings.load(variables)
    assert (scanner["FunctionName"], scanner["Handler"]) == ("monitoring-agent-prod", "app.query_error_logs")
    assert scanner["Runtime"] == "python3.13"
    assert (settings.stage, settings.tag_filter, settings.interval) == ("prod", "team=payments", 900)
    assert settings.budget == Budget(50 * GIGABYTE, Excess.STOP)
    assert rules("us-east-1")["monitoring-agent-prod-scan"]["ScheduleExpression"] == "rate(15 minutes)"
    assert scanner["Timeout"] < settings.interval
    assert "TABLE_NAME" not in variables


def test_one_account_without_an_organisation_lets_no_other_account_in() -> None:
    region = "us-east-1"
    deploy("hub.yaml", Stage="dev")
    deploy("code-bucket.yaml", region, CodeBucketPrefix="monitoring-code")
    client("s3", region).put_object(Bucket=f"monitoring-code-{region}", Key=CODE["CodeKey"], Body=b"code")
    deploy("agent.yaml", region, HubAccount=HERE, HubRegion=HUB_REGION, ScanRegions="all", **CODE)

    assert "Policy" not in client("events").describe_event_bus(Name="default")
    assert len(scanners(region)) == 1
