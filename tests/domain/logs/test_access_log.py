"""Access logs: which requests failed, in the formats of servers, proxies and load balancers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.logs.access_log import Access, access_in, access_of, route_of

APACHE = '192.0.2.4 - ann [04/Feb/2026:11:12:13 +0000] "POST /carts/81?page=2 HTTP/1.1" 503 17 "-" "Mozilla/5.0"'
ENVOY = '[2026-02-04T11:12:13.001Z] "GET /stock HTTP/2" 504 UT,URX "-" 0 24 15000 - "-" "me" "7" "shop" "192.0.2.9:80"'
HAPROXY = (
    "haproxy[9]: 192.0.2.4:5012 [04/Feb/2026:11:12:13.001] web~ pool/web3 0/0/1/-1/30 502 209 - - SH-- 2/2/1/0/0 0/0 "
    '{agent|} "PUT /carts/81 HTTP/1.1"'
)
BALANCER = (
    "h2 2026-02-04T11:12:13.123456Z app/web/5f 192.0.2.4:999 192.0.2.9:80 0.001 30.000 -1 502 - 12 30 "
    '"GET https://shop.example.com:443/stock/4 HTTP/2.0" "curl/8" - -'
)
CLASSIC_BALANCER = (
    "2026-02-04T11:12:13.123456Z web 192.0.2.4:999 192.0.2.9:80 0.001 0.2 0.001 504 0 0 0 "
    '"GET http://shop.example.com:80/ HTTP/1.1"'
)
CLOUDFRONT = (
    "2026-02-04\t11:12:13\tFRA56-P3\t120\t192.0.2.4\tGET\td1.cloudfront.net\t/stock/4\t502\t-\tMozilla\t-\tHTTP/2.0"
)
UWSGI = (
    "[pid: 4|app: 0|req: 1/1] 192.0.2.4 () {30 vars in 400 bytes} [Wed Feb  4 11:12:13 2026] GET /stock/4 => "
    "generated 12 bytes in 7 msecs (HTTP/1.1 500) 2 headers in 80 bytes (1 switches on core 0)"
)
IIS = "2026-02-04 11:12:13 192.0.2.9 GET /stock/4 - 443 - 192.0.2.4 Mozilla/5.0 - 500 0 64 1203"
IIS_WITH_SITE = (
    "2026-02-04 11:12:13 W3SVC1 WEB01 192.0.2.9 GET /stock q=1 443 ann 192.0.2.4 Mozilla/5.0 https://x/ 500 19 0 12"
)
MORGAN = "GET /stock/4 500 12.345 ms - 12"
KOA = "  --> GET /stock/4 500 12ms 30b"
CHI = '2026/02/04 11:12:13 "GET http://web/stock/4 HTTP/1.1" from 192.0.2.4:999 - 500 4B in 91.2µs'
SQUID = "1770203533.120    301 192.0.2.4 TCP_MISS/502 4210 GET http://shop.example.com/stock/4 - HIER_DIRECT/192.0.2.9"
FIBER = "11:12:13 | 503 |     5.003s |       192.0.2.4 | GET     | /stock/4 | gone"
HYPERCORN = '192.0.2.4 - - [04/Feb/2026:11:12:13 +0000] "GET /stock/4 2" 500 21 "-" "curl/8"'
GIN = '[GIN] 2026/02/04 - 11:12:13 | 500 |     120.4µs |     192.0.2.4 | GET      "/stock/4"'

LINES = [
    (APACHE, "503 POST /carts/*"),
    (ENVOY, "504 GET /stock"),
    (HAPROXY, "502 PUT /carts/*"),
    (BALANCER, "502 GET /stock/*"),
    (CLASSIC_BALANCER, "504 GET /"),
    (CLOUDFRONT, "502 GET /stock/*"),
    (UWSGI, "500 GET /stock/*"),
    (IIS, "500 GET /stock/*"),
    (IIS_WITH_SITE, "500 GET /stock"),
    (MORGAN, "500 GET /stock/*"),
    (GIN, "500 GET /stock/*"),
    (KOA.strip(), "500 GET /stock/*"),
    (CHI, "500 GET /stock/*"),
    (SQUID, "502 GET /stock/*"),
    (FIBER, "503 GET /stock/*"),
    (HYPERCORN, "500 GET /stock/*"),
]


@pytest.mark.parametrize(("line", "headline"), LINES)
def test_a_line_of_an_access_log_is_read(line: str, headline: str) -> None:
    access = access_of(line)

    assert access is not None
    assert (access.headline, access.is_failed) == (headline, True)


@pytest.mark.parametrize(
    "line", [APACHE.replace(" 503 ", " 404 "), UWSGI.replace("500", "200"), GIN.replace("500", "301")]
)
def test_what_the_server_answered_well_did_not_fail(line: str) -> None:
    access = access_of(line)

    assert access is not None
    assert not access.is_failed


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "booked 500 parcels",
            'said "GET /stock" loudly',
            "GET /stock took 500 ms",
            BALANCER.replace(" 502 - ", " - - "),
        ),
        'worker "GET /stock HTTP/1.1" status: 500 len: 12 time: 0.2',
    ],
)
def test_other_text_is_no_line_of_an_access_log(text: str) -> None:
    assert access_of(text) is None


RECORDS = [
    ({"httpmethod": "GET", "resourcepath": "/stock/{id}", "status": "504"}, "GET /stock/{id} 504"),
    (
        {"routekey": "POST /carts", "status": 500, "integrationerrormessage": "no permission", "integrationerror": "-"},
        "POST /carts 500 no permission",
    ),
    ({"request": "GET /stock/4 HTTP/1.1", "status": "502", "upstream_addr": "192.0.2.9:80"}, "502 GET /stock/*"),
    ({"request_method": "GET", "request_uri": "/stock?x=1", "status": 503}, "503 GET /stock"),
    ({"method": "GET", "path": "/stock", "response_code": 503, "response_code_details": "no_healthy_upstream"},
     "503 GET /stock: no_healthy_upstream"),
    ({"cs-method": "GET", "cs-uri-stem": "/stock", "sc-status": "502"}, "502 GET /stock"),
    ({"requestmethod": "GET", "requestpath": "/stock", "downstreamstatus": 502}, "502 GET /stock"),
    ({"req": {"method": "GET", "url": "/stock"}, "res": {"statusCode": 500}}, "500 GET /stock"),
    ({"http": {"request": {}, "response": {"status_code": 500}, "method": "GET", "route": "/a/{b}"}}, "GET /a/{b} 500"),
    ({"http.request.method": "GET", "url.path": "/stock/4", "http.response.status_code": 500}, "500 GET /stock/*"),
    ({"ip": "192.0.2.4", "status": "500"}, "500"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "headline"), RECORDS)
def test_a_record_of_an_access_log_is_read(fields: dict[str, object], headline: str) -> None:
    access = access_in(fields)

    assert access is not None
    assert (access.headline, access.is_failed) == (headline, True)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"status": 500},
        {"status": 500, "message": "x"},
        {"method": "GET", "path": "/"},
        {"method": "GET", "status": 5000},
    ],
)
def test_a_record_without_status_or_request_is_no_access_log_s(fields: dict[str, object]) -> None:
    assert access_in(fields) is None


def test_the_callers_mistake_has_no_reason_of_the_server_s() -> None:
    assert access_in({"method": "GET", "path": "/x", "status": 404, "error": "no such order"}) == Access(
        404, "GET", "/x"
    )


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/carts/81/items", "/carts/*/items"),
        ("https://shop.example.com:443/a/b?c=d#e", "/a/b"),
        ("/files/5f2b9c1e-0d3a", "/files/*"),
        ("/a/b/c/d/e/f/g/h", "/a/b/c/d/e/f"),
        ("/" + "long" * 20, "/*"),
        ("/orders/{id}", "/orders/{id}"),
        ("*", "*"),
    ],
)
def test_a_route_names_no_thing(path: str, route: str) -> None:
    assert route_of(path) == route


@given(st.text(max_size=300), st.sampled_from([line for line, _ in LINES]))
def test_nothing_is_too_strange_to_be_read(text: str, line: str) -> None:
    for each in (text, text + line, line + text):
        access_of(each)
    access_in({"method": text, "path": text, "status": 500})
