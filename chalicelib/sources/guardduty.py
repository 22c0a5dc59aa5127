"""GuardDuty findings: a threat detector in an agent account saw something.

https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_eventbridge.html
"""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from msgspec import field

from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.events.event import Severity, Signal, Summary
from chalicelib.domain.events.lifecycle import Lifecycle
from chalicelib.domain.timestamps import iso, parse_time
from chalicelib.sources.schema import Declaration, Detail, Flag, Name, Number, Object, Part, Text, console

# GuardDuty's published bands: a score at or above the floor has that severity.
BANDS = ((9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (4.0, Severity.MEDIUM), (1.0, Severity.LOW))

type Steps = tuple[str | int, ...]

TYPE: Steps = ("resourceType",)
# Where each type of resource has the name that its owner would look for; the first that is there.
NAMES: dict[str, tuple[Steps, ...]] = {
    "AccessKey": (
        ("accessKeyDetails", "userName"),
        ("accessKeyDetails", "principalId"),
        ("accessKeyDetails", "accessKeyId"),
    ),
    "Container": (("containerDetails", "name"), ("containerDetails", "id")),
    "EBSSnapshot": (("ebsSnapshotDetails", "snapshotArn"),),
    "EC2AMI": (("ec2ImageDetails", "imageArn"),),
    "ECSCluster": (("ecsClusterDetails", "name"),),
    "EKSCluster": (("eksClusterDetails", "name"),),
    "Instance": (("instanceDetails", "instanceId"),),
    "Lambda": (("lambdaDetails", "functionName"),),
    "RDSDBInstance": (
        ("rdsDbInstanceDetails", "dbInstanceIdentifier"),
        ("rdsDbInstanceDetails", "dbClusterIdentifier"),
    ),
    "RDSLimitlessDB": (("rdsLimitlessDbDetails", "dbShardGroupIdentifier"),),
    "RecoveryPoint": (("recoveryPointDetails", "recoveryPointArn"),),
    "S3Bucket": (("s3BucketDetails", 0, "name"),),
    "S3Object": (("s3BucketDetails", 0, "name"),),
}
# Where an attack sequence names what was attacked, or else who did.
SEQUENCE_NAMES: tuple[Steps, ...] = (
    ("resources", 0, "name"),
    ("resources", 0, "uid"),
    ("actors", 0, "user", "name"),
)
# What IAM does is done in each region that listens: one action makes a finding in each, with ids of their own.
# https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_regions.html
GLOBAL, EVERY_REGION = ":IAMUser/", "every region"


class AdditionalInfo(Part, frozen=True, kw_only=True):
    """What did not fit elsewhere, as fields and once more as JSON in `value`."""

    sample: Flag = False
    value: Text = ""

    @property
    def is_sample(self) -> bool:
        """Return whether somebody asked GuardDuty to make this finding up."""
        return self.sample or '"sample":true' in self.value.replace(" ", "")


class Detection(Part, frozen=True, kw_only=True):
    """What several signals add up to."""

    sequence: Object = field(default_factory=dict)


class FindingService(Part, frozen=True, kw_only=True):
    """What GuardDuty keeps about the finding itself."""

    archived: Flag = False
    count: Text = ""
    detection: Detection = Detection()
    additional: AdditionalInfo = field(name="additionalInfo", default=AdditionalInfo())


class Finding(Detail, frozen=True, kw_only=True):
    """One finding; GuardDuty sends it again, its id unchanged, as its count grows.

    An archived one is sent again when what it is about happens again: its owner has called it settled.
    """

    id: Name
    type: Text = ""
    title: Text = ""
    score: Number = field(name="severity", default=0.0)
    account_id: Text = field(name="accountId", default="")
    region: Text = ""
    updated_at: Text = field(name="updatedAt", default="")
    resource: Object = field(default_factory=dict)
    service: FindingService = FindingService()

    def summary(self, envelope: Envelope) -> Summary:
        """Take the finding's own account: an administrator account sees its members' findings again."""
        account, region = self.account_id or envelope.account, self.region or envelope.region
        archived, resource = self.service.archived, self._resource()
        identity = self._identity(account, region, resource)
        shown = "archived" if archived else "current"
        return Summary(
            title=self._title(),
            severity=Severity.LOW if archived or self.service.additional.is_sample else severity_of(self.score),
            identity=identity,
            occurrence=(
                *(account, region, self.id),
                *(self.updated_at or iso(envelope.time), self.service.count, str(archived)),
            ),
            signal=Signal.RESOLVED if archived else Signal.FIRING,
            lifecycle=Lifecycle.RECURRING,
            replicated=EVERY_REGION in identity,
            everywhere=EVERY_REGION in identity,
            account=account,
            region=region,
            resource=resource,
            at=parse_time(self.updated_at),
            link=console(region, "guardduty", f"/findings?macros={shown}&fId={quote(self.id, safe='')}"),
        )

    def _identity(self, account: str, region: str, name: str) -> tuple[str, ...]:
        """Take findings about one user for one problem, whichever regions have noticed."""
        if GLOBAL in self.type and name and name != _text_at(self.resource, TYPE):
            return (account, EVERY_REGION, self.type, name)
        return (account, region, self.id)

    def _resource(self) -> str:
        sequence = self.service.detection.sequence
        return _first_of(sequence, SEQUENCE_NAMES) or name_of(self.resource)

    def _title(self) -> str:
        title = self.title or self.type or "GuardDuty finding"
        marked = not self.service.additional.is_sample or title.startswith("[SAMPLE")
        return title if marked else f"[SAMPLE] {title}"


def severity_of(score: float) -> Severity:
    """Translate GuardDuty's score into ours; a score below every band is UNKNOWN."""
    return next((severity for floor, severity in BANDS if score >= floor), Severity.UNKNOWN)


def name_of(resource: Mapping[str, Any]) -> str:
    """Return a resource's own name where we know where its type has one, else the type."""
    kind = _text_at(resource, TYPE)
    return _first_of(resource, NAMES.get(kind, ())) or kind


def _first_of(holder: Mapping[str, Any], paths: Iterable[Steps]) -> str:
    """Return the first text that stands at one of these places."""
    return next(filter(None, (_text_at(holder, path) for path in paths)), "")


def _text_at(place: Any, path: Steps) -> str:
    for step in path:
        try:
            place = place[step]
        except (KeyError, IndexError, TypeError):
            return ""
    return place if isinstance(place, str) else ""


SOURCE = Declaration(
    Finding,
    source="aws.guardduty",
    detail_types=("GuardDuty Finding",),
    identity="account, region, finding's id; of IAM users: account, type, user",
    occurrence="account, region, finding's id, last update, count, archived",
    origin="finding's, finding's, last update",
)
