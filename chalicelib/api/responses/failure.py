"""Errors as the API shows them; `api.errors` writes them without pydantic, for all functions import that."""

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.api.errors import CODES
from chalicelib.api.responses.base import Model


class FailureDetail(Model):
    """One thing that is wrong with a request."""

    location: Annotated[
        Literal["query", "body", "header"] | None, Field(description="Where it is.", examples=["query"])
    ]
    field: Annotated[str, Field(description="Which parameter or field.", examples=["limit"])]
    message: Annotated[str, Field(description="What it must be.", examples=["must be a whole number from 1 to 100"])]


class Failure(Model):
    """What went wrong."""

    code: Annotated[str, Field(json_schema_extra={"enum": list(CODES.values())}, examples=["bad_request"])]
    message: Annotated[str, Field(description="What went wrong, in one sentence.", examples=["Invalid request."])]
    details: Annotated[tuple[FailureDetail, ...], Field(description="Everything that is wrong, at once.")]
    request_id: Annotated[
        str, Field(description="It stands in every log line of the request.", examples=["b9f5f9a7-7d4c-4a53"])
    ]


class FailureResponse(Model):
    """The one shape of all errors."""

    error: Failure
