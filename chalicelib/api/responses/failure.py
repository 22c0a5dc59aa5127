"""Errors as the API returns them; `api.errors` writes them without pydantic, as all functions import that."""

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.api.errors import CODES
from chalicelib.api.responses.base import Model


class FailureDetail(Model):
    """One error in a request."""

    location: Annotated[
        Literal["query", "body", "header"] | None, Field(description="Query, body or header.", examples=["query"])
    ]
    field: Annotated[str, Field(description="The parameter or field.", examples=["limit"])]
    message: Annotated[
        str, Field(description="What is wrong, or what is allowed.", examples=["must be a whole number from 1 to 100"])
    ]


class Failure(Model):
    """An error."""

    code: Annotated[str, Field(json_schema_extra={"enum": list(CODES.values())}, examples=["bad_request"])]
    message: Annotated[str, Field(description="What went wrong, in one sentence.", examples=["Invalid request."])]
    details: Annotated[tuple[FailureDetail, ...], Field(description="Everything that is wrong, at once.")]
    request_id: Annotated[
        str, Field(description="The id in every log line of the request.", examples=["b9f5f9a7-7d4c-4a53"])
    ]


class FailureResponse(Model):
    """The shape of all errors."""

    error: Failure
