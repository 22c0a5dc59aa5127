"""Values: what stands behind a secret's name and is none, as it says that there is none, or what went wrong with it."""

import re

from chalicelib.domain.credentials.names import is_code, is_entry

NOTHING = (
    r"(?i)(?:null|none|nil|true|false|undefined|empty|unset|n/?a|yes|no|ok|[*x.\u2022-]+|<\w*>|<?\[?(?:redacted"
    r"|filtered|masked|hidden|removed|omitted|protected|secret|sensitive)\]?>?|\[redacted: [a-z -]+\]"
    r"|!(?:Ref|GetAtt|Sub|ImportValue|secret|env_var|vault)|(?:os\.)?(?:get)?env\([\"']?[A-Z_]+[\"']?\)?|\$\(\w.*"
    r"|\$\{[^}]*+\}|\$[A-Z_]{3,}|\$\d{1,3}|\$?\{\{[^}]*+\}\}"
    r"|%\(\w+\)s|%s|\{[A-Za-z_]*\d{0,2}\}|\?|os\.environ.*|process\.env\..*|\(none\)|\(empty\))?"
)
# What is said of a credential, in one word.
_STATES = (
    r"(?i)(?:missing|required|invalid|expired|unauthori[sz]ed|forbidden|denied|failed|failure|error|timeout|eof"
    r"|revoked|rejected"
    r"|disabled|enabled|malformed|mismatch|unknown|unsupported|incorrect|wrong|bad|blank|absent|inactive|active|locked"
    r"|valid|success(?:ful(?:ly)?)?|optional|closed|open(?:ed)?|started|ended|lost|created|deleted|updated"
    r"|changed|reset"
    r"|refresh(?:ed)?|verified|unverified|pending|skipped|ignored|mandatory|throttled|unavailable|is|was|has|must"
    r"|not|cannot"
    r"|can't|could|should|may|does|too|requires|needs|expects|bearer|basic|digest|oauth2?|saml|ldap|oidc|kerberos"
    r"|ntlm|hidden|present|provided)"
)
_STATE_ENDS = (
    r"(?:[a-z]+[-_])*[a-z]{2,}(?:ed|ing|able|ible)|[A-Za-z]*(?:Exception|Error|Denied|Failed|Fault"
    r"|NotFound|Expired"
    r"|Invalid|Timeout|Unauthorized|Forbidden|Missing|Mismatch|Required|Failure|Request|Rejected|Provider|Providers)"
    r"|(?:invalid|unknown|bad|no|not|expired|missing|unsupported|unauthorized|access)(?:[_-][a-z]+)+"
)
_GRAMMAR = (
    r"(?i)\b(?:is|are|was|were|be|been|must|should|can|cannot|can't|could|not|no|too|has|have|had|does|do|doesn't|isn't"
    r"|needs?|at least|at most|did|didn't|will|would|required|invalid|failed|missing|expired|denied|incorrect"
    r"|unauthori[sz]ed|for the"
    r"|unable|contain|match|matches|characters|found|retriev\w+|fetch\w*|read|parse|your|please|from the|of the"
    r"|error)\b"
)
_WORD, _WORDS = r"[A-Za-z][A-Za-z']*+(?:[-_.][A-Za-z]++)*+", r"[A-Za-z\d\s'(),.;:<>/\"`-]+"
# A word as people write it; letters of both cases in any other order are made at random.
_WRITTEN = r"(?:[A-Z]?[a-z']*|[A-Z']*)(?:[A-Z][a-z']{2,}+)*+(?:[-_.](?:[A-Z]?[a-z]++|[A-Z]++))*+"
# What goes on behind a word, so that it is the beginning of a sentence: another word, and no field of its own.
_GOES_ON = (
    r"[:,]?\s{1,4}(?!(?:[\w.-]{1,64}\s?[=:]|and\b|at\b|on\b))[A-Za-z(\[<\"'{]|[:,]?\s{1,4}(?:[a-z]+ ){1,3}[a-z]+:?\s"
)
_STATUS = r"[1-5]\d\d"
_QUANTITY = r"\d{1,3}|\d+(?:[.,:]\d+)*(?:[mun]?s|m|min|h|d|%|[kKMG]i?B|bytes?|/\d++)(?:\d+[smhd])*|\d{4}-\d\d-\d\d\S*"
_REFERENCE = (
    r"(?:https?://|arn:|s3://|file:|vault:|ssm:|projects/|secretsmanager:|/?(?:[A-Za-z][\w.-]*/)+[A-Za-z][\w.-]*"
    r"(?<![A-Z]{2})$"
    r"|[A-Za-z_]\w*\(\)|[\w-]+\.(?:json|ya?ml|pem|crt|key|env|txt|js|ts|py|go|java|rb|php|cs)(?::\d+)*$|0x[0-9a-f]+$).*"
)
# https://developer.hashicorp.com/vault/docs/auth/approle: there, it is a secret; in AWS, a secret's name.
_SECRET_ID, _UUID = r"(?i)secret[ _.-]?id$", r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
# Made of few words and short numbers; a token that only begins so, such as one whose first signs are x and 7, is none.
_ALGORITHM = (
    r"(?i)(?:hmac|rsa|ecdsa|dsa|ed|aes|aws4|hs|rs|es|ps|sha|md|x|oauth|v|scram|bcrypt|argon|pbkdf|tls|utf)"
    r"(?:[-_]?(?:with|andmgf|sha|hmac|rsae?|ecdsa|dsa|aes|gcm|cbc|ctr|kw|id|md|mgf|nistp|secp|oaep|pss|\d{1,5}(?!\d))"
    r"|(?<=\d)[-_]?(?:plus|alpha|beta|a|le|be|[rk]1)){1,6}+"
)
# Nobody chooses a word as a token: what is made at random has digits, or goes on for long.
_LONGEST_WORD, _SHORTEST_CODE, _LONGEST_COUNT = 19, 3, 6
_HASHES = r"[A-Za-z]{2,10}\d{0,3}(?:[_-]sha\d{1,3})?"
_FEWEST_CHANGES = 5
_MADE = r"\d[A-Za-z]|[A-Za-z]\d"
# Where a file is, which no password is written like.
_PATH = r"/(?:[a-z.][a-z0-9_.-]*/)+[a-z0-9_.-]+"
# What a shell calls so is where it works: https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pwd.html
_DIRECTORY = r"(?:/[a-z.][a-z_.-]*+)++/?|(?:/[A-Za-z.][\w.-]*+){2,}+/?"
# Nginx passes requests to addresses: https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_pass
_ADDRESS = r"(?:https?|grpcs?|unix)://?[^@]*"
_SETTING = r"(?i)(?:required|optional|enabled|disabled|min|max|length|set)=\w{1,10}"
# What is as often a way to prove who somebody is, or a state of that, as the proof.
_MODES = frozenset({"auth", "mfa", "2fa", "otp", "session", "sig", "signature", "jwt", "bearer", "sid", "csrf", "xsrf"})


