"""Templates: what stays of an error when everything that changes from one occurrence to the next is masked.

Stateless: the same message has the same template in every function, on every day. Three steps, because lines are many
and templates few: digits become zeros, each word is masked by itself, and what words mean together is seen to last.
Each remembers what it was asked last, which changes nothing but the time it takes.
"""

import re
from functools import lru_cache

MASK = "*"
# A headline may be one endless line; nobody reads further, and masking takes time.
LONGEST_HEADLINE = 2_000
LONGEST_TEMPLATE = 512
_LINES, _WORDS, _SHAPES = 2_048, 8_192, 2_048

# Which digit it is never matters, so that a word such as `10.0.0.7` is known after the first few addresses.
_DIGITS = bytes.maketrans(b"123456789\0", b"0" * 9 + b" ")
_EXCEPTION = r"[\w.$]*(?:Error|Exception|Throwable|Fault|Timeout|Interrupt|Exit)s?(?![\w.$])"
# The codes of Oracle and of SQL's standard say what went wrong, as a type does:
# https://docs.oracle.com/en/error-help/db/ and https://www.iso.org/standard/76584.html
_CODE = r"(?:ORA|TNS|PLS|RMAN)-\d{4,5}\b|SQLSTATE(?:\[(?=[A-Z]{0,4}\d)\w{5}\]|=(?=[A-Z]{0,4}\d)\w{5}\b)"
_NAMED_WITH_DIGITS = re.compile(rf"(?<![\w.$])(?:(?=[A-Za-z_.$]*\d){_EXCEPTION}|{_CODE})")
# Stands for the name of an exception that has digits, in the template of a zeroed text.
KEPT = "\0"

# What parts the values that stand in one word: `a=1,b=2`, `10.0.0.7:80`, `[7]`.
_APART = r"\s,;:()\[\]{}<>=\"'|*"
_SCHEME = r"[a-zA-Z][a-zA-Z0-9+.-]{0,15}://"
_NAME_ENDS = r"\.?+(?![\w$(=-]|:(?!0))"
_FILES = "exe|dll|msi|so|dylib|jar|csv|txt|pdf|png|jpe?g|gif|zip|xlsx?|docx?|ya?ml"
_HEXADECIMAL = 8
_ALL_HEXADECIMAL = re.compile(r"[A-Fa-f]+$")
_NOTHING = frozenset((
    "true", "True", "TRUE", "false", "False", "FALSE", "null", "NULL", "None", "nil", "NaN", "undefined",
))  # fmt: skip
# The superuser is a role, by POSIX, and no person: a failed login of root is a problem of its own.
_SUPERUSER = r"(?<=[uU]ser=)root(?![\w.@-])"
_VALUE = re.compile(
    # An address of IPv6 or of a network card.
    r"\[(?=[0-9A-Fa-f.]*+:)[0-9A-Fa-f:.]++\]:0+"
    r"|(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,8}[0-9A-Fa-f.]{0,15}(?![\w:])"
    # A URL, a resource's name in AWS, a path of Windows, a path.
    rf"|(?<![\w+.-]){_SCHEME}[^\s\"'<>)\]]*(?<![,;:])"
    r"|(?<![\w:])arn:aws[a-z-]*:[^\s\"'<>,;()\[\]{}]+"
    r"|(?<![\w.])(?:[A-Za-z]:[\\/][^\s\"'<>|,;)\]]*|[.~]{0,2}/[^\s\"'<>|,;()\[\]{}]+)(?<!:)"
    # What a key stands before; a URL may have keys of its own, parted by `&` in its query alone.
    rf"|(?P<paired>(?<=[\w\]])=(?![=>]|{_SUPERUSER})"
    rf"(?:{_SCHEME}[^\s,;&?()\[\]{{}}\"']*(?:\?[^\s,;()\[\]{{}}\"']*)?|[^\s,;&()\[\]{{}}\"'=]+))"
    rf"|(?<![^{_APART}])(?:"
    rf"(?P<exception>{_EXCEPTION}|{_CODE})"
    # Many hosts, written as one: `node-[1-3,7]`, `cn[001-128]`: https://slurm.schedmd.com/hostlist.html
    r"|[A-Za-z][\w.-]*+(?:(?<=-)\[[0,-]*\]|\[(?=0[0,]*+-0)[0,-]*\])"
    # Whatever has a digit, a slash or an at sign in it, with the padding of base64.
    rf"|[^{_APART}0/\\@]*+[0/\\@][^{_APART}]*+(?:==?+(?![^\s,;:)\]}}\"'|]))?"
    # A qualified name: of a host, a file, a package, a class; of two parts in small letters, of more in any. One that
    # ends in capitals is of an enumeration, and stays as `RUNNING` does.
    rf"|(?![a-z][\w.$-]*\.[A-Z_]{{2,}}(?![\w.$-]))[A-Za-z_$][\w$-]*+(?:\.[\w$-]++){{2,}}+\.?+(?![\w$(=-])"
    rf"|\.?+[a-z_-]++(?:\.[a-z_-]++)++{_NAME_ENDS}"
    # A file's in any, where its ending is the name of no method.
    rf"|[A-Za-z_][\w-]*+\.(?:{_FILES}){_NAME_ENDS}"
    # A direction along an axis: `x+`.
    rf"|[a-z][+-](?![^{_APART}.])"
    # A long hexadecimal number that happens to have no digits, and what languages call nothing and truth.
    rf"|(?:[A-Fa-f-]{{{_HEXADECIMAL},}}|{'|'.join(sorted(_NOTHING))})(?![^{_APART}.!?])"
    r")"
)
# A secret is a value like any other, such as a number that happens to be no card's.
_REDACTED = re.compile(r"\[redacted: [a-z -]+\]")
_LEADER = re.compile(r"(?<!\.)\.{3,}+(?!$)")

