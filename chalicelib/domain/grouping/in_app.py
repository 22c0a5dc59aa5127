"""In-app code: whether a place in a stack trace is the application's own or a library's, and what it is called.

A path or name is steady: what a release, a build or a compiler made up in it is masked, so that the next deployment
has the same places.
"""

import re

from msgspec import Struct


class Frame(Struct, frozen=True):
    """A place such as `billing/handler.py:parse_amount` or `shop.Orders.place`; `own` code is no library's.

    PHP writes where a function was `called` from, which is a place in the caller.
    """

    place: str
    own: bool
    called: str = ""

    def within(self, function: str) -> "Frame":
        """Return the place in a function of a file that is known so far."""
        return Frame(steady(f"{self.place}:{function}" if function else self.place), self.own)


# Where installers and runtimes of each language put what is not the application's.
_LIBRARY_PATH = re.compile(
    r"(?:^|/)(?:site-packages|dist-packages|node_modules|bower_components|gems|vendor|third_party|pkg/mod"
    r"|\.cargo|cargo/registry|\.rustup|\.build/checkouts|\.pub-cache|Pods|sysdeps|compiler-rt"
    r"|lib/(?:python|ruby|perl5?|elixir|erlang)[\d.]*)/"
    r"|^(?:/usr/(?:local/)?(?:lib|lib32|lib64|libexec|go|share|include|src/debug)/|/lib(?:32|64)?/|/System/Library/"
    r"|/var/(?:lang|runtime)/|/opt/(?:python|nodejs|ruby|java|perl)/|/nix/|/rustc/|library/(?:std|core|alloc)/"
    r"|/build/(?:glibc|gcc)|\.\./sysdeps/|<compiler-generated>)"
    r"|^(?:node:|internal/|runtime/|webpack/|dart:|native$|native code|ext:|<|\(|\[)|@v\d"
    r"|^(?:chrome|moz|safari(?:-web)?)-extension://|webpack/(?:bootstrap|runtime)"
    r"|(?:^|/)(?:chunk-vendors|vendors?|polyfills?|zone|jquery)[~.-][^/]*$"
)
# What a deployment package of Lambda holds beside the function's own code: its dependencies, unpacked at its top.
_PACKAGED = re.compile(
    r"(?:aiohttp|anyio|awslambdaric|aws_lambda_powertools|aws_xray_sdk|boto3|botocore|celery|chalice|click"
    r"|datadog_lambda|ddtrace|django|fastapi|flask|grpc|httpcore|httpx|jinja2|jmespath|mangum|marshmallow|numpy"
    r"|opentelemetry|pandas|psycopg|psycopg2|pydantic|pymongo|pymysql|redis|requests|s3transfer|sentry_sdk"
    r"|sqlalchemy|starlette|tenacity|urllib3|uvicorn|werkzeug)(?:/|\.py$)"
)
# Packages of Dart, which are named where their files are not: Flutter's own, and those that most applications have.
_DART_PACKAGE = re.compile(
    r"package:(?:flutter|flutter_\w+|async|bloc|collection|dio|get|http|http_parser|isolate|path|provider|riverpod"
    r"|rxdart|sentry|sentry_flutter|shelf|shelf_router|sqflite|stack_trace|stream_channel|test|test_api)/"
)
_ROOT = re.compile(
    r"^(?:/var/task/|/var/www/(?:html/)?|/usr/src/app/|/opt/app/|/home/app/|/workspace/|/function/|/code/|/app/|\./)+"
)
# Capistrano, Deployer and their like put each release into a directory of its own.
_RELEASE = re.compile(r"/releases/[\w.-]+/")
_FILE = re.compile(r"^file://[^/]*")
_SCHEME = re.compile(r"^(?:webpack|webpack-internal|app|https?|capacitor|ionic|turbopack)://[^/]*/*")
_QUERY = re.compile(r"[?#].*")
_LIBRARY_NAME = re.compile(
    r"(?:java|javax|jakarta|jdk|sun|com\.sun|kotlin|kotlinx|scala|groovy|clojure|akka|io\.netty|reactor|rx|okhttp3"
    r"|retrofit2|feign|zio|cats\.(?:effect|data)|play\.(?:api|core|libs|mvc)|android|androidx|dalvik|lombok|graphql|redis\.clients|net\.bytebuddy|com\.android"
    r"|org\.(?:apache|springframework|hibernate|eclipse|slf4j|postgresql|junit|jboss|aspectj|codehaus|mariadb|mortbay"
    r"|elasticsearch|opensearch|http4s|quartz|redisson|jooq|mockito|testng|glassfish|xnio|wildfly|infinispan|bson"
    r"|flywaydb|thymeleaf|h2|mongodb|neo4j|gradle|scalatest|typelevel)"
    r"|io\.(?:micronaut|quarkus|vertx|grpc|reactivex|opentelemetry|lettuce|undertow|ktor|micrometer|sentry|javalin"
    r"|smallrye|dropwizard|github\.resilience4j)"
    r"|ch\.qos|com\.(?:amazonaws|fasterxml|google|zaxxer|mysql|microsoft|oracle|mongodb|typesafe|squareup|netflix"
    r"|datastax|rabbitmq|zaxxer|datadog|newrelic|linecorp|github\.benmanes|codahale|azure|hazelcast)"
    r"|software\.amazon|lambdainternal|lambda_method\d*|System|Microsoft|Amazon|AWSSDK|Interop|Internal|FSharp|Azure"
    r"|Newtonsoft|Npgsql|MySql|MySqlConnector|Serilog|Autofac|MediatR|Polly|StackExchange|Dapper|AutoMapper|Grpc"
    r"|MongoDB|RabbitMQ|MassTransit|Hangfire|NServiceBus|Castle|FluentValidation|Swashbuckle|NLog|log4net|RestSharp"
    r"|Oracle|Google|Quartz|Refit|OpenTelemetry|Sentry|IdentityServer4|Duende|Confluent|Elastic|Nest)[.+:/]"
)
# Crates that a backtrace without debug information names, and nothing says where they were.
_RUST_CRATE = re.compile(
    r"(?:_?<+&?(?:mut )?(?:dyn )?)?(?:std|core|alloc|proc_macro|test|backtrace|tokio|tokio_\w+|futures\w*|hyper\w*"
    r"|tower\w*|axum\w*|actix\w*|warp|reqwest|serde\w*|anyhow|eyre|color_eyre|tracing\w*|rayon\w*|crossbeam\w*|tonic"
    r"|lambda_runtime|lambda_http|aws_\w+|sqlx\w*|diesel|async_\w+|mio|rocket|log|rustls|bytes|h2|clap|once_cell"
    r"|parking_lot\w*|rust_\w+|__rust\w*|__libc\w*|_start|main$|clone\d?$|start_thread)(?:::|$|\b(?= as))"
)
_C_FUNCTION = re.compile(
    r"(?:<null>|__asan|__ubsan|__tsan|__msan|__lsan|__sanitizer|__interceptor|__interception|__libc|__GI_|__cxa|__gnu_cxx"
    r"|__cxx|__assert|__pthread|__restore_rt|_start$|_IO_|_int_|start_thread|clone\d?$|abort$|raise$|gsignal|std::"
    r"|boost::|operator (?:new|delete)"
    r"|(?:malloc|calloc|realloc|free|memcpy|memmove|memset|strlen|strcpy|strdup|printf)(?:$|\())"
)
_BEAM_APPLICATION = re.compile(
    r"(?:stdlib|kernel|erts|elixir|logger|mix|iex|ex_unit|eex|ssl|crypto|inets|compiler|sasl|public_key"
    r"|phoenix|phoenix_html|phoenix_live_view|phoenix_pubsub|plug|plug_cowboy|cowboy|ranch|cowlib|bandit"
    r"|thousand_island|websock_adapter|ecto|ecto_sql|postgrex|myxql|tds|db_connection|oban|broadway"
    r"|gen_stage|gen_state_machine|absinthe|absinthe_plug|tesla|finch|mint|nimble_pool|nimble_options"
    r"|hackney|httpoison|jason|poison|telemetry|redix|amqp_client|rabbit_common|sentry|swoosh|opentelemetry"
    r"|quantum|poolboy)$"
)
# Go's own packages, by their first name; everybody else's begins with a host, or is the program itself.
_GO_STANDARD = re.compile(
    r"(?:bufio|bytes|cmp|compress|container|context|crypto|database|embed|encoding|errors|expvar|flag|fmt|go|hash|html"
    r"|image|index|internal|io|iter|log|maps|math|mime|net|os|panic|path|plugin|reflect|regexp|runtime|slices|sort"
    r"|strconv|strings|sync|syscall|testing|text|time|unicode|unique|unsafe|weak|google\.golang\.org|golang\.org/x"
    r"|go\.uber\.org|gopkg\.in)[./(]"
)
_IMAGE = re.compile(
    r"lib[\w+.-]+\.(?:dylib|so)|dyld|UIKit\w*|Foundation|CoreFoundation|SwiftUI\w*|libsystem\w*|AppKit|GraphicsServices"
    r"|QuartzCore|CFNetwork|\?\?\?"
)
# A part of a path or name that a build made up: a release's number, a bundle's hash.
_VERSION = re.compile(r"(?<![A-Za-z\d])v?\d+(?:\.\d+)+(?:[.+-](?:rc|beta|alpha|dev|post)[\d.]*)?")
_MADE = re.compile(r"(?<![\da-fA-F])(?=[a-fA-F]*+\d)[\da-fA-F]{6,}+|\d{3,}+")
# Rollup, Vite and esbuild end a bundle's name with eight characters of a hash, or call it so; webpack calls a chunk by
# its number.
_BUNDLE = re.compile(
    r"(?:(?P<before>[.-])|(?<=/chunks/))(?=[\w-]{0,7}[\dA-Z][\w-]{0,7}\.)(?![A-Z]?[a-z-]{1,8}\.)"
    r"[\w-]{8}(?=\.(?:[cm]?js|css)\b)"
    r"|(?<=/)\d+(?=(?:\.[\w-]{1,40}){0,2}\.(?:[cm]?js|css)\b)"
)
DEEPEST = 3


