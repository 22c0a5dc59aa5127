"""The message of a group: several problems that began together, each with its current state."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import batched
from typing import TYPE_CHECKING

from msgspec import Struct

from chalicelib.domain.alerts.timeline import Status
from chalicelib.domain.notifications.chat_requests import ChatAction
from chalicelib.domain.severity_styles import RESOLVED, STYLES, SeverityStyle, style_of
from chalicelib.domain.text import clean, plural
from chalicelib.gateways.slack.blocks import Button, buttons, context, message, sections
from chalicelib.gateways.slack.mrkdwn import Mrkdwn, bold, date, line, link
from chalicelib.gateways.slack_app.buttons import offer

if TYPE_CHECKING:
    from chalicelib.domain.alerts.alert import Alert
    from chalicelib.gateways.slack.account_labels import AccountLabels
    from chalicelib.gateways.slack.blocks import Block, SlackMessage
    from chalicelib.services.notifying.ports import LinkSigner

TITLE, NAME = 100, 40
# So many problems have a section and a button each; beyond that, so many share a section, which Slack folds.
WITH_BUTTONS, IN_A_SECTION = 10, 6
WHAT_FIRES = "See what is firing"
FOLLOWS = "They began together; this message follows each of them, and its thread tells what becomes of any."
OFFER = {
    Status.FIRING: (ChatAction.ACKNOWLEDGE, "Acknowledge", ""),
    Status.ACKNOWLEDGED: (ChatAction.REOPEN, "Undo", ""),
}


class GroupComposer(Struct, frozen=True):
    """Composes messages about several problems; without `links` they have none."""

    labels: AccountLabels
    links: LinkSigner | None = None

    def message(self, alerts: Sequence[Alert]) -> SlackMessage:
        """Return the message: the most severe first, resolved ones last."""
        self.labels.forget_nameless()
        ordered = sorted(alerts, key=_urgency)
        going_on = [each for each in ordered if each.status is not Status.RESOLVED]
        style = STYLES[max(each.severity for each in going_on)] if going_on else RESOLVED
        title = _title(style, len(alerts), len(going_on))
        body = self._sections(ordered)
        if going_on and self.links:
            body += buttons([Button(WHAT_FIRES, self.links.alerts_page())])
        return message(line(title), title, [*body, context(FOLLOWS)], style.color)

    def _sections(self, alerts: Sequence[Alert]) -> list[Block]:
        if len(alerts) > WITH_BUTTONS:
            lines = [self._line(each, clean(each.title, TITLE)) for each in alerts]
            return sections(("\n".join(some) for some in batched(lines, IN_A_SECTION)), folds=False)
        drawn = sections(self._line(each, link(self._page(each), clean(each.title, TITLE))) for each in alerts)
        return [_with_offer(section, alert) for section, alert in zip(drawn, alerts, strict=False)]

    def _line(self, alert: Alert, title: Mrkdwn | str) -> Mrkdwn:
        over = alert.status is Status.RESOLVED
        style = style_of(alert.severity, over)
        place = Mrkdwn(" ").join(filter(None, (bold(self.labels.short(alert.account)), line(alert.region, NAME))))
        if alert.places > 1:
            spread = len(alert.accounts) > 1
            place = line(plural(len(alert.accounts), "account") if spread else plural(alert.places, "region"))
        parts = (line(title) if not isinstance(title, Mrkdwn) else title, place, _state(alert))
        return Mrkdwn("{} {}").format(style.emoji, Mrkdwn(" · ").join(filter(None, parts)))

    def _page(self, alert: Alert) -> str:
        return self.links.of_alert(alert.fingerprint).page if self.links else ""


def _title(style: SeverityStyle, count: int, going_on: int) -> str:
    if not going_on:
        return f"{style.emoji} {style.word} · all {count} alerts"
    over = f", {count - going_on} resolved" if going_on < count else ""
    return f"{style.emoji} {style.word} · {count} alerts at once{over}"


def _urgency(alert: Alert) -> tuple[bool, int, int, str]:
    return alert.status is Status.RESOLVED, -alert.severity, alert.since, alert.fingerprint


def _state(alert: Alert) -> Mrkdwn:
    by = bold(clean(alert.marked.by, NAME)) if alert.marked else Mrkdwn("somebody")
    match alert.status:
        case Status.ACKNOWLEDGED:
            return Mrkdwn("✋ {} has it").format(by)
        case Status.RESOLVED:
            ended = line(alert.resolved_by, NAME)
            return Mrkdwn("resolved by {}").format(ended) if ended else Mrkdwn("resolved")
        case _:
            times = f", {plural(alert.count, 'time')}" if alert.count > 1 else ""
            return Mrkdwn("since {}{}").format(date(alert.since), times)


def _with_offer(section: Block, alert: Alert) -> Block:
    known = OFFER.get(alert.status)
    return section | ({"accessory": offer(*known, alert)} if known else {})
