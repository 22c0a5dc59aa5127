"""Slack's markup to HTML: the text is cut into atoms, what lies between is styled, and all of it is escaped.

https://docs.slack.dev/messaging/formatting-message-text

An atom is what no style may cut in two: code, an emoji, or anything in angle brackets (a link, a date, a mention).
While a line is styled, one private character stands for each atom. Markup is assembled by MarkupSafe, so a piece of
foreign text can only enter a page escaped.

Mentions that would ping somebody are drawn loudly and counted in code too, as Slack does: whoever forgets to escape a
log line shall see it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from markupsafe import Markup, escape

from local.slack import dates, emoji

ATOM = "\ue000"  # private use; taken out of the text before it means anything here

FENCE = re.compile(r"\n?```\n?(.+?)\n?```\n?", re.DOTALL)
TOKEN = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|<(?P<control>[^<>\n]+)>"
    rf"|(?P<emoji>{emoji.NAME.pattern})"
    r"|(?P<url>https?://(?:&amp;|[^\s<>|&`])+(?<![.,;:!?)'\"*_~]))"
)
CONTROL = re.compile(r"<([^<>\n]+)>")
STYLE = re.compile(
    r"(?<![\w*])\*(?P<b>[^\s*](?:[^*\n]*[^\s*])?)\*(?![\w*])"
    r"|(?<![\w_])_(?P<i>[^\s_](?:[^_\n]*[^\s_])?)_(?![\w_])"
    r"|(?<![\w~])~(?P<s>[^\s~](?:[^~\n]*[^\s~])?)~(?![\w~])"
)
QUOTE = re.compile(r"(?:>|&gt;) ?")
LINK = re.compile(r"(?:https?://|mailto:)[^\s|]+")
DATE = re.compile(r"!date\^(?P<epoch>\d+)\^(?P<template>[^^]*)(?:\^(?P<link>.*))?")
USER = re.compile(r"@[UW][A-Z0-9]+")
CHANNEL = re.compile(r"#C[A-Z0-9]+")
PINGS = {"!channel": "@channel", "!here": "@here", "!everyone": "@everyone"}


NOTHING = Markup("")
STYLES = {"b": Markup("<b>{}</b>"), "i": Markup("<i>{}</i>"), "s": Markup("<s>{}</s>")}


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a text is drawn for: `now`, in the reader's time zone, spells dates; verbatim leaves bare URLs unlinked."""

    now: datetime
    verbatim: bool = False

    def html(self, text: str) -> Markup:
        """Draw a text in Slack's markup as paragraphs, quotes and code."""
        pieces = FENCE.split(text.replace(ATOM, "\ufffd"))  # every second piece is fenced
        return NOTHING.join(
            Markup("<pre>{}</pre>").format(self._code(piece)) if odd % 2 else self._prose(piece)
            for odd, piece in enumerate(pieces)
            if piece
        )

    def _prose(self, text: str) -> Markup:
        runs = groupby(text.split("\n"), key=lambda line: bool(QUOTE.match(line)))
        return NOTHING.join(
            Markup("<blockquote>{}</blockquote>").format(
                self._inline("\n".join(QUOTE.sub("", line, 1) for line in lines))
            )
            if quoted
            else Markup("<p>{}</p>").format(self._inline("\n".join(lines)))
            for quoted, lines in runs
        )

    def _inline(self, text: str) -> Markup:
        atoms: list[Markup] = []

        def park(token: re.Match[str]) -> str:
            atoms.append(self._atom(token))
            return ATOM

        skeleton = TOKEN.sub(park, text)
        return NOTHING.join(_styled(skeleton, iter(atoms)))

    def _atom(self, token: re.Match[str]) -> Markup:
        if code := token["code"]:
            return Markup("<code>{}</code>").format(self._code(code))
        if control := token["control"]:
            return self._control(control)
        if url := token["url"]:
            return escape(unescaped(url)) if self.verbatim else link(unescaped(url))
        return emoji.in_plain_text(token[0])

    def _code(self, text: str) -> Markup:
        pieces = CONTROL.split(text)  # every second piece stood in angle brackets
        return NOTHING.join(self._control(piece) if odd % 2 else unescaped(piece) for odd, piece in enumerate(pieces))

    def _control(self, body: str) -> Markup:
        """Draw what stood in angle brackets; what Slack would not know stays as it was written."""
        target, label = map(unescaped, body.partition("|")[::2])
        if LINK.fullmatch(target):
            return link(target, label)
        if date := DATE.fullmatch(target):
            return self._date(date, label)
        if called := _called(target, label):
            return ping(called)
        if CHANNEL.fullmatch(target):
            return Markup('<span class="channel">#{}</span>').format(label or target[1:])
        return Markup("&lt;{}&gt;").format(unescaped(body))

    def _date(self, date: re.Match[str], fallback: str) -> Markup:
        spelled = dates.spell(date["epoch"], date["template"], self.now) or fallback
        time = Markup('<time title="epoch {}">{}</time>').format(date["epoch"], spelled)
        return link(date["link"], time) if date["link"] and LINK.fullmatch(date["link"]) else time


def unescaped(text: str) -> str:
    """Undo the three escapes Slack asks for, and no other: `&quot;` is seen as it stands, as in Slack."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def link(url: str, label: str | Markup = "") -> Markup:
    """Draw a link that opens elsewhere and tells nobody where the reader came from.

    Emoji are drawn in a label; an address without one is shown as it stands, because its colons are its own.
    """
    words = label if isinstance(label, Markup) else emoji.in_plain_text(label) or escape(url)
    return Markup('<a href="{}" title="{}" target="_blank" rel="noopener noreferrer">{}</a>').format(url, url, words)


def ping(name: str) -> Markup:
    """Draw a mention that would have called people."""
    return Markup('<mark class="ping" title="Slack would notify people here">{}</mark>').format(name)


def _called(target: str, label: str) -> str | None:
    if USER.fullmatch(target):
        return f"@{label}" if label else target
    if target.startswith("!subteam^"):
        return label or target[1:]
    return PINGS.get(target)


def _styled(skeleton: str, atoms: Iterator[Markup]) -> Iterator[Markup]:
    """Apply bold, italic and strike; no style holds itself, so this nests three deep at most."""
    end = 0
    for match in STYLE.finditer(skeleton):
        tag = str(match.lastgroup)
        yield from _with_atoms(skeleton[end : match.start()], atoms)
        yield STYLES[tag].format(NOTHING.join(_styled(match[tag], atoms)))
        end = match.end()
    yield from _with_atoms(skeleton[end:], atoms)


def _with_atoms(text: str, atoms: Iterator[Markup]) -> Iterator[Markup]:
    first, *rest = text.split(ATOM)
    yield escape(unescaped(first))
    for piece in rest:
        yield next(atoms)
        yield escape(unescaped(piece))
