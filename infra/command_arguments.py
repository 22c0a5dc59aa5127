"""Command arguments: checked before a function is invoked."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from chalicelib.domain.scanning.backfill import EXAMPLE, BackfillOrder
from chalicelib.domain.timestamps import parse_time
from infra.errors import DeployError


def _time(text: Any) -> int:
    time = parse_time(text)
    if time is None:
        raise ValueError(f"must be a time such as {EXAMPLE}")
    return time


type Time = Annotated[int, BeforeValidator(_time)]


class BackfillCommand(BaseModel):
    """A stretch of the past; without an end, as far as the scan has come."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    since: Time
    until: Time | None = None
    force: bool = False


def backfill_order(**options: Any) -> BackfillOrder:
    """Return the request for a backfill; DeployError names each invalid option."""
    try:
        chosen = BackfillCommand(**{name: value for name, value in options.items() if value is not None})
    except ValidationError as error:
        wrong = (f"--{each['loc'][0]} {each['msg'].removeprefix('Value error, ')}" for each in error.errors())
        raise DeployError("; ".join(wrong)) from None
    return BackfillOrder(chosen.since, chosen.until or 0, chosen.force)
