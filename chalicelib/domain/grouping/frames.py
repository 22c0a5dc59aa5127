"""Frames: a line of a stack trace, read as a place in the code, and whether that code is the application's own.

A place names a module and a function and no line number, so it stays the same when lines above it come and go.
"""

import re

from msgspec import Struct

# A line of code that is longer is data that somebody formatted, and reading it takes time.
LONGEST_LINE = 400


class Frame(Struct, frozen=True):
    """A place such as `billing/handler.py:parse_amount` or `shop.Orders.place`; `own` code is no library's."""

    place: str
    own: bool


_PYTHON = re.compile(r'File "(?P<path>[^"]+)", line \d+(?:, in (?P<function>\S.*))?')
_NODE = re.compile(r"at (?:async )?(?:(?P<function>\S.*?) \((?P<path>.+?)|(?P<bare>\S.*?))(?::\d+){1,2}\)?$")
_JVM_SOURCE = r"[\w$-]+\.(?:java|kt|scala|groovy|clj)(?::\d+)?|Native Method|Unknown Source|SourceFile(?::\d+)?|<\w+>"
_JVM = re.compile(
    rf"(?:at )?(?:[\w.@-]*/)*(?P<module>[\w$]+(?:\.[\w$/]+)*)\.(?P<function>[\w$<>-]+)\((?:{_JVM_SOURCE})\)"
)
_DOTNET = re.compile(r"at (?P<place>[\w.`<>+|,_\[\]-]+) ?\([^()]*(?:\([^()]*\)[^()]*)*\)(?: in .*)?$")
_RUBY = re.compile(r"(?:\d+: )?(?:from )?(?P<path>[^:\s]+(?: [^:\s]+)*):\d+:in [`'](?P<function>[^']+)'")
_GO_FUNCTION = re.compile(r"(?:created by )?(?P<place>[\w./*()%~-]+?)(?:\([^()]*(?:\([^()]*\)[^()]*)*\))?$")
_GO_FILE = re.compile(r"\s+(?P<path>\S+\.(?:go|s)):\d+(?: \+0x[0-9a-f]+)?$")

_LIBRARY_PATH = re.compile(
    r"(?:^|/)(?:site-packages|dist-packages|node_modules|gems|vendor|pkg/mod|lib/(?:python|ruby)[\d.]*)/"
    r"|^(?:/usr/(?:local/)?(?:lib|go|share)/|/var/(?:lang|runtime)/|/opt/(?:python|nodejs|ruby|java)/|/nix/)"
    r"|^(?:node:|internal/|runtime/|webpack/|<|\()|@v\d"
)
# What a deployment package of Lambda holds beside the function's own code: its dependencies, unpacked at its top.
_PACKAGED = re.compile(
    r"(?:aiohttp|anyio|awslambdaric|aws_lambda_powertools|aws_xray_sdk|boto3|botocore|celery|chalice|click"
    r"|datadog_lambda|ddtrace|django|fastapi|flask|grpc|httpcore|httpx|jinja2|jmespath|mangum|marshmallow|numpy"
    r"|opentelemetry|pandas|psycopg|psycopg2|pydantic|pymongo|pymysql|redis|requests|s3transfer|sentry_sdk"
    r"|sqlalchemy|starlette|tenacity|urllib3|uvicorn|werkzeug)(?:/|\.py$)"
)
_ROOT = re.compile(r"^(?:/var/task/|/usr/src/app/|/opt/app/|/home/app/|/workspace/|/function/|/code/|/app/|\./)+")
_LIBRARY_NAME = re.compile(
    r"(?:java|javax|jakarta|jdk|sun|com\.sun|kotlin|kotlinx|scala|groovy|clojure|akka|io\.netty|reactor|rx|okhttp3"
    r"|org\.(?:apache|springframework|hibernate|eclipse|slf4j|postgresql|junit|jboss|aspectj|codehaus|mariadb)"
    r"|io\.(?:micronaut|quarkus|vertx|grpc|reactivex|opentelemetry)|ch\.qos|com\.(?:amazonaws|fasterxml|google|zaxxer"
    r"|mysql|microsoft|oracle)|software\.amazon|lambdainternal|lambda_method|System|Microsoft|Amazon|AWSSDK"
    r"|Newtonsoft|Npgsql|MySql|MySqlConnector|Serilog|Autofac|MediatR|Polly|StackExchange|Dapper|AutoMapper)[.+:/]"
)
_GENERATED = re.compile(r"\$Proxy\d|GeneratedMethodAccessor|CGLIB\$\$|FastClassBy|\$\$Lambda|^lambda_method\d*$")
# Go's own packages, by their first name; everybody else's begins with a host, or is the program itself.
_GO_STANDARD = re.compile(
    r"(?:bufio|bytes|compress|container|context|crypto|database|encoding|errors|flag|fmt|hash|html|image|internal|io"
    r"|iter|log|maps|math|mime|net|os|panic|path|reflect|regexp|runtime|slices|sort|strconv|strings|sync|syscall"
    r"|testing|text|time|unicode)[./(]"
)
# A part of a path or name that a build made up: a release's number, a bundle's hash.
_MADE = re.compile(r"(?=[\da-fA-F]*\d)[\da-fA-F]{6,}|\d{3,}")
_DEEPEST = 3


