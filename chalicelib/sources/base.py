"""What every source's detail model is made of; imported only when an event arrives."""

from abc import abstractmethod
from typing import Annotated, Any
from urllib.parse import quote

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from chalicelib.domain.event import Envelope, Summary

# AWS's partitions, by the prefix of their regions; everything else is the ordinary one.
CONSOLES = {"cn-": "console.amazonaws.cn", "us-gov-": "console.amazonaws-us-gov.com"}
CONSOLE = "console.aws.amazon.com"


class Part(BaseModel):
    """A JSON object, as far as we read it: unknown fields are ignored, null is the same as left out."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _leave_out_nulls(cls, value: Any) -> Any:
        return {key: each for key, each in value.items() if each is not None} if isinstance(value, dict) else {}


class Detail(Part):
    """A whole detail; field names are AWS's, and what tells it from others has no default."""

    @abstractmethod
    def summary(self, envelope: Envelope) -> Summary:
        """Say in our words what the source said in its own."""


def _read_text(value: Any) -> str:
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _read_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


Name = Annotated[str, Field(min_length=1)]
"""Text without which a detail is not what it claims to be."""

Time = Annotated[int, Field(ge=0, le=253_402_300_799)]
"""Epoch seconds up to the end of the year 9999, the last that a datetime can hold."""

Text = Annotated[str, BeforeValidator(_read_text)]
"""Text that only describes: numbers are written out, anything else is as good as nothing; give it the default ""."""

Many = BeforeValidator(_read_list)
"""Marks a tuple of parts: anything but a list is an empty one; give it the default ()."""


def console(region: str, service: str, fragment: str) -> str:
    """Return a link to a place in a service's console; `fragment` is written as that console expects it."""
    if not region:
        return ""
    host = next((host for prefix, host in CONSOLES.items() if region.startswith(prefix)), CONSOLE)
    quoted = quote(region, safe="")
    return f"https://{quoted}.{host}/{service}/home?region={quoted}#{fragment}"
