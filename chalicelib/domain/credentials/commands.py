"""Commands and statements: secrets among the arguments of programs, and in SQL."""

import re

from chalicelib.domain.credentials.marks import is_marked, mark, marked
from chalicelib.domain.credentials.names import NAME, is_sensitive, kind_of, may_hold_names
from chalicelib.domain.credentials.values import is_harmless

# What a shell takes for one word, quoted as it is or in escaped text; what is cut off ends no quotation.
_WORDS = r"\\{1,7}\"(?:(?!\\{1,7}\")[^\n])*+(?:\\{1,7}\")?|\"(?:\\.|[^\"\\\n])*+\"?|'[^'\n]*+'?"
_UNMARKED = r"(?!\\{0,7}[\"']?\[redacted)"
_OPTION = rf"(?i)--?(?:\w{{1,32}}[-.]){{0,4}}(?P<name>{NAME})\s{_UNMARKED}(?P<argument>{_WORDS}|[^\s-]\S*+)"
# https://dev.mysql.com/doc/refman/en/connecting.html: the password follows `-p` without a blank.
_ATTACHED = (
    r"\b(?P<before>(?:mysql\w*|sshpass|mariadb[\w-]{0,32}+|mydumper|myloader|plink|pscp|7z|zip|rar)\s(?:[^\n"
    r"|;&]{0,200}?\s)?-[pP])"
    rf"(?P<secret>{_UNMARKED}(?:{_WORDS}|[^\s\d][^\s]*|\d+[^\s\d]\S*))"
)
_APART = (
    r"\b(?P<before>(?:sshpass|docker|podman|helm|mongo\w*|redis-cli|sqlcmd|ldap\w+|az|mosquitto_\w+|kinit"
    r"|htpasswd|skopeo|ipmitool|bcp|beeline|impala-shell|ssh-keygen)"
    r"\s(?:[^\n|;&]{0,200}?\s)?-(?:p|P|a|w|pw|pass)\s{1,3}|\bssh-keygen\s(?:[^\n|;&]{0,200}?\s)?-N\s{1,3}"
    r"|\b(?:openssl|ipmitool)\s(?:[^\n|;&]{0,200}?\s)?-[kK]\s{1,3}|\bsnmp\w{1,16}\s(?:[^\n|;&]{0,200}?\s)?-c\s{1,3})"
    rf"(?P<secret>{_UNMARKED}(?![\"']?\d{{1,5}}(?::\d{{1,5}})?[\"']?(?:\s|$))(?:{_WORDS}|[^\s-]\S*))"
)
_USER = (
    # Two numbers are a user's and a group's; `date -u +%H:%M` says how a time is written.
    r"(?:(?:\s(?:-u|--(?:proxy-)?user|--auth)[\s=]|\bhttps?\s-a\s)(?!\d{1,10}:\d{1,10}(?:\s|$)|[\"']?\+)"
    # https://curl.se/docs/manpage.html: letters of options may stand together, and `-u` and `-U` before their values.
    r"|\bcurl\s(?:[^\n|;&]{0,200}?\s)?-[0BfgGiIjJklLMnNOpqRsSvZ#]{0,9}[uU][\s=]?)"
)
# https://www.samba.org/samba/docs/current/man-html/smbclient.1.html parts user and password by a percent sign.
_OF_SAMBA, _QUOTING = r"\s(?:-U\s?|--user[\s=])", r"(?P<quote>\\{0,7}[\"'])"
_USERS = (
    rf"(?P<before>{_USER}[^\s:\"'\\]{{1,256}}:)(?P<secret>(?!\[redacted|//)[^\s\"']++)",
    rf"(?P<before>{_USER}{_QUOTING}[^\s:\"']{{1,256}}:)(?P<secret>(?!\[redacted|//)(?:(?!(?P=quote))[^\n])++)",
    rf"(?P<before>{_OF_SAMBA}[\w.\\@/-]{{1,256}}%)(?P<secret>(?!\[redacted)[^\s\"']++)",
    rf"(?P<before>{_OF_SAMBA}{_QUOTING}[\w.\\@/-]{{1,256}}%)(?P<secret>(?!\[redacted)(?:(?!(?P=quote))[^\n])++)",
)
_CONFIGURED = (
    r"(?P<before>\b(?:aws configure set (?:aws_secret_access_key|aws_session_token)|requirepass|masterauth"
    r"|add-authtoken)\s"
    # https://developer.hashicorp.com/vault/docs/commands/operator/unseal, https://www.rabbitmq.com/docs/man/rabbitmqctl.8,
    # https://zookeeper.apache.org/doc/current/zookeeperCLI.html and PowerShell's and AWS's secure strings
    r"|\b(?:operator unseal(?= [^\s\d]{0,100}\d)|rabbitmqctl (?:add_user|change_password) \S{1,256}) "
    r"|\baddauth digest [^\s:]{1,256}:|\b(?:ConvertTo-SecureString (?:-String )?|SecureString[\"']? --value ))"
    rf"(?P<secret>{_UNMARKED}(?![\"']?[$-])(?:{_WORDS}|[^\s\"']+))"
)
# https://learn.microsoft.com/windows-server/administration/windows-commands/net-use
_SHARE = (
    r"(?i)(?P<before>\bnet(?:\.exe)?\s{1,4}use\s{1,4}(?:[*a-z]:?\s{1,4})?\\\\\S{1,256}\s{1,4}(?:/\S{1,256}\s{1,4}){0,4}+"
    rf")(?P<secret>{_UNMARKED}(?![$/*-])(?:{_WORDS}|[^\s\"']+))"
)
# https://redis.io/docs/latest/commands/acl-setuser/: passwords to add and to remove, and digests of them.
_ACL, _RULE = (
    r"(?i)\bACL\W{1,9}SETUSER\b[^\n]+",
    r"(?P<before>(?<![^\s\"'])(?:[<>]|[#!](?=[0-9A-Fa-f]{64})))(?P<secret>(?!\[redacted)[^\s\\\"',\]]+)",
)
_SETTINGS = (
    "configure set",
    "requirepass",
    "masterauth",
    "add-authtoken",
    "operator unseal",
    "rabbitmqctl",
    "addauth",
    "securestring",
)
_SHARES = ("net use", "net.exe use")
SIGNS = ("identified", "operator unseal", "rabbitmqctl", "addauth", "securestring", *_SHARES, "login ", "setuser")
# https://www.postgresql.org/docs/current/libpq-pgpass.html
_PORT_AND_DATABASE, _PARTS = r":(?:\d{4,5}|\*):[A-Za-z_*]", 5
# What is in capitals where a database would be is a level or a method.
_ACCOUNT = (
    r"(?:\*|localhost|/[\w./-]{1,256}|[\w-]{1,63}(?:\.[\w-]{1,63}){0,9}):(?:\d{4,5}|\*)"
    r":(?:\*|(?![A-Z]+:)[A-Za-z_][\w$-]{0,62}):(?:\*|[A-Za-z_][\w$.@-]{0,62}):"
)
_PGPASS = rf"(?m)(?P<before>^[ \t]{{0,8}}{_ACCOUNT})(?P<secret>(?!\[redacted)(?:\\[:\\]|[^\s:\\]){{4,}}+)(?=\s?$)"
_IN_PGPASS = rf"(?P<before>(?<![\w.*/-]){_ACCOUNT})(?P<secret>(?!\[redacted)(?:\\[:\\]|[^\s:\\\"'])++)"
_ENVIRONMENT = rf"(?i)\bENV\s{{1,4}}\w{{0,64}}?(?P<name>{NAME})\s{{1,4}}{_UNMARKED}(?P<argument>{_WORDS}|[^\s=]+)"
# https://redis.io/docs/latest/commands/auth/ and the commands of FTP, SMTP (RFC 4954) and IMAP.
_PROTOCOL = (
    r"(?m)(?P<before>(?:(?:^|[<>:=]|\s)(?:AUTH(?: [a-z]\w{0,30})?|PASS|[A-Za-z]{1,8}\d{1,8} (?i:LOGIN) \S{1,256})"
    r"|(?:^|[<>:=] ?)\d{1,8} (?i:LOGIN) \S{1,256}) )"
    r"(?P<secret>(?=[^\s\d]*+\d)(?=[^\sA-Za-z]*+[A-Za-z])[^\s/.:\[]{6,}+)$"
)
_QUOTE, _QUOTED_USER = r"\\{0,7}[\"']", r"\\{0,7}[\"'][^\"'\n]{1,256}[\"']"
_QUOTED = (
    rf"(?P<before>(?:{_QUOTE}(?:AUTH{_QUOTE},?|auth{_QUOTE})(?: {_QUOTED_USER},?(?= {_QUOTE}))?"
    rf"|\d (?i:LOGIN) (?:{_QUOTED_USER}|\w[^\s\"']{{0,255}})) (?P<quote>{_QUOTE}))"
    r"(?P<secret>(?!\[redacted)(?:(?!(?P=quote))[^\n])++)"
)
_COMMANDS = ("AUTH", "PASS ", *(f"auth{each}" for each in "\"'\\"))
_SMTP = r"(?P<before>\bAUTH (?:PLAIN|LOGIN|XOAUTH2) )(?P<secret>[A-Za-z0-9+/]{8,}+=*+)"
# https://pkg.go.dev/github.com/spf13/pflag#UnquoteUsage
_USAGE = r"[A-Z]+(?:_[A-Z]+)*|[<\[{].*|strings?|stringArray"
# https://docs.oracle.com/en/java/javase/21/docs/specs/man/keytool.html
_PASSED = (
    r"(?P<before>\s-(?:pass(?:in|out)?\spass:|(?:(?:src|dest)?(?:store|key)|new)pass\s))"
    rf"(?P<secret>{_UNMARKED}(?:{_WORDS}|[^\s-]\S*))"
)
# https://httpd.apache.org/docs/2.4/programs/htpasswd.html: with `-b`, the password is the last argument.
_LAST = (
    r"(?P<before>\bhtpasswd\s(?:-\w{1,10}\s){0,8}?-(?=\w{0,10}b)(?:\w{0,10}n\w{0,10}\s|\w{1,10}\s\S{1,255}\s)"
    rf"[^\s-]\S{{0,255}}\s)(?P<secret>{_UNMARKED}(?:{_WORDS}|\S+))$"
)

