"""Plain text: whether a log message that is no record tells of an error.

A line that says its level is believed. One that does not is judged by the answer, the crash or the exception that it
shows, and else by its words.
"""

import re

from chalicelib.domain.logs.access_log import access_of
from chalicelib.domain.logs.header_level import declared_in
from chalicelib.domain.logs.headers import without_colours
from chalicelib.domain.logs.keywords import sounds_faulty
from chalicelib.domain.logs.levels import Level, Silent
from chalicelib.domain.logs.structured import abridged

# Lambda writes these about every invocation.
_PLATFORM = re.compile(r"(?:START|END|REPORT|INIT_START|INIT_REPORT|RESTORE_\w+|EXTENSION|TELEMETRY)\s")
# A runtime that exited has told so in a line of its own.
_PLATFORM_STATUS = re.compile(
    r"\t(?:Status: timeout\b|(?:Status: (?:error|failure)\t)?Error Type: (?!Runtime\.ExitError))"
)
# To look for words first is many times as fast as the expressions are that need one of them.
_PLATFORM_FAULT_WORDS = ("timed out after", "Runtime", "Process exited", "by signal")
_PLATFORM_FAULT = re.compile(
    r"\bTask timed out after [\d.]+ seconds|\bRuntime\.ExitError\b|\bRuntime exited\b"
    r"|\bProcess exited before completing request|\bwas terminated by signal \d"
)
# Execution logs repeat what came in and went out; how it ended has a line of its own.
_PASSED_ON = re.compile(
    r"\([0-9a-f-]{36}\) (?:(?:Method|Endpoint|Gateway) (?:request|response) (?!type|timed out)|HTTP Method:"
    r"|Extended Request Id:"
    r"|Verifying |API Key |Starting execution|Received response\. Status: [1-4])"
)

# Metrics as Prometheus reads them: https://prometheus.io/docs/instrumenting/exposition_formats/
_METRIC = re.compile(r"(?=[a-z]{1,40}_)\w{3,200}(?:\{[^}\n]{0,500}\})? -?\d[\d.e+-]{0,30}(?: \d{13})?$")

_FIVE_HUNDRED = re.compile(r"5(?:\d\d|[xX]{2})")
_FAILED_STATUS = re.compile(
    r"\b(?:status(?:[ _]?code)?|(?<![?&])code|http)\"?(?:\s*[:=]\s*\"?| )5\d\d\b(?!\.)|\bDEFAULT_5XX\b"
    r"|\bstatus code:? 5\d\d\b"
    r"|^Completed 5\d\d "
    r"|\bSent 5\d\d in \d",
    re.IGNORECASE,
)

