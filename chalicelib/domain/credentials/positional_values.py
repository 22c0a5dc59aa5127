"""Positional values: secrets of which the place alone says what they are.

A stack trace of PHP has the arguments of its calls. SQLAlchemy (https://docs.sqlalchemy.org/en/20/core/exceptions.html),
Doctrine, TypeORM and others print a statement with placeholders and a list of what was bound to them; PostgreSQL prints
the columns of a key and its values.
"""

import re
from collections.abc import Iterator

from chalicelib.domain.credentials.marks import mark, marked
from chalicelib.domain.credentials.names import is_sensitive, kind_of
from chalicelib.domain.credentials.values import is_nothing

_LIST = r"(?i)\b(?:param(?:eter)?s|bindings|values)[\"']?\s{0,4}[:=]?\s{0,4}(?P<values>[\[(][^\n]{0,8000}+)"
_LISTED = ("aram", "ARAM", "indings", "INDINGS", "alues", "ALUES")
_HOLDER = r"\?(?!\w)|%s|\$\d{1,4}|@[pP]\d{1,4}|:\d{1,4}"
_COMPARED = rf"(?P<name>[\w.\"`\[\]]{{1,64}}+)\s{{0,4}}(?:=|<>|!=|\bLIKE\b)\s{{0,4}}(?P<holder>{_HOLDER})|{_HOLDER}"
_INSERTED = (
    r"(?i)\binto\s{1,4}[\w.\"`\[\]]{1,128}+\s{0,4}\((?P<columns>[^()\n]{1,2000}+)\)\s{0,4}values\s{0,4}"
    r"\((?P<row>[^)\n]{1,2000}+)\)"
)
_CELL = (
    r"(?P<text>[bN]?'(?:\\.|''|[^'\\\n])*+'?|\"(?:\\.|[^\"\\\n])*+\"?)|(?P<open>[\[(])|(?P<part>[\]),])|[^\[\](),'\"]++"
)
# An index may be on expressions, such as `lower(email::text)`.
_KEY = r"\bKey \((?P<columns>(?:[^()\n]|\([^()\n]{0,200}\)){1,500}+)\)=\((?P<values>[^)\n]{1,2000}+)"


# Which of a function's arguments is one: https://www.php.net/manual/en/class.sensitiveparameter.php
_ARGUMENT = r"(?:'[^'\n]{0,256}+'|[^,'()\n]{1,64}+(?:\([^()\n]{0,64}+\))?+),\s{0,4}"
_CALL = (
    r"(?i)\b(?P<before>(?:password_(?:hash|verify)|crypt)\("
    rf"|(?:hash_pbkdf2|oci_p?connect)\({_ARGUMENT}"
    rf"|(?:mysqli(?:(?:_real)?_connect|(?:->|::)(?:__construct|(?:real_)?connect))|PDO(?:->__construct|::connect)"
    rf"|ldap_bind|ftp_login|imap_open|odbc_connect|ssh2_auth_password)\((?:{_ARGUMENT}){{2}})"
    r"'(?P<secret>(?!\[redacted)[^'\n]+)"
)
_CALLED = (
    *("crypt(", "password_", "_pbkdf2(", "oci_", "mysqli", "PDO", "ldap_bind(", "ftp_login(", "imap_open("),
    *("odbc_connect(", "ssh2_auth"),
)
# What a text has that has any of it.
POSITIONAL = (*_CALLED, "Key (", *_LISTED)


def without_positional_values(text: str) -> str:
    """Replace what is bound to placeholders of columns that hold secrets, and arguments that are secrets."""
    if any(map(text.__contains__, _CALLED)):
        text = re.sub(_CALL, lambda found: marked(found, "secret", "password"), text)
    if "Key (" in text:
        text = re.sub(_KEY, _without_key, text)
    holder = re.search(_HOLDER, text) if any(map(text.__contains__, _LISTED)) else None
    found = re.compile(_LIST).search(text, holder.end()) if holder else None
    kinds = dict(_kinds_of(text[: found.start()])) if found else {}
    if not found or not kinds:
        return text
    values = re.sub(_CELL, _Row(kinds).read, found["values"])
    return f"{text[: found.start('values')]}{values}{text[found.end() :]}"


def _kinds_of(statement: str) -> Iterator[tuple[int, str]]:
    """Iterate over the placeholders that stand for a secret, by their numbers, and what kind it is."""
    inserted = re.search(_INSERTED, statement)
    names = []
    if inserted:
        cells = zip(inserted["columns"].split(","), inserted["row"].split(","), strict=False)
        names = [(column, cell.strip()) for column, cell in cells if re.fullmatch(_HOLDER, cell.strip())]
    else:
        compared = re.finditer(_COMPARED, statement)
        names = [(each["name"] or "", each["holder"] or each[0]) for each in compared]
    for at, (column, holder) in enumerate(names):
        name = column.strip(' "`[]').rpartition(".")[2].strip('"`[]')
        if is_sensitive(name):
            number = holder.lstrip("$@pP:")
            yield int(number) - 1 if number.isdecimal() else at, kind_of(name)


class _Row:
    """The values in a list, or in each of several, counted from its beginning."""

    def __init__(self, kinds: dict[int, str]) -> None:
        self._kinds, self._at = kinds, 0

    def read(self, found: re.Match[str]) -> str:
        """Return a value, or what parts two, as it may be shown."""
        if found["open"]:
            self._at = 0
        self._at += found[0] == ","
        kind, value = self._kinds.get(self._at), found[0].strip()
        if kind is None or found["open"] or found["part"] or not value or is_nothing(value.strip("'\"")):
            return found[0]
        quote = value[-1] if found["text"] and value[-1] in "'\"" else ""
        return found[0].replace(value, f"{quote}{mark(kind)}{quote}")


def _holds_secrets(column: str) -> bool:
    return is_sensitive(column) or ("(" in column and any(map(is_sensitive, re.findall(r"\w+", column))))


def _without_key(found: re.Match[str]) -> str:
    columns, values = ([each.strip(' "\\') for each in found[group].split(",")] for group in ("columns", "values"))
    secret = {at: kind_of(column) for at, column in enumerate(columns) if _holds_secrets(column)}
    if not secret:
        return found[0]
    if len(columns) != len(values):
        secret, values = {0: secret.popitem()[1]}, values[:1]
    shown = ", ".join(mark(secret[at]) if at in secret else value for at, value in enumerate(values))
    return f"{found[0][: found.start('values') - found.start()]}{shown}"
