"""Search: asks for one window's errors, in smaller and smaller pieces where there are too many for one answer."""

import itertools
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from chalicelib.domain.coverage import Gap, Reason
from chalicelib.domain.logs import Answer, ErrorGroups, LogGroup, collect
from chalicelib.domain.rules import NO_RULES, Rules
from chalicelib.domain.windows import Window
from chalicelib.services.scan_ports import Logs

log = logging.getLogger(__name__)

# StartQuery takes so many: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html
LOG_GROUPS_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Question:
    """Some log groups and a window, small enough for one query."""

    log_groups: tuple[str, ...]
    window: Window

    def parts(self) -> tuple["Question", ...]:
        """Cut the question in two by time or, within one second, by log group; one of each cannot be cut."""
        if self.window.seconds > 1:
            return tuple(Question(self.log_groups, half) for half in self.window.halves())
        return self.parts_by_log_group()

    def parts_by_log_group(self) -> tuple["Question", ...]:
        """Cut the question in two by log group; a single one cannot be cut."""
        middle = len(self.log_groups) // 2
        names = (self.log_groups[:middle], self.log_groups[middle:])
        return tuple(Question(half, self.window) for half in names) if middle else ()


@dataclass(slots=True)
class Findings:
    """What the search for one window has brought so far."""

    groups: ErrorGroups = field(default_factory=dict)
    missed: list[Gap] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)
    scanned: int = 0


@dataclass(frozen=True, slots=True)
class Search:
    """Asks the logs; `deadline` tells until when (epoch seconds) the next query may take, None that it is too late.

    `rules` say what counts as an error.
    """

    logs: Logs
    deadline: Callable[[], int | None]
    rules: Rules = NO_RULES

    def __call__(self, window: Window, log_groups: Iterable[LogGroup]) -> Findings:
        """Return all errors in the window; what could not be searched is among `missed`, with the reason.

        An answer's lines are folded into error groups before the next question is asked.
        """
        owners = {each.name: each for each in log_groups}
        questions = [Question(names, window) for names in _batches(owners.values())]
        findings = Findings()
        questions.reverse()
        while questions:
            question = questions.pop()
            deadline = self.deadline()
            if deadline is None:
                findings.missed.append(_gap(question, Reason.UNFINISHED))
                continue
            answer = self.logs.search(question.log_groups, question.window, deadline)
            questions.extend(reversed(_take(findings, question, answer, owners, self.rules)))
        findings.missed = _told_together(findings.missed)
        return findings


def _take(
    findings: Findings, question: Question, answer: Answer, owners: Mapping[str, LogGroup], rules: Rules
) -> tuple[Question, ...]:
    """Add an answer to the findings; returns what is to be asked instead where it was cut off."""
    findings.scanned += answer.scanned
    findings.missing.update(answer.missing)
    if answer.reason is Reason.REJECTED and (parts := question.parts_by_log_group()):
        return parts
    if answer.reason is Reason.REJECTED and _is_before_creation(question, owners):
        return ()
    if answer.reason is not None:
        log.warning("Query brought no result", extra=_about(question, answer.reason))
        findings.missed.append(_gap(question, answer.reason, answer.missing))
        return ()
    parts = question.parts() if answer.truncated else ()
    if parts:
        return parts
    if answer.truncated:
        log.warning("Query brought too much", extra=_about(question, Reason.TRUNCATED))
        findings.missed.append(_gap(question, Reason.TRUNCATED, answer.missing))
    collect(findings.groups, answer.lines, owners, rules)
    return ()


def _is_before_creation(question: Question, owners: Mapping[str, LogGroup]) -> bool:
    """Tell whether Insights rightly has nothing to say; nobody knows of a log group before it is made."""
    return all(owners[name].created_at >= question.window.end for name in question.log_groups)


def _batches(log_groups: Iterable[LogGroup]) -> Iterable[tuple[str, ...]]:
    ordered = sorted(log_groups, key=lambda each: (each.storage, each.name))
    for _, alike in itertools.groupby(ordered, key=lambda each: each.storage):
        yield from itertools.batched((each.name for each in alike), LOG_GROUPS_AT_ONCE)


def _gap(question: Question, reason: Reason, missing: Sequence[str] = ()) -> Gap:
    return Gap(question.window, tuple(each for each in question.log_groups if each not in missing), reason)


def _told_together(gaps: Iterable[Gap]) -> list[Gap]:
    """Make one gap of those that differ in their log groups alone, and none of those that are about no log group."""
    names: dict[tuple[Window, Reason], set[str]] = {}
    for gap in gaps:
        names.setdefault((gap.window, gap.reason), set()).update(gap.log_groups)
    return [Gap(window, tuple(sorted(missed)), reason) for (window, reason), missed in names.items() if missed]


def _about(question: Question, reason: Reason) -> dict[str, object]:
    return {
        "reason": reason,
        "window_start": question.window.start,
        "window_end": question.window.end,
        "log_groups": len(question.log_groups),
    }
