"""Stated severities: the severity that a team gives by a tag or a name, such as `severity=critical` or `P1`."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from chalicelib.domain.events.event import Severity
from chalicelib.domain.text import clean

WORDS = {
    Severity.CRITICAL: ("critical", "crit", "fatal", "emergency", "disaster", "page"),
    Severity.HIGH: ("high", "error", "major", "urgent"),
    Severity.MEDIUM: ("medium", "moderate", "warning", "warn", "average"),
    Severity.LOW: ("low", "minor", "info", "information", "informational"),
}
# P1 as incident processes have it, and SEV-1: some of them begin with 0.
LEVELS = (Severity.CRITICAL, Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW, Severity.LOW)
BY_WORD = {word: severity for severity, words in WORDS.items() for word in words} | {
    f"{prefix}{number}": severity for number, severity in enumerate(LEVELS) for prefix in ("", "p", "sev", "s")
}
KEYS = frozenset({"severity", "alarmseverity", "alertseverity", "priority", "sev"})
# In a name: `severity=critical` with any of the words, and otherwise `P1` or `SEV-1` standing alone.
WRITTEN_OUT = re.compile(r"(?<![a-z0-9])(?:severity|priority|sev)[ ]?[=:][ ]?([a-z0-9-]++)", re.IGNORECASE)
STANDING_ALONE = re.compile(r"(?<![a-z0-9.])(?:p|sev[-_ ]?)[0-5](?![.]?[a-z0-9])", re.IGNORECASE)
LONGEST = 60


class StatedSeverity(NamedTuple):
    """A severity, and where it was stated."""

    severity: Severity
    by: str


def stated_in(tags: Mapping[str, Any], name: str) -> StatedSeverity | None:
    """Return the severity in the tags, else the one in the name; None where there is neither."""
    for key in sorted(tags):
        severity = _meant(tags[key]) if _plain(key) in KEYS else None
        if severity:
            return StatedSeverity(severity, clean(f"tag {key}={tags[key]}", LONGEST))
    for pattern, group in ((WRITTEN_OUT, 1), (STANDING_ALONE, 0)):
        for found in pattern.finditer(name):
            if severity := _meant(found[group]):
                return StatedSeverity(severity, clean(f"name {found[0]}", LONGEST))
    return None


def _meant(word: Any) -> Severity | None:
    return BY_WORD.get(_plain(word)) if isinstance(word, str | int) else None


def _plain(word: Any) -> str:
    return str(word).casefold().replace("-", "").replace("_", "").replace(" ", "")
