"""Redaction: takes secrets out of foreign text before it goes anywhere, and leaves the rest of it readable.

Secrets are known by their form (keys and tokens of AWS and of others, JWTs, private keys, card numbers) or by the name
that stands before them (`password=`, `"api_key":`, `Authorization:`). What replaces one names its kind and nothing of
the secret, so that nothing made of the text depends on it. Text is redacted before it is cut, as half a secret has no
form.

Every pattern takes time in proportion to the text, whatever the text is: repetitions are bounded, or take all that they
can reach and never give it back. `re` compiles each when it first looks for it: a cold start should not pay for all of
them, as most texts hold the words of few.
"""

import json
import re
from collections.abc import Callable
from itertools import accumulate
from string import ascii_lowercase
from typing import Any

from chalicelib.domain.text import DEEPEST

# --- by their form

_PRIVATE_KEY = (
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
    r"[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|\Z)"
)
_KNOWN = (
    r"(?P<access_key>A[KS]IA[A-Z0-9]{16,128}+)"
    r"|(?P<session_token>(?:FwoG|IQoJ|FQoG|AQoD)[A-Za-z0-9/+=%_-]{50,}+)"
    r"|(?P<jwt>eyJ[\w-]{8,}+(?:\.[\w-]++){0,4}+)"
    r"|(?P<slack_token>xox[a-z]-[\w-]{8,}+|xapp-[\w-]{8,}+)"
    r"|(?P<webhook>(?:hooks\.slack\.com|discord(?:app)?\.com/api/webhooks|webhook\.office\.com)/[\w@/.-]++)"
    r"|(?P<github_token>gh[a-z]_[A-Za-z0-9]{16,}+|github_pat_\w{16,}+|glpat-[\w-]{16,}+)"
    r"|(?P<stripe_key>[srp]k_(?:live|test)_[A-Za-z0-9]{8,}+|whsec_[A-Za-z0-9+/=]{8,}+)"
    r"|(?P<api_key>AIza[\w-]{30,}+|GOCSPX-[\w-]{16,}+|ya29\.[\w-]{16,}+|npm_[A-Za-z0-9]{30,}+|pypi-[\w-]{16,}+"
    r"|SG\.[\w-]{16,64}\.[\w-]{16,}+|\bsk-[\w-]{20,}+|hv[sbr]\.[\w-]{20,}+|dop_v1_[0-9a-f]{32,}+|shp[a-z]{2}_[0-9a-f]{16,}+"
    r"|dapi[0-9a-f]{32}|AGE-SECRET-KEY-1\w++|\b\d{8,10}:AA[\w-]{30,}+)"
)
# How these begin, in small letters; `gh` and a letter is one of GitHub's.
_BEGINNINGS = (
    *("akia", "asia", "fwog", "iqoj", "fqog", "aqod", "eyj", "xox", "xapp-", "hooks.slack.com", "discord"),
    *("webhook.office.com", "github_pat_", "glpat-", "k_live_", "k_test_", "whsec_", "aiza", "gocspx-", "ya29."),
    *("npm_", "pypi-", "sg.", "sk-", "hvs.", "hvb.", "hvr.", "dop_v1_", "shp", "dapi", "age-secret-key-1", ":aa"),
    *(f"gh{letter}_" for letter in ascii_lowercase),
)
# An AWS secret key has no prefix: forty characters of which some are capitals, some small letters and some digits.
_SECRET_KEY = r"(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])"  # noqa: S105 - what one looks like
_MIXED = ("(?:[A-Z][^A-Z]*){3}", "(?:[a-z][^a-z]*){3}", r"\d")
# Digits as people write them, alone or in groups; fewer than a card has are none.
_DIGITS = r"\d(?<!\d\d)(?<!\d\.\d)(?=(?:[ \u00a0.-]?\d){12})\d{2,18}(?!\d)(?:[ \u00a0.-]\d{3,19}(?!\d)){0,64}+"
# What card numbers begin with, and how many digits they have.
_CARD = r"4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]|2[2-7]|35|6[0-9])\d{14}|3[47]\d{13}|3[0689]\d{12}"
_FEWEST_DIGITS, _MOST_DIGITS = 13, 19
_GROUP, _MOST_GROUPS = r"\d+", 6
_EMAIL = r"(?<![\w.+%-])[\w.+%-]{1,64}+@(?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,24}\b"

# --- by what stands before them

