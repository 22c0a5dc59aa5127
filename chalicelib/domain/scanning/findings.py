"""Kinds: the errors of a search by window, as few problems, of which no more are told apart than a search can hold."""

from collections import Counter
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from chalicelib.domain.scanning.error_groups import ErrorGroup, LogGroup
from chalicelib.domain.scanning.windows import Window
from chalicelib.domain.text import digest

# A group holds three samples of 2,000 characters: so many take some 10 MB, a small part of a function's memory.
MOST_KINDS = 1_000
# To count what is not told apart, its names must be remembered; beyond so many, the count is "at least".
MOST_COUNTED = 10_000
FURTHER = digest("further kinds of errors")

type GroupKey = tuple[Window, str, str]
"""A window, a log group's name and a fingerprint."""


class Findings:
    """Error groups by window.

    Where they become too many, what comes then is counted in one more group for each window and log group: nothing is
    lost but the distinction.
    """

    def __init__(self, most: int = MOST_KINDS) -> None:
        self._most = most
        self.told: dict[GroupKey, ErrorGroup] = {}
        self.further: dict[tuple[Window, LogGroup], ErrorGroup] = {}
        self.counted: set[GroupKey] = set()

    def add(self, window: Window, groups: Iterable[ErrorGroup]) -> None:
        """Add groups of errors that a window holds."""
        for group in groups:
            kind = (window, group.log_group.name, group.fingerprint)
            if kind in self.told:
                self.told[kind] = self.told[kind].merged(group)
            elif len(self.told) < self._most:
                self.told[kind] = group
            else:
                self._add_further(window, group)
                self._count([kind])

    def absorb(self, other: "Findings") -> None:
        """Add all of another's."""
        for (window, _, _), group in other.told.items():
            self.add(window, [group])
        for (window, _), group in other.further.items():
            self._add_further(window, group)
        self._count(other.counted)

    def by_window(self) -> Iterator[tuple[Window, list[ErrorGroup]]]:
        """Iterate over the windows in which there were errors, the oldest first, the groups of each in order."""
        found: dict[Window, list[ErrorGroup]] = {}
        for window, name, fingerprint in sorted(self.told):
            found.setdefault(window, []).append(self.told[window, name, fingerprint])
        counts = Counter((window, name) for window, name, _ in self.counted)
        for (window, log_group), further in sorted(self.further.items(), key=lambda each: each[0]):
            found.setdefault(window, []).append(self._as_told(further, counts[window, log_group.name]))
        return iter(sorted(found.items(), key=lambda each: each[0]))

    def _add_further(self, window: Window, group: ErrorGroup) -> None:
        key = (window, group.log_group)
        self.further[key] = self.further[key].merged(group) if key in self.further else group

    def _count(self, kinds: Iterable[GroupKey]) -> None:
        for kind in kinds:
            if len(self.counted) < MOST_COUNTED:
                self.counted.add(kind)

    def _as_told(self, further: ErrorGroup, kinds: int) -> ErrorGroup:
        least = "at least " if len(self.counted) == MOST_COUNTED else ""
        title = f"and {least}{kinds} more {'kind' if kinds == 1 else 'kinds'} of errors"
        return replace(further, fingerprint=FURTHER, title=title, culprit="")
