"""ECR image scans: a scan of an image found vulnerabilities that are critical or high, or none of these any more.

Each push is scanned, and the scan of a repository's next image without such findings ends the problem.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html
"""

from typing import Annotated, Any
from urllib.parse import quote

from msgspec import Meta, field

from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.events.event import Severity, Signal, Summary
from chalicelib.domain.events.lifecycle import Lifecycle
from chalicelib.sources.schema import Declaration, Detail, InvalidDetail, Many, Name, Text, console, read_text

WORST, BAD = "CRITICAL", "HIGH"
COMPLETE = "COMPLETE"
MOST_TAGS = 3

type Tag = Annotated[str, Meta(max_length=300)]


class ImageScan(Detail, frozen=True, kw_only=True):
    """What a scan of one image found."""

    repository: Name = field(name="repository-name")
    status: Text = field(name="scan-status", default="")
    digest: Text = field(name="image-digest", default="")
    counts: dict[str, Any] = field(name="finding-severity-counts", default_factory=dict)
    tags: Annotated[tuple[Tag, ...], Many] = field(name="image-tags", default=())

    def summary(self, envelope: Envelope) -> Summary:
        """Take a repository's images for one problem."""
        critical, high = (_count(self.counts.get(each)) for each in (WORST, BAD))
        tags = ", ".join(self.tags[:MOST_TAGS])
        image = f"{self.repository}{':' if tags else ''}{tags}"
        found = critical + high > 0
        said = f"{critical} critical and {high} high vulnerabilities"
        if not found and self.status != COMPLETE:
            said = f"scan is {self.status or 'without a state'}"
        by_worst = ((critical, Severity.HIGH), (high, Severity.MEDIUM))
        return Summary(
            title=f"Image {image}: {said}",
            severity=next((each for count, each in by_worst if count), Severity.LOW),
            identity=(envelope.account, envelope.region, self.repository),
            signal=_signal(self.status, found=found),
            lifecycle=Lifecycle.RECURRING,
            resource=self.repository,
            link=_link(envelope, self.repository),
        )


def _signal(status: str, *, found: bool) -> Signal:
    if found:
        return Signal.FIRING
    return Signal.RESOLVED if status == COMPLETE else Signal.NOTICE


def _count(value: object) -> int:
    """Return a number of findings, none where it is left out; what is no number says nothing of an image."""
    text = read_text(value)
    if value is not None and not (text.isdecimal() and text.isascii()):
        raise InvalidDetail("The detail does not fit: finding-severity-counts")
    return int(text or 0)


def _link(envelope: Envelope, repository: str) -> str:
    service = console(envelope.region, "ecr", "").partition("/home")[0]
    return f"{service}/repositories/private/{envelope.account}/{quote(repository, safe='')}" if service else ""


SOURCE = Declaration(
    ImageScan,
    source="aws.ecr",
    detail_types=("ECR Image Scan",),
    group="security",
    # A clean one too: it ends the problem.
    filters={"ECR Image Scan": {"scan-status": [COMPLETE]}},
    identity="account, region, repository",
    occurrence="account, region, source, detail type, time, resources, detail",
    origin="envelope",
)
