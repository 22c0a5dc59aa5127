"""Headers: what a logger, a daemon or a log router writes before what somebody wanted to say.

A header is read part by part. Only what can be nothing else (a time, a level, a tag with a process' number) begins one;
a thread, a process, a host or the name of a logger is a part of it once it has begun. Each part follows a documented
format, which stands beside it. Which digit it is matters nowhere.
"""

import re

LONGEST_HEADER = 600
_MOST_PARTS, _MOST_LOGGERS = 12, 2

_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_CLOCK = r"\d{1,2}:\d\d:\d\d(?:[.,:]\d+)?"
_ZONE = r"(?: ?(?:Z|[+-]\d\d:?\d\d)(?![\w:])| (?:UTC|GMT|[A-Z]{2,3}[SD]?T|WIB|MSK)\b)?"
_TIME = (
    # ISO 8601 and its relatives; IBM's RAS logs part the time by dots: https://www.usenix.org/cfdr-data
    rf"(?:\d{{4}}[-/.]\d\d[-/.]\d\d(?:(?:[T _-]| - | +)\d\d[:.]\d\d(?:[:.]\d\d(?:[.,:]\d+)?)?)?{_ZONE}"
    # Days first or months first, as log4j, Spark, Tomcat and NestJS are set up to.
    rf"|\d{{1,2}}[-/.]\d{{1,2}}[-/.]\d{{2,4}},? {_CLOCK}(?: [AP]M)?{_ZONE}"
    rf"|(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?\d{{1,2}}[ /-]{_MONTH}[ /-]\d{{4}}[ :]{_CLOCK}{_ZONE}"
    # syslog (RFC 3164), ctime, java.util.logging.
    rf"|(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? )?{_MONTH} {{1,2}}\d{{1,2}},? (?:\d{{4}},? )?{_CLOCK}"
    r"(?: [AP]M)?(?: \d{4}\b)?"
    # Hadoop's and MySQL's short dates, HarmonyOS' and Android's.
    rf"|\d{{6}} +(?:\d{{6}}|{_CLOCK})|\d{{8}}[ -]{_CLOCK}|\d\d[-.]\d\d {_CLOCK}"
    # A time of day alone: logback, Serilog, Elixir's Logger, zerolog.
    rf"|{_CLOCK}(?: [AP]M)?|\d{{1,2}}:\d\d[AP]M"
    # Seconds since 1970.
    r"|\d{10}(?:\.\d+)?)(?=[\s|\],:;]|$)"
)
_WORD = r"(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERR?OR|SEVERE|FATAL|CRITICAL)"
_SHORT = r"(?:TRC|DBG|VRB|INF|WRN|ERR|FTL|ERRO|FATA|PANI|CRIT|ALERT|EMERG|PANIC|FAILURE|LOG|NOTE|SYSTEM)"
# In small letters a level is set off by a colon or a tab; `panic:` and `fatal:` begin what a program says.
_LOW = r"(?:trace|trce|debug|dbug|verbose|info|notice|warn|warning|error|err|fail|crit|critical)(?=: |\t)"
_ANY = rf"(?i:{_WORD}|{_SHORT}|trce|dbug|verbose|fail)"
_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"

# Words of letters alone that a header may begin with; most lines have none, and are read no further. Beside them only
# labels stand before the seconds since 1970.
_FIRST = frozenset((
    "TRACE", "DEBUG", "INFO", "NOTICE", "WARN", "WARNING", "ERROR", "EROR", "SEVERE", "FATAL", "CRITICAL", "Mon",
    "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct",
    "Nov", "Dec", "E", "F", "Uncaught", "Unhandled", "Invoke", "Exception",
))  # fmt: skip
_EPOCH = 10

# The console of ASP.NET Core, with and without a time: https://learn.microsoft.com/aspnet/core/fundamentals/logging
_KESTREL = r"(?:trce|dbug|info|warn|fail|crit): [\w.+`]+\[\d+\]\s+"
# Sidekiq before version 6, with and without a time: https://github.com/sidekiq/sidekiq/wiki/Logging
_SIDEKIQ = rf"\d+ TID-\w+(?: [A-Z][\w:]*)?(?: [BJ]ID-\w+){{0,2}} {_WORD}: "

_COLOUR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_SEPARATORS = re.compile(r"(?:[\s|]|-->(?= )|[-:,](?=[\s-]))*")

