"""Access logs: how a request was answered, in the formats of web servers, proxies and load balancers.

API Gateway: https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
Load balancers: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
CloudFront: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html
nginx: https://nginx.org/en/docs/http/ngx_http_log_module.html
Envoy: https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage
HAProxy: https://docs.haproxy.org/3.0/configuration.html#8.2.3
Squid: https://wiki.squid-cache.org/Features/LogFormat
uWSGI: https://uwsgi-docs.readthedocs.io/en/latest/LogFormat.html
W3C (IIS): https://learn.microsoft.com/en-us/windows/win32/http/w3c-logging
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from chalicelib.domain.logs.structured import lowered

_SERVER_ERROR = 500
# One of these stands in every line of a request that failed.
FAILED = (" 5", "\t5")
_METHODS = r"(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|CONNECT|TRACE)"
# A status of HTTP; what is longer is something else, and may be longer than any number.
_STATUS = re.compile(r"[1-5]\d\d")
_STATUS_FIELDS = (
    *(
        "status",
        "statuscode",
        "status_code",
        "responsestatus",
        "response_status",
        "http_status",
        "httpstatus",
        "response_code",
    ),
    *("sc-status", "downstreamstatus", "elb_status_code", "http.response.status_code", "http.status_code"),
)
_METHOD_FIELDS = (
    *("method", "httpmethod", "http_method", "request_method", "requestmethod", "verb", "cs-method"),
    *("http.request.method", "http.method"),
)
# The route before the path, which names things.
_PATH_FIELDS = (
    *("routekey", "resourcepath", "http.route", "route", "path", "uri", "url", "request_uri", "requestpath"),
    *("cs-uri-stem", "request_url", "url.path", "http.target"),
)
_REASON_FIELDS = (
    *("integrationerrormessage", "integrationerror", "integration.error", "error.message", "errormessage"),
    *("authorizererror", "response_code_details", "error"),
)
_OTHER_FIELDS = frozenset({"protocol", "remote_ip", "ip", "remote_addr", "upstream_addr", "upstream_host"})
_REQUEST_FIELDS = ("request", "requestline", "request_line", "http_request")
_NOTHING = frozenset({"", "-", "none", "null"})

METHOD = re.compile(rf"\b{_METHODS}\b")
_REQUEST = re.compile(rf"(?P<method>{_METHODS}) (?P<route>\S{{1,2000}})")
_METHOD = rf"(?P<method>{_METHODS}) (?P<route>[^\"\s]{{1,2000}})"
_TIMERS = r"[\d+-]{1,12}(?:/[\d+-]{1,12}){4}"
# Where the status stands, by what a line must hold for it: web servers, Envoy and S3 write it behind the request.
_FORMATS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ('" ', re.compile(rf"\"{_METHOD}(?: (?:HTTP/)?[\d.]{{1,3}}| -)?\" (?P<status>[1-5]\d\d)\b")),
    (  # HAProxy
        " HTTP/",
        re.compile(
            rf" {_TIMERS} (?P<status>\d{{3}}|-1) [\d+]{{1,20}} \S{{1,200}} \S{{1,200}} [\w-]{{4}} {_TIMERS}"
            rf" \d{{1,12}}/\d{{1,12}} [^\"\n]{{0,2000}}\"{_METHOD}"
        ),
    ),
    (  # load balancers, the classic ones too
        " HTTP/",
        re.compile(
            r"^(?:(?:https?|h2|grpcs?|wss?) )?\d{4}-\d\d-\d\dT\S{9,20} \S{1,200} \S{1,80} \S{1,80}(?: [\d.-]{1,20}){3}"
            rf" (?P<status>\d{{3}}|-) [\d-]{{1,3}} [\d-]{{1,20}} [\d-]{{1,20}} \"{_METHOD}"
        ),
    ),
    (  # uWSGI
        " => generated ",
        re.compile(
            rf" {_METHOD} => generated \d{{1,20}} bytes in \d{{1,20}} [a-z]{{1,6}}"
            r" \(HTTP/[\d.]{1,3} (?P<status>\d{3})\)"
        ),
    ),
    (  # CloudFront
        "\tHTTP/",
        re.compile(
            rf"^[\d-]{{10}}\t[\d:]{{8}}\t[\w-]{{1,20}}\t\d{{1,20}}\t\S{{1,50}}\t(?P<method>{_METHODS})\t"
            rf"[^\t\n]{{1,255}}"
            r"\t(?P<route>[^\t\n]{1,2000})\t(?P<status>\d{3})\t"
        ),
    ),
    (  # W3C, with the fields that IIS writes unless somebody chose others
        " /",
        re.compile(
            rf"^[\d-]{{10}} [\d:]{{8}} (?:\S{{1,60}} ){{0,3}}?{_METHOD} \S{{1,2000}} \d{{1,5}} \S{{1,200}} \S{{1,60}}"
            r"(?: \S{1,2000}){1,4}? (?P<status>[1-5]\d\d) \d{1,3} \d{1,10}(?: \d{1,10}){1,3}$"
        ),
    ),
    (
        " /",
        re.compile(
            rf"^(?:[\d.:TZ/-]{{8,40}} ){{0,2}}(?:(?:-->"
            rf"|xxx) )?{_METHOD} (?P<status>[1-5]\d\d) [\d.]{{1,12}} ?(?:[mµn]?s\b|- )"
        ),
    ),  # morgan, Koa, Hono
    (  # Tornado
        "ms",
        re.compile(rf"(?:^|\] |- )(?P<status>[1-5]\d\d) {_METHOD} \([^()\s]{{1,80}}\) [\d.]{{1,12}}ms$"),
    ),
    (  # gin, Fiber
        " | ",
        re.compile(
            rf"^[^|\n]{{1,40}}\| {{1,9}}(?P<status>[1-5]\d\d) {{1,9}}\|[^|\n]{{1,40}}\|[^|\n]{{1,80}}\| {{1,9}}"
            rf"(?P<method>{_METHODS}) {{1,9}}\|? ?\"?(?P<route>[^\"\s]{{1,2000}})"
        ),
    ),
    (  # chi
        "HTTP/",
        re.compile(rf"\"{_METHOD} HTTP/[\d.]{{1,3}}\" from \S{{1,80}} - (?P<status>[1-5]\d\d) "),
    ),
    (  # Squid
        "/",
        re.compile(
            rf"^\d{{10}}\.\d{{3}} {{1,9}}\d{{1,12}} \S{{1,80}} [A-Z_]{{3,40}}/(?P<status>\d{{3}}) \d{{1,20}} {_METHOD} "
        ),
    ),
)
_LONGEST_TEXT = 6_000
# Parts of a path that name no thing: without digits, short, and not all of one case of hexadecimal letters.
_WORD = re.compile(r"[A-Za-z_.~{}:*+-]{1,30}")
_HOST = re.compile(r"[a-z]{1,10}://[^/]{0,300}")
_DEEPEST_ROUTE = 6


class Access(Struct, frozen=True):
    """A request: its method and route (either may be empty), the status of its answer, and why it failed, if known."""

    status: int
    method: str = ""
    route: str = ""
    reason: str = ""
    leads_with_route: bool = False

    @property
    def is_failed(self) -> bool:
        """Tell whether the server failed; 4xx is the caller's affair."""
        return self.status >= _SERVER_ERROR

    @property
    def headline(self) -> str:
        """Return the request and its answer in a line; a route that somebody named stands first."""
        requested = f"{self.method} {self.route}".strip()
        if self.leads_with_route:
            return f"{requested} {self.status} {self.reason}".strip()
        return f"{self.status} {requested}".strip() + (f": {self.reason}" if self.reason else "")

    @property
    def identity(self) -> tuple[str, ...]:
        """Return what tells it from other requests."""
        return "request", str(self.status), self.method, self.route