_QUOTED = re.compile(
    # What is escaped begins nothing: else the end would be looked for from each such sign.
    r"(?<!\\)\"(?P<verb>(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) )?(?:[^\"\\]|\\.)*+\""
    r"|(?<![\w\\])'(?:[^'\\]|\\.)*+'(?!\w)|`[^`]*`"
)
# Three words and more are something that was said, and no name.
_SENTENCE = re.compile(r"(?:[A-Z]?[a-z']+,? ){2}[a-z']{2,}\b")
_OBJECT = re.compile(r"(?<![\w$.*-])[\w$.*-]*+\{[^{}]*\}")
_DEEPEST_OBJECT = 4
_PAIRED = re.compile(r"=(?: \*| (?![=>])[^\s,;()\[\]{}=]++(?![^\s,;)\]}])|[\w.$*]*(?:\[[^\[\]]*\]|\([^()]*\)))")
# Names of people and things, which look like any word: `user ann`, `for ann from`, `in queue letters`.
_WHOM = (
    "user", "User", "username", "Username", "customer", "Customer", "tenant", "Tenant",
)  # fmt: skip
_WHICH = (
    "account", "bucket", "client", "cluster", "container", "database", "device", "group", "host", "instance",
    "interface", "job", "node", "pod", "process", "queue", "schema", "server", "service", "table", "task", "thread",
    "topic", "volume",
)  # fmt: skip
_KINDS = (
    "channel", "collection", "column", "constraint", "file", "function", "index", "key", "lock", "model", "module",
    "relation", "resource", "role", "stream", "trigger", "view", "worker", "workflow",
)  # fmt: skip
# One of these must be among the words of a line for any of that to be in it.
_NOUNS = frozenset({*_WHOM, *(f"{each}:" for each in _WHOM), *_WHICH, *_KINDS, "for"})
_NO_NAME = r"(?!(?:from|by|is|was|has|had|not|in|on|at|to|with|and|or|for|of|failed|timed|did|that|which)\b)"
_NAME = rf"{_NO_NAME}[^\s,;:()\[\]=]+"
_WHO = re.compile(
    r"(?<=\bfor )\S++(?= (?:from|by|\[))"
    rf"|(?P<noun>\b(?:{'|'.join(_WHOM)}):? |\b(?:for|of|in|by|from|to|on|with) (?:{'|'.join(_WHICH)}) ){_NAME}"
    # What is called `order_items` is a thing, too, where its kind stands before it.
    rf"|(?P<kind>\b(?:{'|'.join([*_WHOM, *_WHICH, *_KINDS])}) )[a-z]+(?:_[a-z]+)+(?![\w(])"
)
_NAMELESS = re.compile(r"(?<=\buser )(?=from |by |\[)")
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:tember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)"
)
_LONG_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_MONTHS = frozenset(
    f"{each}{comma}" for name in _LONG_MONTHS for each in (name, name[:3], name[:4]) for comma in ("", ",")
)
_DATE = re.compile(rf"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{{0,6}},? )?(?:\b{_MONTH},? \*|\* {_MONTH}\b)(?:,? \*)*")
_ZONE = re.compile(r"\* (?:[AaPp]M|[ap]m|UTC|GMT|Z|[ECMP][SD]T|CES?T|BST|IST|JST)\b(?: \*)?")
_UNIT = re.compile(
    r"\* ?(?:[kKMGTP]i?B?|[kKMGT]?[Bb]ytes?|B|[mun]s|m?secs?|s|(?:milli|micro|nano)?seconds?|(?:MILLI)?SECONDS"
    r"|min(?:ute)?s?|h|hours?|days?|%)(?![\w(])"
)
_APPROXIMATE = re.compile(r"(?<![\w*])[<>~]\*(?!>)")
# What stands in parentheses after a value says the same in other words (`1543 bytes (1.5 KB)`), be it nothing, or names
# the process or thread that has the number.
_GLOSS = re.compile(r"(?<=\*) ?\([*\s,;:/.-]*\)|(?:(?<=process \*)|(?<=pid \*)|(?<=thread \*)) ?\([\w.:-]*\)")
# What one is connected to is an address, also where it is a device's name and unit, as ntpd calls its reference clocks:
# https://www.ntp.org/documentation/4.2.8-series/refclock/. Elsewhere `DOWN(2)` is one of an enumeration, and stays.
_PEER = re.compile(
    r"(?P<way>\b(?:[Cc]onnected|[Dd]isconnected|[Ss]ynchroni[sz]ed|[Aa]ttached|[Dd]etached) (?:to|from|with) )"
    r"[A-Z][A-Z_]*+\(\*\)"
)
# An address in angle brackets, and the end of a sentence, which a value may or may not have taken along.
_ENCLOSED = re.compile(r"<\*>(?:\.(?=\s|$))?|\*\.(?=\s|$)")
_LIST = re.compile(r"([\[({])[\w.$*-]+(?:, ?[\w.$*-]+)+([\])}])")
_LETTER = re.compile(r"[A-Za-z\0]")
# What a value begins with that is longer than a unit and no hexadecimal number, an address, a path or a quoted text.
_NAME_IN_VALUE = re.compile(
    r"(?<![^\s\[(])(?![A-Fa-f]+(?:[0\W]|$))[A-Za-z](?!\S{0,200}[@/\\])[A-Za-z_.-]+[A-Za-z](?=[.0\s=_-]|:(?!/)|$)"
)
_SIGN = re.compile(r"[-+]\*(?=[\s,;:=|/+.#-]*\*)")
_RUN = re.compile(r"\*(?:[\s,;:=|/+.#-]*\*)+")


