"""The health of the hub."""

from typing import Annotated, Literal, Self

from pydantic import Field

from chalicelib.api.errors import NotReady
from chalicelib.api.responses.base import Model


class HealthResource(Model):
    """The hub and its table respond."""

    status: Literal["ok"] = "ok"
    stage: Annotated[str, Field(examples=["prod"])]
    version: Annotated[str, Field(examples=["1.4.2"])]
    commit: Annotated[str, Field(description="The commit that the package was built from.", examples=["4f0c1d2"])]

    @classmethod
    def of(cls, stage: str, version: str, commit: str, *, healthy: bool) -> Self:
        """Show that the hub works; NotReady where its table does not respond."""
        if not healthy:
            raise NotReady("The table does not answer.")
        return cls(stage=stage, version=version, commit=commit)
