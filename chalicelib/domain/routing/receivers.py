"""Receivers: how each of those is reached whom routes lead to."""

from collections.abc import Mapping

from msgspec import Struct

# What a receiver is of which the routes file says nothing more than its name.
ANY_TYPE = "slack_webhook"
# The types, each with the parameter of a stage that holds the secret of such a receiver; none where AWS lets us in.
SECRETS: Mapping[str, str] = {
    ANY_TYPE: "slack/{}",
    "slack": "slack-app/bot-token",
    "pagerduty": "pagerduty/{}",
    "webhook": "webhook/{}",
    "teams": "teams/{}",
    "email": "",
}
# What a type needs beyond that to hear what people do in its messages.
MORE_SECRETS: Mapping[str, tuple[str, ...]] = {"slack": ("slack-app/signing-secret",)}
# Those that show how a problem stands, and so hear also of what people do about it.
SHOWING_STATUS = frozenset({"slack", "pagerduty", "webhook"})
# Those of them that have one message for a problem.
LIVING = frozenset({"slack"})
# What each type lets the routes file say beyond the type.
OPTIONS: Mapping[str, frozenset[str]] = {
    ANY_TYPE: frozenset({"per_hour"}),
    "slack": frozenset({"channel", "per_hour"}),
    "pagerduty": frozenset({"per_minute"}),
    "webhook": frozenset({"per_minute"}),
    "teams": frozenset({"per_hour"}),
    "email": frozenset({"topic", "sender", "to", "region", "per_hour"}),
}


class Receiver(Struct, frozen=True, kw_only=True):
    """What the routes file says of a receiver.

    Mails go to an SNS `topic` (its ARN), or from a `sender` `to` addresses by SES in a `region`, nothing being the
    hub's.
    """

    type: str = ANY_TYPE
    per_minute: int = 60
    per_hour: int = 0
    channel: str = ""
    topic: str = ""
    sender: str = ""
    to: tuple[str, ...] = ()
    region: str = ""

    @property
    def shows_status(self) -> bool:
        """Whether it hears of what people do about a problem that it was notified of."""
        return self.type in SHOWING_STATUS

    @property
    def is_living(self) -> bool:
        """Whether it has one message for a problem, which is updated in place."""
        return self.type in LIVING


def secret_of(name: str, receiver: Receiver) -> str:
    """Return the parameter, below those of a stage, that holds a receiver's secret; nothing where it has none."""
    return SECRETS[receiver.type].format(name)
