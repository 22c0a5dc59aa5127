"""A plain message: one notification or many, in plain text."""

from msgspec import Struct

from chalicelib.domain.severity_styles import SeverityStyle

LINE = 300


class MessageLink(Struct, frozen=True):
    """A link in a message."""

    label: str
    url: str


class PlainMessage(Struct, frozen=True, kw_only=True):
    """Severity, title, location and status of a problem.

    `facts` are labels with values, `links` lead to AWS's console and to actions. A message about many alerts has
    `lines`.
    """

    style: SeverityStyle
    title: str
    place: str = ""
    status: str = ""
    over: bool = False
    facts: tuple[tuple[str, str], ...] = ()
    links: tuple[MessageLink, ...] = ()
    lines: tuple[str, ...] = ()

    @property
    def headline(self) -> str:
        """Everything in one line."""
        title = f"{self.style.word} · {self.title}"
        return " · ".join(filter(None, (title, self.place, self.status)))
