"""Severity styles: the emoji, word and colour by which people see at once how severe something is."""

from msgspec import Struct

from chalicelib.domain.events.event import Severity


class SeverityStyle(Struct, frozen=True):
    """An emoji, a word, and a colour (as HTML writes it)."""

    emoji: str
    word: str
    color: str


STYLES = {
    Severity.CRITICAL: SeverityStyle("🚨", "CRITICAL", "#9f1239"),
    Severity.HIGH: SeverityStyle("🔴", "HIGH", "#e5322d"),
    Severity.MEDIUM: SeverityStyle("🟠", "MEDIUM", "#f08c00"),
    Severity.LOW: SeverityStyle("🔵", "LOW", "#3b82f6"),
    Severity.UNKNOWN: SeverityStyle("⚪", "UNKNOWN", "#8b8d98"),
}
RESOLVED = SeverityStyle("✅", "RESOLVED", "#2eb67d")
GOOD = SeverityStyle("✅", "OK", "#2eb67d")


def style_of(severity: Severity, resolved: bool = False) -> SeverityStyle:  # noqa: FBT001, FBT002 - called in templates
    """Return the style of a severity, or of what is resolved."""
    return RESOLVED if resolved else STYLES[severity]
