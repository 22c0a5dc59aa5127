"""Receivers: how each receiver that routes name is reached."""

from collections.abc import Mapping

from msgspec import Struct

# The type of receivers without an entry in the routes file.
ANY_TYPE = "slack_webhook"
# The types, each with the parameter that holds the secret of such a receiver; none where IAM gives access.
SECRETS: Mapping[str, str] = {
    ANY_TYPE: "slack/{}",
    "slack": "slack-app/bot-token",
    "pagerduty": "pagerduty/{}",
    "webhook": "webhook/{}",
    "teams": "teams/{}",
    "email": "",
}
# Parameters that a type also needs to receive people's actions in its messages.
MORE_SECRETS: Mapping[str, tuple[str, ...]] = {"slack": ("slack-app/signing-secret",)}
# Types that show a problem's state, and so are notified of people's actions, too.
SHOWING_STATUS = frozenset({"slack", "pagerduty", "webhook"})
# Types with one message per problem.
LIVING = frozenset({"slack"})
# Further options of each type in the routes file.
OPTIONS: Mapping[str, frozenset[str]] = {
    ANY_TYPE: frozenset({"per_hour"}),
    "slack": frozenset({"channel", "per_hour"}),
    "pagerduty": frozenset({"per_minute"}),
    "webhook": frozenset({"per_minute"}),
    "teams": frozenset({"per_hour"}),
    "email": frozenset({"topic", "sender", "to", "region", "per_hour"}),
}


class Receiver(Struct, frozen=True, kw_only=True):
    """A receiver as the routes file describes it.

    Mails go to an SNS `topic` (its ARN), or by SES from a `sender` `to` addresses in a `region` (empty: the hub's).
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
        """Whether it is notified of people's actions on a problem that it was notified of."""
        return self.type in SHOWING_STATUS

    @property
    def is_living(self) -> bool:
        """Whether it has one message per problem, which is updated in place."""
        return self.type in LIVING


def secret_of(name: str, receiver: Receiver) -> str:
    """Return the parameter, below those of a stage, with a receiver's secret; empty where it has none."""
    return SECRETS[receiver.type].format(name)
