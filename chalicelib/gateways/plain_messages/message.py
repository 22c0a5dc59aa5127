"""A plain message: what there is to say of one notification or of many, in plain words."""

from msgspec import Struct

from chalicelib.domain.severity_styles import SeverityStyle

LINE = 300


class MessageLink(Struct, frozen=True):
    """Where a reader may go from a message."""

    label: str
    url: str


class PlainMessage(Struct, frozen=True, kw_only=True):
    """What there is to say: how bad it is, what, where, and what has become of it.

    `facts` are labels with values, `links` lead to AWS's console and to what can be done from here. What is about many
    alerts says it in `lines`.
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
        """All of it in one line."""
        title = f"{self.style.word} · {self.title}"
        return " · ".join(filter(None, (title, self.place, self.status)))
