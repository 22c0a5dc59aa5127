"""Declared levels: how bad a line of plain text says it is, in the header that a logger writes before the message."""

import re

from chalicelib.domain.logs.levels import Level, Silent, of_syslog, stated_by

_HEADER_LENGTH = 160
# Web addresses and paths, whose words say nothing about what happened.
ADDRESS = re.compile(r"\b[a-zA-Z][a-zA-Z0-9+.-]{1,15}://\S+|(?<![\w.])/[\w.,/%?=&:+@-]+")
# A level that somebody sets or tells is none that the line has.
SETTING = re.compile(
    r"\b[A-Z_]*LOG_?LEVEL\s*+[=:]\s*+\"?\w++|\b(?i:log(?:ging|ger)?[ _-]?level)\s++(?:(?:is|was|set|now|changed)\s++)*+"
    r"(?:to|from|at)?\s*+[=:]?\s*+\w++"
    r"|\b(?i:set|changed?|switched|raised|lowered)\b[^\n]{0,40}?\bto \"?(?:TRACE|DEBUG|INFO|WARN(?:ING)?|ERROR|FATAL)\b"
)

# The kernel begins so about tasks that hang, and means no level.
_KERNEL = re.compile(r"\bINFO: (?=task |rcu)")
# What stands before a header of its own: a process manager's, or syslog's time and host.
_PREFIX = re.compile(r"NOTICE: PHP message: |[A-Z][a-z]{2} {1,2}\d{1,2} [\d:]{8} \S++ (?=\w\S*+(?<=:) )")
# Syslog's own, and librdkafka's.
_SYSLOG = re.compile(r"<(\d{1,3})>|%(\d)\|\d")
_LETTERS = {"E": Level.ERROR, "F": Level.FATAL, "C": Level.FATAL, "A": Level.FATAL}
_LETTER = re.compile(
    r"(?P<klog>[IWEF])\d{4} \d\d:\d\d:\d\d\.\d|\[(?P<tornado>[IWEDC]) \d{6,8}|\[(?P<dated>[IWEDC]) \d{4}-\d\d"
    r"|(?P<ruby>[DIWEFA]), \[|(?P<first>[VDIWEF]) \d{4}-\d\d-\d\d"
    r"|\d{4}-\d\d-\d\dT\S{8,30} (?P<mongo>[DIWEF]) {1,4}[A-Z-]{1,20} {1,9}\["
    r"|\d\d-\d\d [\d:.]{8,15} {1,9}\d{1,9} {1,9}\d{1,9} (?P<android>[VDIWEFA]) "
    # https://github.com/influxdata/telegraf/blob/master/docs/CONFIGURATION.md, of which CloudWatch's is made
    r"|\d{4}-\d\d-\d\dT[\d:.]{8,20}Z (?P<telegraf>[DIWE])! "
    r"|(?P<apt>[EWN]): (?=\w)|\d{1,9}:[A-Z] \d\d [A-Z][a-z]{2} \d{4} [\d:.]{8,15} (?P<redis>[.*-]) "
)
_LEVEL_FIELD = r"(?:log[._]?)?(?:level|lvl|severity|levelname)"
_DECLARED = re.compile(
    r"(?!\B\w)(?:"  # within a word no level begins, and to see that first saves a third of the time
    r"\b(?P<capital>TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|EROR|ERROR|SEVERE|FATAL|CRITICAL|D?PANIC|EMERG)\b(?![=_.-]\w)"
    r"|(?:^|[\[\s|])(?P<short>TRC|DBG|VRB|INF|WRN|ERR|FTL|CRIT|ALERT|SUCCESS)(?=[\]|:!]|\s)"
    r"|[\[<](?:[\w.]+:)?(?P<bracketed>(?i:trace|debug|info|notice|note|system|warn|warning|error|err|crit|critical"
    r"|alert"
    r"|emerg|emergency|fatal|panic))[\]>]"
    r"|(?:^|\t)(?P<first>(?i:trace|trce|debug|dbug|verbose|info|notice|warn|warning|fail|crit|critical))(?:\t|:\s)"
    r"|(?<=\d,)\s(?P<column>Debug|Info|Notice|Warning|Error|Fatal) {2,}"
    r"|(?<=[\w\])]: )(?P<tagged>(?i:debug|info|notice|warning|warn|error|fatal|critical|alert)):\s"
    r"|(?:^|[\s|])(?P<logrus>TRAC|DEBU|WARN|ERRO|FATA|PANI)(?=\[|\s)"
    rf"|[\"']?\b(?i:{_LEVEL_FIELD})[\"']?\s*[=:]\s*[\"']?(?P<pair>[a-zA-Z]+)"
    r"|(?:(?<=:)|(?<= ))(?P<postgres>LOG|STATEMENT|DETAIL|HINT|CONTEXT|QUERY|LOCATION):\s{2}"
    # https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
    r"|^(?:::|##\[)(?P<workflow>error|warning|notice|debug)\b"
    r"|^npm (?P<npm>error|ERR!|WARN|warn|notice|info|http)\s"  # https://docs.npmjs.com/cli/using-npm/logging
    r"|\bPHP (?P<php>Fatal|Parse|Warning|Notice|Deprecated|Recoverable)\b)"
)
# One of these stands in every level: to look for them first is many times as fast.
_LEVEL_PARTS = (
    *(
        "err",
        "fat",
        "info",
        "warn",
        "deb",
        "cri",
        "sev",
        "note",
        "noti",
        "inf",
        "wrn",
        "dbg",
        "dbug",
        "ftl",
        "trac",
        "trc",
    ),
    *(
        "fail",
        "panic",
        "pani",
        "emerg",
        "alert",
        "eror",
        "verbose",
        "vrb",
        "succ",
        "system",
        "level",
        "lvl",
        "severity",
    ),
    *("log:", "statement:", "detail:", "hint:", "context:", "query:", "location:", "php ", "pani"),
)
_OTHER_WORDS = {"parse": Level.ERROR, "recoverable": Level.ERROR, "alert": Level.FATAL} | dict.fromkeys(
    ("statement", "detail", "hint", "context", "query", "location")
)
# java.util.logging writes the level at the beginning of a second line.
_BELOW = re.compile(r"[A-Z]+: ")


def declared_in(text: str) -> Level | None:
    """Return the level that a text says it has; Silent if it says none."""
    if letter := _LETTER.match(text):
        return _LETTERS.get(letter[letter.lastgroup or 0])
    if syslog := _SYSLOG.match(text):
        level = of_syslog(int(syslog[1] or syslog[2]) % 8)
        if level or syslog[2]:
            return level
    lines = _PREFIX.sub("", text, count=1).split("\n", 2)
    for line in lines[:1] + [each for each in lines[1:2] if _BELOW.match(each)]:
        relevant = _without_other_levels(line[: _HEADER_LENGTH * 4])[:_HEADER_LENGTH]
        low = relevant.lower()
        if any(map(low.__contains__, _LEVEL_PARTS)) and (declared := _DECLARED.search(relevant)):
            word = declared[declared.lastgroup or 0].lower()
            return _OTHER_WORDS[word] if word in _OTHER_WORDS else stated_by(word)
    raise Silent


def _without_other_levels(line: str) -> str:
    """Return a line without what says no level of its own: addresses, the kernel's way to begin, settings."""
    if "/" in line:
        line = ADDRESS.sub(" ", line)
    if "INFO: " in line:
        line = _KERNEL.sub("", line)
    return SETTING.sub(" ", line) if "level" in (low := line.lower()) or " to " in low else line
