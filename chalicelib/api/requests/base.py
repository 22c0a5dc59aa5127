"""The base of all request models: unknown fields are refused."""

from pydantic import BaseModel, ConfigDict


class QueryParameters(BaseModel):
    """The parameters of a request; a list is given by repeating its parameter."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Body(BaseModel):
    """The JSON object that a request carries."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True, strict=True)
