"""Cost: what the hub and its agents cost a month, from stated prices; docs/deploy.md has the table.

Prices are meant to be those of us-east-1 in US dollars, without free tiers, taxes and discounts. They were written down
from memory and from what others write about AWS, and nobody has compared them with AWS's own pages: do that before you
budget. https://aws.amazon.com/eventbridge/pricing/, and likewise /lambda, /dynamodb and /cloudwatch.
"""

import math
from collections.abc import Iterator
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
# How many events of a group an account sends a day, with its problems alone and with all: guesses, to be replaced by
# what you see after a week.
GROUP_EVENTS = {
    "availability": (2.0, 60.0),
    "capacity": (1.0, 100.0),
    "certificates": (0.1, 0.1),
    "cost": (0.1, 1.0),
    "deployments": (3.0, 40.0),
    "jobs": (5.0, 300.0),
    "security": (2.0, 200.0),
}
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


# Writes are those that the tests count from the sizes of the items (docs/adr/0002).
EVENT = Work(seconds=0.15, writes=6, reads=3, logged=1_000)
STORED_EVENT = 3_000  # bytes, with its share of the indexes and of its alert
HEARTBEAT = Work(seconds=0.03, writes=1, reads=1)
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


def events_price(accounts: int, events: float) -> float:
    """Return what it costs a year that accounts send so many events more a day each, agents and hub together."""
    stored = accounts * events * KEPT_DAYS * STORED_EVENT / GB * STORED_GB * 12
    return stored + accounts * events * 365 * (EVENT.price + FORWARDED_EVENT)


def dollars(amount: float) -> str:
    """Round to two digits that count: nothing here is known better."""
    amount = max(amount, 0.01)
    digits = 1 - math.floor(math.log10(amount))
    return f"{round(amount, digits):,.0f}" if amount >= 1 else f"{amount:.2f}"