def by_path(path: str, function: str = "") -> Frame:
    """Return the frame of a language that names files: at most three names of the path, below where code is put."""
    path = _QUERY.sub("", path.replace("\\", "/"))
    plain = _SCHEME.sub("./", _FILE.sub("", path)) if "://" in path else path
    plain = _RELEASE.sub("/", plain)
    rest = _ROOT.sub("", plain)
    packaged = rest != plain and _PACKAGED.match(rest)
    own = not (packaged or _LIBRARY_PATH.search(plain) or _LIBRARY_PATH.match(path) or _DART_PACKAGE.match(path))
    parts = [each for each in rest.split("/") if each not in {"", "."} and each[1:] != ":"]  # nor a drive
    short = "/".join(parts[-DEEPEST:] if rest != plain or not plain.startswith("/") else parts[-2:])
    short = _BUNDLE.sub(lambda found: f"{found['before'] or ''}*", f"/{short}")[1:]
    return Frame(steady(f"{short}:{function}" if function else short), own)


def by_name(name: str, *, generated: bool = False) -> Frame:
    """Return the frame of a language that names classes or modules."""
    return Frame(steady(name), not (generated or _LIBRARY_NAME.match(f"{name}.")))


def in_go(place: str, path: str) -> Frame:
    """Return the frame of a function of Go in a file."""
    library = _GO_STANDARD.match(place) or _LIBRARY_PATH.search(path)
    return Frame(steady("/".join(place.split("/")[-DEEPEST:])), not library)


def in_rust(name: str, path: str = "") -> Frame:
    """Return the frame of a function of Rust, in a file where the program knows it."""
    library = _LIBRARY_PATH.search(path) if path else _RUST_CRATE.match(name)
    return Frame(steady(name), not library)


def in_c(name: str, path: str) -> Frame:
    """Return the frame of a function of C or C++, in a source file or, where that is unknown, a binary."""
    return Frame(steady(name), not (_C_FUNCTION.match(name) or _LIBRARY_PATH.search(path)))


def in_beam(application: str, name: str, path: str) -> Frame:
    """Return the frame of a function of Elixir or Erlang; its application is the package that it belongs to."""
    own = not _BEAM_APPLICATION.match(application) and not name.startswith(":")
    if not path:
        return Frame(steady(name), own)
    file = by_path(path)
    return Frame(steady(f"{file.place}:{name}"), own and file.own)


def in_image(name: str, image: str) -> Frame:
    """Return the frame of a function of Swift or Objective-C in the binary that holds it."""
    return Frame(steady(name), not _IMAGE.match(image))


def steady(place: str) -> str:
    """Return a place without what a build made up in it."""
    return _MADE.sub("*", _VERSION.sub("*", place))
