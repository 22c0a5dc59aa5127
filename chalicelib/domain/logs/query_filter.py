"""The query's filter: which lines are fetched from Logs Insights, as few as can be without one that is an error.

Fetched is what holds a word that an error cannot do without, unless its header says that it is harmless. All patterns
are in the syntax that Logs Insights and Python share, so that classification looks here first, and nothing is an error
that the query would not have found.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Filter.html
"""

import re

# An error has one of these words or fits one of the patterns; letter case makes no difference. Some are cut where
# loggers cut them: `ERRO[0003]`.
_WORDS = (
    *("erro", "exception", "fata", "crit", "severe", "panic", "emerg", "traceback", "fail", "crash", "abort"),
    *("refus", "denied", "kill", "terminat", "deadlock", "broken", "reset by", "invalid", "corrupt", "mismatch"),
    *("missing", "reject", "exceed", "exhaust", "expired", "navailable", "overflow", "violat", "gave up"),
    *("giving up", "too ", "out of ", "in use", "evict", "dropp", "duplicate", "declin", "double free", " wrong"),
    *("not ", "n't ", "insufficient", "rollback", "responding", "got signal", "locked", "degrad", "throttl"),
    *("illegal", "conflict", "busy", " reached"),
)
_PATTERNS = (
    r'un(able|hand|caug|exp|know|def|reach|heal)|time(d ?)?out|exit[ _]?(code\W{1,4}[1-9]|status)|success"?: ?false'
    r"|ora-\d{5}|\b(err|eror|ftl|alert|lost|is full|died|dead|stuck|h[au]ng|stall|(is|went) down|(seg)?fault|exited"
    r"|bad|bug)\b|\bno (such|more|respon|space|[a-z]+ (to|left|up|avail))|sigsegv|\bat [\w.$]+\(|\*\* \("
    r'|(status|code|sent|completed|returned)\\*"?[:= ]{1,3}\\*"?5\d\d|["|] 5\d\d | 5\d\d (-|[\d+]+) [-\d]+ [-\d"]'
    r"|\t5\d\d\t"
    r'|^[a-z]+ \S+ 5\d\d |[\d.] 5\d\d\)|"(level|severity|priority|s)": ?"?([5-9]\d|[45]\d\d|[0-3]|e|f)\b'
    r'|y_?number": ?"?(1[7-9]|2[0-4])\b|^<\d|[ef]\d{4} [\d:]{8}|\[[ec] \d{6}|\b[efa], \['
)
# A beginning that says that the line is harmless; and what says, anywhere, that it is not.
_HARMLESS = (
    r'[^{"]{0,90}(\b(DE?BU?G|INFO?|NOTICE|WA?RN(ING)?)\b|[\[<(:. |](debug|info|notice|warn(ing)?) *[\]>):])'
    r'|[IWD](\d{4}|, \[)|(debug|info|warn)\w{0,3}[:\t]|(.{0,99}\blevel=|.{0,400}(evel|lvl|everity)\w{0,9}\\*": ?)'
    r'\\*"?([1-3]0\b|\w(ebug|nfo|arn|EBUG|NFO|ARN))'
)
_SEVERE = (
    r"ERR|FATA|FTL|CRIT|SEVERE|PANIC|EMERG|ALERT|^<\d|[\[<: ](error|fatal|crit|alert|emerg)\w*[\]>:]"
    r'|(evel|lvl|everity)\w{0,9}(=|\\*": ?)\\*"?[acefpACEFP4-6]'
)
SUSPECT = "|".join((*_WORDS, _PATTERNS))
_FILTER = "(@message like /(?i)({})/ and (@message not like /^({})/ or @message like /{}/))"

# Small letters are compared with small letters: that is several times as fast as to mind no letter case.
_PATTERN = re.compile(_PATTERNS)
_BEGINNING, _ANYWHERE = re.compile(_HARMLESS), re.compile(_SEVERE)


def filter_expression(*more: str) -> str:
    """Return the condition of a query that finds all possible errors, and what fits `more` expressions."""
    found = _FILTER.format(SUSPECT, _HARMLESS, _SEVERE)
    return f"{found} or @message like /(?i)({'|'.join(dict.fromkeys(more))})/" if more else found


def may_be_error(message: str) -> bool:
    """Tell whether the filter finds a message."""
    low = message.lower()
    if not any(word in low for word in _WORDS) and not _PATTERN.search(low):
        return False
    return not _BEGINNING.match(message) or _ANYWHERE.search(message) is not None