# Headers that are known as a whole; what follows is the message as it is.
_WHOLE = re.compile(
    # NestJS; its context stays: https://docs.nestjs.com/techniques/logger
    rf"\[Nest\] \d+ +- {_TIME} +(?:{_WORD}|LOG|VERBOSE)\s+"
    # klog: https://github.com/kubernetes/klog#readme
    r"|[IWEF](?:\d{4}){1,2} \d\d:\d\d:\d\d\.\d+ +\d+ [^\s\]]+\] "
    # Redis: role, time, level: https://redis.io/docs/latest/operate/oss_and_stack/management/
    rf"|\d+:[XCSM] {_TIME} [.*#-] "
    # RAS events of IBM's Blue Gene, and events of a cluster at Los Alamos: https://www.usenix.org/cfdr-data
    rf"|\S{{1,20}} \d{{10}} \d{{4}}\.\d\d\.\d\d \S+ {_TIME} \S+ [A-Z]+ [A-Z]+ (?:{_WORD}|FAILURE) "
    r"|\d+ \S+ [a-z]\S* [a-z]\S* \d{10} \d "
    # Android's logcat, brief: https://developer.android.com/tools/logcat
    r"|[VDIWEF]/[^(\n]{1,80}\( *\d+\): "
    # librdkafka's: https://github.com/confluentinc/librdkafka/blob/master/src/rdkafka.h
    r"|%\d\|\d{10}\.\d+\|\w+\|[^|\n]{1,80}\| (?:\[thrd:[^\]\n]{0,200}\]: )?"
    # logrus for a terminal: level, and seconds since it started: https://github.com/sirupsen/logrus#formatters
    r"|(?:TRAC|DEBU|INFO|WARN|ERRO|FATA|PANI)\[\d{4,9}\] +"
    # HAProxy's before it serves: level, process: https://docs.haproxy.org/3.0/management.html#3
    r"|\[(?:ALERT|WARNING|NOTICE|DIAG) *\] +\(\d+\) : "
    # Valgrind's process: https://valgrind.org/docs/manual/manual-core.html#manual-core.comment
    r"|==\d+== "
    # The common log format of web servers.
    rf"|\S+ \S+ \S+ \[{_TIME}\] (?=\")"
    rf"|{_SIDEKIQ}"
    # bunyan's and pino's for people: https://github.com/pinojs/pino-pretty#readme
    rf"|\[{_TIME}\] +{_WORD}(?:: [\w.-]+/\d+ on [^\s:]+: | \((?:[\w.-]+/)?\d+(?: on [^\s)]+)?\): )"
    # Django's verbose example: https://docs.djangoproject.com/en/stable/topics/logging/#examples
    rf"|{_WORD} {_TIME} [\w.]+ \d+ \d{{4,}} "
    # Erlang's reports, which have their header on a line of its own.
    r"|=[A-Z]+ REPORT====[^\n]*"
    rf"|{_KESTREL}"
)
# The same, behind a time.
_WHOLE_BEHIND_TIME = re.compile(
    # Android's logcat, threadtime: process, thread, level, tag.
    r" +\d+ +\d+ [VDIWEF] [^:\n]{1,80}?: "
    # Windows' component-based servicing.
    r"|, (?:Info|Warning|Error|Perf|Verbose) {2,}\w+ +"
    # PostgreSQL: RDS and log_line_prefix put the session between; a severity worse than ERROR stays, as its messages
    # begin with it.
    r"|(?::[^:\s]*:[^:\s]*:\[\d+\]:| \[\d+\](?:\[[\w -]+\])?:?(?: \[[\d-]+\])?(?: \w+=\S*)?(?: \S+@\S+)?) *"
    r"(?:ERROR:  |(?=[A-Z]{3,9}:  ))"
    # Datadog's agents: https://docs.datadoghq.com/agent/configuration/agent-log-files/
    rf"|[^|\n]{{0,8}}\| [A-Z-]{{2,20}} \| {_WORD} \| \([^)\n]{{1,200}}\) \| "
    # java.util.logging, whose level stands on the second line.
    rf"| [\w.$]{{1,200}} [\w$<>]{{1,100}}\n(?:{_WORD}|CONFIG|FINE(?:R|ST)?): "
    # MongoDB before version 4.4, Telegraf and CloudWatch's agent, SQL Server's error log, Odoo
    r"| [DIWEF] +[A-Z-]{1,20} +\[[^\]\n]{1,60}\] | [DIWE]! (?:\[[\w.:]{1,80}\] )?"
    r"| (?:spid\d+s?|Logon|Server|Backup) {3,}"
    rf"| \d+ {_WORD} [\w?-]+ \w+(?:\.\w+)+: | {_KESTREL}| {_SIDEKIQ}"
    # Values parted by bars: NLog, HarmonyOS.
    r"|\|(?:[\w.$-]{1,120}\|){1,4}"
    # Spring Boot: https://docs.spring.io/spring-boot/reference/features/logging.html
    rf"| +{_WORD} (?:\[[^\]\n]*\] )?\d+ --- (?:\[[^\]\n]*\] ){{1,3}}\S+ +: +"
)
# What a header may begin with, and what follows is read on.
_PREFIX = re.compile(
    # Syslogs of Sandia's clusters: https://www.usenix.org/cfdr-data
    rf"\S{{1,20}} \d{{10}} \d{{4}}\.\d\d\.\d\d \S+ (?={_MONTH} )"
    # Ruby's Logger: https://docs.ruby-lang.org/en/3.4/Logger/Formatter.html
    r"|[DIWEFA], \[[^\]]{1,60}\] +[A-Z]+ -- [^:\n]{0,60}: "
    # Symfony's and Laravel's channel and level: https://github.com/Seldaek/monolog
    rf"|\[[^\]\n]{{1,60}}\] [\w-]+\.(?:{_WORD}|ALERT|EMERGENCY): "
    # Python's basicConfig: level, logger.
    rf"|{_WORD}:[\w.]+:(?=\S)"
    # Processes of PM2, PHP-FPM and Docker Compose; the file that a line was shipped with.
    rf"|PM\d +\| |\d{{1,4}}\|[\w.-]+ +\| |NOTICE: PHP message: |nginx: (?=\[)|[\w.-]+[-_]\d+ +\| "
    rf"|[\w./-]{{1,120}}\.log[\w.:-]{{0,60}} (?={_TIME})"
    # RFC 5424: priority, version, time, host, application, process, message's kind, data.
    rf"|<\d{{1,3}}>\d {_TIME} \S+ \S+ \S+ \S+ (?:-|(?:\[[^\]\n]*\])+) ?"
    # API Gateway's execution logs.
    rf"|\({_UUID}\) "
    # Signs that programs for a terminal put before an error: https://github.com/sindresorhus/figures#readme
    r"|[\u2a2f\u2716\u2717\u26a0\u2502] +"
    # SLF4J's simple logger begins with the thread: https://www.slf4j.org/api/org/slf4j/simple/SimpleLogger.html
    rf"|\[[\w.:/ -]{{1,60}}\] (?={_WORD} +[\w$]+\.)|[VDIWEF] (?=\d{{4}}-\d\d-\d\d)"
    # sd-daemon(3): a severity before the message.
    rf"|<[0-7]>(?=[A-Za-z\"'])(?!{_MONTH} )"
    # NATS begins with its process: https://docs.nats.io/running-a-nats-service/configuration/logging
    rf"|\[\d+\] (?={_TIME})"
)
# RFC 3164 and RFC 5424: priority, time, host; then a tag, its process, and what launchd writes about whom it is.
_SYSLOG = re.compile(
    rf"(?:(?:<\d{{1,3}}>)?{_MONTH} {{1,2}}\d{{1,2}} {_CLOCK}"
    rf"|\d{{4}}-\d\d-\d\dT{_CLOCK}(?:Z|[+-]\d\d:\d\d)(?= [\w.-]+ [\w./-]+\[\d+\]: )) (?!\[|{_ANY}\b)"
    # What a program sends to the daemon of its own host names none.
    r"(?:(?=[\w./-]{1,80}\[\d+\]: )|\S+ )"
)
_TAG = re.compile(
    r"(?:-- )?(?:[\w./@+ -]{1,80}(?:\([\w./-]{1,40}\))?\[\d+\](?: \([\w.:/-]{1,120}\))?"
    r"|[A-Za-z][\w./@+-]{0,80}(?:\([\w./-]{1,40}\))?(?: \d[\w.]*)?)(?:: *|:$| (?=- ))|(?=--- )"
)
_TAG_WITH_PROCESS = re.compile(r"[A-Za-z][\w./@-]{0,80}(?:\([\w./-]{1,40}\))?\[\d+\]: +")
_TAG_OF_KERNEL = re.compile(r"kernel: (?=\[ *\d)|kernel:\[")
# The kernel's clock, in seconds since it started.
_UPTIME = re.compile(r"\[ *\d+\.\d{2,9}\] ")

