"""Mails: plain messages as subjects and texts, always within the limits of SNS and SES."""

import re
import unicodedata
from collections.abc import Sequence

from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.notification import Notification
from chalicelib.domain.text import clean, digest
from chalicelib.gateways.plain_messages.message import PlainMessage

# SNS takes subjects of less than 100 characters, and messages of 256 kB.
SUBJECT, LARGEST = 99, 256 * 1024
LONGEST_SUBJECT = 200
# Dashes and quotation marks in ASCII.
PLAIN = str.maketrans("\u00b7\u2013\u2014\u2018\u2019\u201c\u201d", "---''\"\"")
UNWRITABLE = re.compile(r"[^ -~]+")
GRAVE = frozenset({Severity.CRITICAL, Severity.HIGH})


def ascii_subject(plain: PlainMessage) -> str:
    """Return a subject in ASCII, severity first; accents are dropped, other characters become `?`."""
    decomposed = unicodedata.normalize("NFKD", clean(plain.headline, LARGEST).translate(PLAIN))
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    text = " ".join(UNWRITABLE.sub("?", bare).split())
    return text if len(text) <= SUBJECT else text[: SUBJECT - 3].rstrip() + "..."


def thread_subject(plain: PlainMessage) -> str:
    """Return a subject without the state: mail clients put mails with the same subject into one thread."""
    return clean(" · ".join(filter(None, (plain.title, plain.place))), LONGEST_SUBJECT)


def plain_text(plain: PlainMessage) -> str:
    """Return the whole message, one line each; what does not fit is counted."""
    lines = [
        f"{plain.style.emoji} {plain.style.word} · {plain.title}",
        *filter(None, (plain.place, plain.status)),
        "",
        *plain.lines,
        *(f"{label}: {value}" for label, value in plain.facts),
        "",
        *(f"{each.label}: {each.url}" for each in plain.links),
    ]
    return _fitting(lines)


def problem_of(notifications: Sequence[Notification]) -> tuple[str, int] | None:
    """Return fingerprint and episode of the one problem that all are about; None where there is no such problem."""
    problems = {(each.fingerprint, each.episode) for each in notifications}
    problem = problems.pop()
    return problem if problem[0] and not problems else None


def headers_of(notifications: Sequence[Notification], receiver: str, stage: str, sender: str) -> dict[str, str]:
    """Return a mail's headers: list, thread and urgency, and that no automatic replies are wanted.

    SES gives each mail its own id. All mails about an episode reply to the same id, of a mail that never existed:
    clients still put them into one thread, and nothing has to be stored.
    """
    domain = sender.rpartition("@")[2]
    headers = {
        "Auto-Submitted": "auto-generated",
        "List-Id": f"Monitoring <{receiver}.{stage}.monitoring.{domain}>",
        "Importance": "high" if any(map(_is_grave, notifications)) else "normal",
    }
    problem = problem_of(notifications)
    if problem is None:
        return headers
    thread = f"<{digest(stage, problem[0], str(problem[1]))}@{domain}>"
    return headers | {"In-Reply-To": thread, "References": thread}


def _is_grave(notification: Notification) -> bool:
    return notification.severity in GRAVE and not notification.is_over


def _fitting(lines: list[str]) -> str:
    """Return the lines that fit; the last one says how many do not."""
    left_out = "… {:,} more lines"
    room = LARGEST - len(left_out.encode()) - len(str(len(lines))) * 2
    kept: list[str] = []
    for line in lines:
        room -= len(line.encode()) + 1
        if room < 0:
            return "\n".join([*kept, left_out.format(len(lines) - len(kept))])
        kept.append(line)
    return "\n".join(lines)
