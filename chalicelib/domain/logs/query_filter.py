"""The query's filter: which lines are fetched from Logs Insights, as few as can be without one that is an error.

Fetched is what holds a word that an error cannot do without, unless its header says that it is harmless. All patterns
are in the syntax that Logs Insights and Python share, so that classification looks here first, and nothing is an error
that the query would not have found.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Filter.html
"""

import re

# An error has one of these words or fits one of the patterns; letter case makes no difference. Words are cut where
# loggers cut them (`FATA[0003]`), and where they tell enough: a word too many costs a line that is judged and left, a
# word too few an error. Here they are by what they begin with, as the query has them.
_STEMS = {
    "": (
        *("fail", "fata", "crit", "severe", "panic", "emerg", "traceb", "crash", "broke", "kill", "terminat"),
        *("rrupt", "misma", "viola", "g up", "ve up", "too ", "out of ", "evict", "drop", "dupl", "n't ", "but "),
        *("never ", "rollb", "hrottl", "illeg", "confl", "busy", " reache", "bounc", "trunc", "by zero"),
        *("malf", "damag", "died", "stopp", "d-only", "probl", "halt", "went"),
        *("behind", "partia", "forb", "quota", "stale", "must", "cancel", "etect", "slow", "requir"),
        *("empty", "circ", "prema", "eai_", "s null", "longer", "above"),
    ),
    "ab": ("ort", "and", "norm"),
    "de": ("nied", "ad", "clin", "grad"),
    "ex": ("cept", "ceed", "haus", "pired", "pect", "ists", "it"),
    "in": ("val", "suf", "comp", "cor", "cons", "acc", " use"),
    "l": ("eak", "oss", "ocked", "ow on"),
    "not": (" ", "r", "f", "hi"),
    "over": ("fl", "lo", "ru", "ra"),
    "re": ("fus", "ject", "set", "vok"),
}
# The same by what a line must hold for them: to look for that first is several times as fast.
_PATTERNS = {
    "erro": r"(^|[^ \--0]|[^.-0] |[\d=]0 )erro|error:",  # no path, no part of a name, not "0 errors"
    "miss": r"miss",
    "un": r"\bun([^dit]|in)|un(def|av|au)",
    "tim": r"tim(ed?|ing) ?out",
    "back": r"back.?off",
    "cess": r"cess\W{1,5}f",
    "ora-": r"ora-\d",
    "fault": r"[^e]fault",
    "n out": r"[au]n out",
    "full": r"(queue|[yst%)]) full",
    "down": r"([^t0] |[so])down\b",
    "sig": r"sig(seg|nal)",
    "no ": r"\bno ",
    "(": r"\bat [\w.$]+\(|\*\* \(",
    "5": r"[^\w.,-]5\d\d(\W?$|\W[^bm])",  # a status, no bytes or milliseconds
    '"': r'(el|ity|"s)": ?"?([5-9]\d|[45]\d\d|[0-3ef])\b|ber": ?"?(1[789]|2\d)\b',
    "<": r"^<\d",
    ":": r"[ef]\d{4} \d\d:",
    "[": r"\[[ec] \d{6}|\b[efa], \[",
    **dict.fromkeys((" e ", " f "), r"\d +[ef] "),
    "lag": r"\blag",
    "%": r"9\d ?%",
    **dict.fromkeys("\u2715\u2716\u2717\u2718\u274c", "[\u2715-\u2718\u274c]"),  # as test runners and people mark it
}
# What would be a part of too many words.
_WHOLE_WORDS = (
    *("err", "eror", "ftl", "alert", "lost", "gone", "stuck", "offline", "hang", "hung"),
    *("bad", "bug", "wrong", "nil", "dlq", "eof", "late"),
)
# A beginning that says that the line is harmless; and what says, anywhere, that it is not.
_HARMLESS = (
    r'[^{"]{0,90}(\b(DE?BU?G|INFO?|NOTICE|WA?RN(ING)?)\b|[\[<:. |](debug|info|notice|warn(ing)?) *[\]>:])'
    r'|[IWD](\d{4}|, \[)|(debug|info|warn)\w{0,3}[:\t]|(.{0,99}\blevel=|.{0,400}((ve?l|erity)\w{0,9}|"s)\\*": ?)'
    r'\\*"?([1-3]0\b|[dDiIwWnN][eEnNaAoO"])'
)
_SEVERE = (
    r"ERR|O: (task|rcu)|DOWN|FATA|FTL|CRIT|SEVER|PANIC|EMERG|ALERT|^<\d|[\[<: ](err|fat|crit|alert|eme)\w*[\]>:]"
    r'|(ve?l|erity)\w{0,9}(=|\\*": ?)\\*"?[acefpACEFP4-6]'
)
_WHOLE = rf"\b({'|'.join(_WHOLE_WORDS)})\b"
SUSPECT = "|".join(
    (
        *_STEMS[""],
        *(f"{stem}({'|'.join(ends)})" for stem, ends in _STEMS.items() if stem),
        *dict.fromkeys(_PATTERNS.values()),
        _WHOLE,
    )
)
_FILTER = "(@message like /(?i){}/ and (@message not like /^({})/ or @message like /{}/))"

# Small letters are compared with small letters: that is several times as fast as to mind no letter case.
_WORDS = tuple(stem + end for stem, ends in _STEMS.items() for end in ends)
_COMPILED = [(needed, re.compile(pattern)) for needed, pattern in _PATTERNS.items()]
_ANY_WHOLE = re.compile(_WHOLE)
_BEGINNING = re.compile(_HARMLESS)
_ANYWHERE = re.compile(_SEVERE)
# No harmless beginning does without one of these, in whatever letter case, or one of the letters of klog and Ruby.
_HARMLESS_PARTS, _HARMLESS_LETTERS = (
    ("inf", "vel", "warn", "bug", "notice", "erity", "vl", "bg", "wrn", '"s'),
    ("I", "W", "D"),
)


def filter_expression(*more: str) -> str:
    """Return the condition of a query that finds all possible errors, and what fits `more` expressions."""
    found = _FILTER.format(SUSPECT, _HARMLESS, _SEVERE)
    return f"{found} or @message like /(?i)({'|'.join(dict.fromkeys(more))})/" if more else found


def may_be_error(message: str) -> bool:
    """Tell whether the filter finds a message."""
    low = message.lower()
    return _may_be_severe(message, low) and _is_suspect(low)


def _is_suspect(low: str) -> bool:
    return (
        any(map(low.__contains__, _WORDS))
        or any(needed in low and pattern.search(low) is not None for needed, pattern in _COMPILED)
        or (any(map(low.__contains__, _WHOLE_WORDS)) and _ANY_WHOLE.search(low) is not None)
    )


def _may_be_severe(message: str, low: str) -> bool:
    if not message.startswith(_HARMLESS_LETTERS) and not any(map(low.__contains__, _HARMLESS_PARTS)):
        return True
    return not _BEGINNING.match(message) or _ANYWHERE.search(message) is not None
