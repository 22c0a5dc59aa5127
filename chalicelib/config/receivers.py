"""[receivers] in routes.toml: how receivers are reached, and the options of each type."""

from typing import Annotated, Self

from pydantic import AfterValidator, StrictInt, model_validator
from pydantic import Field as Key

from chalicelib.config.fields import MAILBOX, TOPIC, OneOrMore, shown
from chalicelib.config.toml_reader import Table, misplaced
from chalicelib.domain.routing.receivers import ANY_TYPE, OPTIONS, SECRETS, Receiver

MOST_PER_MINUTE, MOST_PER_HOUR = 600, 3_600
# As Slack shows it at the end of what it says about a channel.
CHANNEL = "^[CG][A-Z0-9]{8,20}$"
type ChannelId = Annotated[str, Key(pattern=CHANNEL)]
# SES takes as many addresses in one mail.
MOST_ADDRESSES, LONGEST_MAILBOX, LONGEST_TOPIC = 50, 254, 340
type Topic = Annotated[str, Key(max_length=LONGEST_TOPIC, pattern=TOPIC)]
type Mailbox = Annotated[str, Key(max_length=LONGEST_MAILBOX, pattern=MAILBOX)]
type Region = Annotated[str, Key(pattern="^[a-z]{2}(-[a-z]{2,12}){1,3}-[0-9]$")]
type PerHour = Annotated[StrictInt, Key(ge=1, le=MOST_PER_HOUR)]
type PerMinute = Annotated[StrictInt, Key(ge=1, le=MOST_PER_MINUTE)]


def _type(value: str) -> str:
    if value not in SECRETS:
        raise ValueError(f"invalid type {shown(value)}; expected one of {', '.join(SECRETS)}")
    return value


class ReceiverTable(Table):
    """How a receiver is reached."""

    type: Annotated[str, AfterValidator(_type), Key(json_schema_extra={"enum": [*SECRETS]})] = Key(
        ANY_TYPE, description="What kind of receiver it is"
    )

    per_minute: PerMinute | None = Key(None, description="How many messages it takes a minute at most")

    per_hour: PerHour | None = Key(
        None, description="After how many messages in an hour only CRITICAL goes at once, and the rest in digests"
    )

    channel: ChannelId | None = Key(None, description="The id of its channel, such as C0123456789")

    topic: Topic | None = Key(None, description="The ARN of the SNS topic that sends its mails, as plain text")

    sender: Mailbox | None = Key(None, alias="from", description="The address that SES sends its mails from")

    to: Annotated[OneOrMore[Mailbox], Key(max_length=MOST_ADDRESSES)] = Key(
        (), description="The addresses that SES sends its mails to"
    )

    region: Region | None = Key(None, description="The region whose SES sends its mails, if not the hub's own")

    @model_validator(mode="after")
    def _refuse_useless(self) -> Self:
        keys = {name: field.alias or name for name, field in type(self).model_fields.items()}
        for name in sorted(self.model_fields_set - {"type"} - OPTIONS.get(self.type, frozenset())):
            raise misplaced(f"has no effect for a receiver of type {self.type}", keys[name])
        if self.type == "slack" and self.channel is None:
            raise misplaced("channel is required for a receiver of type slack")
        if self.type == "email":
            self._demand_one_way()
        return self

    def _demand_one_way(self) -> None:
        """Reject mails with both ways of sending, or neither."""
        by_ses = self.model_fields_set & {"sender", "to", "region"}
        if self.topic and by_ses:
            raise misplaced("has no effect beside from and to", "topic")
        if not self.topic and not (self.sender and self.to):
            raise misplaced("topic, or else from and to, are required for a receiver of type email")

    def receiver(self) -> Receiver:
        """Return the receiver that it declares."""
        return Receiver(**{key: getattr(self, key) for key in self.model_fields_set})
