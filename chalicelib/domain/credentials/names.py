"""Names: which fields, variables and options hold a secret, by what they are called."""

import re
from functools import lru_cache

ENTRY = r"pass(?:word|wd|wort|phrase|code)s?|pwd|pswd|kennwort|contrase\u00f1a|senha|wachtwoord|mot[ _-]de[ _-]passe"
# What makes a key a secret one; a key alone is of a table, a map or a keyboard.
_OF_KEYS = (
    r"api|access|secret|private|signing|encryption|account|master|shared|storage|service|auth|subscription"
    r"|licen[sc]e|app"
    r"|application|integration|instrumentation|admin|root|write|ingest|webhook|consumer|functions?|hmac|symmetric"
    r"|unseal|recovery|sdk|sas"
    r"|security|deploy"
)
_LONG = (
    rf"{ENTRY}|secret[ _.-]?id|secrets?|tokens?|keys?(?:[ _.-]?id)?|authorization|cred(?:ential)?s?|cookies?|sess"
    rf"(?:ion)?[ _.-]?"
    rf"(?:id|key)"
    r"|connection[ _.-]?strings?|cvv2?|cvc2?|mnemonic|seed[ _-]?phrase|saml(?:response|request|assertion)"
    r"|client[ _-]?assertion|code[_-]?verifier|social[ _-]?security(?:[ _-]?(?:number|no))?|(?:bind|root|admin)pw"
    # Headers that say nothing of what they hold: Honeycomb's, Artifactory's and Coinbase's.
    r"|honeycomb-team|jfrog-art-api|access-sign"
)
_SHORT = (
    r"(?:t?otp|mfa|2fa|pin|auth)[_-]?code|pass|pw|auth|pin|otp|totp|mfa|2fa|sig|signature|sid|session|jwt|bearer|dsn"
    r"|ssn|iban|csrf|xsrf|psk"
)
_CAMEL = r"(?<=[a-z])(?-i:(?:Otp|Mfa|Pin)Code|Pass|Pw|Pin|Otp|Auth|Sig|Jwt|Dsn|Ssn|Iban)"
# What may stand behind such a name: which of several values it is, or how it is written.
_VARIANT = (
    r"(?:[_-]?(?:value|plain(?:text)?|hash|digest|b64|base(?:64)?|enc(?:rypted|oded)?|old|new|confirm(?:ation)?|raw"
    r"|\d{1,4})|\s\d{1,2}(?=:))?"
)
NAME = rf"(?:{_LONG}|(?<![A-Za-z0-9])(?:{_SHORT})|{_CAMEL}){_VARIANT}"
# What each of these names begins with, in small letters.
ENTRY_WORDS = ("pass", "pwd", "pswd", "kennwort", "contrase", "senha", "wachtwoord", "mot")
_LONG_WORDS = (
    *("secret", "token", "key", "auth", "cred", "cookie", "sess", "connection", "cvv", "cvc", "mnemonic"),
    *("seed", "saml", "client_assertion", "clientassertion", "client-assertion", "social"),
    *("code_verifier", "code-verifier", "codeverifier"),
    *("bindpw", "rootpw", "adminpw", "honeycomb-team", "jfrog-art-api", "access-sign"),
)
_SHORT_WORDS = (
    *("pw", "pin", "otp", "totp", "mfa", "2fa", "sig", "sid", "jwt", "bearer", "dsn", "ssn", "iban", "csrf"),
    *("xsrf", "psk"),
)
WORDS = (*ENTRY_WORDS, *_LONG_WORDS, *_SHORT_WORDS)
# To a pattern that minds no letter case, these are an i, too; casefold leaves a dot of its own behind.
TURKISH = {ord("\u0131"): "i", ord("\u0307"): None}
_SENSITIVE = rf"(?i){NAME}$"
_OF_SECRET_KEYS, _OF_ACCESS = rf"(?i)(?:{_OF_KEYS})[ _.-]?$", r"(?i)access[ _.-]?$"
_NAME_LENGTH, _LONGEST_BEFORE, _REMEMBERED = 64, 20, 4_096
# A token of these is no credential: of pages, of a language model's or a parser's text, of counting, of a single try.
_OTHER_TOKENS = (
    r"(?i)(?:^|[^a-z]|(?<=[a-z])(?=[A-Z]))(?:next|prev(?:ious)?|continuation|page|pagination|paging|sync|resume"
    r"|starting"
    r"|eos|bos|pad|unk|mask|sep|cls|special|stop|max|min|num|total|prompt|completion|input|output|cached?|reasoning"
    r"|unexpected|unrecogni[sz]ed|missing|illegal|idempotency|cancell?ation|near|syntax|lexer|parser|per)[ _-]?$"
)
# Kubernetes' secrets have names, and who sent a mail is signed for all to see (RFC 6376).
_OF_OTHERS = r"(?i)(?:existing|pull|dkim)[_-]?$"
_PASSWORD, _CODE = (
    r"(?i)pass|pwd|pswd|kennwort|contrase|senha|wachtwoord|^pw$|secret|cred|connection|dsn",
    r"(?i)pin|otp|cv[vc]|2fa|passcode|ssn|iban",
)


def may_hold_names(text: str) -> bool:
    """Return whether a text holds what any of the names begins with."""
    return any(map(_said(text).__contains__, WORDS))


def beginnings_in(text: str) -> list[int]:
    """Return where names may begin in a text, in order."""
    said = _said(text)
    if len(said) != len(text):  # letters that become several small ones
        said = "".join(_said(each)[:1] or " " for each in text)
    found = set()
    for word in WORDS:
        at = said.find(word)
        while at >= 0:
            found.add(at)
            at = said.find(word, at + 1)
    return sorted(found)


def is_sensitive(name: object) -> bool:
    """Return whether a field of this name holds a secret."""
    return isinstance(name, str) and _is_sensitive(name[-_NAME_LENGTH:])


@lru_cache(_REMEMBERED)
def _is_sensitive(name: str) -> bool:
    found = re.search(_SENSITIVE, name)
    return found is not None and not is_something_else(found[0], name[: found.start()])


def is_something_else(name: str, before: str) -> bool:
    """Return whether what stands before a name says that it is no secret's: the next token, a primary key."""
    low = name.lower()
    if low.startswith("key"):
        return re.search(_OF_ACCESS if low.endswith("id") else _OF_SECRET_KEYS, before[-_LONGEST_BEFORE:]) is None
    if low.startswith(("secret", "signature")):
        return re.search(_OF_OTHERS, before[-_LONGEST_BEFORE:]) is not None
    return low.startswith("token") and re.search(_OTHER_TOKENS, before[-_LONGEST_BEFORE:]) is not None


def _said(text: str) -> str:
    said = text.casefold()
    return said if said.isascii() else said.translate(TURKISH)


def kind_of(name: str) -> str:
    """Return what a secret of this name is called."""
    low = name.lower()
    return next(
        (kind for kind, part in (("password", "pass"), ("password", "pwd"), ("token", "token")) if part in low),
        "secret",
    )


def is_entry(name: str) -> bool:
    """Return whether people choose what a field of this name holds, so that it may look like any word."""
    return re.search(_PASSWORD, name) is not None


def is_code(name: str) -> bool:
    """Return whether what a field of this name holds may be a few digits."""
    return re.search(_CODE, name) is not None
