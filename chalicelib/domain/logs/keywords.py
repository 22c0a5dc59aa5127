"""Wording: whether the words of a line tell of an error, once everything that merely sounds like one is taken out."""

import re
from functools import lru_cache

from chalicelib.domain.logs.failure_phrases import says_failure
from chalicelib.domain.logs.header_level import ADDRESS, SETTING

_FAULTY = r"(?:errors?|exceptions?|failures?|failed|fatal|crashe?s?d?|unhandled|uncaught|panics?)"
_ZERO = r"(?:0(?:\.0+)?%?|null|none|nil|<nil>|false|undefined|no|ok|-|\[\]|\{\})"
_QUOTED_ZERO = rf"(?:[\"']{{2}}|[\"']?{_ZERO}[\"']?)"
# What an error can be part of the name of: an error page is none.
_THINGS = (
    r"(?:handl\w*|pages?|budgets?|rates?|boundar\w+|report\w*|recover\w*|correct\w*|logs?|logger|logging|feeds?"
    r"|digests?"
    r"|mails?|track\w*|callbacks?|count\w*|thresholds?|limits?|templates?|channels?|queues?|middlewares?|filters?"
    r"|mapp\w+"
    r"|registr\w*|listeners?|catalog\w*|class(?:es)?|types?|codes?(?!\s*[:=(]?\s*-?[a-z]{0,10}[-_]?\d{0,9}[1-9])"
    r"|lists?|tables?|margins?|bars?"
    r"|tolerance|polic\w+|detect\w*|monitor\w*|samples?|stat(?:istic)?s|metrics?|documents?|translat\w*"
    r"|views?|service"
    r"|rating|room|button|hooks?|groups?|flags?|levels?|events?|tests?|topics?|streams?|outputs?|files?|free|safe"
    r"|collectors?|messages(?!\s*[:=]))"
)
_NOT_THERE = (
    r"\b(?:no|non|zero|without|any|nothing|not an?|free of|never|0(?<!-.)(?: (?:out )?of \d+|/\d+)?)[\s-]+"
    rf"(?:[a-z]+\s+)?{_FAULTY}\b"
)
_COUNTED_AS_NONE = (
    rf"(?:err|{_FAULTY})(?:[ _-]?(?:count|total|rate|code|message|found|seen|reported|detected)s?)?"
    rf"(?:\(s\))?[\"'\]]?(?:\s*=\s*{_QUOTED_ZERO}(?![\w.-])"
    rf"|\s*:\s*{_QUOTED_ZERO}(?=\s*(?:$|[,;.|)}}\]]|[\w.]+\s*[=:]))|\s+0(?![\w.]))"
    rf"|\b(?:[\w.-]{{1,60}}+\s*+=\s*+0(?![\w.])|0(?<![.=-].)\s+{_FAULTY}?\(?s?\)?|(?:errors|on[-_]?(?:error|failure"
    rf"|exception))=[a-z][\w-]*"
    rf"|{_FAULTY}(?:\s+\w{{1,20}}){{1,2}}\s*[:=]\s*0(?![\w.])(?:\s+{_FAULTY}\b(?!\s*[:=]?\s*\d))?)"
)
_NAMED_SO = (
    r"\b(?:(?:handler|mapper|converter|resolver|listener|translator|filter"
    r"|advice)s?(?: registered)? for (?:[\w$]{1,60}\.){0,12}\w{0,60}(?:error|exception)\b|"
    rf"(?!unhandled|uncaught){_FAULTY}[ -]{_THINGS}\b)|[\"'][^\"'\n]{{1,60}}[\"'] {_THINGS}\b|\b(?:(?:access"
    rf"|permission) denied {_THINGS}\b"
    r"|(?:user|client|customer|caller)s? (?:has |have )?(?:aborted|cancell?ed|refused|declined)\b"
    r"|cannot be (?:blank|empty|null|undone|changed)\b"
    r"|(?:aborted|cancell?ed|refused|declined|rejected) by (?:the |an? )?(?:user|client|customer|caller)\b)"
)
_OF_STATISTICS = (
    r"\b(?:mean|squared|absolute|relative|standard|rounding|training|validation|val|test|prediction|reconstruction"
    r"|sampling|approximation|margin of|trial and)[ _](?:squared )?errors?\b|(?:\b|_)errors?\s*[=:]?\s*\d*\.\d"
)
_MET = (
    r"\b(?:(?:on|if|for(?! \w+ (?:failed|crashed)\b(?! \w))|about|how to \w+|ignor\w+|recovered from|handled"
    r"|expected|simulat\w+|previous|last|possible(?! unhandled)"
    r"|potential"
    r"|known|fixed"
    rf"|clear\w*|resolved|suppressed|swallowed|mended|injected|reset|retry\w*|restart|resend|rerun|remov\w*|delet\w*"
    rf"|purg\w*"
    rf"|requeu\w*)\s+(?:an?\s+|the\s+|all\s+)?(?:\w+\s+)?{_FAULTY}\b"
    rf"|{_FAULTY}(?:\(s\))?\s+(?:(?:was|were|is|are|has been|have been)\s+)?(?:ignored(?! in:)|handled|recovered"
    rf"|fixed"
    rf"|resolved|cleared"
    r"|suppressed|dropped|mended|expected|injected|ready|enabled|disabled|installed|registered|loaded|logged|written|reported"
    r"|collected|tracked|stored)\b"
    rf"|\d+ ?% of (?:all )?{_FAULTY}\b"
    rf"|{_FAULTY} (?!(?:to|over|on|in|at|for|from|with|while|during|before|after|when|inside) )(?:\w{{1,20}} )?"
    r"(?:counter|budget|threshold|handler|report|list|page|queue|count)s?\b"
    r"|(?:user|customer|client|caller|visitor)s? (?:\w+ ){0,2}(?:typed|entered|sent|gave|submitted|provided|supplied"
    r"|requested) (?:an? |the )?(?:invalid|wrong|unknown|expired|bad|malformed|unsupported)\b"
    r"|\w+ failed once\b|failed \w{1,20}s (?:reset|resent|retried|sent|cleaned)\b(?! by)"
    r"|perf: interrupt took too long\b"
    r"|expected \w*(?:error|exception)\b|marked [^\n]{1,80}? as (?:resolved|fixed|done|handled|harmless)\b"
    r"|(?:if|when|unless|in case) (?:this|it|that|the \w+|\w+) (?:fails|failed|crashes)\b)"
)
# What failure phrases are about, where there is none, or where only that could be.
_TROUBLE = (
    r"(?:rejected|lost|dropped|mismatch(?:es)?|corrupt\w*|duplicates?|violations?|evicted|expired"
    r"|unexpected\w*|invalid"
    r"|missing|unreachable|unavailable|exceeded|overflows?|timeouts?|timed out|declined|dead|died|leaks?"
    r"|undeliverable"
    r"|throttled|retries|aborted|refused|denied|data loss|loss|bad|broken|unhealthy|degraded)"
)
_NO_TROUBLE = (
    rf"\b(?:(?:(?<!queue )(?<!cpu )(?<!node )(?<!port )(?<!worker )(?<!partition )(?<!shard )0|no(?! more)|non|zero"
    rf"|without|never|none|nothing|not|neither|ignor\w+|recovered from|handled|expected|simulat\w+|known"
    rf"|resolved|despite)\s+(?:an?\s+|the\s+|all\s+)?(?:[a-z]+\s+(?:(?:was|were|is|are|got)\s+)?)?{_TROUBLE}\b"
    rf"|(?:skipp|remov|purg|clear|delet|clean|requeu|resolv|retr|ignor)\w*\s+(?:\d+\s+)?(?:[a-z]+\s+)?{_TROUBLE}\b"
    rf"|{_TROUBLE}(?: (?:is |was |are |were )?(?:gone|resolved|fixed|over|cleared)\b"
    r"| (?:\w{1,20} )?(?:detection|handling|polic(?:y|ies)|counters?|filters?|lists?|clean-?up|recovery|check)\b"
    r"| \w{1,20} (?:(?:was|were|is|are|get|got) )?(?:purged|cleaned|removed|deleted|skipped|ignored|closed)\b"
    rf"|\s+0\b|(?:\s\w{{1,20}}){{1,3}}\s?[=:]\s?0(?![\w.])|[\"']?\s*[=:]\s*{_QUOTED_ZERO}(?=\s*(?:$|[,;.|)}}\]])))"
    r"|(?:will|would|may|might|could|can|should|must|(?<!about )(?<!started )(?<!begins )(?<!began )to)\s+(?:fail"
    r"|expire|crash|abort|be (?:rejected"
    r"|dropped|lost"
    r"|refused|retried))\b|(?:if|unless|in case|whether)\b[^\n,.;:]{0,80}|fail(?:ed|s|ing)?[ -]?(?:over|fast"
    r"|safe|open|back)\b"
    r"|timeouts?\s*(?:(?:is|was|has been)\s+)?(?:set|configured|changed|disabled|enabled|to|[=:]?\s*\d))"
)
_IDIOM = (
    r"\b(?:with the exception of|without \w{1,30}ing\b|broken links?|optional [^\n]{0,60}? not (?:installed|found|set"
    r"|available)"
    r"|exception to|exceptional\w*)\b|\(allocation failure\)"
    r"|connection (?:closed|reset) by (?:authenticating|invalid) user"
    r"|\bshutting down (?:gracefully|cleanly)|\bdebug\w*(?: mode)? is not active"
)
# A statement of SQL, with the names and values in it.
_STATEMENT = re.compile(
    r"\b(?-i:SELECT|DELETE|UPDATE|INSERT)\b[^\n]{0,1000}?\b(?-i:FROM|SET|INTO)\b[^\n]*"
    r"|(?:^|: |\] )(?:select [^\n]{1,1000}? from |insert into \S{1,200} \(|update \S{1,200} set "
    r"|delete from \S{1,200} where )[^\n]*"
)
# One word with something else, a column, or alone in quotes: no statement.
_NAME = (
    r"(?<!\S)--?[A-Za-z][\w:.=+-]*+|\b(?:[\w-]{1,40}_)?(?:id|name)[=:] ?[\w./:-]++|"
    r"\b[\w-]{1,60}+\.[a-z]{2,10}/[\w./@-]+"
    r"|\b[\w.+-]{1,64}+@[\w-]{1,63}\.[\w.-]{1,200}|\b\w{1,60} (?:Load|Create|Update|Destroy|Exists\?|Count"
    r"|Pluck) (?=\(\d)|\b(?:npm|yarn|pnpm) (?:run )?[a-z]\S*"
    r"|(?<![\w.=:/-])(?!dead-letter|read-only|back-off|time-out|out-of|no-|non-"
    r"|not-)(?:[a-z]\w*+[.-])++[a-z]\w*+(?!\()(?-i:(?<!Error)(?<!Exception))"
    r"|\b(?!eai_)[a-z]++(?:_[a-z]++)++\b(?:(?<!_exception)(?<!_error)|(?!:))|\"[\w.-]+\"(?!\s*[:=])"
    r"|'[\w./-]+'(?!\s*[:=])"
    r"|\b(?-i:FROM|INTO|JOIN|TABLE|UPDATE) [\w.\"`]+"
)
_NAMES = re.compile(
    rf"(?=[\w/\"':\]-])(?!\B\w)(?:{SETTING.pattern}|{ADDRESS.pattern}|{_STATEMENT.pattern}|{_NAME})", re.IGNORECASE
)
# For text in small letters: to mind no letter case takes several times as long. Within a word hardly anything begins,
# and nothing at a blank: to see that first, and a word's beginning once for what follows, takes a third of the time.
_HARMLESS = re.compile(
    rf"(?=[\w\"'(])(?!\B[^\W_efcup])"
    rf"(?:{_NOT_THERE}|{_NO_TROUBLE}|{_COUNTED_AS_NONE}|{_NAMED_SO}|{_OF_STATISTICS}|{_MET}|{_IDIOM})",
    re.MULTILINE,
)
_OUTCOMES = ("stat", "outcome", "result")
_OUTCOME = re.compile(r"\b(?:status|outcome|result|state)[\"']?\s*[=:]\s*[\"']?(?:error|failed|failure|fatal)\b")
_FAULT = re.compile(
    r"(?=[\w:\]|\t-])(?!\B[^\W_])(?:"
    r"\b(?:(?:[A-Za-z_]\w*)?(?:Error|Exception|Errors|Exceptions)\b|(?:errors?|errored|exceptions?|fatal|traceback"
    r"|unhandled)\b"
    r"|(?:ERRORS?|EXCEPTION|FATAL|Traceback|Unhandled|Uncaught)\b|[A-Z]+_ERROR\b|[A-Z]\w*::[A-Z]\w*(?:Timeout"
    r"|Invalid|Bad)\b|NotReady\b(?!=|\"?\s*:\s*\"?\d)"
    # https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/: why, in one word
    r"|Failed(?!\w{0,40}(?:Queue|Topic|Table|Alarm|Handler|Function|Bucket|Rule|Stack|Mapper|Metric|Page|View"
    r"|Controller|Service|Listener|Test|Jobs?|Events?|Orders?|Count)\b)[A-Z]\w+\b(?!=|\"?\s*:\s*\"?\d)"
    # How test runners count: RSpec, ExUnit, PHPUnit, Surefire, Mocha, unittest
    r"|[1-9]\d{0,8} (?:failures?|failing)\b|(?i:failures?)(?:!|[\"']?\s{0,4}[:=]\s{0,4}[1-9])|(?:Bad|Invalid"
    r"|Mismatch|Missing"
    r"|Unauthorized|Unregistered|Unsupported|Malformed)[A-Z][a-z]\w+(?![\w=.(])|err=|ERR!"
    r"|Unhandled[A-Z]\w+|[A-Z]\w+(?:Denied|Exceeded|Exhausted|Unavailable|Unreachable|Unauthorized"
    r"|Unauthenticated|Forbidden"
    r"|Refused|Rejected|Mismatch|Violation|Conflict|NotFound|BackOff)\b(?![=.])"
    r"|(?i:failed|failure|crashed|aborted|aborting|core dumped|no space left on device|out of memory"
    r"|(?:connection|permission|access) (?:refused|denied)|command not found|exec format error"
    r"|(?:timed out|(?:i/o|connection|connect|read|socket|request) timeout|connection reset|broken pipe)"
    r"|(?:terminated|killed) by signal|signal: (?:killed|aborted|segmentation)|killed (?:due|by|because|after)"
    r"|(?:due to|detected a?|found) deadlock|deadlock (?:detected|found)"
    r"|undefined (?:method|local|variable)|is not (?:a function|defined|iterable)"
    r"|status=\d+/(?!SUCCESS)[A-Z]{3,9}|exit(?:ed|s|ing)? (?:abnormally )?(?:with )?(?:(?:error |status )?(?:code"
    r"|status))?[ =:(\[]*-?[1-9]\d*|(?:code|status)=\d+/FAILURE)\b"
    r")|_(?:exception|error): |(?:^|[:\]|-] |\t)(?i:unable to|could ?n[o']t|cannot|can't)\s)"
)
# What begins so goes well, or goes on; only what is said outright to have failed still counts.
_HAPPY = re.compile(
    r"[^A-Za-z]{0,40}(?:will(?! not)|should|handl(?:es|ed|ing)|reset|resetting|reload(?:ed|ing)|checking|checked"
    r"|testing"
    r"|deleted"
    r"|deleting|removed|removing|updated|updating|sent|sending|verified|verifying|validated|retr(?:ying|ied|ies)"
    r"|retry (?:\d|in |succe|of |attempt)|reconnect(?:ed|ing|s)"
    r"|attempt(?:ing|ed|s)|register(?:ed|ing|s)|mapped|mapping|load(?:ed|ing)?|install(?:ed|ing|s)|initiali[sz](?:ed"
    r"|ing|es)"
    r"|enabl\w*|configur(?:ed|ing|es)|created|started|starting|listening|using|import(?:ed|ing)|compil(?:ed|ing)"
    r"|subscrib(?:ed|ing|es)"
    r"|wrote|writ(?:e|es|ing|ten)|open(?:ed|ing|s)"
    r"|fetch(?:ed|ing|es)|skip\w*|ignor\w*|recover(?:ed|ing|s)|resolv(?:ed|ing|es)|fixed|cleared|clos\w+|added|adding"
    r"|render(?:ed|ing|s)|process(?:ed"
    r"|ing)|booked"
    r"|complet\w*|succe\w+|done|finished successfully|passed|ok|picked up|command line)\b(?! (?:conflict|timeout"
    r"|exhaust|exceed"
    r"|block|stall))",
    re.IGNORECASE,
)
# Programs in Go say what they were about to do, and behind a colon why they could not.
_TRIED = re.compile(
    r"[^A-Za-z]{0,40}(?:open|fetch|write|load|create|import|send|resolve|process|close|add"
    r"|start)\b(?:[^:~\n]|:(?=[\w-])){0,200}(?:: |~\W{1,3})"
)
_SUCCESS = re.compile(
    r"\b(?<!not )(?<!not be )(?<!n't )(?<!never )(?<!should be )(?<!to be )(?<!must be )(?:succeeded"
    r"|successful(?:ly)?|recovered|as (?:configured|requested|asked|expected|planned|intended|designed)|(?:finished"
    r"|completed?|passed)\W{0,9}$"
    r"|(?:is|are) (?:now |already |back )?(?:initialized|ready|healthy|up|closed|resolved|enabled|supported|online)\b"
    r"|back to (?!back)|(?:re-?connected|re-?established|resumed|restored|repaired|healed|corrected|cleared)\b"
    r"|no longer (?!valid|available|reachable|respond|accessible|work)"
    r"|(?:is|are|came|comes|went) back\b(?! with)|back (?:up|online|in service)\b)",
    re.IGNORECASE,
)
_UNSUCCESSFUL = re.compile(
    r"(?:\bnot|n't|\bnever|\bcannot|\bunable to|\bfailed to)(?: \w+){0,3} (?:successful|succeed)", re.IGNORECASE
)
_OUTRIGHT_ERROR = re.compile(r"\b(?:\w*Error|\w*Exception|error|exception|fatal)s?:\s")
_OUTRIGHT = re.compile(
    rf"{_OUTRIGHT_ERROR.pattern}|\b(?i:failed|crashed|aborted)\b|\b(?:rejected|refused|denied|declined): [a-z]"
    r"|\bexit \w+[ =:]*[1-9]"
    r"|\bE(?:CONN\w+|PIPE|TIMEDOUT|ADDR\w+|HOSTUNREACH|NETUNREACH|ACCES|NOENT|NOSPC|MFILE|PERM|NOTFOUND|AI_AGAIN)\b"
)