_FRAME = re.compile(
    r"\s*(?:at\s+\S|File \"|\.\.\. \d+ (?:more|common frames)|Caused by:|Traceback \(most recent call last\):"
    r"|During handling of the above|The above exception was|\^+\s*$|from \S+:\d+:in |--- End of "
    # Python shows the line that warns below a warning: https://docs.python.org/3/library/warnings.html
    r"|(?<=[ \t])(?:raise|throw|return|await|yield|assert|warnings\.warn)\b)"
)
_STACK = re.compile(
    r"\n(?:[ \t]+at [\w$.<>/]++(?:[\])][\w$>\])]*+)?[ ]?\(|[ \t]+at .{1,200}:\d"
    r"|[ \t]+File \"[^\"\n]+\", line \d|goroutine \d+ \[|[ \t]+from \S+:\d+:in |[\w./-]+\.rb:\d+:in )"
)
_CRASH_WORDS = (
    *("panic: ", "fatal error: ", "panicked", "terminate called", "Segmentation", "Process terminated", "Terminating "),
    *("Kernel panic", "# A fatal", "Runtime.", "Extension.", "Sandbox.", "Function.", "alloc(): ", "free(): "),
    *("chunk(): ", " detected *", " REPORT", "==ERROR: ", "Last few GCs", ": line ", "Killed", ":in ", "oom", "OOM"),
    *(
        "Out of memory: ",
        "(core dumped)",
        "got signal ",
        "SIG",
        "ORA-",
        "JavaScript heap",
        "panic serving",
        "panic recovered",
    ),
)
_CRASH = re.compile(
    r"^(?:panic: |fatal error: |thread '[^'\n]*' panicked at|terminate called|Segmentation fault|Process terminated\."
    r"|Terminating due to |Kernel panic|# A fatal error |(?:Runtime|Extension|Sandbox|Function)\.[A-Z]\w+"
    r"|(?:malloc|free|realloc|munmap_chunk)\(\): |\*\*\* [a-z ]+ detected \*\*\*|=(?:ERROR|CRASH"
    r"|SUPERVISOR) REPORT===="
    r"|CRASH REPORT "
    r"|==\d+==ERROR: )"
    r"|<--- Last few GCs"
    r"|: line \d+: +\d+ (?:Killed|Aborted|Terminated|Bus error|Segmentation fault|Illegal instruction)\b"
    r"|^Killed$|^[\w./-]+:\d+:in [`'][^\n]{0,500}\([A-Z]\w*(?:::\w+)*\)$"
    r"|\b(?i:oom[-_ ]?kill(?:ed|er)?)\b|\bOut of memory: Kill|\bKilled process \d|\(core dumped\)"
    r"|\bgot signal (?!(?:1|2|15)\b)\d"
    r"|\bKernel panic\b"
    r"|\bSIG(?:SEGV|ABRT|BUS|KILL)\b|\bORA-(?!00000)\d{5}\b|\bJavaScript heap out of memory|\bpanic serving\b"
    r"|\bpanic recovered:",  # https://github.com/gin-gonic/gin/blob/master/recovery.go
    re.MULTILINE,
)
_RAISED = re.compile(
    r"^(?:Unhandled exception\b|Uncaught \w|Exception in thread |\*\* \((?:[\w.]+|exit|EXIT[^)\n]{0,80})\) )"
    r"|^[ \t]*(?:[\w$-]+[./])*(?:[A-Z]\w*::)*[A-Z][\w$]*(?:Error|Exception|Fault)(?:$|:(?:\s|$)|\s\()"
    r"|^[^\w\n]{0,20}[\u2715-\u2718\u274c]\ufe0f? {1,4}(?!0 |\d+ problems? \(0 )\S"
    r"|^g?make(?:\[\d+\])?: \*\*\* |^[\w./-]{1,200}\.go:\d+:\d+: |^e: (?:file://)?/\S{1,300}:\d+:\d+ "
    # Names of exceptions that do not end so: in a package of exceptions, or by how they begin or end.
    r"|^(?:[a-z_]\w*\.)*(?:exceptions?|errors?|exc)\.(?:[a-z_]\w*\.)*[A-Z]\w+(?::\s|$)"
    r"|^(?:\w+\.)*(?:StopIteration|StopAsyncIteration|KeyboardInterrupt|GeneratorExit|No[A-Z]\w+Available"
    r"|NoSuch[A-Z]\w+"
    r"|[A-Z]\w+(?:Timeout|Failed|Aborted|Expired|Throttled|Invalid|Overflow|Interrupted))(?::\s(?!\d)|$)"
    r"|^[A-Z]\w*(?:::[A-Z]\w*)+ \(|\((?:[A-Z]\w*::)*[A-Z]\w*(?:Error|Exception)\)$",
    re.MULTILINE,
)


# What a shell with `set -x`, npm, BuildKit or gin was about to do or has set up.
_ECHOED = re.compile(r"\++ [\w./]|> [@\w./-]{1,200}@\d\S* \w|#\d{1,6} \[[^\]\n]{1,60}\] |\[GIN-debug\] (?!\[)")
# What Python and Node.js warn of.
_WARNED = re.compile(
    r"(?:\(node:\d+\) (?:\[\w+\] )?|[^\s:]{1,300}:\d{1,9}: )(?!Unhandled)\w*Warning: |(?!Unhandled)[A-Z]\w+Warning: "
)


def level_of_text(whole: str) -> Level | None:
    """Return how bad an error a text tells of; None where it tells of none."""
    text = without_colours(abridged(whole))
    if _PLATFORM.match(text):
        return Level.FATAL if _PLATFORM_STATUS.search(text) else None
    if any(map(text.__contains__, _PLATFORM_FAULT_WORDS)) and _PLATFORM_FAULT.search(text):
        return Level.FATAL
    try:
        return declared_in(text)
    except Silent:
        return _judged(text)


def _judged(text: str) -> Level | None:
    """Judge a text that does not say its level."""
    if _PASSED_ON.match(text) or _METRIC.match(text) or _WARNED.match(text) or _ECHOED.match(text):
        return None
    if access := access_of(text):
        return Level.ERROR if access.is_failed else None
    if _FRAME.match(text):  # a piece of a stack, cut from the line that says what went wrong
        return Level.ERROR if "\n" in text.strip() and sounds_faulty(text) else None
    if any(map(text.__contains__, _CRASH_WORDS)) and _CRASH.search(text):
        return Level.FATAL
    if _STACK.search(text) or _RAISED.search(text) or _has_failed_status(text) or sounds_faulty(text):
        return Level.ERROR
    return None


def _has_failed_status(text: str) -> bool:
    return _FIVE_HUNDRED.search(text) is not None and _FAILED_STATUS.search(text) is not None
