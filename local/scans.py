"""The agents' scans: the real one in each account, on a faster clock than in AWS."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chalicelib import bootstrap
from chalicelib.services.backfill import Backfill
from chalicelib.services.scan import Scan
from chalicelib.services.scan_report import ScanReport
from chalicelib.settings import AgentSettings
from local.aws import ACCOUNTS, STAGE, Account, Cloud

# In AWS: windows of five minutes, scanned two minutes after they end. moto has its logs at once.
WINDOW, LATENCY = 10, 1
# What heartbeats promise, in seconds; an agent that is silent for three times as long is announced.
INTERVAL = 60


@dataclass(frozen=True, slots=True)
class Findings:
    """What the scans of all accounts found: groups of alike errors, and the lines in them."""

    agents: int
    groups: int
    lines: int


class Scans:
    """One scan for each place where an agent lives, with its account's credentials and its own watermark."""

    def __init__(self, cloud: Cloud) -> None:
        self._scans = [_scan(cloud, account, region) for account in ACCOUNTS for region in account.homes]

    def run(self) -> Findings:
        """Scan what is due everywhere; each scan publishes through its own account's bus."""
        reports: list[ScanReport] = [each.run() for each in self._scans]
        return Findings(len(reports), sum(each.events for each in reports), sum(each.errors for each in reports))


def backfills(cloud: Cloud, accounts: Iterable[Account]) -> Iterator[tuple[str, Backfill]]:
    """Iterate over what scans the past of each place, and what that place is called."""
    for account in accounts:
        for region in account.homes:
            backfill = bootstrap.build_backfill(_settings(account), _scan(cloud, account, region))
            yield f"{account.name} {region}", backfill


def _scan(cloud: Cloud, account: Account, region: str) -> Scan:
    return bootstrap.build_agent(_settings(account), cloud.session(account, region), bootstrap.scan_file())


def _settings(account: Account) -> AgentSettings:
    return AgentSettings(
        stage=STAGE,
        log_level="INFO",
        name=account.name,
        tag_filter="",
        window=WINDOW,
        latency=LATENCY,
        interval=INTERVAL,
    )
