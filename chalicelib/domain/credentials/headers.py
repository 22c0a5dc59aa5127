"""Headers: credentials of HTTP, behind whatever scheme they are sent."""

import re

from chalicelib.domain.credentials.marks import mark, marked

_NOT_SAID = (
    r"(?!\[redacted|tokens?\b|auth|scheme|realm|format|header|credential|error|missing|invalid|required|is\b|not\b)"
)
# Where a token has an equals sign, it ends so: https://www.rfc-editor.org/rfc/rfc6750#section-2.1
_NO_PAIR = r"(?!\w{1,40}=[^\s=])"
# https://www.iana.org/assignments/http-authschemes and those that services made up: a word, and what it stands for.
_SCHEME = (
    rf"(?i)\b(?P<before>Bearer\s{{1,3}}){_NOT_SAID}{_NO_PAIR}(?P<bearer>[\w.~+/=-]{{4,}}+)"
    r"|\b(?P<basic>(?:Basic|Negotiate)\s{1,3})(?P<user>[\w.~+/=-]{8,}+)"
    r"|(?P<signed>AWS4-HMAC-SHA256\s{1,3})(?P<signature>Credential[^\n\"'}]{0,2000})"
)
_AUTHORIZATION = (
    r"(?i)\b(?P<name>(?:proxy-)?authorization)(?:\\{0,7}[\"'])?\s{0,4}(?:=>|[:=])\s{0,4}(?:\\{0,7}[\"'])?"
    r"(?P<scheme>[A-Za-z][\w-]{1,40})"
    r"(?: |%20|\+){1,3}(?!\[redacted)(?P<proof>(?:[\w.-]{1,40}=\"[^\"\n]{0,2000}+\"(?:,\s?)?)++|[^\s,;\"'\\&<>]++)"
)
_DIGEST = r"(?i)\b(?P<scheme>Digest\s{1,3})(?P<proof>(?:username|realm|nonce|response)=[^\n]{1,2000}+)"
_COOKIES = (
    r"(?i)(?P<before>\b(?:Set-)?Cookie:\s{0,4}+)(?!\[redacted)(?=[^\n;=]{1,256}=)(?P<cookies>[^\n\"'\\]{1,8000}+)"
)
_ENCODED = r"[A-Za-z0-9+/_-]*+=*+"
_MADE = r"(?=[^\d]*\d)(?=[^A-Za-z]*[A-Za-z]).{6,}|(?=[A-Za-z]*?[a-z][A-Z]).*+|.{20,}"
_KNOWN_SCHEMES = frozenset(
    {"bearer", "basic", "token", "apikey", "api-key", "negotiate", "key", "oauth", "ssws", "bot"}
)


def without_header_secrets(text: str) -> str:
    """Replace the credentials in headers."""
    said = text.lower()
    if "authorization" in said:
        text = re.sub(_AUTHORIZATION, _without_proof, text)
    if "digest" in said:
        text = re.sub(_DIGEST, lambda found: found["scheme"] + mark("credentials"), text)
    if "bearer" in said or "basic" in said or "negotiate" in said or "aws4-" in said:
        text = re.sub(_SCHEME, _without_credentials, text)
    if "cookie" in said:
        text = re.sub(_COOKIES, lambda found: found["before"] + mark("cookie"), text)
    return text


def _without_proof(found: re.Match[str]) -> str:
    scheme, proof = found["scheme"].lower(), found["proof"]
    if scheme in {"bearer", "basic", "negotiate", "aws4-hmac-sha256", "digest"}:
        return found[0]  # these are known without the header's name
    if not (re.fullmatch(_MADE, proof) or (scheme in _KNOWN_SCHEMES and re.match(_NOT_SAID, proof))):
        return found[0]
    return marked(found, "proof", "credentials")


def _without_credentials(found: re.Match[str]) -> str:
    if found["basic"]:
        return found["basic"] + mark("credentials") if _is_encoded(found["user"]) else found[0]
    return found["signed"] + mark("signature") if found["signed"] else found["before"] + mark("token")


def _is_encoded(user: str) -> bool:
    """Return whether something is in base64 and no word, such as `authentication`."""
    mixed = any(map(str.isdigit, user)) or "=" in user or re.search("[a-z][A-Z]", user) is not None
    return mixed and re.fullmatch(_ENCODED, user) is not None
