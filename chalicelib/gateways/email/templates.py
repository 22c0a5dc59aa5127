"""The template of a mail's HTML, in which nothing foreign is more than text.

Import this when a mail is due, not before: Jinja2 makes a cold start slower.
"""

from functools import cache
from pathlib import Path

from chalicelib.gateways.plain_messages.message import PlainMessage
from chalicelib.gateways.templates import ROOT, Environment, StrictUndefined, compile_folder, options

FOLDER = "email"


class EmailTemplates:
    """The templates under `root`."""

    def __init__(self, root: Path = ROOT) -> None:
        self._environment = Environment(undefined=StrictUndefined, **options(root))

    def render(self, plain: PlainMessage) -> str:
        """Render a mail from a plain message."""
        return self._environment.get_template(f"{FOLDER}/mail.j2").render(plain=plain)

    def compile(self, folder: Path) -> None:
        """Write each template as Python into `folder`; an error in any is raised."""
        compile_folder(self._environment, FOLDER, folder)


@cache
def templates() -> EmailTemplates:
    """Return the templates, read once."""
    return EmailTemplates()