# Constants that name a state: of CloudFormation, of services, of protocols.
_STATE = re.compile(
    r"\b[A-Z]+(?:_[A-Z]+)*_(?:FAILED|FAILURE)\b|(?:\b|_)ROLLBACK_(?:IN_PROGRESS|COMPLETE|FAILED)\b"
    r"|\b(?:invalid_(?:request|client|grant|scope|token)|unauthorized_client|access_denied|unsupported_(?:response"
    r"|grant)_type|temporarily_unavailable|insufficient_scope)\b"  # OAuth 2
    # https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors
    r"|(?:^|: |- ?)(?:NOAUTH|WRONGPASS|NOPERM|MISCONF|CLUSTERDOWN|MASTERDOWN|NOREPLICAS|EXECABORT|WRONGTYPE|CROSSSLOT"
    r"|READONLY|NOSCRIPT|OOM) [A-Z][a-z]"
    r"|\bStates\.[A-Z]\w+"  # https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
    r"|\b(?:CONNECTION_FORCED|ACCESS_REFUSED|RESOURCE_LOCKED|CHANNEL_ERROR|UNEXPECTED_FRAME)\b"  # AMQP
    r"|(?i:\berr(?:or)?[ _]?code[\"']?\s*[=:]\s*-?(?:[a-z]{1,8}[-_]?)?[1-9])"
)
# What syslog and test runners write before what happened; a test that passed says what it tested.
_BEFORE = re.compile(
    r"\d{4}[/-]\d\d[/-]\d\d[T ][\d:.,Z]{8,30} |"
    r"(?:<\d{1,3}>)?[A-Z][a-z]{2} [ \d]\d [\d:]{8} \S{1,100} (?:[^\s:\[]{1,100}(?:\[\d{1,9}\])?: )?(?:\[ *\d+\.\d+\] )?"
)
# What a client did: https://docs.djangoproject.com/en/stable/ref/logging/#django-request
_OF_CLIENT = re.compile(
    r"^(?:bad request|unauthorized|forbidden|not found|method not allowed[^\n:]{0,20}): /\S*$",
    re.IGNORECASE | re.MULTILINE,
)
_BLANKS = re.compile(r" {2,}")
_PASSED = re.compile(
    r"\s*(?:[\u2713\u2714\u221a]|--- PASS\b|PASS(?:ED)?\b|ok \d|test \S+ \.\.\. (?:ok|ignored)\b|\[ *(?:OK"
    r"|PASSED) *\])"
)


