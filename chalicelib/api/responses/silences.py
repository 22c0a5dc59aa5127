"""Silences as the API returns them."""

from typing import Annotated, Self

from pydantic import Field

from chalicelib.api.fields import OptionalText, ShownSilenceId, Time
from chalicelib.api.responses.base import Addressable, Context, Model, ResourcePage
from chalicelib.domain import pagination, queries
from chalicelib.domain.routing.matchers import Field as MatcherField
from chalicelib.domain.routing.matchers import Matcher
from chalicelib.domain.routing.silences import Silence, SilenceStatus


class MatcherResource(Model):
    """Matches events by one of the patterns, or with `not` by none of them."""

    field: MatcherField
    key: Annotated[OptionalText, Field(description="The key, if the field is a tag.")]
    patterns: tuple[str, ...]
    negated: Annotated[bool, Field(alias="not")]

    @classmethod
    def of(cls, matcher: Matcher) -> Self:
        """Show a matcher."""
        return cls.copied(matcher)


class SilenceResource(Addressable):
    """A silence: it suppresses notifications for a while."""

    id: ShownSilenceId
    status: Annotated[SilenceStatus, Field(description="Pending (not begun), active or expired, as of now.")]
    matchers: Annotated[tuple[MatcherResource, ...], Field(description="All of them match the events that it covers.")]
    everything: Annotated[bool, Field(description="Whether it covers every event; then it has no matchers.")]
    starts_at: Annotated[Time, Field(description="When it starts.")]
    ends_at: Annotated[Time, Field(description="When it ends.")]
    created_at: Annotated[Time, Field(description="When it was created.")]
    author: Annotated[str, Field(description="Who created it.", examples=["on-call"])]
    reason: Annotated[str, Field(description="Why.", examples=["The database moves."])]

    @classmethod
    def of(cls, silence: Silence, context: Context) -> Self:
        """Show a silence as it is now."""
        return cls.copied(
            silence,
            status=silence.state(context.now),
            matchers=tuple(map(MatcherResource.of, silence.matchers)),
            everything=not silence.matchers,
        )


class SilencePage(ResourcePage):
    """A page of silences."""

    items: tuple[SilenceResource, ...]

    @classmethod
    def of(cls, page: pagination.Page[Silence], query: queries.SilenceQuery, context: Context) -> Self:
        """Show a page of silences."""
        return cls.around(tuple(SilenceResource.of(each, context) for each in page.items), page, query)