# https://dev.mysql.com/doc/refman/en/create-user.html, https://www.postgresql.org/docs/current/sql-createrole.html
_IDENTIFIED = (
    r"(?i)(?P<before>\b(?:IDENTIFIED\s{1,4}(?:WITH\s{1,4}[\w'\"]{1,64}\s{1,4})?(?:BY|AS)|(?:ENCRYPTED "
    r"|UNENCRYPTED )?PASSWORD(?:\s{1,4}FOR\s{1,4}[^\s=]{1,256})?)"
    r"(?:\s{1,4}PASSWORD)?(?:\s{0,4}[=(]\s{0,4}|\s{1,4})[NE]?(?P<quote>\\{0,7}[\"'`]))"
    r"(?P<secret>(?!\[redacted)(?:''|(?!(?P=quote))[^\n])++)(?=(?P=quote))"
)
_IDENTIFIED_BY = (
    r"(?i)(?P<before>\bIDENTIFIED\s{1,4}BY\s{1,4}(?:VALUES\s{1,4})?)(?P<secret>(?!\[redacted|PASSWORD\b)[^\s;'\"`]++)"
)
_INSERT = (
    r"(?i)\b(?:INSERT|REPLACE)\s{1,4}(?:IGNORE\s{1,4})?INTO\s{1,4}[\w.\"`\[\]]{1,128}\s{0,4}"
    r"\((?P<columns>[^()\n]{1,2000})\)\s{0,4}VALUES\s{0,4}(?P<rows>\((?:[^\n;]"
    r"|;(?!\s{0,4}(?:INSERT|REPLACE)\b))++)"
)
# What is cut off ends no literal; to look for its end from each quote on would take long.
_CELL = r"(?P<cell>[NE]?'(?:''|\\.|[^'\\])*+(?:'|\\?\Z)|[^,()']++)|(?P<part>[,()])"
# Of arguments, each pattern and the words without one of which it matches nothing: few are ever looked for.
_ARGUMENTS = (
    (_ATTACHED, ("mysql", "sshpass", "mariadb", "mydumper", "myloader", "plink", "pscp", "7z", "zip", "rar")),
    (
        _APART,
        (
            *("sshpass", "docker", "podman", "helm", "mongo", "redis-cli", "sqlcmd", "ldap", "az", "mosquitto_"),
            *(
                "kinit",
                "htpasswd",
                "skopeo",
                "ipmitool",
                "bcp",
                "beeline",
                "impala-shell",
                "ssh-keygen",
                "openssl",
                "snmp",
            ),
        ),
    ),
    *((each, ("-u", "-U", "-user", "--auth", "http", "curl")) for each in _USERS),
    (_PASSED, ("pass",)),
    (_LAST, ("htpasswd",)),
)


