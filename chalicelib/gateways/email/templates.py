"""The template of a mail's HTML, in which nothing foreign is more than text.

Import this when a mail is due, not before: Jinja2 makes a cold start slower.
"""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, ModuleLoader, StrictUndefined

from chalicelib.gateways.plain_messages.message import PlainMessage
from chalicelib.gateways.slack.templates import ROOT

FOLDER = "email"
# In the package only, made there of the templates beside it: to parse them at each cold start would take longer.
COMPILED = "compiled-email"


class EmailTemplates:
    """The templates under `root`."""

    def __init__(self, root: Path = ROOT) -> None:
        compiled = root / COMPILED
        self._environment = Environment(
            loader=ModuleLoader(compiled) if compiled.is_dir() else FileSystemLoader(root),
            undefined=StrictUndefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )

    def render(self, plain: PlainMessage) -> str:
        """Render a mail from a plain message."""
        return self._environment.get_template(f"{FOLDER}/mail.j2").render(plain=plain)

    def compile(self, folder: Path) -> None:
        """Write each template as Python into `folder`; an error in any is raised."""
        self._environment.compile_templates(folder, filter_func=_is_ours, zip=None, ignore_errors=False)


@cache
def templates() -> EmailTemplates:
    """Return the templates, read once."""
    return EmailTemplates()


def _is_ours(name: str) -> bool:
    return name.startswith(f"{FOLDER}/") and name.endswith(".j2")
