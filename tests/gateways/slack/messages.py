"""Messages to compose and to judge: whether Slack would take them, and whether a stranger's text got through."""

import re
from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace
from slack_sdk.models.blocks import Block

from chalicelib.domain.agents.agent import Agent, AgentStatus
from chalicelib.domain.agents.coverage import AgentCoverage
from chalicelib.domain.alerts.alert import Alert, Change
from chalicelib.domain.events.event import Event, Severity, Signal
from chalicelib.domain.notifications.notification import (
    Delivery,
    Notification,
    Outcome,
    Reason,
    Record,
    notifications_of,
)
from chalicelib.domain.reports.daily import DayTally, ReceiverBacklog, Report, Totals
from chalicelib.domain.scanning.budget import Spend
from chalicelib.domain.scanning.gaps import Gap, GapReason
from chalicelib.domain.scanning.windows import Window
from chalicelib.domain.text import digest
from chalicelib.domain.timestamps import DAY
from chalicelib.gateways.link_signer import SignedLinks
from chalicelib.gateways.slack import blocks as limits
from chalicelib.gateways.slack.blocks import SlackMessage
from chalicelib.gateways.slack.messages import SlackComposer
from chalicelib.services.notifying.ports import LinkSigner
from local.slack.blockkit import accept
from tests.domain.given import NOON, an_event
from tests.fakes import FakeClock

NAMES = {"111122223333": "payments-production", "444455556666": "web-staging"}
TOKEN = re.compile(r"<([^<>]*)>")


class Names:
    """Two accounts with a name, and a note of who was asked for."""

    def __init__(self) -> None:
        self.requested: list[str] = []

    def name(self, account: str) -> str:
        """Return the account's name, or nothing."""
        self.requested.append(account)
        return NAMES.get(account, "")


def a_composer(now: int = NOON + 60, links: LinkSigner | None = None) -> SlackComposer:
    """Return a composer with two account names, whose clock stands still; without `links` messages have no buttons."""
    return SlackComposer(Names(), FakeClock(now), links=links)


def the_links(**parameters: str) -> SignedLinks:
    """Return the links of a stage with a key and an address; `link_key` and `base_url` may be others, or empty."""
    values = {"link_key": "k" * 64, "base_url": "https://hub.example.com/api"} | parameters
    return SignedLinks({f"/monitoring/dev/{name.replace('_', '-')}": values[name] for name in values}.get, "dev")


def an_announcement(event: Event, reason: Reason = Reason.FIRST, **changes: Any) -> tuple[Notification, Record]:
    """Return what is owed about an event for this reason, and its record."""
    alert, change = Alert.about(event).observe(event)
    outcome = Outcome.pending(reason, ("monitoring",), "monitoring")
    (notification,) = notifications_of(alert, event, outcome, event.published_at + 30)
    record = Record(
        event=event, outcome=outcome, change=change, updated_at=event.received_at, expired_at=event.received_at + DAY
    )
    return replace(notification, **changes), record