def template(headline: str) -> str:
    """Return the headline with ids, numbers, times, paths, addresses, names of users and quoted values masked.

    The types of exceptions stay as they are.
    """
    return template_of(template_of_zeroed(zeroed(headline)), headline)


def zeroed(text: str) -> str:
    """Return text of which no digit tells any more which it was, as long as it was."""
    return text.encode(errors="replace").translate(_DIGITS).decode()


def template_of(found: str, headline: str) -> str:
    """Return the template of a headline that has `found` as the template of its zeroed text."""
    if KEPT not in found:
        return found
    text = _REDACTED.sub("0", headline[:LONGEST_HEADLINE])
    return _settled(_with_names(_words_of(zeroed(text)), text))


@lru_cache(_LINES)
def template_of_zeroed(text: str) -> str:
    """Return the template of a zeroed text; in it stands a mark for each name of an exception that has digits.

    Where all of it is a value, the names in it count: `jetty-6.1.26` is not `r07:0x0ffe`.
    """
    text = text[:LONGEST_HEADLINE]
    if "[redacted: " in text:
        text = _REDACTED.sub("0", text)
    found = _settled(_words_of(text))
    return (
        found
        if _LETTER.search(found)
        else " ".join([found, *_NAME_IN_VALUE.findall(_QUOTED.sub("", text))])[:LONGEST_TEMPLATE]
    )


