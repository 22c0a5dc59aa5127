"""Reads HTML the way a browser would, to see which tags a drawing really has."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"hr", "rect"}


@dataclass
class Seen:
    """The tags with their attributes, the text between them, and whether every tag was closed in turn."""

    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    text: str = ""
    balanced: bool = True

    @property
    def names(self) -> set[str]:
        """Name the tags there are."""
        return {name for name, _ in self.tags}

    def values(self, attribute: str) -> list[str | None]:
        """List an attribute's values."""
        return [attributes[attribute] for _, attributes in self.tags if attribute in attributes]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen = Seen()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self.seen.balanced &= bool(self.open) and self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.seen.text += data

    def handle_comment(self, data: str) -> None:
        self.seen.tags.append(("comment", {"data": data}))

    def handle_decl(self, decl: str) -> None:
        self.seen.tags.append(("declaration", {"data": decl}))


def read(html: str) -> Seen:
    """Read a piece of HTML to its end."""
    reader = _Reader()
    reader.feed(str(html))  # a Markup would escape what it is joined with
    reader.close()
    reader.seen.balanced &= not reader.open
    return reader.seen
