"""[receivers] in routes.toml: how receivers are reached, and what each type of them lets one say."""

from typing import Annotated

from pydantic import AfterValidator
from pydantic import Field as Key

from chalicelib.config.fields import shown
from chalicelib.config.toml_reader import Table
from chalicelib.domain.routing.receivers import ANY_TYPE, SECRETS, Receiver


def _type(value: str) -> str:
    if value not in SECRETS:
        raise ValueError(f"invalid type {shown(value)}; expected one of {', '.join(SECRETS)}")
    return value


class ReceiverTable(Table):
    """How a receiver is reached."""

    type: Annotated[str, AfterValidator(_type), Key(json_schema_extra={"enum": [*SECRETS]})] = Key(
        ANY_TYPE, description="What kind of receiver it is"
    )

    def receiver(self) -> Receiver:
        """Return the receiver that it declares."""
        return Receiver(**{key: getattr(self, key) for key in self.model_fields_set})
