"""Addresses: secrets in URLs, as a user's password, in place of the user, or among what is asked for."""

import re

from chalicelib.domain.credentials.marks import is_marked, mark, marked
from chalicelib.domain.credentials.values import is_nothing

_URL = r"[A-Za-z][\w+.-]{1,20}://(?P<rest>[^\s\"'<>\\`]++)"
# Those whose addresses have paths; elsewhere, what stands before the last at sign is the user's.
_WITH_PATHS = r"(?i)(?:https?|wss?|ftps?|git|ssh|s3|gs)$"
_USER = r"(?P<user>[^:/@?#]{0,256}):(?P<password>.*)"
_PORT = r"\d{1,5}(?:/|$)"
_LEAST_TOKEN = 16
# https://github.com/go-sql-driver/mysql#dsn-data-source-name
_GO_MYSQL = r"(?<![\w.-])[\w.-]{1,64}:(?P<password>[^\s@:]{1,256})(?=@(?:tcp|tcp6|udp|unix)\()"
# https://docs.oracle.com/en/database/oracle/oracle-database/23/jjdbc/data-sources-and-URLs.html
_ORACLE = (
    r"(?P<before>(?:jdbc:oracle:\w{1,8}:|\bsqlplus\s(?:-\w{1,8}\s)?"
    r"|\bCONNECT\s)[\w$#]{1,128}/)(?P<password>[^\s@/]{1,256})(?=@)"
)
# https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2: the code that is worth a token, and the state beside it.
_CODE = r"(?:(?<=[?&\s\"'])|^)code=(?P<code>(?=[\w%/.~-]*\d)(?=[\w%/.~-]*[A-Za-z])[\w%/.~-]{10,})"
# https://learn.microsoft.com/azure/azure-functions/function-keys-how-to
_FUNCTION_KEY = (
    r"(?P<before>\.azurewebsites\.(?:net|us)/[^\s?\"'<>]{0,512}+\?(?:[\w=%.-]{0,256}+&){0,16}?code=)"
    r"(?P<code>[\w%=.-]{16,}+)"
)
# Links by which somebody proves who they are end so in many frameworks.
_LINK = (
    r"/(?:password|reset|forgot|confirm|verif|activat|invit|magic|unlock)[\w-]{0,20}/(?:reset/)?"
    # What is made of short words is a name, unless it is a UUID.
    r"(?!(?![0-9a-f]{8}-(?:[0-9a-f]{4}-){3})(?:[a-z\d]{1,12}[_-]){2,16}[a-z\d]{1,12}(?![\w-]))"
    r"(?P<code>(?=[A-Za-z_-]{0,64}\d)[\w-]{20,}+)(?![/.])"
)
_LINKS = ("/password", "/reset", "/forgot", "/confirm", "/verif", "/activat", "/invit", "/magic", "/unlock")
_OF_OAUTH = (
    r"(?i)[?&]state=|callback|oauth|authori[sz]|grant_type|redirect_uri"
    r"|log-?in|sign-?in|sign-?up|invit|verif|activat|confirm|reset|magic"
)


def without_address_secrets(text: str) -> str:
    """Replace the secrets in the URLs of a text."""
    if "://" in text:
        text = re.sub(_URL, _without_user, text)
    if "@" in text and "(" in text:
        text = re.sub(_GO_MYSQL, lambda found: marked(found, "password", "password"), text)
    if "oracle:" in text or "sqlplus" in text or "CONNECT " in text:
        text = re.sub(_ORACLE, lambda found: marked(found, "password", "password"), text)
    if ".azurewebsites." in text:
        text = re.sub(_FUNCTION_KEY, lambda found: marked(found, "code", "function key"), text)
    if any(map(text.__contains__, _LINKS)):
        text = re.sub(_LINK, lambda found: marked(found, "code", "code"), text)
    if "code=" in text and re.search(_OF_OAUTH, text):
        text = re.sub(_CODE, lambda found: marked(found, "code", "code"), text)
    return text


def _without_user(found: re.Match[str]) -> str:
    rest, scheme = found["rest"], found[0].partition(":")[0]
    user, behind = _user_of(rest, with_paths=re.search(_WITH_PATHS, scheme) is not None)
    if not user:
        return found[0]
    named = re.fullmatch(_USER, user)
    if named:
        if not named["password"] or is_marked(named["password"]) or _is_masked(named["password"]):
            return found[0]
        return f"{scheme}://{named['user']}:{mark('password')}@{behind}"
    is_token = len(user) >= _LEAST_TOKEN and not _is_masked(user)
    return f"{scheme}://{mark('token')}@{behind}" if is_token else found[0]


def _is_masked(password: str) -> bool:
    """Tell whether signs stand for a password, as Go and others print them; a word may be one, whatever it says."""
    return is_nothing(password) and not (password.isalpha() and password.strip("x"))


def _user_of(rest: str, *, with_paths: bool) -> tuple[str, str]:
    """Part what stands before the host; a password may hold any sign, though it should not."""
    authority, path = re.split(r"[/?#]", rest, maxsplit=1)[0], rest.partition("?")[0]
    holder = next((part for part in (authority if with_paths else "", path) if "@" in part), rest)
    end = holder.rfind("@")
    before = rest[: max(end, 0)]
    head, _, password = before.partition(":")
    if "/" in head or re.match(_PORT, password) or (with_paths and re.search(r"/.*/", before)):
        return "", rest
    return before, rest[end + 1 :]
