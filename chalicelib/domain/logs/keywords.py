"""Wording: whether the words of a line tell of an error, once everything that merely sounds like one is taken out."""

import re

from chalicelib.domain.logs.header_level import ADDRESS, SETTING

_FAULTY = r"(?:errors?|exceptions?|failures?|failed|fatal|crashe?s?d?|unhandled|uncaught|panics?)"
_ZERO = r"(?:0(?:\.0+)?%?|null|none|nil|<nil>|false|undefined|no|ok|-|\[\]|\{\})"
_QUOTED_ZERO = rf"(?:[\"']{{2}}|[\"']?{_ZERO}[\"']?)"
# What an error can be part of the name of: an error page is none.
_THINGS = (
    r"(?:handl\w*|pages?|budgets?|rates?|boundar\w+|report\w*|recover\w*|correct\w*|logs?|logger|logging|feeds?|digests?"
    r"|mails?|track\w*|callbacks?|count\w*|thresholds?|limits?|templates?|channels?|queues?|middlewares?|filters?|mapp\w+"
    r"|registr\w*|listeners?|catalog\w*|class(?:es)?|types?|codes?(?!\s*[:=]?\s*-?[1-9])|lists?|tables?|margins?|bars?"
    r"|tolerance|polic\w+|detect\w*|monitor\w*|samples?|stat(?:istic)?s|metrics?|documents?|translat\w*|views?|service"
    r"|rating|room|button|hooks?|groups?|flags?|levels?|events?|tests?|topics?|streams?|outputs?|files?|free|safe)"
)
_NOT_THERE = rf"\b(?:0|no|non|zero|without|any|nothing|not an?|free of|never)[\s-]+(?:[a-z]+\s+)?{_FAULTY}\b"
_COUNTED_AS_NONE = (
    rf"\b\w{{0,40}}?(?:err|{_FAULTY})(?:[ _-]?(?:count|total|rate|code|message|found|seen|reported|detected)s?)?"
    rf"(?:\(s\))?[\"']?(?:\s*=\s*{_QUOTED_ZERO}(?![\w.-])"
    rf"|\s*:\s*{_QUOTED_ZERO}(?=\s*(?:$|[,;.|)}}\]]|[\w.]+\s*[=:]))|\s+0(?![\w.]))"
    rf"|\b[\w.-]{{1,60}}\s*=\s*0(?![\w.])|\b0\s+{_FAULTY}?\(?s?\)?|\berrors=[a-z][\w-]*"
    rf"|\b{_FAULTY}(?:\s+\w{{1,20}}){{1,2}}\s*[:=]\s*0(?![\w.])"
)
_NAMED_SO = (
    rf"\b{_FAULTY}[ -]{_THINGS}\b|[\"'][^\"'\n]{{1,60}}[\"'] {_THINGS}\b|\b(?:access|permission) denied {_THINGS}\b"
    r"|\b(?:user|client)s? (?:has |have )?(?:aborted|cancell?ed|refused)\b"
    r"|\bcannot be (?:blank|empty|null|undone|changed)\b"
)
_OF_STATISTICS = (
    r"\b(?:mean|squared|absolute|relative|standard|rounding|training|validation|val|test|prediction|reconstruction"
    r"|sampling|approximation|margin of|trial and)[ _](?:squared )?errors?\b"
)
_MET = (
    r"\b(?:on|if|for|ignor\w+|recovered from|handled|expected|simulated|previous|last|possible|potential|known|fixed"
    rf"|cleared|resolved|suppressed|swallowed|mended|injected)\s+(?:an?\s+|the\s+|all\s+)?(?:\w+\s+)?{_FAULTY}\b"
    rf"|\b{_FAULTY}\s+(?:(?:was|were|is|are|has been|have been)\s+)?(?:ignored|handled|recovered|fixed|resolved|cleared"
    r"|suppressed|dropped|mended|expected|ready|enabled|installed|registered|loaded)\b"
    r"|\b(?:if|when|unless|in case) (?:this|it|that|the \w+|\w+) (?:fails|failed|crashes)\b"
)
_IDIOM = r"\b(?:with the exception of|exception to|exceptional\w*)\b"
# One word with something else, a column, or alone in quotes: no statement.
_NAME = (
    r"(?<![\w.=:/-])(?:[a-z]\w*[.-])+[a-z]\w*(?![\w.]*(?:Error|Exception)\b)(?![\w(])"
    r"|\b[a-z]+(?:_[a-z]+)+\b|\"[\w.-]+\"(?!\s*[:=])|'[\w.-]+'(?!\s*[:=])"
    r"|\b(?-i:FROM|INTO|JOIN|TABLE|UPDATE) [\w.\"`]+"
)
_HARMLESS = re.compile(
    "|".join(
        (
            *(SETTING.pattern, ADDRESS.pattern, _NOT_THERE, _COUNTED_AS_NONE, _NAMED_SO),
            *(_OF_STATISTICS, _MET, _IDIOM, _NAME),
        )
    ),
    re.IGNORECASE | re.MULTILINE,
)
_OUTCOME = re.compile(
    r"\b(?:status|outcome|result|state)[\"']?\s*[=:]\s*[\"']?(?:error|failed|failure|fatal)\b", re.IGNORECASE
)
_FAULT = re.compile(
    r"\b(?:[A-Za-z_]\w*)?(?:Error|Exception|Errors|Exceptions)\b|\b(?:errors?|exceptions?|fatal|traceback|unhandled)\b"
    r"|\b(?:ERRORS?|EXCEPTION|FATAL|Traceback|Unhandled|Uncaught)\b|\b[A-Z]+_ERROR\b|\berr=|\bERR!"
    r"|\b(?i:failed|failure|crashed|aborted|aborting|core dumped|no space left on device|out of memory"
    r"|(?:connection|permission|access) (?:refused|denied)|command not found|exec format error"
    r"|(?:timed out|(?:i/o|connection|connect|read|socket|request) timeout|connection reset|broken pipe)"
    r"|killed (?:due|by|because|after)|(?:due to|detected a?|found) deadlock|deadlock (?:detected|found)"
    r"|undefined (?:method|local|variable)|is not (?:a function|defined|iterable)"
    r"|exit(?:ed|s|ing)? (?:with )?(?:code|status)[ =:]*[1-9]\d*|(?:code|status)=\d+/FAILURE)\b"
    r"|(?:^|[:\]|-] |\t)(?i:unable to|could ?n[o']t|cannot|can't)\s"
)
# What begins so goes well, or goes on; only what is said outright to have failed still counts.
_HAPPY = re.compile(
    r"[^A-Za-z]{0,40}(?:retry\w*|reconnect\w*|attempt\w*|register\w*|mapped|mapping|load(?:ed|ing)?|install\w*|initiali[sz]\w*"
    r"|enabl\w*|configur\w*|created|started|starting|listening|using|import(?:ed|ing)|compil\w*|subscrib\w*|wr[io]t\w+|open\w*"
    r"|fetch\w*|skip\w*|ignor\w*|recover\w*|resolv\w*|fixed|cleared|clos\w+|added|adding|render\w*|process(?:ed|ing)|booked"
    r"|complet\w*|succe\w+|done|finished successfully|passed|ok|picked up|health check)\b",
    re.IGNORECASE,
)
_SUCCESS = re.compile(
    r"(?<!not )(?<!never )(?<!un)\b(?:succeeded|successful(?:ly)?|recovered|(?:finished|completed?|passed)\W{0,9}$)",
    re.IGNORECASE,
)
_OUTRIGHT_ERROR = re.compile(r"\b(?:\w*Error|\w*Exception|error|exception|fatal)s?:\s")
_OUTRIGHT = re.compile(rf"{_OUTRIGHT_ERROR.pattern}|\b(?i:failed|crashed|aborted)\b|\bexit \w+[ =:]*[1-9]")


def sounds_faulty(text: str) -> bool:
    """Tell whether the words of a text, which does not say its level, tell of an error."""
    if _OUTCOME.search(text):
        return True
    relevant = _HARMLESS.sub(" ", text)
    fault = _OUTRIGHT_ERROR if _SUCCESS.search(relevant) else _OUTRIGHT if _HAPPY.match(relevant) else _FAULT
    return fault.search(relevant) is not None