# Logs repeat themselves but for numbers; long ones tell nothing, and what was judged is remembered without them.
_LONG_NUMBER = re.compile(r"\d{4,}+|\d{1,3}(?:\.\d{1,3}){3}")
_REMEMBERED, _LONGEST_REMEMBERED = 2_048, 500


def sounds_faulty(text: str) -> bool:
    """Tell whether the words of a text, which does not say its level, tell of an error."""
    masked = _LONG_NUMBER.sub("1111", text)
    return _judged_before(masked) if len(masked) <= _LONGEST_REMEMBERED else _sounds_faulty(masked)


@lru_cache(_REMEMBERED)
def _judged_before(text: str) -> bool:
    return _sounds_faulty(text)


def _sounds_faulty(text: str) -> bool:
    if _PASSED.match(text):
        return False
    if any(word in text.lower() for word in _OUTCOMES) and _OUTCOME.search(_STATEMENT.sub(" ", text).lower()):
        return True
    if not (_FAULT.search(text) or says_failure(text) or _STATE.search(text) or _OUTRIGHT.search(text)):
        return False  # as most are; what is taken out below adds nothing
    relevant = _relevant_in(text)
    if _SUCCESS.search(first := relevant.partition("\n")[0]) and not _UNSUCCESSFUL.search(first):
        return _OUTRIGHT_ERROR.search(relevant) is not None
    if _HAPPY.match(relevant):
        return _OUTRIGHT.search(relevant) is not None or (
            (tried := _TRIED.match(relevant)) is not None and says_failure(relevant[tried.end() :])
        )
    return _FAULT.search(relevant) is not None or says_failure(relevant) or _STATE.search(text) is not None


def _relevant_in(text: str) -> str:
    """Return a text without its beginning, names, and what only sounds like a fault."""
    before = _BEFORE.match(text)
    said = _NAMES.sub("~", _OF_CLIENT.sub("~", text[before.end() :] if before else text))
    low = said.lower()
    spans = [found.span() for found in _HARMLESS.finditer(low)]
    kept = said if len(low) == len(said) else low
    ends = [0, *(end for _, end in spans)]
    starts = [*(start for start, _ in spans), len(kept)]
    return _BLANKS.sub(" ", " ".join(kept[end:start] for end, start in zip(ends, starts, strict=True)))
