"""Failure phrases: how systems and people say that something failed without any word for an error.

Errors of system calls: https://man7.org/linux/man-pages/man3/errno.3.html
Name lookups: https://man7.org/linux/man-pages/man3/gai_strerror.3.html
Answers of HTTP: https://www.rfc-editor.org/rfc/rfc9110#section-15.6
The C library's checks: https://www.gnu.org/software/libc/manual/html_node/Heap-Consistency-Checking.html
Kubernetes: https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/
"""

import re

_SYSTEM_CALLS = (
    r"operation not permitted|no such (?:file|process|device|host|container|image|table|column|function|method|module"
    r"|key|index|service|user|order|bucket|queue|topic|option|command|object|entity|element)\b"
    r"|input/output error|i/o error|argument list too long|bad file descriptor|bad address|cannot allocate memory"
    r"|device or resource busy|resource temporarily unavailable|text file busy|read-only file system|too many levels"
    r"|too many open files|no space left|disk quota exceeded|stale (?:nfs )?file handle|broken pipe"
    r"|(?:is |are )?already (?:in use|bound)\b|cannot assign requested address|(?:network|host) is (?:down|unreachable)"
    r"|no route to host|no buffer space|connection (?:refused|aborted|reset|timed out|timeout)"
    r"|name or service not known|temporary failure in name resolution|nodename nor servname|key has expired"
)
_HTTP = r"internal server error|bad gateway|service (?:temporarily )?unavailable|gateway time-?out"
_CRASHES = (
    r"double free|use[- ]after[- ]free|heap corruption|corrupted (?:size|top size|double-linked|unsorted)"
    r"|stack smashing"
    r"|bus error|illegal instruction|floating point exception|segmentation fault|segfault|general protection fault"
    r"|not syncing|(?:soft|hard) lockup|blocked for more than \d+ seconds|null pointer|nil pointer|null reference"
    r"|divi(?:sion|de) by zero|(?:stack|heap|buffer|integer|queue) (?:overflow|underflow)|out of (?:range|bounds)\b"
    r"|core dumped|crash dump|code=(?:killed|dumped)|remount\w* (?:file ?system )?read-only|kernel pid terminated"
    r"|init terminating"
)
_RESOURCES = (
    r"out of (?:memory|disk|space|inodes|file descriptors|sync|heap|resources|capacity|connections|threads)\b"
    r"|(?:disk|device|table|queue|buffer|pool|volume|partition|backlog|filesystem|file system|heap|memory|mailbox"
    r"|tablespace|log)s? (?:is |are |was )?(?:full|exhausted|used up)\b(?! recover)"
    r"|(?:\w+ )?(?:pool|retries|attempts|memory|space|quota|limit|budget|credits) (?:is |are |was "
    r"|were )?(?:exhausted|used up)"
    r"|(?:limit|quota|deadline|timeout|maximum|capacity|memory|rate|retries|attempts|size|time|threshold|concurrency)s?"
    r" (?:was |is |has been |have been )?exceeded"
    r"|exceed(?:s|ed|ing)? (?:the |its |their |your |our )?(?:\w+ ){0,2}(?:limit|quota|deadline|maximum|capacity|memory"
    r"|size|time|timeout|threshold|retries|length)\b"
    r"|(?:not enough|insufficient) (?:memory|space|disk|room|resources|replicas|capacity|cpu|storage|privileges"
    r"|permissions|funds|stock|quota|nodes)|low on (?:memory|resources?|disk|space)|evicted\b(?! \d)"
    r"|(?:memory|connection|resource|goroutine|thread|handle) leak"
    r"|max(?:imum)? (?:number of )?(?:retries|attempts|tries)(?: \w+)? (?:reached|exceeded|exhausted)"
    r"|too many (?:connections|requests|clients|redirects|arguments|links|processes|threads|errors|retries|attempts"
    r"|failures|files|sessions|symbolic links|open)"
)
_GIVEN_UP = (
    r"(?:could|did|does|do|is|was|are|were|has|have|had)(?: not|n[o']t) (?:yet )?(?!needed|required|necessary"
    r"|set\b|enabled"
    r"|configured|empty|modified|changed|used|supported|cached|only|expired|important|recommended|in |a problem"
    r"|be (?:blank"
    r"|empty|null|undone|changed)|match any filter|been (?:modified|changed|used)|enough to)\w"
    r"|(?:cannot|can't) (?:read|write|open|connect|reach|find|load|parse|create|resolve|bind|start|allocate|access"
    r"|get|send"
    r"|stat|remove|execute|run|import|fork|continue|proceed|establish|locate|determine|process|decode|convert|serve"
    r"|acquire"
    r"|obtain|lock|fetch|complete|delete|update|save|store|handle|perform|attach|mount|initiali[sz]e|map|join"
    r"|be (?:found|opened|read|loaded|resolved|processed|saved|created|started|reached|parsed))\b"
    r"|(?:gave|giv(?:es?|ing)) up\b|bailing out|went wrong|gone wrong|hung up\b|socket hang up"
    r"|stopped (?:responding|working|unexpectedly|reporting)|keeps (?:failing|crashing|restarting|timing out)"
    r"|(?:is|was|are|were|been|got) (?:invalid|malformed|wrong|incorrect|broken|damaged|denied|refused|rejected"
    r"|aborted|killed"
    r"|deadlocked|unable to|full|lagging|stuck|overloaded|inaccessible|blocked|interrupted|truncated|busy)\b"
    r"|repeated too quickly|never (?:delivered|arrived|finished|answered|started|came back|completed)\b"
    r"|returned 5\d\d\b|essential container"
    r"|no (?:response|answer|reply) (?:from|within|after|by)"
    r"|(?:no|none of the|not any) (?:more |disk |healthy |live |available |free |active |usable |cluster "
    r"|reachable |upstream )*"
    r"(?:space|memory|brokers?|nodes?|servers?|hosts?|backends?|replicas?|workers?|instances?|members?|disk|inodes"
    r"|sockets?"
    r"|ports?|slots?|capacity|endpoints?|upstreams?|targets?|leader|quorum|primary|master)"
    r" (?:left|available|remaining|found|responding|elected|answered|reachable|is available|was found)"
    r"|no more (?:\w+ )?(?:space|memory|room|retries|connections|brokers|nodes|servers|hosts|workers)"
    r"|no (?:healthy|live) (?:upstream|node|server|host|target|broker|backend)s?|no cluster leader|lost quorum"
)
_LOST = (
    r"lost (?:connection|contact|quorum|(?:the )?(?:lock|lease|leader|primary|master)|leadership|connectivity|sync"
    r"|communication|heartbeat|access|track)"
    r"|(?:connection|quorum|lease|lock|leadership|session|link|heartbeat|contact|node|worker|peer|message|data|packet"
    r"|event|order|update|write)s?(?: (?:to|with|from|of) [\w.:-]{1,80})? (?:was |were |is |are |has been "
    r"|have been |got )?lost\b"
    r"|data loss|dead-?lettered|closed (?:unexpectedly|prematurely|by (?:remote host|the remote|foreign host"
    r"|the server))"
    r"|dropp(?:ing|ed) (?:[1-9]\d* )?(?:packet|connection|request|message|event|frame|metric|span|batch|sample"
    r"|record|log|job)s?\b"
    r"|(?:message|event|record|job|request|mail|packet)s? (?:was |were |is |are )?(?:dropped|dead-lettered"
    r"|undeliverable|bounced)"
    r"|(?:moved|sent|routed) to (?:the )?(?:dead[- ]letter|dlq)|undeliverable"
    r"|(?:process|worker|thread|job|child|daemon|service|node|peer|pod|server|container|task|shard|broker|replica"
    r"|extension"
    r"|instance|host|agent|member|listener|consumer|producer|database|primary|leader|cluster|gateway|upstream|backend)"
    r"(?: [\w.:\[\]#-]{1,60}){0,3} (?:has |have |is |was |are |were |went )?(?:died|dead|down|stuck|hung"
    r"|unreachable|unresponsive"
    r"|unhealthy|unavailable|vanished|disappeared|lagging|stalled|offline|degraded)\b"
)
_WRONG = (
    r"mismatch(?:e[sd])?\b|unexpected(?:ly)?\b|corrupt(?:ed|ion|s)?\b|malformed\b|inconsistent\b|unrecoverable"
    r"|irrecoverable"
    r"|(?:invalid|illegal|bad|unknown|unrecognized|unsupported) (?:argument|configuration|config|json|checksum"
    r"|format|syntax|state"
    r"|pointer|character|response|opcode|certificate|option|memory|magic|encoding|data|parameter|signature|token"
    r"|credentials"
    r"|header|input|command|host|column|database|directive|symbol|authority|instruction|request|gateway|block"
    r"|sector|escape|utf-8|xml"
    r"|yaml|value|type|size|length|index|file|path|url|date|number|password)"
    r"|(?:file|module|command|library|symbol|table|column|relation|host|package|image|device|driver|class|executable"
    r"|interpreter|domain|bucket|secret|config|configuration|credentials|template|schema|certificate|dependency"
    r"|page|script"
    r"|manifest|queue|topic|stream|index|database|plugin)s?\b(?: [^\s]{1,80}){0,4} (?:not found|missing)\b"
    r"|(?:missing|lacks?) (?:required|mandatory|parameter|argument|field|file|module|dependency|header|script"
    r"|permission"
    r"|environment|configuration|credentials|key|value|property|secret)|(?:is|are|was|were) (?:missing|gone)\b"
    r"|(?:certificate|cert|licen[cs]e|credentials?|key|password|subscription|domain)s?(?: [^\s]{1,80}){0,4}"
    r" (?:has |have |is |was |are )?expired\b|expired (?:certificate|cert|licen[cs]e|credentials?|key|password)"
    r"|(?:write|edit|update|version|merge|lock) conflict|resource busy|missing (?:for|in|from)\b|watchdog timeout"
    r"|(?:sh|bash|zsh|dash): [^\n]{0,80}: not found|upload interrupted|(?:retries|attempts) (?:reached|used up)"
    r"|duplicate (?:key|entry|primary)|violat(?:es|ed|ion|ions)\b|(?:rejected|declined|refused|unreachable"
    r"|throttled|broken|degraded|unhealthy|unrecogni[sz]ed)\b|not responding"
    r"|too (?:large|big|small|long|short|old|late|low|high|slow|few|quickly)\b|(?:ran|run|running) out of\b|is locked\b"
    r"|(?:quota|limit|maximum|capacity) (?:\w+ )?(?:reached|hit)\b|panic(?:ked|king)?(?:: | in | at |!)|bug:|kernel bug"
    r"|overflow(?:ed|s)?\b|stall(?:ed|s)?\b|(?:is|went|are) down\b|is expired\b"
    r"|(?:rolled|rolling) back\b|impossible to\b"
    r"|exit(?:ed|s|ing)? abnormally|abnormal(?:ly)? (?:exit|terminat\w+|program)|terminated (?:abnormally|unexpectedly)"
    r"|refus(?:ed|es|ing) (?:to|by|connection|our|the)"
    r"|back-?off (?:restarting|pulling)|timed out\b|(?:lock wait |read |write |connect |request |operation )?timeout"
    r" (?:while|waiting|after|expired|exceeded|reached|connecting|reading|writing|talking|on|from|of)"
    r"|aborting\b|bad (?:magic|checksum|crc)|parity error|not authorized to|permission denied|access denied"
    r"|fail(?:s|ing)?\b"
)
# For text in small letters: to mind no letter case takes several times as long.
_EVERY = (_SYSTEM_CALLS, _HTTP, _CRASHES, _RESOURCES, _GIVEN_UP, _LOST, _WRONG)
_PHRASES = re.compile(rf"(?<!\w)(?:{'|'.join(_EVERY)})")


def says_failure(text: str) -> bool:
    """Tell whether a text holds a phrase by which systems or people say that something failed."""
    return _PHRASES.search(text.lower()) is not None