_URL = (
    r"(?P<before>[A-Za-z][\w+.-]{1,20}://(?:[^\s:/@\"'<>\\]{0,256}:(?P<password>[^\s/\"'<>]{1,512})|"
    r"(?P<token>[^\s:/@\"'<>]{16,512})))@"
)
_SCHEME = (
    r"(?i)\b(?P<before>Bearer\s{1,3})(?!tokens?\b|auth|scheme|realm|format|header|credential|error)(?P<bearer>[\w.~+/=-]{4,}+)"
    r"|\b(?P<basic>(?:Basic|Negotiate|Digest)\s{1,3})(?P<user>[\w.~+/=-]{8,}+)"
    r"|(?P<signed>AWS4-HMAC-SHA256\s{1,3})(?P<signature>Credential[^\n\"'}]{0,2000})"
)
_ENCODED = r"[A-Za-z0-9+/]*(?:[a-z][A-Z]|\d|=)"
_USER = r"(?P<before>\s(?:-u|--user)\s[^\s:]{1,256}:)(?!\[redacted)[^\s\"']++"
_COOKIES = r"(?i)(?P<before>\b(?:Set-)?Cookie:\s{0,4}+)(?!\[redacted)(?P<cookies>[^\n\"'\\]{1,8000}+)"
_ENTRY = r"pass(?:word|wd|wort|phrase|code)s?|pwd|kennwort|contrase\u00f1a|senha|mot[ _-]de[ _-]passe"
_NAMES = (
    rf"{_ENTRY}|secrets?|tokens?|api[ _.-]?keys?|(?:access|secret|private|signing|encryption|account|master|shared"
    r"|service|auth|subscription)[ _.-]?keys?(?:[ _.-]?id)?|authorization|cred(?:ential)?s?|(?:set-)?cookies?"
    r"|sess(?:ion)?[ _.-]?(?:id|key)|connection[ _.-]?string|cvv2?|cvc2?"
)
_SHORT_NAMES = r"pass|pw|auth|pin|otp|mfa|sig|signature|sid|session|jwt|bearer|dsn|ssn|iban|csrf|xsrf"
# What each of these names holds, in small letters.
_ENTRY_WORDS = ("pass", "pwd", "kennwort", "contrase", "senha", "mot")
_LONG_WORDS = ("secret", "token", "key", "auth", "cred", "cookie", "sess", "connection", "cvv", "cvc")
_SHORT_WORDS = ("pw", "pin", "otp", "mfa", "sig", "sid", "jwt", "bearer", "dsn", "ssn", "iban", "srf")
_WORDS = (*_ENTRY_WORDS, *_LONG_WORDS, *_SHORT_WORDS)
# To a pattern that minds no letter case, these are an i, too; casefold leaves a dot of its own behind.
_TURKISH = {ord("\u0131"): "i", ord("\u0307"): None}
_PAIR = (
    rf"(?is)(?P<name>{_NAMES}|(?<![A-Za-z0-9])(?:{_SHORT_NAMES}))(?:\\{{0,7}}[\"'`]|\])?"
    r"(?:\s{1,4}value)?\s{0,4}(?:=>|->|:=|[:=]|%3D|\\u003d|(?<=[\"']),)\s{0,4}"
    # in quotes, in quotes of text in quotes, many of them, or without
    r"(?:(?P<quote>[\"'`])(?P<quoted>(?:\\.|(?!(?P=quote))[^\\\n])*+)(?!(?P=quote)\s{0,4}:)"
    r"|(?P<escape>\\{1,7}[\"'])(?P<escaped>(?:(?!(?<!\\)(?P=escape))[^\n])*+)"
    r"|\[\s{0,4}(?P<many>[\"'][^\[\]\n]{0,2000}+)(?=\])"
    r"|(?:(?:Bearer|Basic|Token|Digest|Negotiate|Api-?Key|Key|OAuth|AWS4-HMAC-SHA256)\s{1,3})?+"
    r"(?!\[{1,2}redacted: |[\[{](?:[\s\"'\]}]|\w{1,64}[\"':=]))"
    r"(?P<plain>(?:[^\s&;,\"'`|]|,(?![\s\"'{\[]|[\w.-]{1,64}\s?[=:]))++))"
)
_TAG = rf"(?i)<(?:[\w.-]{{1,64}}:)?\w{{0,64}}?(?P<name>{_NAMES})\s?>(?!\[redacted)(?P<body>[^<]{{1,8000}}+)"
_ARGUMENT = rf"(?i)--(?:\w{{1,32}}-){{0,4}}(?P<name>{_NAMES})\s(?!\[redacted)(?P<argument>[^\s-]\S*+)"
# In a sentence, what looks made by a machine: `invalid token a1b2c3`, `wrong password 'Tr0ub4dor'`.
_SPOKEN = (
    rf"(?i)\b(?P<name>{_ENTRY}|secret|token|api[ _-]?key|credential)(?:\s(?:is|was))?[\s|>-]{{1,4}}(?:[\"'`(]|\\[\"'])?"
    r"(?P<argument>(?=[A-Za-z_!$%^*+/-]{0,200}\d)(?=[\d_!$%^*+/-]{0,200}[A-Za-z])[\w!$%^*+/=-]{6,}+)(?!\s?[=:])"
)
_SENSITIVE = rf"(?i)(?:{_NAMES}|(?<![A-Za-z0-9])(?:{_SHORT_NAMES}))$"
_NAME_LENGTH = 64
# Nothing shorter is a secret by its form.
_SHORTEST = 11
_NOTHING = (
    r"(?i)(?:null|none|nil|true|false|undefined|missing|required|invalid|expired|empty|unset|[*x.-]+|<\w*>"
    r"|\[redacted: [a-z -]+\])?"
)
_BEHIND = ")]}>.\\"
# A name may stand in a field of its own, its value in another.
_NAMING = frozenset({"name", "Name", "key", "Key"})
# Deeper than this, a record is text like any other.
_DEEPEST = 40