_TIMES = re.compile(_TIME)
_BEGINS = re.compile(
    rf"(?P<level>{_WORD}(?=[\s:|\]/,\[-]|$)|{_LOW}"
    rf"|\[(?:[^\[\]\n]{{0,60}}?(?<![\w.]){_TIME}[^\[\]\n]{{0,60}}|(?:[\w.]+:)?{_ANY} *|GIN(?:-debug)?"
    rf"|[A-Z] \d{{6,8}} {_CLOCK}[^\]\n]*)\])"
    rf"|RequestId:\s*{_UUID}|{_UUID}|\[(?:{_UUID}|[0-9a-f]{{16,64}}|pid: \d+[^\]\n]*)\]"
    r"|Uncaught (?:PHP )?Exception|Invoke Error|Unhandled [eE]xception[.:]|Unhandled Promise Rejection|\(node:\d+\) "
    r"|UnhandledPromiseRejectionWarning:|Unhandled rejection"
    r"|Exception in thread \"[^\"\n]*\"|Uncaught(?: \(in promise\)|:)?(?=\s+[A-Z])"
)
# How it goes on, by what the next part begins with: brackets, digits, other characters.
_BRACKETS = re.compile(r"\[(?![^\[\]\n]*: )[^\[\]\n]{0,200}(?:\[[^\[\]\n]{0,100}\][^\[\]\n]{0,200})?\](?!:)")
# Fluentd names its worker behind the level: https://docs.fluentd.org/deployment/logging
_LEVEL_BEFORE_COLON = re.compile(rf"\[{_ANY} *\](?:: #\d+(?= )|(?=: ))")
# Processes of Erlang, ClickHouse's query and level, Airflow's place in the code.
_ENCLOSED = re.compile(
    r"<\d+\.\d+\.\d+>(?:@[\w:]{1,200})?(?= )|\{[\w-]{0,64}\} <[A-Z][a-z]{3,11}>(?: [A-Za-z]\w{0,60}:)?(?= )"
    r"|\{[\w.-]{1,80}\.py:\d+\}(?= )"
)
_NUMBERS = re.compile(
    rf"{_TIME}|{_UUID}"
    # nginx' process, thread and connection; a process or thread by its number, before the level or the logger.
    rf"|\d+#\d+: (?:\*\d+ )?|\d{{1,7}}(?= +(?:\d{{1,7}} +)?(?:{_WORD}\b|\[{_ANY}|---))"
)
_NAMES = re.compile(
    rf"{_WORD}:[\w.]+:(?=\S)|(?:{_WORD}|{_SHORT})(?=[\s:|\]/,\[-]|$)|{_LOW}|(?i:info|warning|error|debug)(?=  )"
    # Pairs before the level, as Sidekiq and Elixir's Logger write them.
    rf"|(?:[\w.]+=[^\s=]+ ){{1,8}}(?=\[?{_ANY}[\]:])"
    # Python's logging where colons part it; Lambda's Node.js before there is a request.
    rf"|:(?:[\w.]+:)?{_WORD}:|undefined(?=\t)"
    # tracing's threads: https://docs.rs/tracing-subscriber/latest/tracing_subscriber/fmt/
    r"|ThreadId\(\d+\)(?= )"
    # A container runtime's stream, and Flask's module.
    r"|std(?:out|err) [FP] |in [\w.]+: "
    rf"|RequestId:\s*{_UUID}|{_UUID}"
    # What logback says of itself.
    rf"|-?{_WORD} in [\w.$]+(?:\[[^\]\n]*\])? - "
    r"|Uncaught (?:PHP )?Exception|Invoke Error|Unhandled exception\.|Unhandled Promise Rejection"
    r"|Uncaught(?: \(in promise\))?(?=\s+[A-Z])"
    rf"|UnhandledPromiseRejectionWarning:|(?=[A-Z]){_TIME}"
)
# The name of a logger or of a place in the code: dotted, or set off by a dash, a bar or a tab.
_LOGGER = re.compile(
    r"[A-Za-z_$][\w$-]*(?:(?:\.|::(?=[a-z_])|/)[\w$<>-]+)+(?:@[\w.]+|:\w+)?(?::\d+)?(?:\(\))?(?: *: |:$|\t)"
    # A word in capitals alone is a state that the message is about.
    r"|(?![A-Z]+ )[A-Za-z_$][\w.$:<>/-]*(?: \*\d+)?(?::\d+)? +(?:--?|\|) "
    r"|(?:[\w.]+:)?[\w./-]+\.(?:go|py|[cm]?[jt]s|java|kt|rb|rs|cc?|c[px]{2}|h|hpp|cs|php|exs?|swift|scala|lua|pl)"
    r":\d+:?[ \t](?:> )?"
    r"|\((?:[\w.-]+[- ]\d+|main|[\w -]{0,40}[Tt]hread(?:[\w -]{0,20}\d)?|(?:[A-Za-z_]\w*\.)+\w+)\) "
    r"|[A-Za-z_]\w*(?:\.\w+)+ \([\w./-]+\.\w{1,5}:\d+\): "
    r"|(?:[a-z_][\w$]*\.){2,}[A-Z][\w$]*\.[\w$<>]+ "
    r"|[a-z_]\w*(?:\.[\w-]+)+ (?=\[(?:req-|-\]|[\w$]+\.\w{1,6}:\d+\]))"
)
# As Python's cookbook writes it: https://docs.python.org/3/howto/logging-cookbook.html
_LOGGER_BEFORE_LEVEL = re.compile(rf" (?!{_WORD}\b)[A-Za-z_][\w.-]{{0,80}}(?:\[\d+\])? +(?={_WORD}:? )")
# What looks like one and is an exception, an error of Lambda's own runtimes, or a file:
# https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html
_NO_LOGGER = re.compile(
    r"\(?[\w.$:\\]*(?:Error|Exception|Throwable|Fault|Timeout)\b|Runtime\.[A-Z]"
    r"|\S*\.(?:ya?ml|json|toml|xml|conf|cfg|ini|txt|csv|log|sql|sh|jar):"
)