def is_nothing(value: str) -> bool:
    """Return whether a value says that there is none, or stands for one that is put in elsewhere."""
    return re.fullmatch(NOTHING, value) is not None


def is_harmless(name: str, value: str) -> bool:
    """Return whether what a field of this name is set to is no secret: nothing, a state, or a sentence about it."""
    if is_nothing(value) or re.fullmatch(_STATES, value) or not re.search(r"\w", value):
        return True
    if re.fullmatch(_WORDS, value) and " " in value.strip():
        return re.search(_GRAMMAR, value) is not None
    return _is_no_credential(name, value)


def _is_no_credential(name: str, value: str) -> bool:
    """Return whether a value is not of the sort that a field of this name holds where it holds a secret."""
    low = name.lower()
    if re.search(_SECRET_ID, name):
        return re.fullmatch(_UUID, value) is None
    if low == "pin":
        return not value.lstrip("([").isdecimal()
    if value.isdecimal() and (low == "tokens" or (low.endswith("s") and len(value) < _LONGEST_COUNT)):
        return True
    if low == "dsn" or low in _MODES:
        return _is_word(value) or (value.isdecimal() and not is_code(name)) or _is_algorithm(value) or _is_called(value)
    return _names_something(low, value)


def _names_something(name: str, value: str) -> bool:
    """Return whether a value is the name of an algorithm, an address, a resource or a file."""
    if name == "pass":
        return re.fullmatch(_ADDRESS, value) is not None
    if name == "pwd":
        return re.fullmatch(_DIRECTORY, value) is not None
    if name.endswith("hash") and re.fullmatch(_HASHES, value):
        return True
    if not is_entry(name) and (_is_algorithm(value) or value.startswith("arn:")):
        return True
    named = not is_entry(name) or name.startswith(("cred", "secret"))
    return named and re.fullmatch(_PATH, value) is not None


def _is_called(value: str) -> bool:
    """Return whether a value is a type's or a function's, with brackets for what it takes, not around all of it."""
    return re.search(r"\w\(|\)[\w\[]", value) is not None


def _is_algorithm(value: str) -> bool:
    return re.fullmatch(_ALGORITHM, value) is not None


def is_remark(name: str, value: str, rest: str) -> bool:
    """Return whether the text behind a name and a colon in a sentence is a remark about it, as in `token: expired`."""
    if is_harmless(name, value) or (re.fullmatch(_STATUS, value) and not is_code(name)):
        return True
    if is_code(name) and value[:1] in "[(":
        value = value.strip("[]()")
    if value.endswith(":") or value[:1] in "[(<{":
        return re.search(_MADE, value) is None
    if re.fullmatch(_QUANTITY, value):
        return _is_quantity_of(name, value)
    if any(re.fullmatch(each, value) for each in (_REFERENCE, _STATE_ENDS, _SETTING)):
        return True
    if not re.fullmatch(_WORD, value) or not re.fullmatch(_WRITTEN, value):
        return False
    return not (is_entry(name) or len(value) > _LONGEST_WORD) or re.match(_GOES_ON, rest) is not None


def _is_quantity_of(name: str, value: str) -> bool:
    if is_code(name):
        return len(value) < _SHORTEST_CODE
    return value.isdecimal() or not is_entry(name) or "-" in value


def is_jumbled(value: str) -> bool:
    """Return whether letters change between capitals and small ones as nobody writes them."""
    return len(re.findall("[A-Z]+|[a-z]+", value)) >= _FEWEST_CHANGES and re.fullmatch(_WRITTEN, value) is None


def _is_word(value: str) -> bool:
    return len(value) <= _LONGEST_WORD and re.fullmatch(_WORD, value) is not None
