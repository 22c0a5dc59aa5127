"""Token formats: credentials that are known by their form, as those who issue them document it.

Secret scanning of GitHub lists most issuers (https://docs.github.com/en/code-security/reference/secret-security/
supported-secret-scanning-patterns); other sources stand beside the format. A format that nothing but its length tells
from a digest, such as a key of 32 hexadecimal digits, is known by its name alone.
"""

import re
from functools import lru_cache

from chalicelib.domain.credentials.marks import mark, marked

_KEY = (
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
    r"[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|\Z)"
)
# https://tartarus.org/~simon/putty-snapshots/htmldoc/AppendixC.html
_PUTTY = (
    r"Private-Lines: \d{1,4}(?:\s|\\{1,7}[rn]){1,4}+"
    r"(?P<key>(?:[ \t]{0,8}[A-Za-z0-9+/=]{1,100}(?:\r?\n|(?:\\{1,7}r)?\\{1,7}n|\Z)){1,200}+)"
)
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
# https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys.html
_AWS = (
    r"(?P<access_key>(?:A[KS]IA|ABIA|ACCA)[A-Z0-9]{16,128}+)"
    r"|(?P<session_token>(?:FwoG|IQoJ|FQoG|AQoD)[A-Za-z0-9/+=%_-]{50,}+)"
    # As Kubernetes keeps private keys: RFC 7468 in base64.
    r"|(?P<private_key>LS0tLS1CRUdJTiB(?:SU0Eg|QUklW|FQyBQ|PUEVO|FTkNS|EU0Eg|QR1Ag)[A-Za-z0-9+/]{16,}+={0,2})"
    # https://kubernetes.io/docs/concepts/configuration/secret/#docker-config-secrets
    r"|(?P<registry_auth>eyJhdXRocyI6[A-Za-z0-9+/]{8,}+={0,2})"
    r"|(?P<jwt>eyJ(?:(?:hbGci|0eXAi|raWQi|lbmMi|jdHki|4NXQ|rIjoi)[\w-]{3,}+(?:\.[\w-]++){0,4}+"
    r"|(?<![\w-]eyJ)[\w-]{8,}+(?:\.[\w-]++){1,4}+)={0,2}+)"
)
# Whoever knows the address of such a webhook may post to it.
_WEBHOOKS = (
    r"(?P<webhook>(?:hooks\.slack\.com|hooks\.slack-gov\.com|(?:[a-z]{2,10}\.)?discord(?:app)?\.com/api/"
    r"(?:v\d+/)?webhooks"
    r"|[\w.-]{0,64}webhook\.office\.com|hooks\.zapier\.com/hooks|chat\.googleapis\.com/v1/spaces"
    r"|open\.(?:feishu|larksuite)\.c(?:n|om)/open-apis/bot|maker\.ifttt\.com/trigger)/[\w@/.?&=%-]++)"
)
# With an underscore in what they begin with.
_UNDERSCORED = (
    r"(?P<github_token>gh[a-z]_[A-Za-z0-9]{16,}+|github_pat_\w{16,}+)"
    r"|(?P<stripe_key>[srp]k_(?:live|test)_[A-Za-z0-9]{8,}+|whsec_[A-Za-z0-9+/=]{8,}+)"
    r"|(?P<api_key>npm_[A-Za-z0-9]{30,}+|hf_[A-Za-z0-9]{30,}+|api_org_[A-Za-z]{30,}+|gsk_[A-Za-z0-9]{40,}+"
    r"|r8_[\w-]{30,}+"
    r"|dckr_[op]at_[\w-]{20,}+|do[opr]_v1_[0-9a-f]{32,}+|shp[a-z]{2,3}_[0-9a-fA-F]{16,}+|rubygems_[0-9a-f]{40,}+"
    r"|gl(?:c|sa)_[\w+/=-]{20,}+|squ_[0-9a-f]{40}|sq[pa]_[0-9a-f]{40}|sntry[su]_[\w+/=-]{32,}+|lin_(?:api"
    r"|oauth)_\w{32,}+"
    r"|ntn_[A-Za-z0-9]{40,}+|secret_[A-Za-z0-9]{43}(?![A-Za-z0-9])|figd_[\w-]{30,}+|pscale_(?:tkn|pw"
    r"|oauth)_[\w.=-]{30,}+"
    r"|sbp_[0-9a-f]{40}|sb_secret_[\w-]{20,}+|nfp_[A-Za-z0-9]{30,}+|rnd_[A-Za-z0-9]{24,}+|hcai[ck]_[a-z0-9]{50,}+"
    r"|lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}|pcsk_[\w]{50,}+|tgp_v1_[\w-]{40,}+"
    r"|rzp_(?:live|test)_[A-Za-z0-9]{14,}+|tfp_[\w-]{40,}+|rdme_\w{60,}+|pnu_[A-Za-z0-9]{36}|bku[a-z]_[0-9a-f]{40}"
    r"|CCIP(?:AT|RJ)_\w{20,}+|FLWSECK(?:_TEST)?-\w{20,}+|shippo_(?:live|test)_[0-9a-f]{40}|ops_eyJ[\w=-]{50,}+"
    r"|y0_[\w-]{40,}+|access_token\$production\$\w{8,}+\$[0-9a-f]{32}|CLOJARS_[0-9a-f]{60}|live_\d{6,12}_[A-Za-z0-9]{30})"
)
# With a hyphen there: https://docs.gitlab.com/security/tokens/ and
# https://docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys/
_HYPHENED = (
    r"(?P<slack_token>xox[a-z](?:\.xox[a-z])?-[\w-]{8,}+|xapp-[\w-]{8,}+)"
    r"|(?P<gitlab_token>gl(?:pat|oas|dt|rtr?|cbt|ptt|ft|imt|agent|wt|soat|ffct)-[\w.-]{16,}+)"
    r"|(?P<model_key>sk-[\w-]{20,}+|pplx-[A-Za-z0-9]{30,}+|xai-[A-Za-z0-9]{60,}+|nvapi-[\w-]{40,}+|csk-[a-z0-9]{40,}+"
    r"|tvly-[\w-]{20,}+|bedrock-api-key-[A-Za-z0-9+/=]{20,}+)"
    r"|(?P<service_key>GOCSPX-[\w-]{16,}+|pypi-[\w-]{16,}+|NR(?:AK|JS|II|IQ|RA|BR|MA)-[\w-]{19,}+"
    r"|PMA[KT]-[0-9A-Za-z-]{24,}+"
    r"|key-[0-9a-f]{32}|[0-9a-f]{32}-us\d{1,2}(?!\w)|xkeysib-[0-9a-f]{64}-\w{16}|AGE-SECRET-KEY-1\w{20,}+"
    r"|tskey-[a-z]{3,12}-[\w-]{20,}+|HRKU-[\w-]{30,}+|CFPAT-[\w-]{40,}+|fio-u-[\w-]{60,}+|pul-[0-9a-f]{40}"
    r"|pat-(?:na|eu)\d-[0-9a-f-]{36}|SWMTKN-1-[\w-]{40,}+|sq0[a-z]{3}-[\w-]{20,}+|access-(?:sandbox"
    r"|production)-[0-9a-f-]{36}"
    r"|v1\.0-[0-9a-f]{24}-[0-9a-f]{100,}+|sdk-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    # https://apereo.github.io/cas/ on the protocol's tickets.
    r"|(?:ST|PT|TGT|PGT|PGTIOU)-\d{1,9}-(?=[\w.-]{0,64}[A-Z])(?=[a-z.-]{0,64}[A-Z\d_])[\w.-]{16,}+)"
)
# Azure: https://learn.microsoft.com/purview/sit-defn-azure-storage-account-key and its neighbours; Telegram:
# https://core.telegram.org/bots/features#botfather; Atlassian: https://support.atlassian.com/ on API tokens.
_OTHER = (
    r"(?P<cloud_key>AIza[\w-]{30,}+|ya29\.[\w-]{16,}+|1//0[\w-]{30,}+|LTAI[A-Za-z0-9]{12,}+|AKID[A-Za-z0-9]{32}"
    r"|ABSK[A-Za-z0-9+/=]{60,}+|dapi[0-9a-f]{32}(?:-\d)?|FlyV1 [\w+/=,]{40,}+|fm[12][a-z]?_[\w+/=]{40,}+"
    r"|[A-Za-z0-9+/]{33,76}(?:\+ASt|\+ABa|\+AMC|\+ASb|\+AEh|\+ARm|AIoT|ACDb|APIM|AzCa|AzSe"
    r"|AzFu)[A-Za-z0-9+/]{5,8}={1,2}"
    r"|[A-Za-z0-9]{42}(?:AzSe|\+ACR|AAAA)[A-D][A-Za-z0-9]{5}(?![A-Za-z0-9])|[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}"
    r"|[A-Za-z0-9]{44,60}JQQJ99[A-Za-z0-9]{10,40}|[\w.~-]{3}[78]Q~[\w.~-]{31,34})"
    r"|(?P<access_token>SG\.[\w-]{16,64}\.[\w-]{16,}+|hv[sbr]\.[\w-]{20,}+|[A-Za-z0-9]{14}\.atlasv1\.[\w-]{50,}+"
    r"|AT[AC]TT3x[\w=-]{20,}+|ATBB[A-Za-z0-9]{28,}+|GR1348941[\w-]{20}|[0-9a-f]{36}NRAL|AKC[a-z][A-Za-z0-9]{60,}+"
    r"|cmVmdGtu[A-Za-z0-9]{56}|dp\.(?:pt|st|ct|sa|scim|audit)\.[\w.-]{30,}+|dt0[a-z]\d\d\.[A-Z0-9]{24}\.[A-Z0-9]{64}"
    r"|EAA[A-Za-z0-9_-]{60,}+|SK[0-9a-f]{32}|sk\.eyJ[\w.-]{30,}+|A{22}[\w%]{60,}+"
    r"|oy2[a-z0-9]{43}|sl\.(?:u\.)?[\w-]{60,}+)"
)
# A format begins where a word does, or behind what stands for a sign that is none of a word: `\n`, `%20`, `\u0022`.
_BEGINNING = r"(?:(?<![A-Za-z0-9])|(?<=\\[nrt])|(?<=%[0-9A-Fa-f]{2})|(?<=u00[0-9A-Fa-f]{2})|(?<=/bot))"
_ANYWHERE = rf"{_AWS}|{_WEBHOOKS}"
_BY_UNDERSCORE, _BY_HYPHEN = rf"{_BEGINNING}(?:{_UNDERSCORED})", rf"{_BEGINNING}(?:{_HYPHENED})"
_BY_OTHER = rf"{_BEGINNING}(?:{_OTHER})"