def access_of(text: str) -> Access | None:
    """Read a line of an access log; None where the text is none."""
    head = text[:_LONGEST_TEXT]
    for needed, pattern in _FORMATS:
        if needed in head and (found := pattern.search(head)) and found["status"].isdecimal():
            return Access(int(found["status"]), found["method"], route_of(found["route"]))
    return None


def access_in(fields: Mapping[str, Any]) -> Access | None:
    """Read a record of an access log; None where it has no status or no request."""
    every = {**_nested(fields), **fields}
    status = next((text for name in _STATUS_FIELDS if _STATUS.fullmatch(text := _text(every.get(name)))), None)
    if status is None:
        return None
    method, path = _said(every, _METHOD_FIELDS), _said(every, _PATH_FIELDS)
    if requested := next((each for name in _REQUEST_FIELDS if (each := _REQUEST.match(_text(every.get(name))))), None):
        method, path = requested["method"], requested["route"]
    elif found := _REQUEST.fullmatch(path):  # API Gateway's `routeKey`
        method, path = found["method"], found["route"]
    if not (method or path or _OTHER_FIELDS & every.keys()):
        return None
    reason = _said(every, _REASON_FIELDS) if int(status) >= _SERVER_ERROR else ""
    is_named = bool({"resourcepath", "routekey", "http.route", "route"} & every.keys())
    return Access(int(status), method, path if is_named else route_of(path), reason, leads_with_route=is_named)


def route_of(path: str) -> str:
    """Return a path without its query, and with what names a thing masked: `/orders/17` is `/orders/*`."""
    parts = _HOST.sub("", path, count=1).partition("?")[0].partition("#")[0].split("/")[: _DEEPEST_ROUTE + 1]
    return "/".join(each if not each or _WORD.fullmatch(each) else "*" for each in parts)


def _nested(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of the request and the answer that a record has in objects of their own."""
    parts = [lowered(fields[name]) for name in ("request", "req", "http") if isinstance(fields.get(name), Mapping)]
    found = {name: each for part in parts for name, each in part.items()}
    for name in ("res", "response"):
        for owner in (fields, found):
            if isinstance(answer := owner.get(name), Mapping):
                found.update({f"http.{key}": each for key, each in _statuses(answer)})
    return found


def _statuses(answer: Mapping[Any, Any]) -> Iterator[tuple[str, Any]]:
    return (("status_code", each) for name, each in lowered(answer).items() if name in _STATUS_FIELDS)


def _said(fields: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next((text for name in names if (text := _text(fields.get(name))).lower() not in _NOTHING), "")


def _text(value: Any) -> str:
    return str(value).strip().partition("\n")[0][:_LONGEST_TEXT] if isinstance(value, str | int) else ""
