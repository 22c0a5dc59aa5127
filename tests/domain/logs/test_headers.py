"""Headers: what loggers, daemons and routers write before a message is no part of what it says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.grouping.fingerprint import problem_of
from chalicelib.domain.logs.headers import without_colours, without_header

REQUEST = "6f9619ff-8b86-4011-b42d-00cf4fc964ff"
SAID = "the parcel is lost"
HEADERS = [
    pytest.param("2026-03-02T10:00:00.123Z ", id="iso"),
    pytest.param("2026-03-02 10:00:00,123 - shop.van - ERROR - ", id="python"),
    pytest.param("ERROR:shop.van:", id="basicConfig"),
    pytest.param("2026-03-02 10:00:00.123 | ERROR    | shop.van:load:7 - ", id="loguru"),
    pytest.param("[2026-03-02 10:00:00 +0000] [17] [ERROR] ", id="gunicorn"),
    pytest.param("[2026-03-02 10:00:00,123: ERROR/MainProcess] ", id="celery"),
    pytest.param("[2026-03-02 10:00:00,123] ERROR in van: ", id="flask"),
    pytest.param("[E 260302 10:00:00 web:7] ", id="tornado"),
    pytest.param(f"[ERROR]\t2026-03-02T10:00:00.123Z\t{REQUEST}\t", id="lambda-python"),
    pytest.param(f"2026-03-02T10:00:00.123Z\t{REQUEST}\tERROR\t", id="lambda-node"),
    pytest.param(f"RequestId: {REQUEST} ", id="lambda-request"),
    pytest.param(f"({REQUEST}) ", id="api-gateway"),
    pytest.param("10:00:00.123 [main] ERROR shop.Van - ", id="logback"),
    pytest.param("10:00:00 ERROR [shop.Van] (executor-thread-1) ", id="quarkus"),
    pytest.param("2026-03-02 10:00:00,123 - WARN  [Main[id=1]/0:0:0:0:2181:Van@77] - ", id="zookeeper"),
    pytest.param("26/03/02 10:00:00 ERROR shop.Van: ", id="spark"),
    pytest.param("260302 100000 148 INFO shop.Van$Door: ", id="hadoop"),
    pytest.param("2026-03-02T10:00:00.123Z ERROR 1 --- [shop] [nio-80-exec-1] s.v.C.[.[.[/].[van]    : ", id="spring"),
    pytest.param("02-Mar-2026 10:00:00.123 SEVERE [main] org.shop.van.Van.load ", id="tomcat"),
    pytest.param("Mar 02, 2026 10:00:00 AM org.shop.Van: ", id="java.util.logging"),
    pytest.param("10:00:00,123 |-ERROR in org.shop.van.Appender[FILE] - ", id="logback-status"),
    pytest.param("[Nest] 17  - 03/02/2026, 10:00:00 AM   ERROR ", id="nest"),
    pytest.param("2026-03-02T10:00:00.123Z\tERROR\tvan/load.go:31\t", id="zap"),
    pytest.param("10:00AM ERR ", id="zerolog"),
    pytest.param("2026/03/02 10:00:00 ", id="go"),
    pytest.param("E0302 10:00:00.123456    4601 van.go:1300] ", id="klog"),
    pytest.param("2026-03-02T10:00:00.123Z ERROR shop::van: ", id="rust"),
    pytest.param("[2026-03-02T10:00:00Z ERROR shop] ", id="env_logger"),
    pytest.param("F, [2026-03-02T10:00:00.123456 #1] FATAL -- : ", id="ruby"),
    pytest.param(f"F, [2026-03-02T10:00:00.123456 #1] FATAL -- : [{REQUEST}] ", id="rails"),
    pytest.param("2026-03-02T10:00:00.123Z pid=7 tid=1k3j class=Van jid=0f1e WARN: ", id="sidekiq"),
    pytest.param("[2026-03-02T10:00:00+00:00] shop.CRITICAL: ", id="monolog"),
    pytest.param("NOTICE: PHP message: ", id="php-fpm"),
    pytest.param("10:00:00.123 [error] ", id="elixir"),
    pytest.param("fail: Shop.Vans.Van[13]\n      ", id="asp.net"),
    pytest.param("[10:00:00 FTL] ", id="serilog"),
    pytest.param("2026-03-02 10:00:00.1234|ERROR|Shop.Van|", id="nlog"),
    pytest.param("1:M 02 Mar 2026 10:00:00.123 # ", id="redis"),
    pytest.param("2026-03-02T10:00:00.123456Z 0 [ERROR] [MY-012592] [InnoDB] ", id="mysql"),
    pytest.param("2026/03/02 10:00:00 [error] 31#31: *88 ", id="nginx"),
    pytest.param("[Mon Mar 02 10:00:00.123 2026] [proxy:error] [pid 17:tid 140] [client 10.0.0.1:7] ", id="apache"),
    pytest.param("nginx: [emerg] ", id="nginx-start"),
    pytest.param("Mar  2 10:00:00 ip-10-0-1-7 vand(pam_unix)[17]: ", id="syslog"),
    pytest.param("<34>Mar  2 10:00:00 ip-10-0-1-7 vand: ", id="rfc3164"),
    pytest.param("<34>1 2026-03-02T10:00:00.123Z shop.example.com vand 17 ID47 - ", id="rfc5424"),
    pytest.param("Mar  2 10:00:00 shop com.example.launchd[1] (com.example.van.load): ", id="launchd"),
    pytest.param("vand[17]: ", id="tag"),
    pytest.param("kernel: [   17.119] ", id="kernel"),
    pytest.param("- 1772445600 2026.03.02 van17 Mar 2 10:00:00 van17/van17 vand[17]: ", id="cluster"),
    pytest.param("- 1772445600 2026.03.02 R00-M0-N0 2026-03-02-10.00.00.123456 R00-M0-N0 RAS KERNEL FATAL ", id="ras"),
    pytest.param("134681 van-246 van.hw state_change.gone 1772445600 1 ", id="cluster-events"),
    pytest.param("03-02 10:00:00.123  1702  2395 E VanManager: ", id="logcat"),
    pytest.param("2026-03-02 10:00:00, Error                 CBS    ", id="windows"),
    pytest.param("20260302-10:00:00:123|Van_Load|30002312|", id="bars"),
    pytest.param("[03.02 10:00:00] van.exe *64 - ", id="program"),
    pytest.param(
        f"van.log.1.2026-03-02 2026-03-02 10:00:00.123 25746 ERROR shop.van [req-{REQUEST} - - -] ", id="oslo"
    ),
    pytest.param("2026-03-02T10:00:00.123456789Z stderr F 2026-03-02 10:00:00 ERROR ", id="cri"),
    pytest.param("PM2        | ", id="pm2"),
    pytest.param("shop-van-1  | ", id="compose"),
    pytest.param("(node:17) UnhandledPromiseRejectionWarning: ", id="node"),
    pytest.param("%3|1772445600.123|FAIL|rdkafka#producer-1| [thrd:van:9092/7]: ", id="librdkafka"),
    pytest.param("ERRO[0017] ", id="logrus"),
    pytest.param("[ALERT]    (17) : ", id="haproxy"),
    pytest.param("2026-03-02 10:00:00 UTC | CORE | ERROR | (pkg/van/load.go:31 in Load) | ", id="datadog"),
    pytest.param("[17] 2026/03/02 10:00:00.123456 [ERR] ", id="nats"),
    pytest.param("==17== ", id="valgrind"),
    pytest.param("\N{BOX DRAWINGS LIGHT VERTICAL} ", id="terraform"),
    pytest.param("2026-03-02 10:00:00.123456+00:00 [error] <0.17.0> ", id="rabbitmq"),
    pytest.param("2026-03-02 10:00:00.123 [error] <0.17.0>@van:load:31 ", id="lager"),
    pytest.param("2026.03.02 10:00:00.123456 [ 17 ] {} <Error> ", id="clickhouse"),
    pytest.param("[2026-03-02, 10:00:00 UTC] {taskinstance.py:1824} ERROR - ", id="airflow"),
    pytest.param("2026-03-02 10:00:00 +0000 [error]: ", id="fluentd"),
    pytest.param("2026-03-02 10:00:00 +0000 [error]: #0 ", id="fluentd-worker"),
    pytest.param("Mar 02, 2026 10:00:00 AM org.shop.Van load\nSEVERE: ", id="java.util.logging-two-lines"),
    pytest.param("2026-03-02 10:00:00,123 ERROR [http-1] s.v.Van [Van.java:41] ", id="log4j-place"),
    pytest.param("10:00:00,123 ERROR [org.shop.van] (Controller Boot Thread) ", id="wildfly"),
    pytest.param("2026-03-02 10:00:00 ERROR (MainThread) [shop.van] ", id="home-assistant"),
    pytest.param("10:00:00,123 ERROR [org.shop.van] (ServerService Thread Pool -- 60) ", id="wildfly-pool"),
    pytest.param("[main] ERROR org.shop.Van - ", id="slf4j-simple"),
    pytest.param("[10:00:00 ERR] (Shop.Van) ", id="serilog-context"),
    pytest.param("10:00:00 fail: Shop.Van[0] ", id="asp.net-time"),
    pytest.param("2026-03-02 10:00:00,123 [ERROR] shop.van (van.py:7): ", id="python-place"),
    pytest.param("ERROR 2026-03-02 10:00:00,123 van 17 140735 ", id="django"),
    pytest.param("2026-03-02 10:00:00,123 17 ERROR shop odoo.van: ", id="odoo"),
    pytest.param("[2026-03-02T10:00:00.123Z] ERROR: shop/7 on h1: ", id="bunyan"),
    pytest.param("[10:00:00.123] ERROR (shop/7 on h1): ", id="pino-pretty"),
    pytest.param("[10:00:00.123] ERROR (7): ", id="pino-pretty-process"),
    pytest.param("0|shop     | 2026-03-02T10:00:00: ", id="pm2-logs"),
    pytest.param("2026-03-02T10:00:00Z ERR van.go:7 > ", id="zerolog-caller"),
    pytest.param("2026-03-02T10:00:00.123456Z ERROR ThreadId(01) shop::van: src/van.rs:7: ", id="rust-thread"),
    pytest.param("2026-03-02T10:00:00.123Z 7 TID-1k3j Van JID-0f1e ERROR: ", id="sidekiq-5"),
    pytest.param("2026.03.02 10:00:00.123456 [ 17 ] {ab12} <Error> executeQuery: ", id="clickhouse-logger"),
    pytest.param("2026-03-02T10:00:00.123+0000 E STORAGE  [conn1] ", id="mongodb-text"),
    pytest.param("2026-03-02T10:00:00Z E! [outputs.van] ", id="telegraf"),
    pytest.param("2026-03-02 10:00:00.12 spid51      ", id="sql-server"),
    pytest.param("ERROR - 2026-03-02 10:00:00 --> ", id="codeigniter"),
    pytest.param("20260302 10:00:00.123 ERROR ", id="date-without-dashes"),
    pytest.param("Mon, 02 Mar 2026 10:00:00 GMT ", id="rfc1123"),
    pytest.param("E 2026-03-02T10:00:00.123Z ", id="letter"),
    pytest.param("<3>", id="sd-daemon"),
    pytest.param("<11>Mar  2 10:00:00 vand[17]: ", id="rfc3164-local"),
    pytest.param("2026-03-02 10:00:00,123 shop.van   ERROR    ", id="python-cookbook"),
    pytest.param("2026-03-02 10:00:00,123 ERROR:shop.van:", id="python-colons"),
    pytest.param("2026-03-02 10:00:00,123:ERROR:", id="python-colons-only"),
    pytest.param("2026-03-02T10:00:00.123Z\tundefined\tERROR\t", id="lambda-node-start"),
]


@pytest.mark.parametrize("header", HEADERS)
def test_a_header_is_no_part_of_what_is_said(header: str) -> None:
    assert without_header(header + SAID) == SAID


@pytest.mark.parametrize("header", HEADERS)
def test_a_header_changes_neither_the_title_nor_the_group(header: str) -> None:
    problem = problem_of(header + SAID)

    assert (problem.title, problem.identity) == (SAID, (SAID,))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("ERROR Error: gone", "Error: gone"),
        ("2026-03-02 10:00:00 ERROR shop.LostError: gone", "shop.LostError: gone"),
        ("2026-03-02 10:00:00 ERROR Net::ReadTimeout: gone", "Net::ReadTimeout: gone"),
        ("2026-03-02 10:00:00 ERROR van.yml: no such file", "van.yml: no such file"),
        ("2026-03-02 10:00:00 panic: gone", "panic: gone"),
        ("panic: gone", "panic: gone"),
        ("fatal: gone", "fatal: gone"),
        ("error: gone", "gone"),
        ("[van] gone", "[van] gone"),
        ("[van] ERROR gone", "[van] ERROR gone"),
        ("2026-03-02 10:00:00 ERROR (code 7 of 9) gone", "(code 7 of 9) gone"),
        ("2026-03-02 10:00:00 ERROR 7 -> 9 is gone", "7 -> 9 is gone"),
        ("2026-03-02 10:00:00 the van has an ERROR: gone", "the van has an ERROR: gone"),
        ("<b>gone</b>", "<b>gone</b>"),
        ("2026-03-02 10:00:00 ERROR [van: 17] gone", "[van: 17] gone"),
        ("[Nest] 17  - 03/02/2026, 10:00:00 AM   ERROR [Vans] gone", "[Vans] gone"),
        ("2026-03-02 10:00:00 UTC:10.0.0.7(5123):app@shop:[412]:FATAL:  no slots", "FATAL:  no slots"),
        ("2026-03-02 10:00:00.123 CET [412] ERROR:  deadlock detected", "deadlock detected"),
        ('10.0.0.7 - - [02/Mar/2026:10:00:00 +0000] "GET /vans HTTP/1.1" 502 0', '"GET /vans HTTP/1.1" 502 0'),
        ("Mar  2 10:00:00 shop --- last message repeated 1 time ---", "--- last message repeated 1 time ---"),
        ("Mar  2 10:00:00 shop lost it", "shop lost it"),
        ("Mar  2 10:00:00 ERROR gone", "gone"),
        ("2026-03-02 10:00:00 INFO [van] - LEADING - election took 7", "LEADING - election took 7"),
        ("2026-03-02 10:00:00 ", "2026-03-02 10:00:00 "),
        ("=ERROR REPORT==== 2-Mar-2026::10:00:00.123 ===", "=ERROR REPORT==== 2-Mar-2026::10:00:00.123 ==="),
        ("2026-03-02 10:00:00 " + "ERROR " * 20 + "gone", " " + "ERROR " * 8 + "gone"),
        ("", ""),
        ("10:00:00 ERROR (java.io.IOException) no van", "(java.io.IOException) no van"),
        ("10:00:00 ERROR (no thread is left) no van", "(no thread is left) no van"),
    ],
)
def test_what_could_be_the_message_stays(line: str, said: str) -> None:
    assert without_header(line) == said


def test_colours_are_no_part_of_a_message() -> None:
    assert without_colours("\x1b[31m[Vans] \x1b[39m\x1b[38;5;3mgone\x1b[0m") == "[Vans] gone"
    assert problem_of("\x1b[31mERROR\x1b[39m gone").title == "gone"


@given(st.text())
def test_of_any_line_something_stays(line: str) -> None:
    assert line.endswith(without_header(line))
    assert bool(without_header(line).strip()) == bool(line.strip())
