"""Problems: what a log message says went wrong, as a person would call it, and what makes two messages the same.

A stack trace is known by the types of its exceptions and the places in the application's code that they came through;
anything else by the template of its headline. Stateless: every function gives the same answer, on every day.
"""

import re

from msgspec import Struct

from chalicelib.domain.grouping.exception_heads import kind_of
from chalicelib.domain.grouping.message import headline_of_record, headline_of_text, line_of
from chalicelib.domain.grouping.parameterization import LONGEST_HEADLINE, template
from chalicelib.domain.grouping.stacktrace import Raised, raised_in
from chalicelib.domain.logs.access_log import FAILED, access_of
from chalicelib.domain.logs.headers import without_colours
from chalicelib.domain.logs.reader import LogRecord, read
from chalicelib.domain.logs.service_events import ServiceEvent, of_access
from chalicelib.domain.logs.structured import abridged

MOST_KINDS, MOST_FIELDS = 10, 50
# Exceptions that say no more than that there was another one, as their languages' documentation has it.
WRAPPERS = re.compile(
    r"(?:[\w$]+\.)*(?:(?:Base)?ExceptionGroup|AggregateError|AggregateException|UnhandledPromiseRejection"
    r"|(?:Execution|Completion|InvocationTarget|UndeclaredThrowable|PrivilegedAction|TargetInvocation"
    r"|TypeInitialization)Exception|ExceptionInInitializerError|exit|stop|EXIT)$|ActionView::Template::Error$"
)
# Ports from there on are handed out to callers: https://docs.kernel.org/networking/ip-sysctl.html
_EPHEMERAL = 32_768
# A stack that a logger or syslog's daemon wrote into one line, its ends of lines escaped:
# https://www.rsyslog.com/doc/reference/parameters/core-parser-escapecontrolcharactersonreceive.html
_ESCAPED = re.compile(r"\\n(?:\\t|[ ]{2,4}(?:at|File|from)\b|#\d|[ ]+\d+: )|#012(?:#011|[ ]{2,4}\S)")
_END_OF_VALUE = re.compile(r'(?<!\\)"')
_ESCAPES = {r"\r\n": "\n", r"\n": "\n", r"\t": "\t", r"\"": '"', "#012": "\n", "#011": "\t"}
# Ruby's wrappers quote whatever class it was.
_CAUSE = re.compile(
    r"(?<=: )(?:(?:[\w$]++(?:\.|::|\\))*+[A-Z][\w$]*(?:Error|Exception)|(?:[A-Z]\w*+::)++[A-Z]\w*+)(?=: )"
)
# What an `Error` of Node.js was, and an error of gRPC: https://nodejs.org/api/errors.html#common-system-errors,
# https://grpc.io/docs/guides/status-codes/
_SYSTEM_ERROR = re.compile(
    r"\b(?:E(?:CONN[A-Z]{5,8}|TIMEDOUT|NOTFOUND|AI_AGAIN|HOSTUNREACH|NETUNREACH|PIPE|ADDRINUSE|ACCES|PERM|NOENT|EXIST"
    r"|MFILE|NOSPC|ISDIR|NOTDIR|BUSY))\b"
    r"|\b(?:CANCELLED|INVALID_ARGUMENT|DEADLINE_EXCEEDED|NOT_FOUND|ALREADY_EXISTS|PERMISSION_DENIED|ABORTED"
    r"|RESOURCE_EXHAUSTED|FAILED_PRECONDITION|OUT_OF_RANGE|UNIMPLEMENTED|UNAVAILABLE|DATA_LOSS|UNAUTHENTICATED)(?=: |$)"
    # https://pkg.go.dev/google.golang.org/grpc/status
    r"|\bcode = [A-Z][A-Za-z]{1,20}(?= desc = )"
)
_PORT = re.compile(r"(?:\b\d{1,3}(?:\.\d{1,3}){3}|\blocalhost|\]):(\d{2,5})\b")


class Problem(Struct, frozen=True):
    """A title, the culprit (a place in the code; empty where no stack tells), and the parts of the fingerprint."""

    title: str
    culprit: str
    identity: tuple[str, ...]


def problem_of(message: str) -> Problem:
    """Read a log message as a problem."""
    message = without_colours(message)
    if "{" in message and (record := read(message)) is not None:
        return _of_record(record, message)
    if "\n" in message or "\r" in message:
        return _of_text(message)
    said, found, shape = line_of(message)
    if shape.may_hold_trace and (problem := _of_trace_in_line(message, said)):
        return problem
    if shape.may_be_about_request and any(each in message for each in FAILED):
        access = access_of(message)
        if access and access.is_failed:
            return _of_event(of_access(access))
    return Problem(said, "", (found,))


