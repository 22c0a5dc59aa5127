"""[receivers] in routes.toml: how receivers are reached, and what each type of them lets one say."""

from typing import Annotated, Self

from pydantic import AfterValidator, StrictInt, model_validator
from pydantic import Field as Key

from chalicelib.config.fields import shown
from chalicelib.config.toml_reader import Table, misplaced
from chalicelib.domain.routing.receivers import ANY_TYPE, OPTIONS, SECRETS, Receiver

MOST_PER_MINUTE = 600
# As Slack shows it at the end of what it says about a channel.
CHANNEL = "^[CG][A-Z0-9]{8,20}$"
type ChannelId = Annotated[str, Key(pattern=CHANNEL)]
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

    channel: ChannelId | None = Key(None, description="The id of its channel, such as C0123456789")

    @model_validator(mode="after")
    def _refuse_useless(self) -> Self:
        for key in sorted(self.model_fields_set - {"type"} - OPTIONS.get(self.type, frozenset())):
            raise misplaced(f"has no effect for a receiver of type {self.type}", key)
        if self.type == "slack" and self.channel is None:
            raise misplaced("channel is required for a receiver of type slack")
        return self

    def receiver(self) -> Receiver:
        """Return the receiver that it declares."""
        return Receiver(**{key: getattr(self, key) for key in self.model_fields_set})