def without_colours(text: str) -> str:
    """Return text without the codes that set a terminal's colours."""
    return _COLOUR.sub("", text) if "\x1b" in text else text


def without_header(line: str) -> str:
    """Return what a line says; the whole line where it says nothing but its header."""
    return line[header_end(line) :]


def header_end(line: str) -> int:
    """Return where the header of a line ends; 0 where there is none, or nothing else."""
    first, _, rest = line[:LONGEST_HEADER].partition(" ")
    if first.isalpha() and first not in _FIRST and not rest[:_EPOCH].isdigit():
        return 0
    text = line[:LONGEST_HEADER]
    end = _end(text, 0)
    return end if line[end:].strip() else 0


def _end(text: str, at: int) -> int:
    if found := _PREFIX.match(text, at):
        at = found.end()
    time = _TIMES.match(text, at)
    found = _WHOLE_BEHIND_TIME.match(text, time.end()) if time else _WHOLE.match(text, at)
    if found:
        return found.end()
    begins = at
    if (time or text[at : at + 1] == "<") and (found := _SYSLOG.match(text, at)):
        tag = _TAG.match(text, found.end())
        at = tag.end() if tag else at
    elif not time and (found := _TAG_WITH_PROCESS.match(text, at) or _TAG_OF_KERNEL.match(text, at)):
        at = found.end()
    if found := _UPTIME.match(text, at):
        at = found.end()
    return _end_of_parts(text, at, time if at == begins else _TIMES.match(text, at))