def frame_of(line: str, before: str = "") -> Frame | None:
    """Return the frame that a line of a stack trace names; `before` is the line above it, which Go needs."""
    if ":" not in line and "(" not in line and '"' not in line:
        return None
    text = line.strip()[:LONGEST_LINE]
    if text.startswith('File "'):
        found = _PYTHON.match(text)
        return _by_path(found["path"], found["function"] or "") if found else None
    if text.endswith(")") and (found := _JVM.match(text)):
        return _by_name(_without_closures(f"{found['module']}.{found['function']}"))
    if text.startswith("at "):
        return _frame_of_at(text)
    if ".go:" in text or ".s:" in text:
        return _frame_of_go(line[:LONGEST_LINE], before[:LONGEST_LINE])
    found = _RUBY.match(text) if ":in " in text else None
    return _by_path(found["path"], found["function"].rpartition(" in ")[2]) if found else None


def _frame_of_at(text: str) -> Frame | None:
    if found := _NODE.match(text):
        return _by_path(found["path"] or found["bare"], _name_in_node(found["function"] or ""))
    found = _DOTNET.match(text)
    return _by_name(_name_in_dotnet(found["place"])) if found else None


def _frame_of_go(line: str, before: str) -> Frame | None:
    file, function = _GO_FILE.match(line), _GO_FUNCTION.match(before.strip())
    if not file or not function:
        return None
    place = re.sub(r"(?:\.func\d+|\.gowrap\d+|\.\d+)+$", "", function["place"].partition(" in goroutine")[0])
    library = _GO_STANDARD.match(place) or _LIBRARY_PATH.search(file["path"])
    return Frame(_steady("/".join(place.split("/")[-_DEEPEST:])), not library)


def _by_path(path: str, function: str) -> Frame:
    """Return the frame of a language that names files: at most three names of the path, below where code is put."""
    path = path.replace("\\", "/").removeprefix("file://").removeprefix("webpack://")
    rest = _ROOT.sub("", path)
    own = not _LIBRARY_PATH.search(path) and not (rest != path and _PACKAGED.match(rest))
    parts = [each for each in rest.split("/") if each not in {"", "."}]
    short = "/".join(parts[-_DEEPEST:] if rest != path or not path.startswith("/") else parts[-2:])
    return Frame(_steady(f"{short}:{function}" if function else short), own)


def _by_name(name: str) -> Frame:
    return Frame(_steady(name), not (_LIBRARY_NAME.match(f"{name}.") or _GENERATED.search(name)))


def _name_in_node(function: str) -> str:
    name = function.removeprefix("new ").partition(" [as ")[0]
    return "" if "<anonymous>" in name else name.removeprefix("Object.").removeprefix("exports.")


def _name_in_dotnet(place: str) -> str:
    """Return a method by the name it was written under: `A.<PlaceAsync>d__5.MoveNext` is `A.PlaceAsync`."""
    name = re.sub(r"[.+]<>c(?:__DisplayClass[\d_]+)?(?:`\d+)?", "", place)
    name = re.sub(r"<(\w+)>[a-z]__[\w|]*(?:\.MoveNext)?", r"\1", name)
    return re.sub(r"`\d+|\[[^\]]*\]", "", name).replace("+", ".")


def _without_closures(name: str) -> str:
    """Return a Java method without the lambda in it: `A.lambda$post$0` is `A.post`."""
    return re.sub(r"lambda\$(\w+)\$\d+|\$\$(?:Enhancer|FastClass)\w*(?:\$\$\w+)?", r"\1", name)


def _steady(place: str) -> str:
    return _MADE.sub("*", place)
