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
    r"|e(?:(?:host|net)unreach|conn(?:refused|reset|aborted)|timedout|pipe|addrinuse|acces|perm|noent|nospc"
    r"|[mn]file|rofs"
    r"|notfound|ai_again)\b|no route to host|no buffer space|connection (?:refused|aborted|reset|timed out|timeout)"
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
    r"|(?:exceed(?:s|ed|ing)?|exhaust(?:s|ed|ion)?|overr[au]n|(?:ran|run|runs) (?:out|dry)|used up)\b"
    r"|(?:nearly|almost|completely|\d+ ?%) full\b"
    r"|(?:reach(?:ed|es)?|hit|at|over) (?:the |its |their |your |our )(?:\w+ ){0,3}(?:limit|maximum|quota|capacity)\b"
    r"|(?:over|critical|high|excessive) ?(?:temperature|voltage|current)\b"
    r"|(?:not enough|insufficient) (?:memory|space|disk|room|resources|replicas|capacity|cpu|storage|privileges"
    r"|permissions|funds|stock|quota|nodes)|low on (?:memory|resources?|disk|space)|evicted\b(?! \d)"
    r"|(?:memory|connection|resource|goroutine|thread|handle) leak"
    r"|max(?:imum)? (?:number of )?(?:retries|attempts|tries)(?: \w+)? (?:reached|exceeded|exhausted)"
    r"|too many (?:connections|requests|clients|redirects|arguments|links|processes|threads|errors|retries|attempts"
    r"|failures|files|sessions|symbolic links|open)"
)
# What is not done, or is not so, on purpose.
_ON_PURPOSE = (
    r"(?:needed|required|necessary|set\b(?! to)|enabled|configured|empty|modified|changed|used|supported|cached|only"
    r"|expired|important|recommended|in |a problem|match any filter|enough to|applicable|affected|included|selected"
    r"|specified|provided|defined in|shown|contain|reached|upgraded|implemented|recommended|cleared|trusted|logged"
    r"|signed in|retried|logged|tracked|billed|counted|been (?:modified|changed|used|set)"
    r"|be (?:blank|empty|null|undone|changed|used|logged|retried|needed|shown|reused|combined))"
)
_NOT_DONE = (
    r"(?:could|did|does|do|is|was|are|were|has|have|had|would)(?: not|n[o']t) (?:yet |be )?"
    rf"(?!{_ON_PURPOSE})\w|(?:cannot|can't|can not) (?!{_ON_PURPOSE})\w|unable to\b|inability to\b"
    rf"|not (?!{_ON_PURPOSE})\w+(?:ed|able|ible)\b|not (?:sent|ready|running|alive|valid|allowed|there\b|set to)"
    r"|(?:was|were|is|are|has|have|had|but) never (?!mind|used)\w+(?:ed|ted|en|un|me|ck)\b"
    r"|never (?:delivered|arrived|finished|answered|started|came|completed|returned|released|received|responded)\b"
)
_GIVEN_UP = (
    r"(?:gave|giv(?:es?|ing)) up\b|bailing out|went wrong|gone wrong|wrong (?!answers?\b|by )\w|hung up\b"
    r"|socket hang up"
    r"|stop(?:s|ped) (?:responding|working|unexpectedly|reporting|half|midway|early|short|in the middle|sending"
    r"|receiving|accepting|because|due to|after an?\b)"
    r"|ke(?:eps|pt) (?!running|working|going)\w+ing\b|abandon(?:ed|ing)\b|cancel(?:l?ed|l?ing)\b[^\n]{0,80} due to"
    r"|(?:due to|because of|caused by) (?:an? |the )?(?:\w+ ){0,2}(?:timeout|limit|failure|error|crash|loss|lack"
    r"|shortage"
    r"|outage|violation|conflict)s?\b"
    r"|(?:is|was|are|were|been|got|went|gone|goes|became|becomes|turned|looks) (?:invalid|malformed|wrong|incorrect"
    r"|broken|damaged|denied|refused|rejected|aborted|killed|deadlocked|unable to|full|lagging|stuck|overloaded"
    r"|inaccessible|blocked|interrupted|truncated|busy|offline|silent|dark|stale|negative|tainted|incomplete|bad|dead"
    r"|unstable|frozen|jammed|empty-handed|lost|unusable|unreadable|out of sync)\b"
    r"|has gone (?:silent|dark|stale|away|offline|missing|bad)\b|(?:gone|went) away\b|revoked\b|(?:heartbeat"
    r"|deadline|check-?in)s? missed\b|\d+ \w+ missing\b|responded with 5\d\d\b|in (?:state|status) down\b"
    r"|(?:state|status) to (?:down|failed|error|offline|unhealthy)\b"
    r"|repeated too quickly|returned 5\d\d\b|essential container"
    r"|no (?:response|answer|reply|acknowledge?ment|heartbeat|signal|data|ack|sign of life)"
    r" (?:from|within|after|by|in|for|since)"
    r"|(?:no|none of the|not any) (?:more |disk |healthy |live |available |free |active |usable |cluster "
    r"|reachable |upstream )*"
    r"(?:space|memory|brokers?|nodes?|servers?|hosts?|backends?|replicas?|workers?|instances?|members?|disk|inodes"
    r"|sockets?"
    r"|ports?|slots?|capacity|endpoints?|upstreams?|targets?|leader|quorum|primary|master)"
    r" (?:left|available|remaining|found|responding|elected|answered|reachable|is available|was found)"
    r"|no (?:\w+ ){1,3}(?:reachable|responding|alive|received|listening|elected|could be)\b"
    r"|no (?:majority|quorum|listener|route|master|leader|survivors|working)\b(?! change)"
    r"|no more (?:\w+ )?(?:space|memory|room|retries|connections|brokers|nodes|servers|hosts|workers)"
    r"|no (?:healthy|live) (?:upstream|node|server|host|target|broker|backend)s?|no cluster leader|lost quorum"
)
_LOST = (
    r"lost\b(?! and found|\+)|miss(?:ed|ing) (?:\d+ |the |its |too many )?(?:heartbeat|deadline|ping|poll|probe"
    r"|beat|check-?in)s?\b"
    r"|bounced\b|died\b|dies\b|signal=\d|(?:by|on|with|got|caught) signal \d"
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
    r"|fail(?:s|ing)?\b|(?:link|power|disk|hardware|component|drive|battery|fan) (?:is |has )?(?:failure|failed|fault)"
    r"|un(?:readable|correctable|authori[sz]ed|stable|usable|resolvable|deliverable|responsive|reachable|healthy)\b"
    r"|differs? from\b|machine check|(?:data|instruction) storage interrupt|incomplete\b|undefined (?:reference"
    r"|symbol|variable|function"
    r"|index|method|property|array key|constant)|returned [1-9]\d* exit status|(?:terminated|stopped|ended) (?:for"
    r"|with) reason"
    r"|(?:timer|hold time|lease) (?:has |is |was )?expired|to down\b|(?:state|status)[=:] ?\"?(?:unavail|offline"
    r"|down|faulted|dead)"
    r"|(?:brick|disk|drive|node|host|link|port|peer|osd|replica|site|device|sensor|bridge|volume"
    r"|interface)s? (?:is |are |went )?"
    r"(?:offline|down)\b|(?:br[eo]aks?|broke|cut) (?:off|short)\b|ran into (?:an? )?(?:problem|issue|trouble)|jammed\b"
    r"|damaged\b|hangs\b|nothing (?:came|arrived|returned|was received)\b|had to (?:stop|abort|cancel|kill)\b"
    r"|consider (?:raising|increasing)\b|out of (?!stock\b|the\b|an?\b|order\b|office|scope|tree|box|band|date\b"
    r"|th[eo]se)[a-z]{3,}"
    r"|status checks? failed|invalid (?:page|record|descriptor|packet|frame|handle|address|operation|method|message"
    r"|entry"
    r"|reference)\b"
)
# For text in small letters: to mind no letter case takes several times as long.
_EVERY = (_SYSTEM_CALLS, _HTTP, _CRASHES, _RESOURCES, _NOT_DONE, _GIVEN_UP, _LOST, _WRONG)
_PHRASES = re.compile(rf"(?<!\w)(?:{'|'.join(_EVERY)})")


def says_failure(text: str) -> bool:
    """Tell whether a text holds a phrase by which systems or people say that something failed."""
    return _PHRASES.search(text.lower()) is not None