def _end_of_parts(text: str, at: int, time: re.Match[str] | None) -> int:
    """Return where a header ends that begins with a time, a level or a request."""
    begun = time or _BEGINS.match(text, at)
    if not begun:
        return at
    named = _LOGGER_BEFORE_LEVEL.match(text, begun.end()) if time else None
    at = _end_of_series(text, (named or begun).end())
    for _ in range(_MOST_LOGGERS if time or begun["level"] else 0):
        named = _LOGGER.match(text, at)
        if not named or _NO_LOGGER.match(named[0]):
            break
        at = _end_of_series(text, named.end())
    return at


def _end_of_series(text: str, at: int) -> int:
    for _ in range(_MOST_PARTS):
        at = _behind_separators(text, at)
        found = _part(text, at)
        if not found:
            break
        at = found.end()
    return at


def _part(text: str, at: int) -> re.Match[str] | None:
    char = text[at : at + 1]
    if char == "[":
        return _BRACKETS.match(text, at) or _LEVEL_BEFORE_COLON.match(text, at)
    if char in {"<", "{"}:
        return _ENCLOSED.match(text, at)
    return _NUMBERS.match(text, at) if char.isdigit() else _NAMES.match(text, at)


def _behind_separators(text: str, at: int) -> int:
    found = _SEPARATORS.match(text, at)
    return found.end() if found else at
