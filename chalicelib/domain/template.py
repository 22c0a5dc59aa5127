"""Templates: what stays of an error when everything that changes from one occurrence to the next is masked.

Stateless: the same message has the same template in every function, on every day.
"""

import re

MASK = "*"
# A headline may be one endless line; nobody reads further, and masking takes time.
LONGEST_HEADLINE = 4_000
LONGEST_TEMPLATE = 512

EXCEPTION = re.compile(
    r"(?:Caused by: |Exception in thread \"[^\"\n]*\" )?"
    r"(?P<type>[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*?)(?P<said>:\s.*|:?$)"
)
EXCEPTION_NAME = re.compile(r".*(?:Error|Exception|Throwable|Fault|Timeout|Interrupt|Exit)$")
_URL = re.compile(r"\b[a-zA-Z][a-zA-Z0-9+.-]{1,15}://[^\s\"'<>)\]]+")
_QUOTED = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|(?<!\w)'(?:[^'\\\n]|\\.)*'(?!\w)|`[^`\n]*`")
_DATE = re.compile(
    r"\b(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,?\s+)?(?:\d{1,2}\s+)?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
    r"[a-z]*\s+\d{1,4}\b"
)
_VALUE = re.compile(r"(?<=\w)=(?:\[[^\]\n]*\]|[^\s,;&)\]}]+)")
_TOKEN = re.compile(r"[^\s,;()\[\]{}<>=\"'|*]+")
_CHANGING = re.compile(r"\d|[/\\@]|^[a-fA-F-]{8,}[:.!?]?$")
_MARK = re.compile(r"(?<=[^:.!?])[:.!?]$")
_RUN = re.compile(r"[-+]?\*(?:[\s,;:=|/+(){}\[\]<>.-]*\*)+")


def template(headline: str) -> str:
    """Return the headline with ids, numbers, times, paths, addresses and quoted values masked.

    The type of an exception stays as it is.
    """
    text = headline[:LONGEST_HEADLINE]
    found = EXCEPTION.match(text)
    if found and EXCEPTION_NAME.match(found["type"]):
        return f"{found['type']}{masked(found['said'])}"[:LONGEST_TEMPLATE]
    return masked(text)[:LONGEST_TEMPLATE]


def masked(text: str) -> str:
    """Return a text with all that changes from one occurrence to the next replaced by an asterisk."""
    for pattern in (_QUOTED, _URL, _DATE):
        text = pattern.sub(MASK, text)
    text = _VALUE.sub(f"={MASK}", text)
    text = _TOKEN.sub(_mask_token, text)
    return " ".join(_RUN.sub(MASK, text).split())


def _mask_token(found: re.Match[str]) -> str:
    token, mark = found[0], _MARK.search(found[0])
    return MASK + (mark[0] if mark else "") if _CHANGING.search(token) else token