def _of_text(message: str) -> Problem:
    if chain := raised_in(abridged(message)):
        return _of_stack(chain, _main(chain).said or headline_of_text(message))
    said = headline_of_text(message)
    return Problem(said, "", (template(said),))


def _of_trace_in_line(message: str, said: str) -> Problem | None:
    """Read a stack trace in one line; nothing where there is none."""
    text = message
    if is_escaped := _ESCAPED.search(message) is not None:
        text = message if "#012" in message else _END_OF_VALUE.sub("\n", message)
        for escape, meant in _ESCAPES.items():
            text = text.replace(escape, meant)
    chain = raised_in(abridged(text))
    if not chain:
        return None
    is_whole = not is_escaped or _ESCAPED.search(said) is not None
    return _of_stack(chain, (_main(chain).said or headline_of_text(text)) if is_whole else said)


def _of_record(record: LogRecord, message: str) -> Problem:
    """Read a record: by its stack where it has one, else by the error and by what it says of it."""
    said = headline_of_record(record)
    if chain := _raised_in_record(record):
        named = any(each.type for each in record.errors)
        return _of_stack(chain, said if named else _main(chain).said or said)
    cause = next((each for each in reversed(record.errors) if each.type), None)
    if record.event and cause is None:
        return _of_event(record.event, record.message)
    if cause is not None:
        return Problem(said, "", (cause.type, *_templates(cause.message, record.message)))
    if said:
        return Problem(said, "", _templates(said, record.message))
    names = sorted(record.layers[0])[:MOST_FIELDS]
    title = " ".join(f"{name}={value}" for name, value in (record.words or record.scalars).items())
    return Problem(title or message.strip(), "", ("record", *names, *_templates(*record.words.values())))


def _templates(*said: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(template, filter(None, said))))


def _raised_in_record(record: LogRecord) -> list[Raised]:
    """Return the exceptions whose stacks a record shows, each by the type that the record gives it."""
    chain: list[Raised] = []
    for error in record.errors:
        raised = (error.stack and raised_in(abridged(error.stack))) or [Raised()]
        raised[0].kind = raised[0].kind or error.type
        chain.extend(each for each in raised if each.frames or each.kind)
    return chain if any(each.frames for each in chain) else raised_in(abridged(record.message))


def _of_event(event: ServiceEvent, message: str = "") -> Problem:
    said = ": ".join(filter(None, (message, event.headline)))
    return Problem(said, "", (*event.identity, *_templates(message, event.said)))


def _of_stack(chain: list[Raised], said: str) -> Problem:
    return Problem(said, _culprit(chain), ("stack", *_identity(chain, said)))


def _main(chain: list[Raised]) -> Raised:
    """Return the exception that is the problem: the outermost that says more than that there was another one."""
    return next((each for each in chain if not WRAPPERS.match(each.kind)), chain[0])


def _culprit(chain: list[Raised]) -> str:
    frames = [frame for each in (_main(chain), *chain) for frame in each.frames]
    return next((each for each in frames if each.own), frames[0]).place


def _identity(chain: list[Raised], said: str) -> tuple[str, ...]:
    """Return types of the exceptions, each once, places of the outermost, and places of the cause that began it.

    Where none of the code is the application's own, what was said counts.
    """
    kinds = (chain[0].kind or kind_of(said) or template(said), *_named_in(said), *(each.kind for each in chain[1:]))
    root = [each for each in chain if not each.branch][-1]
    begun = root.places if root is not chain[0] else ()
    parts = (*tuple(dict.fromkeys(kinds))[:MOST_KINDS], "at", *chain[0].places, "from", *begun)
    return parts if any(each.places for each in chain) else (*parts, "said", template(said), *_ports(said))


def _named_in(said: str) -> list[str]:
    """Return the types of causes that a message quotes, as wrappers of Node.js, Java and Go do, and system errors."""
    text = said[:LONGEST_HEADLINE]
    return [*_CAUSE.findall(text), *_SYSTEM_ERROR.findall(text)][:MOST_KINDS]


def _ports(said: str) -> list[str]:
    """Return the ports on which something listens: which service refused is all that such an error says."""
    return [found for found in _PORT.findall(said[:LONGEST_HEADLINE])[:MOST_KINDS] if int(found) < _EPHEMERAL]
