"""Labels: the pages' words for kinds, statuses, reasons and outcomes."""

from collections.abc import Iterable, Mapping

from chalicelib.domain.notifications.alert_history import EntryKind
from chalicelib.domain.notifications.notification import Delivery, Reason

KINDS: Mapping[str, str] = {
    "access_analyzer": "Access Analyzer",
    "agent_state": "Agent",
    "alarm": "Alarm",
    "application_insights": "Application Insights",
    "backfill": "Search of past logs",
    "canary": "Test signal",
    "cap": "Cap of a receiver",
    "custom": "Own event",
    "error_logs": "Errors in logs",
    "failure_destinations": "Hub's safety net",
    "guardduty": "GuardDuty finding",
    "health": "AWS Health",
    "internet_monitor": "Internet Monitor",
    "reconciliation": "Count of lost events",
    "scan_budget": "Scan budget",
    "security_hub": "Security Hub",
    "security_hub_v2": "Security Hub v2",
    "stack": "Deployment",
    "stack_set": "StackSet",
    "step_functions": "Step Functions",
    "trusted_advisor": "Trusted Advisor",
    "unknown": "Other event",
}
# Spellings of AWS.
SPELLINGS = (
    "AppFlow",
    "CodeDeploy",
    "CodePipeline",
    "DataSync",
    "DevOps",
    "ElastiCache",
    "Guru",
    "OpenSearch",
    "X-Ray",
)
SHORT = ("DLM", "DMS", "EBS", "EC2", "ECR", "ECS", "EKS", "EMR", "IAM", "KMS", "RDS", "S3", "SNS", "SQS", "SSM", "VPC")
WORDS = {each.replace("-", "").lower(): each for each in SPELLINGS + SHORT}
DELIVERIES: Mapping[Delivery, str] = {
    Delivery.PENDING: "Waiting to be sent",
    Delivery.DELIVERED: "Sent",
    Delivery.FAILED: "Not sent",
    Delivery.SUPPRESSED: "Nobody was notified",
}
REASONS: Mapping[Reason, str] = {
    Reason.FIRST: "it is new",
    Reason.REGRESSION: "it was over, and began again",
    Reason.WORSENED: "it became more severe",
    Reason.UPDATE: "there was news about it",
    Reason.JOINED: "it reached more accounts or regions",
    Reason.SPREAD: "it reached another account or region, which its message shows",
    Reason.STEP: "it happened again and again",
    Reason.REMINDER: "it still fired, or was due soon",
    Reason.RELEASED: "it still fired when the problem that explained it was over",
    Reason.RESOLVED: "it is over",
    Reason.FLAPPING: "it begins and ends again and again",
    Reason.STABLE: "it no longer begins and ends again and again",
    Reason.EVERY_EVENT: "the route announces each event",
    Reason.SCHEDULED: "it was due",
    Reason.SUMMARY: "it summarises what was not announced one by one",
    Reason.REOPENED: "somebody opened it again",
    Reason.ESCALATED: "nobody had acknowledged it",
    Reason.ACK_EXPIRED: "its acknowledgement had expired",
    Reason.CAPPED: "as many messages as the receiver takes in an hour had been sent",
    Reason.REPEATED: "everybody knows of it already",
    Reason.ACKNOWLEDGED: "somebody works on it",
    Reason.BELOW_MINIMUM: "it is less severe than the route requires",
    Reason.BELOW_COUNT: "it has not happened often enough yet for the route",
    Reason.SILENCED: "a silence covers it",
    Reason.INHIBITED: "another problem explains it, of which people know already",
    Reason.UNROUTED: "no route sends it to a receiver",
    Reason.QUIET: "it has not happened again for a day",
    Reason.NOTHING_TO_RESOLVE: "it ends a problem of which nobody was notified",
    Reason.NOTICE: "it reports no problem, and ends none",
    Reason.OUTDATED: "newer events had arrived before it",
    Reason.BACKFILLED: "it was found in logs of the past, and is counted in their summary",
    Reason.PROCESSING: "the hub is still working on it; it takes about a minute",
}
ENTRIES: Mapping[EntryKind, str] = {
    EntryKind.EPISODE_BEGAN: "Began",
    EntryKind.WORSENED: "Became more severe",
    EntryKind.ACKNOWLEDGED: "Acknowledged",
    EntryKind.RESOLVED: "Resolved",
    EntryKind.REOPENED: "Reopened",
    EntryKind.NOTED: "Noted",
    EntryKind.EPISODE_ENDED: "Ended",
    EntryKind.NOTIFIED: "Notification",
}


def entry(what: str) -> str:
    """Return the label of a history entry."""
    return {each.value: label for each, label in ENTRIES.items()}.get(what, _plain(what))


def kind(name: str) -> str:
    """Return the label of a kind."""
    return KINDS.get(name, _plain(name))


def kinds(names: Iterable[str]) -> list[tuple[str, str]]:
    """Return kinds with their labels, sorted by these."""
    return sorted(((name, kind(name)) for name in names), key=lambda each: each[1].casefold())


def reason(why: str) -> str:
    """Return a reason as the second half of a sentence."""
    return {each.value: label for each, label in REASONS.items()}.get(why, _plain(why).lower())


def _plain(name: str) -> str:
    """Return a label made of the name itself."""
    first, *others = (WORDS.get(each, each) for each in name.split("_"))
    return " ".join((first[:1].upper() + first[1:], *others))
