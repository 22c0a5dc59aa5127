"""Slack's mrkdwn: escapes foreign text, and writes links, dates and code.

https://docs.slack.dev/messaging/formatting-message-text
"""

import json
import re
import unicodedata
from datetime import UTC, datetime
from typing import Any, Self
from urllib.parse import quote, urlsplit

from markupsafe import Markup

from chalicelib.domain.text import ELLIPSIS, clean, shortened
from chalicelib.domain.timestamps import read_date

FENCE = "```"
ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
LINE = 500
INLINE_CODE = 200
BLOCK_LINES = 12
# A row may be longer where the rows are few.
BLOCK_WIDTH, BLOCK_LENGTH = 200, 1_000
LABEL = 75
URL = 3_000

DATE = "{date_short_pretty}, {time}"
MINUTE, HOUR, DAY = 60, 3_600, 86_400
LATE = 15 * MINUTE
# What a cut may leave at the end: half a link or date, half an entity, half a fence.
PARTIAL = re.compile(r"(<[^<>]*|&[a-z]{0,3}|(?<!`)`{1,2})\Z")


class Mrkdwn(Markup):
    """Text that is mrkdwn already; text joined to it is escaped as Slack requires: `&`, `<` and `>`, nothing else."""

    __slots__ = ()

    @classmethod
    def escape(cls, s: Any, /) -> Self:
        """Return mrkdwn as it is, and anything else escaped."""
        if hasattr(s, "__html__"):
            return cls(s.__html__())
        return cls(str(s).translate(ESCAPES))


NOTHING = Mrkdwn("")


def line(value: Any, limit: int = LINE) -> Mrkdwn:
    """Return any JSON value as one clean, escaped line of at most `limit` characters; null becomes empty.

    Mrkdwn stays as it is.
    """
    if hasattr(value, "__html__"):
        return Mrkdwn(value)
    words = " ".join(_text(value).split())
    if len(words) > limit or not words.isprintable():  # which is rare
        words = clean(words, limit)
    text = Mrkdwn(words.replace(FENCE, "'''").translate(ESCAPES))
    return text if len(text) <= limit else Mrkdwn(PARTIAL.sub("", text[: limit - len(ELLIPSIS)]) + ELLIPSIS)


def printed(_context: object, value: Any) -> Mrkdwn:
    """Return a value that a template prints as one line."""
    return line(value)


def bold(value: Any) -> Mrkdwn:
    """Return one bold line; an asterisk inside would end it, and is replaced by its double."""
    text = str(line(value)).replace("*", "\N{ASTERISK OPERATOR}")
    return Mrkdwn(f"*{text}*") if text else NOTHING


def code(value: Any, limit: int = INLINE_CODE) -> Mrkdwn:
    """Return one line in the type of code; a backtick inside would end it, and is replaced."""
    text = str(line(value, limit)).replace("`", "'")
    return Mrkdwn(f"`{text}`") if text else NOTHING


def code_block(value: Any, lines: int = BLOCK_LINES) -> Mrkdwn:
    """Return text, or JSON indented, as a code block of at most `lines` lines: its beginning and its end."""
    text = value if isinstance(value, str) else _text(value, indent=2)
    rows = [row for row in text.splitlines() if row.strip()]
    if len(rows) > lines:
        tail = lines // 3
        left_out = f"{ELLIPSIS} {len(rows) - lines + 1:,} lines left out"
        rows = [*rows[: lines - tail - 1], left_out, *rows[-tail:]]
    width = max(BLOCK_WIDTH, BLOCK_LENGTH // max(len(rows), 1))
    visible = filter(None, (shortened(_visible(row), width) for row in rows))
    body = Mrkdwn.escape("\n".join(visible).replace(FENCE, "'''"))
    return Mrkdwn(f"{FENCE}\n{body}\n{FENCE}") if body else NOTHING


def link(url: Any, label: Any) -> Mrkdwn:
    """Return a link; if the URL is not safe for a browser, the label only."""
    address, text = safe_url(url), line(label, LABEL).replace("|", "¦")
    return Mrkdwn(f"<{Mrkdwn.escape(address)}|{text}>") if address and text else Mrkdwn(text)


def safe_url(url: Any) -> str:
    """Return a web address with everything that could end a link percent-encoded; empty if invalid or too long."""
    if not isinstance(url, str):
        return ""
    try:
        parts = urlsplit(url)
        encoded = quote(url, safe="!#$%&'()*+,/:;=?@[]~")
    except ValueError:
        return ""
    good = parts.scheme in {"https", "http"} and re.fullmatch(r"[A-Za-z0-9.:-]+", parts.netloc) and len(encoded) <= URL
    return encoded if good else ""


def date(time: Any) -> Mrkdwn:
    """Return epoch seconds, or a date as AWS writes it, in the reader's time zone, or in UTC where Slack cannot.

    Any other value stays text.
    """
    (moment,) = _moments(time)
    return _date(moment)


def span(first: Any, last: Any) -> Mrkdwn:
    """Return the time between two dates, or the one minute that contains both."""
    begun_at, ended_at = _moments(first, last)
    begun, ended = _date(begun_at), _date(ended_at)
    if begun and ended and _minute(begun_at) != _minute(ended_at):
        return Mrkdwn(f"from {begun} to {ended}")
    return Mrkdwn(f"at {begun or ended}")


def _moments(*values: Any) -> list[Any]:
    """Read dates as AWS writes them; any other value stays as it is."""
    read = [read_date(value) if isinstance(value, str) else None for value in values]
    return [value if moment is None else moment for value, moment in zip(values, read, strict=True)]


def _minute(moment: Any) -> Any:
    return moment // MINUTE if isinstance(moment, int) else moment


def _date(time: Any) -> Mrkdwn:
    if not isinstance(time, int) or isinstance(time, bool):
        return line(time)
    try:
        fallback = datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d %H:%M UTC")
    except (ValueError, OverflowError, OSError):
        return line(time)
    return Mrkdwn(f"<!date^{time}^{DATE}|{fallback}>") if time > 0 else line(fallback)


def duration(seconds: Any) -> Mrkdwn:
    """Return a duration in its two largest units; anything but a whole number becomes empty."""
    if not isinstance(seconds, int):
        return NOTHING
    seconds = max(0, seconds)
    for size, unit, smaller, smaller_unit in ((DAY, "d", HOUR, "h"), (HOUR, "h", MINUTE, "min")):
        if seconds >= size:
            rest = seconds % size // smaller
            return Mrkdwn(f"{seconds // size:,} {unit}" + (f" {rest} {smaller_unit}" if rest else ""))
    return Mrkdwn(f"{seconds // MINUTE} min" if seconds >= MINUTE else f"{seconds} s")


def delay(since: int, now: int) -> int:
    """Return how many seconds late a message is; 0 if that is not worth mentioning."""
    return now - since if now - since > LATE else 0


def number(value: Any) -> Mrkdwn:
    """Return a number with thousands separators; anything else becomes empty."""
    return Mrkdwn(f"{value:,}") if isinstance(value, int | float) and not isinstance(value, bool) else NOTHING


def _text(value: Any, indent: int | None = None) -> str:
    match value:
        case None:
            return ""
        case _ if callable(value):  # a method that a template has found where it sought a field
            return ""
        case dict() | list() | bool() | float():
            return json.dumps(value, ensure_ascii=False, indent=indent, default=str)
        case _:
            return str(value)


def _visible(row: str) -> str:
    row = row[: BLOCK_LENGTH * 2].replace("\t", "    ")
    return "".join(" " if unicodedata.category(char)[0] in "CZ" else char for char in row).rstrip()
