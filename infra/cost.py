"""Cost: what the hub and its agents cost a month, from stated prices; docs/deploy.md has the table.

Prices are meant to be those of us-east-1 in US dollars, without free tiers, taxes and discounts. They were written down
from memory and from what others write about AWS, and nobody has compared them with AWS's own pages: do that before you
budget. https://aws.amazon.com/eventbridge/pricing/, and likewise /lambda, /dynamodb and /cloudwatch.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

MILLION = 1_000_000
GB = 10**9

# --- prices

LAMBDA_REQUEST = 0.20 / MILLION
LAMBDA_GB_SECOND = 0.0000166667
CUSTOM_EVENT = 1.00 / MILLION  # those of AWS's own services are free
FORWARDED_EVENT = 1.00 / MILLION  # to a bus of another account
WRITE_UNIT = 0.625 / MILLION
READ_UNIT = 0.125 / MILLION
STORED_GB = 0.25 + 0.20  # in the table, and its point-in-time recovery
LOGGED_GB = 0.50
SCANNED_GB = 0.005
ALARM = 0.10
KMS_REQUEST = 0.03 / 10_000
METRIC = 0.30  # one of our own, such as a filter counts

# --- what happens

DAYS = 30
MINUTES = DAYS * 24 * 60
KEPT_DAYS = 90
# A table's key is asked for every five minutes for each connection in use, and so is each of up to four secrets.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.howitworks.html
CONNECTIONS, SECRETS = 10, 4
METRICS = 5  # what the filters in infra/hub.yaml count
MEMORY_GB = 0.5
REGIONS = 3  # in which an account has an agent; one of them is scanned
SCANS = MINUTES // 5
SCANNED_LOGS_GB = 10.0  # a month and account
# How many events of a kind an account sends a day, in all its regions: as problems, and where its group is on for all.
# Guesses, from what each kind is and how often such things happen in an account that uses the service; nobody has
# counted them. Replace them by what you see after a week.
KIND_EVENTS: Mapping[str, tuple[float, float]] = {
    "alarm": (10, 10),
    "backfill": (0.01, 0.01),
    "error_logs": (5, 5),
    "guardduty": (0.3, 0.3),
    "health": (0.1, 0.1),
    "scan_budget": (0.01, 0.01),
    "stack": (4, 4),
    "stack_set": (0.1, 0.1),
    # availability
    "application_insights": (0.05, 0.05),
    "beanstalk": (0.1, 2),
    "canary_run": (0.1, 100),
    "devops_guru": (0.05, 0.05),
    "ecs_service": (0.5, 20),
    "ecs_task": (1, 1),
    "elasticache": (0.01, 0.5),
    "internet_monitor": (0.05, 0.05),
    "opensearch": (0.05, 0.05),
    "rds": (0.1, 0.1),
    "xray_insight": (0.1, 0.1),
    # capacity
    "auto_scaling": (0.5, 40),
    "instance_state": (0, 40),
    "spot_interruption": (0, 20),
    # certificates
    "certificate": (0.1, 0.1),
    # cost
    "cost_anomaly": (0.02, 0.02),
    "trusted_advisor": (1, 1),
    # deployments
    "build": (0.3, 10),
    "codedeploy": (1, 1),
    "codepipeline": (2, 2),
    "ecs_deployment": (2, 2),
    "lambda_update": (3, 3),
    # jobs
    "appflow": (0.05, 2),
    "backup_job": (0.1, 20),
    "batch_job": (0.5, 50),
    "batch_queue": (0.05, 0.05),
    "datasync": (0.05, 1),
    "dlm_policy": (0.1, 0.1),
    "dms_task": (0.05, 0.5),
    "ebs": (0.05, 20),
    "emr": (0.1, 5),
    "glue_crawler": (0.05, 5),
    "glue_data_quality": (0.1, 10),
    "glue_job": (0.2, 20),
    "lambda_result": (0.5, 50),
    "redshift_statement": (0.2, 50),
    "ssm_association": (0.5, 10),
    "ssm_automation": (0.1, 2),
    "ssm_command": (0.2, 10),
    "ssm_compliance": (5, 5),
    "ssm_window": (0.05, 1),
    "step_functions": (1, 100),
    "transfer": (0.1, 0.1),
    # security
    "access_analyzer": (0.1, 0.1),
    "config_rule": (0, 50),
    "console_sign_in": (0.3, 0.3),
    "image_scan": (3, 3),
    "inspector": (1, 1),
    "kms_key_deletion": (0.02, 0.02),
    "macie": (0.05, 0.05),
    "malware_scan": (0.02, 0.02),
    "secret_rotation": (0.02, 1),
    "security_hub": (3, 200),
    "security_hub_v2": (1, 50),
    "signer": (0.01, 0.1),
}
# The same of a kind that a team declares of AWS's events.
UNGUESSED = (1, 10)
PASSES = 2  # each line is read twice: on time, and once more for what came late; 1 with LATE_PASS_DELAY_MINUTES 0


@dataclass(frozen=True, slots=True)
class Work:
    """What one run of a function takes: seconds, units of the table, bytes of its own log."""

    seconds: float
    writes: float = 0.0
    reads: float = 0.0
    logged: int = 500

    @property
    def price(self) -> float:
        """The price of one run, in dollars."""
        computed = LAMBDA_REQUEST + self.seconds * MEMORY_GB * LAMBDA_GB_SECOND
        return computed + self.writes * WRITE_UNIT + self.reads * READ_UNIT + self.logged / GB * LOGGED_GB


# Write and read units of an event of two kilobytes with all that follows from it, as `bench/event_units.py` measures
# them on the real hub with one receiver: a message costs what is written before and after it.
UNITS = {
    "announced": (22.0, 4.5),
    "announced as it recurs": (20.0, 4.8),
    "over": (23.0, 4.8),
    "counted": (7.0, 0.5),
    "counted in a storm": (5.6, 2.5),
    "heartbeat": (1.0, 0.5),
}
SECONDS = {"counted": 0.05, "counted in a storm": 0.05, "heartbeat": 0.03}
MESSAGE_SECONDS = 0.5  # a receiver's time to respond, for which the function waits
WORK = {
    kind: Work(seconds=SECONDS.get(kind, MESSAGE_SECONDS), writes=writes, reads=reads, logged=1_000)
    for kind, (writes, reads) in UNITS.items()
}
# Of ten events two begin a problem, one ends it, and the others are counted: a guess.
MIX = {"announced": 0.2, "over": 0.1, "counted": 0.7}
EVENT = Work(
    seconds=sum(share * WORK[kind].seconds for kind, share in MIX.items()),
    writes=sum(share * WORK[kind].writes for kind, share in MIX.items()),
    reads=sum(share * WORK[kind].reads for kind, share in MIX.items()),
    logged=1_000,
)
STORED_EVENT = 3_000  # bytes, with its share of the indexes and of its alert
HEARTBEAT = WORK["heartbeat"]
SWEEP = Work(seconds=0.5, writes=6, reads=8)
SCAN = Work(seconds=8.0, logged=1_500)
AGENT_READ = 0.25  # units for an agent's item, in every check


def hub_price(accounts: int, events: int, alarms: int) -> float:
    """Return the hub's dollars a month, for `accounts` that send `events` a day each."""
    monthly_events = accounts * events * DAYS
    stored = accounts * events * KEPT_DAYS * STORED_EVENT / GB
    # The report and the reconciliation read a day and the one before each, abridged.
    reports = 4 * monthly_events * 0.25 * READ_UNIT
    checks = SCANS * Work(seconds=0.1, reads=accounts * AGENT_READ).price
    return (
        monthly_events * EVENT.price
        + stored * STORED_GB
        + accounts * SCANS * HEARTBEAT.price
        + MINUTES * SWEEP.price
        + SCANS * SCAN.price
        + PASSES * SCANNED_LOGS_GB * SCANNED_GB
        + reports
        + checks
        + alarms * ALARM
        + METRICS * METRIC
        + CONNECTIONS * (1 + SECRETS) * MINUTES / 5 * KMS_REQUEST
    )