# What these cannot do without, so that most texts need not be searched.
IN_ANYWHERE = (
    *(
        "AKIA",
        "ASIA",
        "ABIA",
        "ACCA",
        "eyJ",
        "FwoG",
        "IQoJ",
        "FQoG",
        "AQoD",
        "LS0tLS1CRUdJTiB",
        "hooks.slack",
        "discord",
    ),
    *("webhook.office", "hooks.zapier", "chat.googleapis", "open-apis/bot", "maker.ifttt"),
)
_IN_UNDERSCORED = (
    *("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "k_live_", "k_test_", "whsec_", "npm_", "hf_"),
    *("api_org_", "gsk_", "r8_", "dckr_", "_v1_", "shpat_", "shpca_", "shppa_", "shpss_", "shptka_"),
    *("rubygems_", "glc_", "glsa_", "squ_", "sqp_", "sqa_", "sntry", "lin_api_", "lin_oauth_", "ntn_"),
    *("secret_", "figd_", "pscale_", "sbp_", "sb_secret_", "nfp_", "rnd_", "hcai", "lsv2_", "pcsk_", "rzp_"),
    *("tfp_", "rdme_", "pnu_", "bkua_", "CCIP", "FLWSECK", "shippo_", "ops_eyJ", "y0_", "access_token$"),
    *("CLOJARS_", "live_"),
)
_IN_HYPHENED = (
    *("xox", "xapp-", "glpat-", "gloas-", "gldt-", "glrt", "glcbt-", "glptt-", "glft-", "glimt-", "glagent-"),
    *("glwt-", "glsoat-", "glffct-", "sk-", "pplx-", "xai-", "nvapi-", "csk-", "tvly-", "bedrock-api"),
    *("GOCSPX-", "pypi-", "NRAK-", "NRJS-", "NRII-", "NRIQ-", "NRRA-", "NRBR-", "NRMA-", "PMAK-", "PMAT-"),
    *("key-", "-us", "xkeysib-", "AGE-SECRET", "tskey-", "HRKU-", "CFPAT-", "fio-u-", "pul-", "pat-", "SWMTKN"),
    *("sq0", "access-", "v1.0-", "sdk-", "ST-", "PT-", "TGT-", "PGT"),
)
_LONG_WORDS = r"[\w+/=.~:%$-]{20,}+"
# Most of the others have capitals, digits or signs at certain places in such a word, and no small beginning of a line.
_IN_OTHERS = (
    *("AIza", "ya29.", "1//0", "LTAI", "AKID", "ABSK", "dapi", "FlyV1", "fm1", "fm2", "+ASt", "+ABa", "+AMC"),
    *("+ASb", "+AEh", "+ARm", "AIoT", "ACDb", "APIM", "AzCa", "AzSe", "AzFu", "+ACR", "AAAA", "AZDO", "JQQJ99"),
    *("Q~", "SG.", "hvs.", "hvb.", "hvr.", "atlasv1", "TT3x", "ATBB", "GR1348941", "NRAL", "AKC", "cmVmdGtu"),
    *("dp.", "dt0", "EAA", "SK", "sk.eyJ", "oy2", "sl.", "$P$", "$H$"),
)
IN_LONG_WORDS = (*_IN_UNDERSCORED, *_IN_HYPHENED, *_IN_OTHERS)
# What is known by the lengths of its parts alone, AWS's secret keys among them, is no shorter.
VERY_LONG_WORD = r"[\w+/=.~:%$-]{36,}+"
_TELEGRAM = rf"{_BEGINNING}(?P<bot_token>\d{{6,10}}:(?=[\w-]{{0,33}}[A-Z])[\w-]{{34,35}}(?![\w-]))"
_DISCORD = rf"{_BEGINNING}(?P<bot_token>[MNO][\w-]{{23,25}}\.[\w-]{{6}}\.[\w-]{{27,38}})"
_AIRTABLE = rf"{_BEGINNING}(?P<access_token>pat[A-Za-z0-9]{{14}}\.[0-9a-f]{{64}})"

_ASANA = rf"{_BEGINNING}(?P<access_token>[012]/(?:\d{{10,20}}/)?\d{{10,20}}:[0-9a-f]{{32}}(?!\w))"
_RANCHER = rf"{_BEGINNING}(?P<access_token>(?:kubeconfig-[\w-]{{1,64}}|token-\w{{5}}):[a-z0-9]{{54}}(?!\w))"
# https://developer.pagerduty.com/docs/events-api-v2-overview; other routing keys are names.
_ROUTING = r"(?i)(?<=routing)(?P<before>[_-]?key[\"']{0,2}\s{0,2}[:=]\s{0,2}[\"']?)(?P<secret>[0-9a-f]{32}(?!\w))"
# What passwords are stored as: crypt(5), https://passlib.readthedocs.io/en/stable/modular_crypt_format.html, Django's
# hashers, and RFC 2307 of LDAP. Who has them tries words until one fits.
_STORED = (
    # Behind a word, such a sign parts a class from one within it: Java's `Order$1$Line`.
    r"(?P<password_hash>(?:(?<![\w$])|(?<=\\[nrt])|(?<=%[0-9A-Fa-f]{2})|(?<=u00[0-9A-Fa-f]{2}))"
    r"\$(?:2[abxy]?|[1567y]|gy|[PHS]|apr1|argon2(?:id?|d)|scrypt|pbkdf2[\w-]{0,16}|bcrypt-sha256|sha1)\$"
    r"[\w./+=,$-]{20,}+"
    rf"|{_BEGINNING}(?:pbkdf2_sha(?:1|256|512)|bcrypt(?:_sha256)?|argon2|scrypt)\$[\w./+=,$-]{{20,}}+"
    r"|\{S?(?:SHA|MD5|SMD5|CRYPT|PBKDF2)\d{0,3}(?:-\w{1,8})?\}[\w./+=$]{20,}+)"
)
_IN_STORED = (
    *("$1$", "$2$", "$2a$", "$2b$", "$2x$", "$2y$", "$5$", "$6$", "$7$", "$y$", "$gy$", "$P$", "$H$", "$S$", "$apr1$"),
    *("$argon2", "argon2$", "scrypt$", "$pbkdf2", "_sha256$", "_sha1$", "_sha512$", "$bcrypt", "bcrypt$", "$sha1$"),
)
_ENDS_SCHEME = r"\}[\w./+=$]{20}"

# An AWS secret key has no prefix: forty characters of mixed sorts, which change from one to the next as chance has it.
_SECRET_KEY = r"(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])"  # noqa: S105 - what one looks like
_SORTS = r"[A-Z]+|[a-z]+|[0-9]+|[/+]"
_FEWEST_RUNS = 17
_CAPITALS, _SMALL, _DIGIT = "(?:[A-Z][^A-Z]*+){3}", "(?:[a-z][^a-z]*+){3}", r"\d"


@lru_cache(2)
def long_words(text: str) -> str:
    """Return the long words of a text, each once; it is asked for twice in a row."""
    return " ".join(dict.fromkeys(re.findall(_LONG_WORDS, text)))


def without_tokens(text: str) -> str:
    """Replace what is known by its form."""
    if "-----BEGIN" in text:
        text = re.sub(_KEY, mark("private key"), text)
    if "Private-Lines: " in text:
        text = re.sub(_PUTTY, lambda found: marked(found, "key", "private key"), text)
    if any(map(text.__contains__, IN_ANYWHERE)):
        text = re.sub(_ANYWHERE, _marked, text)
    words = long_words(text)
    if not words:
        return text
    if "outing" in text:
        text = re.sub(_ROUTING, lambda found: marked(found, "secret", "secret"), text)
    if ("$" in words and any(map(words.__contains__, _IN_STORED))) or ("}" in text and re.search(_ENDS_SCHEME, text)):
        text = re.sub(_STORED, _marked, text)
    if any(map(words.__contains__, _IN_UNDERSCORED)):
        text = re.sub(_BY_UNDERSCORE, _marked, text)
    if any(map(words.__contains__, _IN_HYPHENED)):
        text = re.sub(_BY_HYPHEN, _marked, text)
    if any(map(words.__contains__, _IN_OTHERS)):
        text = re.sub(_BY_OTHER, _marked, text)
    return _without_parted_tokens(text, words) if "." in words or ":" in words else text


def _without_parted_tokens(text: str, words: str) -> str:
    """Replace what is known by the lengths of its parts alone."""
    if re.search(r":[\w-]{34}", words):
        text = re.sub(_TELEGRAM, _marked, text)
    if re.search(r"\.[\w-]{6}\.[\w-]{27}", words):
        text = re.sub(_DISCORD, _marked, text)
    if re.search(r"\.[0-9a-f]{64}", words):
        text = re.sub(_AIRTABLE, _marked, text)
    if re.search(r":[0-9a-f]{32}", words):
        text = re.sub(_ASANA, _marked, text)
    if re.search(r":[a-z0-9]{54}", words):
        text = re.sub(_RANCHER, _marked, text)
    return text


def without_secret_keys(text: str) -> str:
    """Replace what has the form of AWS's secret keys; words in a row have fewer changes of sort, and digests none."""
    return re.sub(_SECRET_KEY, lambda found: mark("secret key") if _is_mixed(found[0]) else found[0], text)


def _is_mixed(text: str) -> bool:
    if len(re.findall(_SORTS, text)) < _FEWEST_RUNS:
        return False
    return all(re.search(each, text) for each in (_CAPITALS, _SMALL, _DIGIT))


def _marked(found: re.Match[str]) -> str:
    return mark((found.lastgroup or "").replace("_", " "))
