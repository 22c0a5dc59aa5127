"""The ticker: what goes on in the hub, one readable line per event."""

import logging
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO

from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.notification import Delivery, Reason, Record
from chalicelib.domain.text import shortened
from local.aws import ACCOUNTS, account_name

NAME = max(len(each.name) for each in ACCOUNTS)
KIND, SEVERITY = len("agent_state"), len("CRITICAL")
# The widest outcome, and the spaces between the columns.
OUTCOME = len("suppressed: nothing to resolve")
FIXED = len("00:00:00") + NAME + KIND + SEVERITY + OUTCOME + 5 * 2
SHORTEST_TITLE, LONGEST_TITLE = 40, 80
# A notification may have to wait for its turn; after so many seconds its event is shown as pending.
PATIENCE = 5.0

PLAIN, FAINT, BOLD = "0", "2", "1"
COLOURS = {
    Severity.CRITICAL: "1;31",
    Severity.HIGH: "31",
    Severity.MEDIUM: "33",
    Severity.LOW: "32",
    Severity.UNKNOWN: "35",
}
OUTCOMES = {Delivery.DELIVERED: PLAIN, Delivery.SUPPRESSED: FAINT, Delivery.PENDING: "33", Delivery.FAILED: "1;31"}
STYLE = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True)
class Terminal:
    """Where lines go; without colours they hold nothing but text. `width` is in characters, 0 meaning any."""

    out: TextIO
    colours: bool = False
    width: int = 0

    @classmethod
    def of(cls, out: TextIO, *, colours: bool) -> "Terminal":
        """Look at what `out` is: a file or a pipe gets plain lines, however long."""
        is_terminal = out.isatty()
        return cls(out, colours and is_terminal, shutil.get_terminal_size().columns if is_terminal else 0)

    def write(self, line: str) -> None:
        """Write one line, at once."""
        print(line if self.colours else STYLE.sub("", line), file=self.out, flush=True)

    @property
    def title_width(self) -> int:
        """How many characters a title may have for its event to fit one line."""
        return max(SHORTEST_TITLE, min(self.width - FIXED, LONGEST_TITLE)) if self.width else LONGEST_TITLE


def styled(text: str, style: str) -> str:
    """Return text with a terminal's style around it."""
    return f"\x1b[{style}m{text}\x1b[0m"


def outcome_of(record: Record) -> str:
    """Say what became of an event: `delivered: first`, `suppressed: silenced by …`."""
    outcome = record.outcome
    by = f" by {outcome.by}" if outcome.reason is Reason.SILENCED else ""
    return f"{outcome.status}: {outcome.reason.replace('_', ' ')}{by}"


def line_of(record: Record, title_width: int = LONGEST_TITLE) -> str:
    """Return an event's line: when its outcome was last written, account, kind, severity, title, outcome."""
    event = record.event
    cells = (
        time.strftime("%H:%M:%S", time.localtime(record.updated_at)),
        f"{account_name(event.account):{NAME}}",
        f"{event.kind:{KIND}}",
        styled(f"{event.severity.name:{SEVERITY}}", COLOURS[event.severity]),
        f"{shortened(event.title, title_width):{title_width}}",
        styled(outcome_of(record), OUTCOMES[record.outcome.status]),
    )
    return "  ".join(cells)


class Mentions(logging.Handler):
    """Notes the ids of the events that the hub's own log speaks of."""

    def __init__(self) -> None:
        super().__init__()
        self._ids: dict[str, None] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Note the event of one log record, if it has one."""
        event_id = getattr(record, "event_id", "")
        if event_id:
            self._ids[event_id] = None

    def take(self) -> list[str]:
        """Return the ids since the last time, each once."""
        ids = list(self._ids)
        self._ids.clear()
        return ids


class Ticker:
    """Shows each event once: when its outcome is settled, or as pending after a while, and then again when settled."""

    def __init__(
        self,
        terminal: Terminal,
        find: Callable[[str], Record | None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._terminal = terminal
        self._find = find
        self._monotonic = monotonic
        self._mentions = Mentions()
        self._waiting: dict[str, float] = {}
        self._seen: set[str] = set()

    @property
    def is_idle(self) -> bool:
        """Whether every event that was mentioned is settled and shown."""
        return not self._waiting

    def listen(self, logger: logging.Logger) -> None:
        """Follow what a logger says about events."""
        logger.addHandler(self._mentions)

    def say(self, text: str) -> None:
        """Write a remark."""
        self._terminal.write(styled(f"{time.strftime('%H:%M:%S')}  {text}", FAINT))

    def catch_up(self) -> None:
        """Show what was settled since the last time."""
        now = self._monotonic()
        for event_id in self._mentions.take():
            if event_id not in self._seen:
                self._seen.add(event_id)
                self._waiting[event_id] = now
        for event_id, since in list(self._waiting.items()):
            record = self._find(event_id)
            if record is None:
                del self._waiting[event_id]
            elif record.outcome.status is not Delivery.PENDING:
                del self._waiting[event_id]
                self._show(record)
            elif now - since >= PATIENCE:
                self._waiting[event_id] = float("inf")
                self._show(record)

    def _show(self, record: Record) -> None:
        self._terminal.write(line_of(record, self._terminal.title_width))
