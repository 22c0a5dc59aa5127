"""Action links: a button in a message shows what it would do, and does it once, in the name of who confirms it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Alert, Status
from chalicelib.domain.alerts.timeline import TransitionKind
from chalicelib.domain.errors import Outdated
from chalicelib.domain.notifications.action_links import ANY_EPISODE, Action, Claim
from chalicelib.domain.notifications.notification import Notification, Reason, notification_about
from chalicelib.domain.routing.silences import Silence
from chalicelib.domain.text import clean, digest

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from chalicelib.services import ports
    from chalicelib.services.notifying.ports import LinkSigner

log = logging.getLogger(__name__)

LONGEST_NAME = 64
# What each link does, and the status in which that leaves the alert.
DONE_BY = {Action.ACKNOWLEDGE: TransitionKind.ACKNOWLEDGED, Action.RESOLVE: TransitionKind.RESOLVED}
LEADS_TO = {Action.ACKNOWLEDGE: Status.ACKNOWLEDGED, Action.RESOLVE: Status.RESOLVED}
# Actions of which nobody else is notified.
SAID = {Action.ACKNOWLEDGE: Reason.ACKNOWLEDGED, Action.SILENCE: Reason.SILENCED}


class MarkableAlerts(Protocol):
    """What people do to alerts."""

    def get(self, fingerprint: str) -> Alert:
        """Return an alert; NotFound where there is none."""
        ...

    def count_accounts(self, alert: Alert) -> int:
        """Return in how many accounts an alert is."""
        ...

    def accounts_at(self, alert: Alert, at: int) -> frozenset[str]:
        """Return in which of its accounts an alert was known to be at a time."""
        ...

    def acknowledge(self, fingerprint: str, by: str, note: str = "", shown: Collection[str] | None = None) -> Alert:
        """Return the alert, acknowledged where it was `shown`; Conflict where others were in the way."""
        ...

    def resolve(self, fingerprint: str, by: str) -> Alert:
        """Return the alert, resolved; Conflict where others were in the way."""
        ...


class SilenceActions(Protocol):
    """The silences that links create."""

    def find(self, silence_id: str) -> Silence | None:
        """Return a silence, ended or not."""
        ...

    def quiet(self, silence_id: str, alert: Alert, duration: int, author: str, shown: Collection[str]) -> Silence:
        """Return the silence of this id, created now if it is missing, for the accounts that were `shown`."""
        ...


class RecordedAction(Struct, frozen=True):
    """Who did it, and when; `until` is when a silence ends."""

    by: str
    at: int
    until: int = 0


class LinkState(Struct, frozen=True, kw_only=True):
    """The state of a link for whoever opens it.

    `accounts` counts the accounts of the problem, `joined` those that it has reached since the message.
    `recorded_action` is what was done already; `fresh` means that it was done by this request; `problem` says why it
    was not.
    """

    claim: Claim
    alert: Alert
    account_name: str
    now: int
    accounts: int = 1
    joined: int = 0
    recorded_action: RecordedAction | None = None
    fresh: bool = False
    problem: str = ""

    @property
    def is_open(self) -> bool:
        """Whether the link can still do something."""
        is_over = self.alert.status is Status.RESOLVED and self.claim.action is not Action.SILENCE
        return self.recorded_action is None and not is_over


class ActionLinks(Struct, frozen=True):
    """Redeems the links in messages.

    Each link works once. What it did shows in the alert, or in a silence with the link's own id; nothing else is
    stored, so the same action by anybody else counts as well. It is announced in the channels that had the message,
    among the receivers that `channels` returns; `wake` has it sent at once.
    """

    links: LinkSigner
    alerts: MarkableAlerts
    silences: SilenceActions
    names: ports.AccountNames
    clock: ports.Clock
    outbox: ports.Outbox
    channels: Callable[[Collection[str]], Collection[str]]
    wake: Callable[[], None]

    def show(self, token: str) -> LinkState:
        """Return what a link would do; changes nothing.

        Damaged, Expired or Outdated where it no longer does anything, NotFound where its alert is no longer kept.
        """
        now = self.clock.now()
        claim = self.links.read(token, now)
        alert = self.alerts.get(claim.fingerprint)
        if claim.episode not in {ANY_EPISODE, alert.episodes}:
            raise Outdated("The problem has ended and begun again since this message.")
        name, accounts = self.names.name(alert.account), self.alerts.count_accounts(alert)
        return LinkState(
            claim=claim,
            alert=alert,
            account_name=name,
            now=now,
            accounts=accounts,
            joined=len({each.account for each in alert.accounts} - self._shown(claim, alert)),
            recorded_action=self._action_recorded(claim, alert),
        )

    def follow(self, token: str, name: str) -> LinkState:
        """Do what a link says in the name of a person, unless it was done before; raises what `show` raises."""
        standing = self.show(token)
        person = clean(name, LONGEST_NAME + 1)
        if not standing.is_open:
            log.info("Link used again", extra=_about(standing.claim, person))
            if standing.recorded_action and standing.recorded_action.by == person:  # who may not have lived to say it
                self._say(standing)
            return standing
        if not 0 < len(person) <= LONGEST_NAME:
            return replace(standing, problem=f"Please give a name of 1 to {LONGEST_NAME} characters.")
        done = self._do(standing, person)
        log.info("Link followed", extra=_about(standing.claim, person))
        if done.fresh:
            self._say(done)
        return done

    def _say(self, done: LinkState) -> None:
        """Announce in the channels what was done, once, however often the link is used."""
        last, action = done.alert.announcement, done.recorded_action
        if action is None or done.claim.action not in SAID:
            return
        receivers = self.channels(last.receivers) if last else ()
        said = [self.outbox.enqueue(_done(done, action, receiver)) for receiver in receivers]
        if done.fresh or any(said):
            self.wake()

    def _do(self, standing: LinkState, person: str) -> LinkState:
        claim, alert = standing.claim, standing.alert
        match claim.action:
            case Action.SILENCE:
                self.silences.quiet(silence_id(claim), alert, claim.duration, person, self._shown(claim, alert))
            case Action.ACKNOWLEDGE:
                alert = self.alerts.acknowledge(claim.fingerprint, person, shown=self._shown(claim, alert))
            case Action.RESOLVE:
                alert = self.alerts.resolve(claim.fingerprint, person)
        recorded_action = self._action_recorded(claim, alert)
        # Somebody may have been faster by a moment.
        return replace(
            standing,
            alert=alert,
            recorded_action=recorded_action,
            fresh=recorded_action is not None and recorded_action.by == person,
        )

    def _shown(self, claim: Claim, alert: Alert) -> frozenset[str]:
        """Return the accounts that the link's message showed: whoever acts on it knows only these."""
        return self.alerts.accounts_at(alert, claim.issued_at)

    def _action_recorded(self, claim: Claim, alert: Alert) -> RecordedAction | None:
        """Return what was already done with a link; Outdated where it was undone."""
        if claim.action is Action.SILENCE:
            silence = self.silences.find(silence_id(claim))
            return RecordedAction(silence.author, silence.starts_at, silence.ends_at) if silence else None
        mark = alert.marked
        if mark is None:
            return None
        if mark.kind is TransitionKind.REOPENED and mark.at >= claim.issued_at:
            raise Outdated(f"{mark.by} has reopened the alert since this message.")
        did_it = mark.kind is DONE_BY[claim.action]
        return RecordedAction(mark.by, mark.at) if did_it and alert.status is LEADS_TO[claim.action] else None


def silence_id(claim: Claim) -> str:
    """Return the id of the link's silence, derived from the link so that it creates only one."""
    return claim.id


def _done(done: LinkState, action: RecordedAction, receiver: str) -> Notification:
    """Return the notification of an action; that of a silence is due when the silence ends."""
    what = done.claim.id if done.claim.action is Action.SILENCE else f"{done.claim.fingerprint} {action.at}"
    return replace(
        notification_about(done.alert, SAID[done.claim.action], done.now),
        id=digest("link followed", what, receiver),
        receiver=receiver,
        by=action.by,
        due_at=action.until,
    )


def _about(claim: Claim, person: str) -> dict[str, str | int]:
    return {
        "link": claim.id,
        "action": claim.action,
        "fingerprint": claim.fingerprint,
        "episode": claim.episode,
        "person": person,
    }