def redacted(text: str, *, emails: bool = False) -> str:
    """Return a text without secrets; `emails` takes e-mail addresses for some."""
    text = _redacted_text(text, _DEEPEST)
    return re.sub(_EMAIL, _mark("e-mail"), text) if emails else text


def redacted_detail(value: Any, *, by_name: bool) -> Any:
    """Return an event's detail, which is strict JSON, without secrets.

    `by_name` also takes what stands under names such as `password`. AWS's own events name identifiers so, such as the
    access key that a finding is about. Of those, `by_name` being false, only texts of several words are redacted: they
    quote what somebody else wrote.
    """
    if by_name:
        return redacted_json(value, 2 * DEEPEST)  # strict JSON ends before
    match value:
        case str() if " " in value:
            return redacted(value)
        case dict():
            return {name: redacted_detail(each, by_name=False) for name, each in value.items()}
        case list():
            return [redacted_detail(each, by_name=False) for each in value]
        case _:
            return value


def _mark(kind: str) -> str:
    return f"[redacted: {kind}]"


def _without_secrets(text: str) -> str:
    said = text.casefold().translate(_TURKISH)
    for words, pattern, replacement in _SEARCHES:
        if not words or any(word in said for word in words):
            text = re.sub(pattern, replacement, text)
    return text


def _in_place(found: re.Match[str], group: str) -> str:
    """Replace one group of a match by the mark of its name."""
    start, end = found.start(group) - found.start(), found.end(group) - found.start()
    return f"{found[0][:start]}{_mark(_kind(found['name']))}{found[0][end:]}"


def _kind(name: str) -> str:
    """Return what a secret of this name is called."""
    low = name.lower()
    return next(
        (kind for kind, part in (("password", "pass"), ("password", "pwd"), ("token", "token")) if part in low),
        "secret",
    )


def _without_user(found: re.Match[str]) -> str:
    group = "password" if found["password"] else "token"
    return f"{found[0][: found.start(group) - found.start()]}{_mark(group)}@"


def _without_proof(found: re.Match[str]) -> str:
    if found["basic"]:
        return found["basic"] + _mark("credentials") if re.match(_ENCODED, found["user"]) else found[0]
    return found["signed"] + _mark("signature") if found["signed"] else found["before"] + _mark("token")


def _without_value(found: re.Match[str]) -> str:
    group = next(each for each in ("quoted", "escaped", "many", "plain") if found[each] is not None)
    value = found[group]
    core = value.rstrip(_BEHIND) if group == "plain" else value
    is_count = found["name"].lower() == "tokens" and core.isdecimal()
    if is_count or re.fullmatch(_NOTHING, core) or re.fullmatch(_NOTHING, value):
        return found[0]
    return _in_place(found, group) + value[len(core) :]


def _without_mixture(found: re.Match[str]) -> str:
    return _mark("secret key") if all(re.search(each, found[0]) for each in _MIXED) else found[0]


