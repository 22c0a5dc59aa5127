"""Assignments: secrets behind a name of theirs, in the ways in which programs write a name and its value."""

import re

from chalicelib.domain.credentials.marks import mark, marked
from chalicelib.domain.credentials.names import (
    ENTRY,
    ENTRY_WORDS,
    NAME,
    beginnings_in,
    is_sensitive,
    is_something_else,
    kind_of,
)
from chalicelib.domain.credentials.values import is_harmless, is_jumbled, is_nothing, is_remark

# A quote as it stands in text within text, in `\u0022`, in HTML and in URLs.
_ESCAPED_QUOTE = r"\\{1,7}(?:[\"']|u002[27])|&(?:quot|apos|#0?3[49]|#[xX]2[27]);|%2[27]"
_QUOTE = rf"(?:[\"'`]|{_ESCAPED_QUOTE})"
# Two colons before a type cast a column to it: https://www.postgresql.org/docs/current/sql-expressions.html
_TYPE = r"(?:text|varchar|citext|bpchar|character(?: varying)?|bytea|uuid)\b"
_CAST = rf"(?:\)?::{_TYPE}(?:\(\d{{1,5}}\))?)?+"
_SIGN = (
    rf"(?:=>|->|:=|[:=](?!:{_TYPE})|%3[DA]"
    r"|\\{1,7}u003[da]|&#(?:61|58|[xX]3[daDA]);|(?<=[\"']),|\n\[1\] )"
)
# What stands before a quote: `[]string{`, `string(7) `, `b`, `<<`; and before anything, YAML's anchors.
_OPENING = r"(?:\[\]string\{|string\(\d{1,6}\) |<<|Just |[bBrRuUNEf]{1,2}(?=[\"']))?+"
_ANCHOR = r"(?:&\w{1,64}\s{1,4}|!!str\s{1,4})?+"
# A quote that ends a text is followed by what parts texts; one that begins a value is not.
_PARTED = r"(?!\s{0,4}(?:[,;}\])]\s{0,4}(?:[\"'{\[}\]&\\%]|$)|$))"
_PAIR = (
    rf"(?is)(?P<name>{NAME})(?P<closed>{_QUOTE}\]?|\])?{_CAST}"
    r"(?:[\s,]{1,20}(?:[\"'])?(?:parameter|option)?value(?:[\"'])?)?"
    rf"(?P<sign>\s{{0,4}}{_SIGN}\s{{0,4}})"
    rf"{_ANCHOR}(?:{_OPENING}(?P<quote>[\"'`]){_PARTED}(?P<quoted>(?:\\."
    rf"|(?!(?P=quote))[^\\\n])*+)(?!"
    rf"(?P=quote)\s{{0,4}}:(?!:))"
    rf"|(?P<escape>{_ESCAPED_QUOTE}){_PARTED}(?P<escaped>(?:(?!(?<!\\)(?P=escape))[^\n])*+)"
    r"|\[\s{0,4}(?P<many>[\"'][^\[\]\n]{0,2000}+)(?=\])|(?:[A-Z]\w{1,30}+)?+\(\s{0,4}(?P<two>[\"'][^()\n]{0,2000}+)(?=\))"
    r"|(?:(?:Bearer|Basic|Token|Digest|Negotiate|Api-?Key|Key|OAuth|AWS4-HMAC-SHA256)\s{1,3})?+"
    r"(?!\[{1,2}redacted: |[\[{](?:[\s\"'\]}]|\w{1,64}[\"':=]))"
    r"(?P<plain>(?:\$?\{\{[^{}\n]{0,200}+\}\}|[^\s&;,\"'`|]|,(?=v\d=)|,(?![\s\"'{\[]|[\w.-]{1,64}\s?[=:])|&(?!\w{1,40}[=;]"
    r"|#))++))"
)
_TAG = (
    rf"(?i)(?:<|&lt;)(?:[\w.-]{{1,64}}:)?(?:[\w.-]{{0,64}}?(?P<name>{NAME})"
    rf"|\w{{1,20}} (?:name|key|id)=[\"'][\w.-]{{0,64}}?(?P<attribute>{NAME})[\"'])"
    r"(?:\s[^<>]{0,200}?)?(?:>|&gt;)(?:<!\[CDATA\[)?(?!\[redacted)(?P<body>(?:[^<&]|&(?!lt;)){1,8000}+)"
)
# YAML: what stands in a block is indented further than its name.
_BLOCK = (
    rf"(?im)^(?P<indent>[ \t]{{0,64}}+)(?:- )?[\"']?[\w.-]{{0,64}}?(?P<name>{NAME})[\"']?:[ \t]{{0,4}}["
    rf"|>][+-]?\d?[ \t]{{0,4}}\n"
    r"(?P<block>(?:(?P=indent)[ \t]{1,64}[^\n]*+(?:\n|\Z)|[ \t]*+\n)++)"
)
# Property lists: a key, and its value in an element of its own.
# https://xmlrpc.com/spec.md has members instead.
_PROPERTY = (
    rf"(?i)<(?:key|name)>[\w.-]{{0,64}}?(?P<name>{NAME})</\w+>\s{{0,20}}(?:<value>\s{{0,20}})?"
    r"<(?:string|data|integer|value|base64|int|i4)>(?P<body>[^<]{1,8000}+)"
)
# Tuples of Erlang and Elixir.
_TUPLE = rf"(?i)[{{(]\s{{0,4}}[:'\"]?\w{{0,64}}?(?P<name>{NAME})['\"]?,\s{{0,4}}(?:<<)?\"(?P<body>(?:\\.|[^\"\\\n])++)"
# https://docs.spring.io/spring-framework/docs/current/javadoc-api/org/springframework/validation/FieldError.html
_REJECTED = rf"(?i)on field '[\w.\[\]]{{0,64}}?(?P<name>{NAME})': rejected value \[(?P<body>[^\]\n]{{1,2000}}+)"
# On a line of its own below what it is.
_BELOW = (
    rf"(?i)\b(?P<name>{ENTRY}|secret|token|api[ _-]?key)\b[^\n:]{{0,80}}:[ \t]{{0,4}}\n\s{{0,4}}"
    r"(?P<body>(?=[A-Za-z]{0,64}\d)(?=\d{0,64}[A-Za-z])[\w!$%^*+/=-]{8,}+)[ \t]{0,4}(?:\n|\Z)"
)
_ENDS_IN_COLON, _OPEN_BLOCK = r":[ \t]{0,4}\n", r":[ \t]{0,4}[|>][+-]?\d?[ \t]{0,4}\n"
# A type of its own around a secret, as Rust, Scala and Kotlin print it.
_WRAPPED = (
    r"\b(?P<name>[A-Za-z]\w{1,64}+)\([\"']"
    r"(?P<body>(?=[A-Za-z+/=]{0,200}\d)(?=[\d+/=]{0,200}[A-Za-z])[A-Za-z0-9+/=]{16,}+)[\"']\)"
)
# https://github.com/bitcoin/bips/blob/master/bip-0039.mediawiki: 12 to 24 words.
_MNEMONIC = (
    r"(?i)(?P<name>mnemonic|(?:seed|recovery)[ _-]?phrase)[\"']?[\s:=]{1,4}[\"']?"
    r"(?P<body>(?:[a-z]{3,8}\s){11,23}+[a-z]{3,8})"
)
# What sentences have, and the English words of BIP 39 do not.
_OF_SENTENCES = r"(?i)\b(?:the|was|not|and|for|from)\b"
# In a sentence, what looks made by a machine: `invalid token a1b2c3`, `wrong password 'Tr0ub4dor'`.
_SPOKEN = (
    rf"(?i)\b(?P<name>{ENTRY}|secret|token|api[ _-]?key|credential)(?:\s(?:is|was|has been))?"
    rf"(?:\s(?:generated|(?:re)?set|changed)(?: successfully)?)?"
    rf"(?:\s(?:for|of)(?:\suser)?+\s[\w.@-]{{1,64}}+)?+(?:\s(?:is|was|to))?[\s|>:-]{{1,4}}(?:[\"'`(]|\\[\"'])?"
    r"(?P<spoken>(?:(?=[A-Za-z_!$%^*+/-]{0,200}\d)(?=[\d_!$%^*+/-]{0,200}[A-Za-z])"
    r"|(?-i:(?=[A-Z]{0,64}(?:[a-z]{1,64}[A-Z]{1,64}){2})))[\w!$%^*+/=-]{6,}+)(?!\s?[=:])"
)
_SPOKEN_WORDS = (*ENTRY_WORDS, "secret", "token", "api", "credential")
# User and password, as in a header.
_OF_USERS = ("credential", "basic auth", "userinfo")
_USER = r"(?i)\b(?:credentials?|basic auth|userinfo)\s(?:for\s)?[\w.@-]{1,64}:(?P<password>(?=[^\s\d]*\d)[^\s\"']{6,}+)"
_NAMED = r"[a-z]+(?:[-_./][a-z0-9]+)+|[a-z]{2,}\d{1,2}|(?:sha|md|v|oauth|utf|ipv|rs|hs|es)-?\d\w*+"
# What is said of a secret by its name, and what of its value, too.
_OF_NAMES = r"(?:was )?not found|(?:does not|doesn't) exist|(?:could not|couldn't|cannot|can't) be (?:found|located)"
_OF_NAMES_OR_VALUES = r"does not|doesn't|is|was|in|from"
_BEHIND = ")]}>.\\"
_BEFORE_OBJECT = rf"(?i)(?P<name>{NAME})(?:{_QUOTE})?\s{{0,4}}{_SIGN}\s{{0,4}}$"
# So much of the text around a pair says what it is about.
_AROUND = 80
_LONGEST_REMARK = 500


