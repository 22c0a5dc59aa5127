"""Slack templates: they produce mrkdwn, print every value as one escaped line, and survive missing values.

Empty lines are dropped; `{{ section }}` begins a new section; `{% set action = "…" %}` names the page that the event's
link opens. Import this only when a message is due: Jinja2 makes a cold start slower.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from msgspec import Struct

from chalicelib.domain.events.event import Event
from chalicelib.domain.timestamps import read_date
from chalicelib.gateways.slack import mrkdwn
from chalicelib.gateways.templates import (
    ROOT,
    ChainableUndefined,
    Environment,
    TemplateNotFound,
    compile_folder,
    options,
    pass_environment,
    pass_eval_context,
)
from chalicelib.sources.registry import DECLARED

FOLDER = "slack"
# Longer than any date that AWS writes.
LONGEST_TIME = 40
ANY_SOURCE, ANY_DECLARED = "unknown", "declared"
SECTION = mrkdwn.Mrkdwn("\f")  # no foreign text keeps a control character


class Rendered(Struct, frozen=True):
    """A template's text, by section, and its name for the page that the event's link opens."""

    sections: tuple[str, ...] = ()
    action: str = ""


class Templates:
    """The templates under `root`, each compiled once."""

    nothing = Rendered()

    def __init__(self, root: Path = ROOT) -> None:
        self._environment = _environment(root)

    def render(self, name: str, values: Mapping[str, Any]) -> Rendered:
        """Render a Slack template."""
        module = self._environment.get_template(f"{FOLDER}/{name}.j2").make_module(dict(values))
        sections = ["\n".join(filter(str.strip, each.splitlines())) for each in str(module).split(SECTION)]
        return Rendered(tuple(filter(None, sections)), str(getattr(module, "action", "")))

    def compile(self, folder: Path) -> None:
        """Compile each template to Python in `folder`; raises the first error."""
        compile_folder(self._environment, FOLDER, folder)

    def render_source(self, kind: str, values: Mapping[str, Any]) -> Rendered:
        """Render the template of a kind; without one, that of declared or unknown events."""
        try:
            return self.render(kind, values)
        except TemplateNotFound:
            return self.render(ANY_DECLARED if kind in DECLARED else ANY_SOURCE, values)


class _MrkdwnEnvironment(Environment):
    """Compiles templates in which fields of foreign JSON come before methods."""

    def _generate(self, source: Any, *args: Any, **options: Any) -> str:
        from chalicelib.gateways.slack.template_fields import with_fields_first  # noqa: PLC0415 - only to compile

        return super()._generate(with_fields_first(source), *args, **options)


@pass_environment
def field(environment: Environment, value: Any, name: str) -> Any:
    """Return a field that has the name of a method, if foreign JSON has it."""
    if not isinstance(value, dict | list | str):
        return environment.getattr(value, name)
    if isinstance(value, dict) and name in value:
        return value[name]
    return environment.undefined(obj=value, name=name)


def rows(value: Any) -> list[dict[str, Any]]:
    """Return the objects in a list, and none of anything else, so that loops over foreign JSON cannot fail."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def pairs(value: Any, most: int) -> list[tuple[str, Any]]:
    """Return the first names and values of an object, and none of anything else."""
    return list(value.items())[:most] if isinstance(value, dict) else []


def facts(event: Event) -> list[tuple[str, str]]:
    """Return the facts that a declared source shows in messages."""
    from chalicelib.sources.declared import facts_of  # noqa: PLC0415 - most messages are about no such event

    return [(label, mrkdwn.date(value) if _is_time(value) else value) for label, value in facts_of(event)]


def _is_time(text: str) -> bool:
    """Tell whether a text is a date with a time; without one it may be a version."""
    return ":" in text and len(text) <= LONGEST_TIME and read_date(text) is not None


def description(event: Event) -> str:
    """Return the description that a declared source shows below the title."""
    from chalicelib.sources.declared import description_of  # noqa: PLC0415 - the same

    return description_of(event)


def custom_remarks(detail: Any) -> list[str]:
    """Return remarks on fields of a custom event that were not understood."""
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
        "field": field,
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