def may_be_password_file(text: str) -> bool:
    """Tell whether a text may hold lines of PostgreSQL's password file."""
    return text.count(":") >= _PARTS - 1 and re.search(_PORT_AND_DATABASE, text) is not None


def without_arguments(text: str) -> str:
    """Replace secrets among a program's arguments."""
    for pattern, words in _ARGUMENTS:
        if any(map(text.__contains__, words)):
            text = re.sub(pattern, _without_password, text)
    return re.sub(_OPTION, _without_argument, text) if may_hold_names(text) else text


def without_statements(text: str) -> str:
    """Replace the secrets in SQL, in what configures a server or an account, and in the commands of protocols."""
    said = text.lower()
    if any(map(said.__contains__, _SETTINGS)):
        text = re.sub(_CONFIGURED, _without_password, text)
    if any(map(said.__contains__, _SHARES)):
        text = re.sub(_SHARE, _without_password, text)
    if "setuser" in said:
        text = re.sub(_ACL, lambda found: re.sub(_RULE, _without_password, found[0]), text)
    if may_be_password_file(text):
        text = re.sub(_IN_PGPASS if "pgpass" in said else _PGPASS, _without_password, text)
    if "ENV" in text:
        text = re.sub(_ENVIRONMENT, _without_argument, text)
    if " login " in said or any(map(text.__contains__, _COMMANDS)):
        for pattern in (_QUOTED, _SMTP, _PROTOCOL):
            text = re.sub(pattern, _without_password, text)
    if "identified" in said or "password" in said:
        text = re.sub(_IDENTIFIED, _without_literal, text)
        text = re.sub(_IDENTIFIED_BY, _without_password, text)
    return re.sub(_INSERT, _without_cells, text) if "values" in said else text