def without_assigned(text: str) -> str:
    """Replace what stands behind a secret's name."""
    if re.search(_OPEN_BLOCK, text):
        text = re.sub(_BLOCK, _without_block, text)
    if "rejected value [" in text:
        text = re.sub(_REJECTED, _without_named, text)
    text = _without_pairs(text)
    if "<" in text or "&lt;" in text:
        text = re.sub(_TAG, _without_body, re.sub(_PROPERTY, _without_named, text))
    if ',"' in text or ', "' in text or ",<<" in text or ", <<" in text:
        text = re.sub(_TUPLE, _without_named, text)
    if '("' in text or "('" in text:
        text = re.sub(_WRAPPED, _without_wrapped, text)
    if "nemonic" in text or "hrase" in text:
        text = re.sub(_MNEMONIC, _without_words, text)
    return _without_said(text)


def _without_said(text: str) -> str:
    """Replace the secrets in sentences, which need their names' own words for that."""
    small = text.lower()
    if any(map(small.__contains__, _OF_USERS)):
        text = re.sub(_USER, lambda found: marked(found, "password", "password"), text)
    if not any(map(small.__contains__, _SPOKEN_WORDS)):
        return text
    if re.search(_ENDS_IN_COLON, text):
        text = re.sub(_BELOW, _without_named, text)
    return re.sub(_SPOKEN, _without_spoken, text)


