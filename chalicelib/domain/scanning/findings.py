"""Findings: the errors of a search by window, in no more error groups than a search can hold."""

from collections import Counter
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from chalicelib.domain.scanning.error_groups import ErrorGroup, LogGroup
from chalicelib.domain.scanning.windows import Window
from chalicelib.domain.text import digest

# A group has three samples of 2,000 characters: so many take about 10 MB, a small part of a function's memory.
MOST_GROUPS = 1_000
# Names remembered of groups that are not kept apart; beyond so many, their count is "at least".
MOST_COUNTED = 10_000
FURTHER = digest("further error groups")

type GroupKey = tuple[Window, str, str]
"""A window, a log group's name and a fingerprint."""


class Findings:
    """Error groups by window.

    If there are too many, later ones are counted in one further group for each window and log group: no line is lost.
    """

    def __init__(self, most: int = MOST_GROUPS) -> None:
        self._most = most
        self._groups: dict[GroupKey, ErrorGroup] = {}
        self._further: dict[tuple[Window, LogGroup], ErrorGroup] = {}
        self._counted: set[GroupKey] = set()

    def add(self, window: Window, groups: Iterable[ErrorGroup]) -> None:
        """Add the error groups of a window."""
        for group in groups:
            key = (window, group.log_group.name, group.fingerprint)
            if key in self._groups:
                self._groups[key] = self._groups[key].merged(group)
            elif len(self._groups) < self._most:
                self._groups[key] = group
            else:
                self._add_further(window, group)
                self._count([key])

    def absorb(self, other: "Findings") -> None:
        """Add all of another's."""
        for (window, _, _), group in other._groups.items():  # noqa: SLF001 - it is one of us
            self.add(window, [group])
        for (window, _), group in other._further.items():  # noqa: SLF001
            self._add_further(window, group)
        self._count(other._counted)  # noqa: SLF001

    def by_window(self) -> Iterator[tuple[Window, list[ErrorGroup]]]:
        """Iterate over the windows with errors, oldest first, with the groups of each in order."""
        found: dict[Window, list[ErrorGroup]] = {}
        for window, name, fingerprint in sorted(self._groups):
            found.setdefault(window, []).append(self._groups[window, name, fingerprint])
        counts = Counter((window, name) for window, name, _ in self._counted)
        for (window, log_group), further in sorted(self._further.items(), key=lambda each: each[0]):
            found.setdefault(window, []).append(self._rest(further, counts[window, log_group.name]))
        return iter(sorted(found.items(), key=lambda each: each[0]))

    def _add_further(self, window: Window, group: ErrorGroup) -> None:
        key = (window, group.log_group)
        self._further[key] = self._further[key].merged(group) if key in self._further else group

    def _count(self, keys: Iterable[GroupKey]) -> None:
        for key in keys:
            if len(self._counted) < MOST_COUNTED:
                self._counted.add(key)

    def _rest(self, further: ErrorGroup, count: int) -> ErrorGroup:
        """Return the further group, with the number of groups that it stands for in its title."""
        least = "at least " if len(self._counted) == MOST_COUNTED else ""
        title = f"and {least}{count} more error {'group' if count == 1 else 'groups'}"
        return replace(further, fingerprint=FURTHER, title=title, culprit="")