def agent_price(events: int) -> float:
    """Return an account's dollars a month: its forwarding, its scans, and its alarm in each region."""
    forwarded = (events * DAYS + SCANS) * FORWARDED_EVENT + SCANS * CUSTOM_EVENT
    return forwarded + SCANS * SCAN.price + PASSES * SCANNED_LOGS_GB * SCANNED_GB + REGIONS * ALARM


def table(hub_template: str) -> Iterator[str]:
    """Iterate over the lines of the table, in Markdown, with the alarms of a template of the hub."""
    alarms = hub_template.count("Type: AWS::CloudWatch::Alarm\n")
    yield "| accounts | events a day and account | hub | each account | all together |"
    yield "|---:|---:|---:|---:|---:|"
    for accounts in (10, 100, 1_000):
        for events in (10, 100, 1_000):
            hub, agent = hub_price(accounts, events, alarms), agent_price(events)
            total = hub + accounts * agent
            yield f"| {accounts:,} | {events:,} | ${dollars(hub)} | ${agent:.2f} | ${dollars(total)} |"


def units_table() -> Iterator[str]:
    """Iterate over the lines of a table of what a million events of each kind cost: forwarded, stored and sent."""
    yield "| events | write units each | read units each | a million |"
    yield "|---|---:|---:|---:|"
    for kind, work in WORK.items():
        kept = 0 if kind == "heartbeat" else STORED_EVENT / GB * STORED_GB * KEPT_DAYS / DAYS
        million = MILLION * (work.price + FORWARDED_EVENT + kept)
        yield f"| {kind} | {work.writes:g} | {work.reads:g} | ${dollars(million)} |"


def events_price(accounts: int, events: float) -> float:
    """Return what it costs a year that accounts send so many events more a day each, agents and hub together."""
    stored = accounts * events * KEPT_DAYS * STORED_EVENT / GB * STORED_GB * 12
    return stored + accounts * events * 365 * (EVENT.price + FORWARDED_EVENT)


def dollars(amount: float) -> str:
    """Round to two digits that count: nothing here is known better."""
    amount = max(amount, 0.01)
    digits = 1 - math.floor(math.log10(amount))
    return f"{round(amount, digits):,.0f}" if amount >= 1 else f"{amount:.2f}"
