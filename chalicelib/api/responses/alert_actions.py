"""Results of bulk actions, and previews of silences, as the API returns them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field

from chalicelib.api.errors import CODES, status_of
from chalicelib.api.fields import ShownFingerprint
from chalicelib.api.responses.alerts import AlertResource
from chalicelib.api.responses.base import Context, Model
from chalicelib.api.responses.silences import SilenceResource

if TYPE_CHECKING:
    from chalicelib.services.alerting.bulk_actions import BulkResult
    from chalicelib.services.alerting.silence_preview import Preview


class AlertActionError(Model):
    """Why an action on an alert failed."""

    code: Annotated[
        Literal["not_found", "conflict"], Field(description="The error code that a single action would have returned.")
    ]
    message: Annotated[str, Field(examples=["There is no alert with this fingerprint."])]


class AlertActionResult(Model):
    """The result for one alert."""

    fingerprint: ShownFingerprint
    alert: Annotated[AlertResource | None, Field(description="Its new state; null on error.")]
    silence: Annotated[
        SilenceResource | None, Field(description="The silence that was created, if the action was `silence`.")
    ]
    error: Annotated[AlertActionError | None, Field(description="Why nothing was done; null on success.")]

    @classmethod
    def of(cls, result: "BulkResult", context: Context) -> Self:
        """Show the result of one alert."""
        error = result.error and AlertActionError(code=CODES[status_of(result.error)], message=str(result.error))
        return cls(
            fingerprint=result.fingerprint,
            alert=result.alert and AlertResource.of(result.alert, context),
            silence=result.silence and SilenceResource.of(result.silence, context),
            error=error,
        )


class AlertActionResults(Model):
    """The results, in the order of the request."""

    results: tuple[AlertActionResult, ...]

    @classmethod
    def of(cls, results: "Iterable[BulkResult]", context: Context) -> Self:
        """Show the results of a bulk action."""
        return cls(results=tuple(AlertActionResult.of(each, context) for each in results))


class SilencePreviewResource(Model):
    """The open alerts that a silence would cover."""

    alerts: Annotated[tuple[AlertResource, ...], Field(description="The newest hundred of them.")]
    count: Annotated[int, Field(description="How many alerts it would cover, among those that were read.")]
    complete: Annotated[bool, Field(description="False where there were too many alerts to read all.")]

    @classmethod
    def of(cls, preview: "Preview", context: Context) -> Self:
        """Show what would be covered."""
        return cls.copied(preview, alerts=tuple(AlertResource.of(each, context) for each in preview.alerts))
