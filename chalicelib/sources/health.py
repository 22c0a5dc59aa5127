"""AWS Health events: AWS itself has a problem, plans a change, or wants something of an account's owner.

A public event reaches every account, and a backup region too. All copies have the same ARN, communication and times,
so they become one event, whose account is `*`: all of them.

https://docs.aws.amazon.com/health/latest/ug/aws-health-events-eventbridge-schema.html
"""

from typing import Annotated
from urllib.parse import quote

from msgspec import field

from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.events.event import Severity, Signal, Summary
from chalicelib.domain.events.lifecycle import Lifecycle
from chalicelib.domain.text import digest
from chalicelib.domain.timestamps import DAY, read_date
from chalicelib.sources.schema import Declaration, Detail, Many, Name, Part, Text

EVERY_ACCOUNT = "*"

# What AWS tells of an open event, from the most to the least urgent; a closed one is LOW.
SERVICES = {"ABUSE": Severity.CRITICAL, "RISK": Severity.CRITICAL}
CATEGORIES = {
    "issue": Severity.HIGH,
    "investigation": Severity.HIGH,
    "scheduledChange": Severity.MEDIUM,
    "accountNotification": Severity.LOW,
}
ACTION_REQUIRED = Severity.MEDIUM
# How long each category lasts; an abuse report, whatever its category, until somebody has dealt with it.
LIFECYCLES = {"scheduledChange": Lifecycle.PLANNED, "accountNotification": Lifecycle.RECURRING}

ENGLISH = "en_US"
# An entity in one of these is not affected, or no longer.
UNAFFECTED = ("RESOLVED", "UNIMPAIRED")

CONSOLE = "https://health.aws.amazon.com/health/home#/account/event-log?eventID={}&eventTab=details"


class Entity(Part, frozen=True, kw_only=True):
    """Something of the account's that the event affects."""

    value: Text = field(name="entityValue", default="")
    status: Text = ""

    @property
    def is_affected(self) -> bool:
        """Return whether anything has still to be done about it."""
        return self.status not in UNAFFECTED


class Description(Part, frozen=True, kw_only=True):
    """What AWS says of the event, in one language."""

    language: Text = ""
    text: Text = field(name="latestDescription", default="")


class HealthEvent(Detail, frozen=True, kw_only=True):
    """One page of one communication about an event."""

    arn: Name = field(name="eventArn")
    service: Text = ""
    code: Text = field(name="eventTypeCode", default="")
    category: Text = field(name="eventTypeCategory", default="")
    scope: Text = field(name="eventScopeCode", default="")
    status: Text = field(name="statusCode", default="")
    actionability: Text = ""
    communication: Text = field(name="communicationId", default="")
    page: Text = ""
    pages: Text = field(name="totalPages", default="")
    event_region: Text = field(name="eventRegion", default="")
    affected_account: Text = field(name="affectedAccount", default="")
    started: Text = field(name="startTime", default="")
    updated: Text = field(name="lastUpdatedTime", default="")
    descriptions: Annotated[tuple[Description, ...], Many] = field(name="eventDescription", default=())
    entities: Annotated[tuple[Entity, ...], Many] = field(name="affectedEntities", default=())

    def summary(self, envelope: Envelope) -> Summary:
        """Take account, region and time from the detail: the envelope's only say where the copy was delivered."""
        account = EVERY_ACCOUNT if self.scope == "PUBLIC" else self.affected_account or envelope.account
        region = self.event_region or envelope.region
        lifecycle = Lifecycle.CONTINUOUS if self.service in SERVICES else LIFECYCLES.get(self.category)
        communication = self.communication or self._content()
        is_dated = bool(self.updated) and not self.communication
        return Summary(
            title=f"{self._subject()} ({region})" if region else self._subject(),
            severity=self._severity(),
            identity=(account, self.arn),
            occurrence=(account, self.arn, communication, self.page or "1", *self._languages()),
            signal=Signal.RESOLVED if self._is_over else Signal.FIRING,
            lifecycle=lifecycle or Lifecycle.CONTINUOUS,
            # What is said in two languages at a time is said once.
            revision=digest(self.status, self.started, self.updated) if is_dated else communication,
            due_at=read_date(self.started) if lifecycle is Lifecycle.PLANNED else None,
            account=account,
            region=region,
            at=self._published_at(envelope),
            resource=self._resource(envelope),
            link=CONSOLE.format(quote(self.arn, safe=":/")) if self.arn.startswith("arn:aws:") else "",
        )

    @property
    def _is_over(self) -> bool:
        """Return whether AWS calls it closed, or nothing of the account's is affected any more."""
        affected = [each.is_affected for each in self.entities]
        return self.status == "closed" or (bool(affected) and not any(affected) and self.pages in {"", "1"})

    def _resource(self, envelope: Envelope) -> str:
        """Return the first entity that is affected, or the first that is named at all."""
        entities = sorted(self.entities, key=lambda each: not each.is_affected)
        return next((each for each in (*(it.value for it in entities), *envelope.resources) if each), "")

    def _severity(self) -> Severity:
        if self._is_over:
            return Severity.LOW
        severity = SERVICES.get(self.service) or CATEGORIES.get(self.category, Severity.UNKNOWN)
        raised = severity is Severity.LOW and self.actionability == "ACTION_REQUIRED"
        return ACTION_REQUIRED if raised else severity

    def _subject(self) -> str:
        """Make `EC2: operational issue` of `AWS_EC2_OPERATIONAL_ISSUE`."""
        words = self.code.removeprefix("AWS_").removeprefix(f"{self.service}_").replace("_", " ").strip().lower()
        return ": ".join(filter(None, (self.service, words or self.category))) or "AWS Health event"

    def _languages(self) -> list[str]:
        """Return the languages of what is not said in English: another event may say the same in English."""
        languages = {each.language for each in self.descriptions if each.language}
        return [] if ENGLISH in languages else sorted(languages)

    def _content(self) -> str:
        """Tell a communication without id from others about the same event by what it says."""
        return digest(self.status, self.started, self.updated, *sorted(each.text for each in self.descriptions))

    def _published_at(self, envelope: Envelope) -> int | None:
        """Return when AWS wrote this, or when it began; never a start that is still to come."""
        updated, started = read_date(self.updated), read_date(self.started)
        return updated if updated or not started or started > envelope.time + DAY else started


SOURCE = Declaration(
    HealthEvent,
    source="aws.health",
    detail_types=("AWS Health Event", "AWS Health Abuse Event"),
    identity="account (public: `*`), event ARN",
    occurrence="identity, communication, page, languages where none is English",
    origin="affected account (public: `*`), event's region, last update",
)
