"""The page of one event: its path, step by step, from when it happened to who was notified of it."""

import re
from importlib import import_module

from chalicelib.api.ui import replies, samples
from chalicelib.api.ui.visit import Visit
from chalicelib.domain.events.event import Event
from chalicelib.domain.notifications.notification import Reason
from chalicelib.domain.routing.silences import Silence
from chalicelib.sources import registry

LINK = re.compile(r"\[([^\]\[]{1,100})\]\([^()\s]{1,100}\)")
IDENTITY_OF_UNKNOWN = "source, kind of event, account, region and resources"


def show(visit: Visit) -> replies.PageReply:
    """Show an event and its path."""
    record, notifications = visit.hub.notifications.explain(visit.item)
    event = record.event
    values = {
        "record": record,
        "event": event,
        "outcome": record.outcome,
        "notifications": notifications,
        "identity": identity_of(event),
        "facts": samples.facts(event),
        "samples": samples.of(event),
        "whole": samples.whole(event),
        "link": visit.hub.settings.console.link(event.link, event.account),
        "silence": _silence(visit, record.outcome.by) if record.outcome.reason is Reason.SILENCED else None,
        "delay": event.received_at - event.published_at,
        "done": visit.done,
    }
    return replies.PageReply("event", values)


def identity_of(event: Event) -> str:
    """Return, in words, what distinguishes problems of this kind."""
    if event.kind not in registry.KINDS or event.kind == registry.UNKNOWN:
        return IDENTITY_OF_UNKNOWN
    if event.kind in registry.DECLARED:
        from chalicelib.sources.declared import identity_in_words  # noqa: PLC0415 - few pages are about one

        return identity_in_words(event)
    declared = getattr(import_module(f"chalicelib.sources.{event.kind}"), "SOURCE", None)
    return LINK.sub(r"\1", getattr(declared, "identity", "") or "")


def _silence(visit: Visit, silence_id: str) -> Silence | None:
    """Return the silence that decided: one created by people, or one of the routes file."""
    of_file = (each for each in visit.hub.file.silences if each.id == silence_id)
    return next(of_file, None) or visit.hub.silences.find(silence_id)