def _without_pairs(text: str) -> str:
    """Replace the values of names, looked for only where one may begin: a search for all of them anywhere is slow."""
    pair = re.compile(_PAIR)
    kept, behind = [], 0
    for at in beginnings_in(text):
        if at < behind or _is_none(text, at) or not (found := pair.match(text, at)):
            continue
        clean = _without_value(found)
        if clean != found[0]:  # what stands as it is may hold names of its own
            kept += [text[behind:at], clean]
            behind = found.end()
    return "".join((*kept, text[behind:]))


def _is_none(text: str, at: int) -> bool:
    """Return whether what stands before a name says that it is none, so that its value need not be read."""
    around = text[max(0, at - _AROUND) : at]
    return is_something_else(text[at : at + len("token")], around) or _is_in_arn(around)


def name_before(text: str) -> str:
    """Return the name of a secret that a text ends with, so that what stands behind the text is its value."""
    found = re.search(_BEFORE_OBJECT, text[-_AROUND:]) if text else None
    if not found or is_something_else(found["name"], text[-_AROUND:][: found.start()]):
        return ""
    return found["name"]


def _without_value(found: re.Match[str]) -> str:
    group = next(each for each in ("quoted", "escaped", "many", "two", "plain") if found[each] is not None)
    value = found[group]
    core = value.rstrip(_BEHIND) if group == "plain" else value
    if is_nothing(core) or is_nothing(value) or _says_no_secret(found, group, core):
        return found[0]
    return marked(found, group, kind_of(found["name"])) + value[len(core) :]