def notifications(count: int, **changes: Any) -> list[Notification]:
    """Return a backlog about many alerts of several accounts; every seventh is over."""
    accounts = ("111122223333", "444455556666", "777788889999")
    return [
        replace(
            Notification(
                id=digest("notification", str(number)),
                receiver="monitoring",
                kind="alarm",
                reason=Reason.RESOLVED if number % 7 == 0 else Reason.FIRST,
                severity=Severity(number % 5),
                title=f"queue-{number % 40}-depth",
                created_at=NOON - number % 300,
                event_id=f"{NOON - number:010d}-{digest('event', str(number))}",
                fingerprint=digest("alert", str(number // 2)),
                account=accounts[number % 3],
                region="eu-west-1",
                count=1 + number % 4,
                since=NOON - 600,
            ),
            **changes,
        )
        for number in range(count)
    ]


def a_record(at: int = NOON, status: Delivery | None = None, change: Change | None = None, **event: Any) -> Record:
    """Return a record whose outcome has this status: suppressed where none is given."""
    deliveries = {} if status is None else {"monitoring": status}
    return Record(
        event=an_event(at, **event),
        outcome=Outcome(reason=Reason.REPEATED if status is None else Reason.FIRST, deliveries=deliveries),
        change=change,
        updated_at=at,
        expired_at=at + DAY,
    )


def a_busy_day(accounts: int = 100) -> Report:
    """Return the report of a day on which something happened in each of many accounts."""
    tally, before = DayTally(), Totals()
    for number in range(accounts * 12):
        account = f"{100_000_000_000 + number % accounts}" if number % 3 else "111122223333"
        at = NOON + number
        resolved = number % 11 == 0
        changes = (Change.RESOLVED,) if resolved else (Change.OPENED, Change.REPEATED, Change.REOPENED)
        record = a_record(
            at,
            status=(None, Delivery.DELIVERED, Delivery.PENDING, None)[number % 4],
            change=changes[number % len(changes)],
            account=account,
            severity=Severity(number % 5),
            signal=Signal.RESOLVED if resolved else Signal.FIRING,
            title=f"orders-{number % 30} fails",
            fingerprint=digest("alert", str(number % 30)),
            source=("aws.cloudwatch", "aws.guardduty", "monitoring.agent.logs")[number % 3],
        )
        tally.add(record)
        if number % 2:
            before.add(record.event)
    agents = [
        Agent(
            account=f"{100_000_000_000 + number}",
            region="eu-west-1",
            name=f"team-{number}",
            status=AgentStatus.STALE if number % 9 == 0 else AgentStatus.ACTIVE,
            heartbeat_at=NOON - number * 60,
            coverage=a_coverage(number) if number % 4 else None,
        )
        for number in range(accounts)
    ]
    pending = [ReceiverBacklog("monitoring", 3, 1), ReceiverBacklog("report", 0, 0)]
    return tally.report(NOON - NOON % DAY, before, agents, pending, NOON)


def a_coverage(number: int) -> AgentCoverage:
    """Return what an agent says that it has scanned; every twelfth has missed something, or is behind."""
    reason = (GapReason.THROTTLED, GapReason.TIMED_OUT, GapReason.OVER_BUDGET)[number % 3]
    gap = Gap(Window(NOON - 7_200, NOON - 7_200 + 60 * max(1, number)), (), reason)
    return AgentCoverage(
        since=NOON - DAY,
        watermark=NOON - (9_000 if number % 12 == 1 else 400),
        gaps=(gap,) if number % 12 == 2 else (),
        spend=Spend(midnight=NOON // DAY * DAY, bytes=number * 10**9),
        budget=50 * 10**9,
    )


def a_report(report: Report) -> Notification:
    """Return the notification that carries a report."""
    return Notification(
        id=digest("report"),
        receiver="report",
        kind="report",
        reason=Reason.SCHEDULED,
        severity=Severity.LOW,
        title="Daily report",
        created_at=NOON,
        body=report.to_json(),
    )


def blocks_of(message: SlackMessage) -> list[dict[str, Any]]:
    """Return all blocks of a message, those beside the coloured bar included."""
    attached = [block for attachment in message.get("attachments", []) for block in attachment["blocks"]]
    return [*message.get("blocks", []), *attached]


def texts_of(node: Any) -> Iterator[dict[str, Any]]:
    """Iterate over the text objects anywhere in a message."""
    if isinstance(node, dict):
        if node.get("type") in {"mrkdwn", "plain_text"}:
            yield node
        for child in node.values():
            yield from texts_of(child)
    elif isinstance(node, list):
        for child in node:
            yield from texts_of(child)


def words(message: SlackMessage) -> str:
    """Return all that a reader of the channel sees, a line each."""
    return "\n".join(text["text"] for text in texts_of(blocks_of(message)))


def buttons_of(message: SlackMessage) -> dict[str, str]:
    """Return the addresses of a message's buttons by what stands on them."""
    rows = [block["elements"] for block in blocks_of(message) if block["type"] == "actions"]
    return {button["text"]["text"]: button["url"] for row in rows for button in row}


def judge(message: SlackMessage) -> None:
    """Fail unless Slack would take the message: by slack_sdk's models, by the look-alike, and by the named limits."""
    blocks = blocks_of(message)
    assert message["text"].strip()
    assert len(message["text"]) <= 1_000
    assert len(blocks) <= limits.BLOCKS
    for raw in blocks:
        block = Block.parse(raw)
        assert block is not None, raw
        block.validate_json()
        for element in getattr(block, "elements", None) or ():
            element.validate_json()
    for text in texts_of(blocks):
        assert 0 < len(text["text"]) <= limits.TEXT
    headers = [block["text"]["text"] for block in blocks if block["type"] == "header"]
    assert all(len(text) <= limits.HEADER_TEXT for text in headers)
    assert sum(len(text["text"]) for text in texts_of(blocks)) <= limits.WHOLE + 1_000
    accept(message)


def judge_harmless(message: SlackMessage) -> None:
    """Fail where foreign text could ping or lead somewhere: only our own dates may stand in angle brackets."""
    mrkdwn = [message["text"], *(text["text"] for text in texts_of(blocks_of(message)) if text["type"] == "mrkdwn")]
    for text in mrkdwn:
        assert all(token.startswith("!date^") for token in TOKEN.findall(text)), text
        rest = TOKEN.sub("", text)
        assert "<" not in rest, text
        assert ">" not in rest, text
        assert text.count("```") % 2 == 0, text
        assert not re.search(r"&(?!amp;|lt;|gt;)", text), text
    assert all(text["verbatim"] for text in texts_of(blocks_of(message)) if text["type"] == "mrkdwn")
