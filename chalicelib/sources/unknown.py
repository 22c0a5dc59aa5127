"""Everything else: events without a model of their own, and details that do not fit their model.

Nobody knows how bad it is, so its severity is UNKNOWN, which is never filtered away, and the raw detail is kept.
"""

from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.events.event import Severity, Summary
from chalicelib.domain.events.lifecycle import Lifecycle
from chalicelib.sources.registry import OWN, SIGNS_OF_LIFE, SOURCES
from chalicelib.sources.schema import Declaration, Detail

MODELLED = {(each.source, each.detail_type) for each in (*SOURCES, *OWN, *SIGNS_OF_LIFE)}
# How the titles begin of what should not have come as it did; the template explains them.
UNREADABLE, UNRECOGNISED = "Unreadable event", "Unrecognised event"


class Unknown(Detail, frozen=True):
    """Any JSON value."""

    def summary(self, envelope: Envelope) -> Summary:
        """Say what the envelope says; events of one kind from one place are one problem."""
        return Summary(
            title=title_of(envelope),
            severity=Severity.UNKNOWN,
            identity=(envelope.source, envelope.detail_type, envelope.account, envelope.region),
            lifecycle=Lifecycle.RECURRING,
            resource=next(iter(envelope.resources), ""),
        )


def title_of(envelope: Envelope) -> str:
    """Tell events that a model should have read from those that nobody knows."""
    what = " from ".join(filter(None, (envelope.detail_type, envelope.source)))
    if (envelope.source, envelope.detail_type) in MODELLED:
        return f"{UNREADABLE}: {what}"
    return f"{UNRECOGNISED}: {what or 'without source and type'}"


SOURCE = Declaration(
    Unknown,
    endless=True,
    identity="source, detail type, account, region",
    occurrence="account, region, source, detail type, time, resources, detail",
    origin="envelope",
)
