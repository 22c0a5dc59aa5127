"""The agents' scans: the real one in each account, on a faster clock than in AWS."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from chalicelib import bootstrap
from chalicelib.services.backfill import Backfill
from chalicelib.services.scan import Scan
from chalicelib.services.scan_report import ScanReport
from chalicelib.settings import AgentSettings
from local.aws import ACCOUNTS, STAGE, Account, Cloud

if TYPE_CHECKING:
    import boto3

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
        self._broken: set[Account] = set()
        self._scans = [
            _scan(self._breakable(cloud.session(account, region), account), account)
            for account in ACCOUNTS
            for region in account.homes
        ]

    def break_queries(self, account: Account, *, broken: bool) -> None:
        """Let all queries of an account's logs fail from now on, or none."""
        (self._broken.add if broken else self._broken.discard)(account)

    def run(self) -> Findings:
        """Scan what is due everywhere; each scan publishes through its own account's bus."""
        reports: list[ScanReport] = [each.run() for each in self._scans]
        return Findings(len(reports), sum(each.events for each in reports), sum(each.errors for each in reports))

    def _breakable(self, session: "boto3.Session", account: Account) -> "boto3.Session":
        """Return the session, in which queries answer that they failed while they are broken."""

        def answer(**_call: Any) -> Any:
            return (SimpleNamespace(status_code=200), {"status": "Failed"}) if account in self._broken else None

        session.events.register("before-call.cloudwatch-logs.GetQueryResults", answer)
        return session


def backfills(cloud: Cloud, accounts: Iterable[Account]) -> Iterator[tuple[str, Backfill]]:
    """Iterate over what scans the past of each place, and what that place is called."""
    for account in accounts:
        for region in account.homes:
            backfill = bootstrap.build_backfill(_settings(account), _scan(cloud.session(account, region), account))
            yield f"{account.name} {region}", backfill


def _scan(session: "boto3.Session", account: Account) -> Scan:
    return bootstrap.build_agent(_settings(account), session, bootstrap.scan_file())


def _settings(account: Account) -> AgentSettings:
    return AgentSettings(
        stage=STAGE,
        log_level="INFO",
        name=account.name,
        tag_filter="",
        window=WINDOW,
        latency=LATENCY,
        late_look=0,
        queries=20,
        interval=INTERVAL,
    )
