"""Results of bulk actions, and previews of silences, as the API shows them."""

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
    """Why nothing was done to an alert."""

    code: Annotated[Literal["not_found", "conflict"], Field(description="As of a single action.")]
    message: Annotated[str, Field(examples=["There is no alert of this fingerprint."])]


class AlertActionResult(Model):
    """What became of one alert."""

    fingerprint: ShownFingerprint
    alert: Annotated[AlertResource | None, Field(description="How it stands now; null where there was an error.")]
    silence: Annotated[SilenceResource | None, Field(description="Its new silence, if the action was to silence it.")]
    error: Annotated[AlertActionError | None, Field(description="Why nothing was done; null where it was.")]

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
    """What became of each alert, in the order in which they were given."""

    results: tuple[AlertActionResult, ...]

    @classmethod
    def of(cls, results: "Iterable[BulkResult]", context: Context) -> Self:
        """Show the results of a bulk action."""
        return cls(results=tuple(AlertActionResult.of(each, context) for each in results))


class SilencePreviewResource(Model):
    """Which of the alerts that are not over a silence would cover."""

    alerts: Annotated[tuple[AlertResource, ...], Field(description="The newest hundred of them.")]
    count: Annotated[int, Field(description="How many there are, of those that were read.")]
    complete: Annotated[bool, Field(description="False where there are so many alerts that not all were read.")]

    @classmethod
    def of(cls, preview: "Preview", context: Context) -> Self:
        """Show what would be covered."""
        return cls.copied(preview, alerts=tuple(AlertResource.of(each, context) for each in preview.alerts))