def _without_cards(found: re.Match[str]) -> str:
    """Replace the card numbers in a row of groups of digits."""
    text, groups = found[0], [*re.finditer(_GROUP, found[0])]
    digits = "".join(group[0] for group in groups)
    begins = [0, *accumulate(len(group[0]) for group in groups)]
    kept, behind = [], 0
    for first, group in enumerate(groups):
        if group.start() < behind:
            continue
        for last in range(first, min(first + _MOST_GROUPS, len(groups))):
            if _is_card(digits[begins[first] : begins[last + 1]]):
                kept += [text[behind : group.start()], _mark("card number")]
                behind = groups[last].end()
                break
    return "".join((*kept, text[behind:]))


def _is_card(digits: str) -> bool:
    """Tell whether digits are a card's: one of the known beginnings, and Luhn's sum ends in zero."""
    if not (_FEWEST_DIGITS <= len(digits) <= _MOST_DIGITS and re.fullmatch(_CARD, digits)):
        return False
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


# What is looked for, in this order, and what a text without any of these words (in small letters) cannot hold.
_SEARCHES: tuple[tuple[tuple[str, ...], str, str | Callable[[re.Match[str]], str]], ...] = (
    (("-----begin",), _PRIVATE_KEY, _mark("private key")),
    (("://",), _URL, _without_user),
    (_BEGINNINGS, _KNOWN, lambda found: _mark((found.lastgroup or "").replace("_", " "))),
    (("bearer", "basic", "negotiate", "digest", "aws4-"), _SCHEME, _without_proof),
    (("-u", "--user"), _USER, lambda found: found["before"] + _mark("password")),
    (("cookie",), _COOKIES, lambda found: found["before"] + _mark("cookie")),
    (_WORDS, _PAIR, _without_value),
    (("<",), _TAG, lambda found: _in_place(found, "body")),
    (("--",), _ARGUMENT, lambda found: _in_place(found, "argument")),
    (_WORDS, _SPOKEN, lambda found: _in_place(found, "argument")),
    ((), _SECRET_KEY, _without_mixture),
    ((), _DIGITS, _without_cards),
)


# --- records


def _redacted_text(text: str, deepest: int) -> str:
    return _without_secrets(_redacted_record(text, deepest))


def _redacted_record(text: str, deepest: int) -> str:
    """Redact a JSON object, or one that stands behind Lambda's header; any other text is returned as it is."""
    start = max(text.rfind("\t{"), text.rfind("\t[")) + 1 if "\t" in text else 0
    header, body = text[:start], text[start:]
    if not deepest or not body.lstrip().startswith(("{", "[")):
        return text
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return text
    clean = redacted_json(value, deepest)
    return text if clean == value else header + json.dumps(clean, ensure_ascii=False)


def redacted_json(value: Any, deepest: int = _DEEPEST) -> Any:
    """Return JSON of the same shape in which secrets are redacted, and the values of names such as `password`."""
    if not deepest:
        return value
    match value:
        case dict():
            listed = any(_is_sensitive(value[name]) for name in _NAMING & value.keys())
            return {
                _redacted_name(name): _redacted_field(name, each, deepest - 1, listed=listed)
                for name, each in value.items()
            }
        case list():
            # Headers are lists in some places: a name, and its value behind it.
            behind = [False, *map(_is_sensitive, value)]
            pairs = zip(value, behind, strict=False)
            return [
                _blackened(each, "secret", deepest) if is_value else redacted_json(each, deepest - 1)
                for each, is_value in pairs
            ]
        case str():
            return _redacted_text(value, deepest - 1)
        case int() if _is_card(str(value)[: _MOST_DIGITS + 1]):
            return _mark("card number")
        case _:
            return value


def _redacted_name(name: str) -> str:
    return name if len(name) < _SHORTEST else _without_secrets(name)


def _redacted_field(name: str, value: Any, deepest: int, *, listed: bool) -> Any:
    if listed and name not in _NAMING:
        return _blackened(value, "secret", deepest)
    if not _is_sensitive(name) or (name.lower().endswith("tokens") and not isinstance(value, str)):
        return redacted_json(value, deepest)
    return _blackened(value, _kind(name), deepest)


def _blackened(value: Any, kind: str, deepest: int) -> Any:
    """Return JSON of the same shape of which nothing can be read."""
    match value:
        case None | bool():
            return value
        case dict() if deepest:
            return {name: _blackened(each, kind, deepest - 1) for name, each in value.items()}
        case list() if deepest:
            return [_blackened(each, kind, deepest - 1) for each in value]
        case _:
            return value if re.fullmatch(_NOTHING, str(value)) else _mark(kind)


def _is_sensitive(name: Any) -> bool:
    return isinstance(name, str) and re.search(_SENSITIVE, name[-_NAME_LENGTH:]) is not None
