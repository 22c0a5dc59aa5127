"""The Jinja2 environment: templates are mrkdwn, what they print is one escaped line, and nothing missing stops them.

A template's empty lines vanish; `{{ section }}` begins a new section; `{% set action = "…" %}` names the page that the
event's link opens. Import this when a message is due, not before: Jinja2 makes a cold start slower.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from msgspec import Struct

from chalicelib.domain.events.event import Event
from chalicelib.gateways.slack import mrkdwn
from chalicelib.gateways.templates import (
    ROOT,
    ChainableUndefined,
    Environment,
    TemplateNotFound,
    compile_folder,
    options,
    pass_eval_context,
)
from chalicelib.sources.registry import DECLARED

FOLDER = "slack"
ANY_SOURCE, ANY_DECLARED = "unknown", "declared"
SECTION = mrkdwn.Mrkdwn("\f")  # no foreign text keeps a control character


class Rendered(Struct, frozen=True):
    """A template's text, section by section, and what it calls the page that the event's link opens."""

    sections: tuple[str, ...] = ()
    action: str = ""


class Templates:
    """The templates under `root`, compiled once each and for all who use them."""

    nothing = Rendered()

    def __init__(self, root: Path = ROOT) -> None:
        self._environment = _environment(root)

    def render(self, name: str, values: Mapping[str, Any]) -> Rendered:
        """Render a Slack template."""
        module = self._environment.get_template(f"{FOLDER}/{name}.j2").make_module(dict(values))
        sections = ["\n".join(filter(str.strip, each.splitlines())) for each in str(module).split(SECTION)]
        return Rendered(tuple(filter(None, sections)), str(getattr(module, "action", "")))

    def compile(self, folder: Path) -> None:
        """Write each template as Python into `folder`; an error in any is raised."""
        compile_folder(self._environment, FOLDER, folder)

    def render_source(self, kind: str, values: Mapping[str, Any]) -> Rendered:
        """Render a source's template, or that of declared or unknown events for a kind that has none."""
        try:
            return self.render(kind, values)
        except TemplateNotFound:
            return self.render(ANY_DECLARED if kind in DECLARED else ANY_SOURCE, values)


class _Method(ChainableUndefined):
    """A method of foreign JSON, which can be called, and is otherwise as good as a field that is missing."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it."""
        return getattr(self._undefined_obj, str(self._undefined_name))(*args, **kwargs)


class _MrkdwnEnvironment(Environment):
    """Foreign JSON has fields: `detail.items` is its field or nothing, and the method only where it is called."""

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return a field, or the attribute of an object of ours."""
        found = super().getitem(obj, argument)
        is_method = isinstance(obj, dict | list | str) and callable(found) and not isinstance(found, ChainableUndefined)
        return _Method(obj=obj, name=argument) if is_method else found

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return the same: a field comes first."""
        return self.getitem(obj, attribute)


def rows(value: Any) -> list[dict[str, Any]]:
    """Return the objects in a list, and none of anything else: a loop over foreign JSON that cannot fail."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def pairs(value: Any, most: int) -> list[tuple[str, Any]]:
    """Return the first names and values of an object, and none of anything else."""
    return list(value.items())[:most] if isinstance(value, dict) else []


def facts(event: Event) -> list[tuple[str, str]]:
    """Return what a declared source has its messages say in lines."""
    from chalicelib.sources.declared import facts_of  # noqa: PLC0415 - most messages are about no such event

    return facts_of(event)


def description(event: Event) -> str:
    """Return what a declared source has its messages say below their titles."""
    from chalicelib.sources.declared import description_of  # noqa: PLC0415 - the same

    return description_of(event)


def custom_remarks(detail: Any) -> list[str]:
    """Return what is not understood of a detail of somebody's own event."""
    from chalicelib.sources.custom import remarks_of  # noqa: PLC0415 - most messages are about no such event

    return remarks_of(detail)


@cache
def _environment(root: Path) -> Environment:
    # Whatever is printed is Mrkdwn by then, which autoescape lets pass. That a context is passed keeps Jinja2 from
    # folding constants at compile time, which would escape quotes in them as for HTML.
    finalize = pass_eval_context(mrkdwn.printed)
    environment = _MrkdwnEnvironment(undefined=ChainableUndefined, finalize=finalize, **options(root))
    environment.filters |= {
        "bold": mrkdwn.bold,
        "code": mrkdwn.code,
        "code_block": mrkdwn.code_block,
        "custom_remarks": custom_remarks,
        "link": mrkdwn.link,
        "date": mrkdwn.date,
        "description": description,
        "duration": mrkdwn.duration,
        "facts": facts,
        "number": mrkdwn.number,
        "pairs": pairs,
        "rows": rows,
        "short": mrkdwn.line,
        "span": mrkdwn.span,
    }
    environment.globals["section"] = SECTION
    return environment
