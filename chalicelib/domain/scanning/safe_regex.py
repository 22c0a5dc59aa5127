"""Regular expressions of the scan file: what Logs Insights and Python read alike, and neither reads for ever.

AWS does not say which dialect Insights speaks, so only what all of them share is taken; letter case makes no
difference. Python tries every way in which repetitions can share a text, and the text may be hostile: what may take too
many tries is refused.
"""

import re

from chalicelib.domain.scanning.regex_cost import refuse_costly

LONGEST = 200
FLAGS = re.IGNORECASE | re.ASCII
MOST_REPETITIONS = 6

TOKEN = re.compile(
    r"""
      \\ (?P<escape> . )
    | (?P<chars>  \[ \^? ]? (?: \\. | [^]\\] )*+ (?P<end> ] )? )
    | (?P<group>  \( \? .? )
    | (?P<open>   \( )
    | (?P<close>  \) )
    | (?P<repeat> [*+?] | \{ \d+ (?P<more> , (?P<most> \d* ) )? \} ) (?P<greed> [?+]? )
    | (?P<char>   . )
    """,
    re.VERBOSE | re.DOTALL,
)
LETTERS = "dDwWsSbBtnr"
ESCAPE = re.compile(r"\\(?P<escape>.)", re.DOTALL)
NESTED = re.compile(r"\[|&&|\|\||--|~~")
SLASH = re.compile(r"(?P<escape>\\[^/])|\\?/", re.DOTALL)


def compiled(text: str) -> re.Pattern[str]:
    """Compile an expression; ValueError says what is wrong with it and what to write instead."""
    if not 0 < len(text) <= LONGEST or not text.isprintable():
        raise ValueError(f"expected one line of 1 to {LONGEST} characters")
    tokens = [*TOKEN.finditer(text)]
    for token in tokens:
        _refuse_dialect(token)
    count = sum(token.lastgroup == "greed" for token in tokens)
    if count > MOST_REPETITIONS:
        raise ValueError(f"there are {count} repetitions; there may be {MOST_REPETITIONS}")
    try:
        pattern = re.compile(text, FLAGS)
    except (re.error, OverflowError) as error:
        raise ValueError(f"invalid regular expression '{text}': {error}") from None
    refuse_costly(tokens)
    if pattern.search(""):
        raise ValueError(f"'{text}' fits everything")
    return pattern


def in_query(pattern: re.Pattern[str]) -> str:
    """Return an expression as it stands between the slashes of a query."""
    return SLASH.sub(lambda found: found["escape"] or r"\x2F", pattern.pattern)


def _refuse_dialect(token: re.Match[str]) -> None:
    """Refuse what other dialects read otherwise or not at all."""
    match token.lastgroup:
        case "escape" if token["escape"].isalnum() and token["escape"] not in LETTERS:
            raise ValueError(f"'{token[0]}' is not portable; of letters escape {', '.join(LETTERS)} only")
        case "chars" if not token["end"]:
            raise ValueError(r"'[' has no end; write \[ for the sign itself")
        case "chars":
            inside = token[0][1:-1]
            for escape in ESCAPE.finditer(inside):
                _refuse_dialect(escape)
            if NESTED.search(ESCAPE.sub("", inside)):
                raise ValueError(rf"'{token[0]}' is not portable; inside write \[, and none of && || -- ~~")
        case "group" if token[0] != "(?:":
            raise ValueError(f"'{token[0]}' is not portable; of groups write (...) or (?:...)")
        case "greed" if token["greed"] == "+":
            raise ValueError(f"'{token[0]}' is not portable; write {token['repeat']}")
        case "char" if token[0] == "{":
            raise ValueError(r"'{' has no end; write \{ for the sign itself")