def _without_literal(found: re.Match[str]) -> str:
    return found[0] if _is_no_literal(found["secret"]) else _without_password(found)


def _without_password(found: re.Match[str]) -> str:
    return found["before"] + mark("password")


def _without_argument(found: re.Match[str]) -> str:
    argument = found["argument"].strip("\\\"'")
    if re.fullmatch(_USAGE, argument) or is_harmless(found["name"], argument):
        return found[0]
    return marked(found, "argument", kind_of(found["name"]))


def _without_cells(found: re.Match[str]) -> str:
    """Replace the values of the columns whose names say that they hold a secret."""
    columns = [each.strip(' "`[]') for each in found["columns"].split(",")]
    secret = {at for at, column in enumerate(columns) if is_sensitive(column)}
    if not secret:
        return found[0]
    rows = _Rows({at: kind_of(columns[at]) for at in secret})
    return found[0][: found.start("rows") - found.start()] + re.sub(_CELL, rows.read, found["rows"])


class _Rows:
    """The rows of an INSERT, read cell by cell; `kinds` says which columns hold what kind of secret."""

    def __init__(self, kinds: dict[int, str]) -> None:
        self._kinds, self._depth, self._column = kinds, 0, 0

    def read(self, found: re.Match[str]) -> str:
        """Return a cell, or what parts two, as it may be shown."""
        kind = self._kinds.get(self._column) if self._depth == 1 else None
        match found[0]:
            case "(":
                self._depth += 1
                self._column = 0 if self._depth == 1 else self._column
            case ")":
                self._depth -= 1
            case ",":
                self._column += self._depth == 1
            case cell if kind and cell.strip() and not _is_no_literal(cell):
                return _hidden(cell, kind)
        return found[0]


def _is_no_literal(cell: str) -> bool:
    text = cell.strip().strip("'")
    return is_marked(text) or text.startswith(("$", "?", ":", "%", "@")) or is_harmless("password", text)


def _hidden(cell: str, kind: str) -> str:
    return f"'{mark(kind)}'" if "'" in cell else mark(kind)
