"""What the hub knows of itself, in lines: canaries, what the day's events add up to, and the archive."""

from collections.abc import Iterator

from chalicelib import container
from chalicelib.domain.timestamps import iso
from local.aws import ACCOUNTS, HUB, HUB_REGION, REGIONS, Cloud
from local.buses import ARCHIVE
from local.counts import span_of


def lines(cloud: Cloud) -> Iterator[str]:
    """Iterate over what to print."""
    yield from _canaries()
    yield from _reconciliation()
    yield from _archive(cloud)


def _canaries() -> Iterator[str]:
    hub = container.hub()
    arrivals = hub.canaries.arrivals()
    if not arrivals:
        yield "canary          none has arrived yet; each region sends one every 15 minutes"
    for region, arrival in arrivals.items():
        state = "late" if arrival.is_late(hub.clock.now()) else "on time"
        yield f"canary          {region}: sent {iso(arrival.sent_at)}, arrived after {arrival.latency} s, {state}"


def _reconciliation() -> Iterator[str]:
    reconciliation = container.hub().reconciliation
    counts = reconciliation.compare(*span_of(container.hub().clock.now()))
    counted = ", ".join(
        f"{getattr(counts, name)} {name}" for name in ("matched", "invoked", "received", "handled", "stored", "kept")
    )
    missing = ", ".join(f"{each.missing} missing behind the {each.name}" for each in counts.steps() if each.missing)
    yield f"reconciliation  {counts.state(reconciliation.percent, was_short=False)}: {counted}"
    if missing:
        yield f"reconciliation  {missing}"


def _archive(cloud: Cloud) -> Iterator[str]:
    for account in ACCOUNTS:
        for region in REGIONS:
            found = cloud.client("events", account, region).describe_archive(ArchiveName=ARCHIVE)
            if found["EventCount"] or (account, region) == (HUB, HUB_REGION):
                yield f"archive         {account.name} {region}: {found['EventCount']} events in {ARCHIVE}"