def forget() -> None:
    """Forget what was remembered, for who measures how long the first lines take."""
    for remembering in (template_of_zeroed, _masked, _settled):
        remembering.cache_clear()


def _words_of(zeroed: str) -> str:
    return " ".join(map(_masked, zeroed.split()))


@lru_cache(_WORDS)
def _masked(word: str) -> str:
    """Mask the values in one word, all digits of which are zeros."""
    if word.isalpha() and word not in _NOTHING and not (len(word) >= _HEXADECIMAL and _ALL_HEXADECIMAL.match(word)):
        return word
    return _VALUE.sub(_mask, _LEADER.sub(" ", word).lstrip() if "..." in word else word)


def _mask(found: re.Match[str]) -> str:
    if found["exception"]:
        return KEPT if "0" in found["exception"] else found["exception"]
    return f"={MASK}" if found["paired"] else MASK


def _with_names(words: str, text: str) -> str:
    """Put the exceptions' names back that have digits in them: `Http2Error` is not `Http3Error`."""
    names = iter(_NAMED_WITH_DIGITS.findall(text))
    return re.sub(KEPT, lambda _: next(names, MASK), words)


@lru_cache(_SHAPES)
def _settled(text: str) -> str:
    """Mask what only words together show to be a value, and draw lists of values together."""
    if '"' in text or "'" in text or "`" in text:
        text = _QUOTED.sub(_without_quotes, text)
    if "{" in text:
        text = _without_objects(text)
    if "=" in text:
        text = _PAIRED.sub(f"={MASK}", text)
    words = text.split()
    if not _NOUNS.isdisjoint(words):
        text = _WHO.sub(rf"\g<noun>\g<kind>{MASK}", _NAMELESS.sub(f"{MASK} ", text))
    if "(*)" in text:
        text = _PEER.sub(rf"\g<way>{MASK}", text)
    if "," in text:
        text = _LIST.sub(rf"\1{MASK}\2", text)
    return (_joined(text, words) if MASK in text else text)[:LONGEST_TEMPLATE]


def _joined(text: str, words: list[str]) -> str:
    """Draw values together with their units, dates, explanations and neighbours that are values."""
    if not _MONTHS.isdisjoint(words):
        text = _DATE.sub(MASK, text)
    text = _UNIT.sub(MASK, _ZONE.sub(MASK, text))
    text = _APPROXIMATE.sub(MASK, text) if "<" in text or ">" in text or "~" in text else text
    text = _ENCLOSED.sub(MASK, text)
    if "(" in text and ")" in text:
        text = _GLOSS.sub("", text)
    return _RUN.sub(MASK, _SIGN.sub(MASK, text) if "-*" in text or "+*" in text else text)


def _without_quotes(found: re.Match[str]) -> str:
    """Mask what is quoted, be it a request's path; a sentence stays."""
    if found["verb"]:
        return f'"{found["verb"]}{MASK}"'
    return found[0] if _SENTENCE.match(found[0], 1) else MASK


def _without_objects(text: str) -> str:
    for _ in range(_DEEPEST_OBJECT):
        text, count = _OBJECT.subn(MASK, text)
        if not count:
            break
    return text