def _says_no_secret(found: re.Match[str], group: str, core: str) -> bool:
    name = found["name"]
    rest = found.string[found.end() : found.end() + _AROUND]
    if is_something_else(name, found.string[max(0, found.start() - _AROUND) : found.start()]):
        return True
    if group in {"many", "two"} or len(core) > _LONGEST_REMARK:
        return False
    weak = ":" in found["sign"] and found["sign"] != ":" and not found["closed"]
    if group == "plain":
        if core.endswith("=") and "," in found["sign"] and rest[:1] in {'"', "'"}:
            return True  # a list of pairs, as in `error="invalid_token", scope="..."`
        return is_remark(name, core, found[group][len(core) :] + rest) if weak else is_harmless(name, core)
    return is_harmless(name, core) or (weak and rest[1:].startswith(" object"))


def _is_in_arn(around: str) -> bool:
    """Return whether a name is a part of a resource's, whose colons part no name from a value."""
    return around.endswith(":") and "arn:" in around.rsplit(maxsplit=1)[-1]


def _without_block(found: re.Match[str]) -> str:
    block = found["block"]
    kept = block[: len(block) - len(block.lstrip())]
    end = "\n" if block.endswith("\n") else ""
    return f"{found[0][: -len(block)]}{kept}{mark(kind_of(found['name']))}{end}"


def _without_body(found: re.Match[str]) -> str:
    return _without_named(found, "name" if found["name"] else "attribute")


def _without_named(found: re.Match[str], group: str = "name") -> str:
    name, before = found[group], found.string[max(0, found.start(group) - _AROUND) : found.start(group)]
    harmless = is_something_else(name, before) or is_harmless(name, found["body"].strip())
    return found[0] if harmless else marked(found, "body", kind_of(name))


def _without_wrapped(found: re.Match[str]) -> str:
    return marked(found, "body", kind_of(found["name"])) if is_sensitive(found["name"]) else found[0]


def _without_words(found: re.Match[str]) -> str:
    return found[0] if re.search(_OF_SENTENCES, found["body"]) else marked(found, "body", "secret")


def _without_spoken(found: re.Match[str]) -> str:
    value, rest = found["spoken"], found.string[found.end() : found.end() + _AROUND]
    around = found.string[max(0, found.start() - _AROUND) : found.start()]
    if (
        re.fullmatch(_NAMED, value)
        or "/" in value
        or not (re.search(r"\d", value) or is_jumbled(value))
        or is_something_else("token" if found["name"].lower() == "token" else "", around)
    ):
        return found[0]
    behind = _OF_NAMES if is_jumbled(value) else rf"{_OF_NAMES}|{_OF_NAMES_OR_VALUES}"
    named = found["name"].lower() == "secret" and re.match(rf"[\"'`)]?:? (?:{behind})\b", rest)
    return found[0] if named else marked(found, "spoken", kind_of(found["name"]))
