"""The HTML template of mails, in which foreign text stays text.

Import this only when a mail is due: Jinja2 makes a cold start slower.
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
        """Compile each template to Python in `folder`; raises the first error."""
        compile_folder(self._environment, FOLDER, folder)


@cache
def templates() -> EmailTemplates:
    """Return the templates, read once."""
    return EmailTemplates()
