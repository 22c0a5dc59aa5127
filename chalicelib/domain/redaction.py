"""Redaction: takes secrets out of foreign text before it goes anywhere, and leaves the rest of it readable.

What can be parsed is parsed first, and secrets are taken out of its values: JSON stays JSON of the same shape, be it
the whole text or a part of it, and so does JSON within JSON. Anything else is searched for the forms of credentials,
and for the names that stand before them (chalicelib/domain/credentials). What replaces a secret names its kind and
nothing of it, so that nothing made of the text depends on it. Text is redacted before it is cut, as half a secret has
no form.

Every pattern takes time in proportion to the text, whatever the text is: repetitions are bounded, or take all that they
can reach and never give it back. `re` compiles each when it first looks for it: a cold start should not pay for all of
them, as most texts hold the words of few.
"""

import json
import re
from typing import Any

from chalicelib.domain.credentials.addresses import without_address_secrets
from chalicelib.domain.credentials.assignments import name_before, without_assigned
from chalicelib.domain.credentials.commands import SIGNS, may_be_password_file, without_arguments, without_statements
from chalicelib.domain.credentials.headers import without_header_secrets
from chalicelib.domain.credentials.marks import mark
from chalicelib.domain.credentials.names import TURKISH, WORDS, is_sensitive, kind_of, may_hold_names
from chalicelib.domain.credentials.personal_numbers import (
    LIKE_IBAN,
    MOST_DIGITS,
    SMALLEST_CARD,
    is_card,
    without_personal_numbers,
)
from chalicelib.domain.credentials.positional_values import POSITIONAL, without_positional_values
from chalicelib.domain.credentials.token_formats import (
    IN_ANYWHERE,
    IN_LONG_WORDS,
    VERY_LONG_WORD,
    long_words,
    without_secret_keys,
    without_tokens,
)
from chalicelib.domain.credentials.values import is_harmless, is_nothing
from chalicelib.domain.text import DEEPEST

_EMAIL = r"(?<![\w.+%-])[\w.+%-]{1,64}+@(?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,24}\b"
# Nothing shorter is a secret by its form, or has a name before it.
_SHORTEST = 6
# A key of JSON Web Key: what is private of it, https://www.rfc-editor.org/rfc/rfc7518#section-6.
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "k"})
# A name may stand in a field of its own, its value in another.
_NAMING = frozenset({"name", "Name", "key", "Key", "ParameterKey", "ParameterName", "OptionName"})
# Deeper than this, a record is text like any other.
_DEEPEST = 40
# Where JSON may begin within a text; what looks so and is none is tried no more often than this.
_JSON = r"[\[{](?=\s{0,8}[\"\[{])"
_MOST_TRIES = 8
# Behind brackets that are no list, but say which value is set: `["password"]=>`, `db["password"] = `.
_SUBSCRIPT = r" ?=|\["
# A Slack webhook and the like are secrets even where AWS's own events hold nothing else in a text.
_ADDRESS = "://"
# What no secret without a name can do without: a word, a sign or a length. Most texts have none of these.
_SIGNS = (
    "@",
    _ADDRESS,
    "code",
    "oracle:",
    "sqlplus",
    *SIGNS,
    "-----begin",
    "private-lines: ",
    *map(str.casefold, IN_ANYWHERE),
)
_NUMBERS = (LIKE_IBAN, r"\d(?<!\d\d)(?=(?:[ \u00a0.-]?\d){12})")


def redacted(text: str, *, emails: bool = False) -> str:
    """Return a text without secrets; `emails` takes e-mail addresses for some."""
    text = _redacted_text(text, _DEEPEST)
    return re.sub(_EMAIL, mark("e-mail"), text) if emails and "@" in text else text


def redacted_detail(value: Any, *, by_name: bool) -> Any:
    """Return an event's detail, which is strict JSON, without secrets.

    `by_name` also takes what stands under names such as `password`. AWS's own events name identifiers so, such as the
    access key that a finding is about. Of those, `by_name` being false, only texts of several words, which quote what
    somebody else wrote, and addresses are redacted.
    """
    if by_name:
        return redacted_json(value, 2 * DEEPEST)  # strict JSON ends before
    match value:
        case str() if " " in value:
            return redacted(value)
        case str() if _ADDRESS in value:
            return without_tokens(without_address_secrets(value))
        case dict():
            return {name: redacted_detail(each, by_name=False) for name, each in value.items()}
        case list():
            return [redacted_detail(each, by_name=False) for each in value]
        case _:
            return value


def redacted_json(value: Any, deepest: int = _DEEPEST) -> Any:
    """Return JSON of the same shape in which secrets are redacted, and the values of names such as `password`."""
    if not deepest:
        return _redacted_depth(value)
    match value:
        case dict():
            listed = any(is_sensitive(value[name]) for name in _NAMING & value.keys())
            sensitive = set(filter(is_sensitive, value)) | (_PRIVATE & value.keys() if "kty" in value else set())
            return {
                _without_secrets(name): _redacted_field(
                    name, each, deepest - 1, listed=listed, sensitive=name in sensitive
                )
                for name, each in value.items()
            }
        case list():
            # Headers are lists in some places: a name, and its value behind it.
            behind = [False, *map(is_sensitive, value)]
            pairs = zip(value, behind, strict=False)
            return [
                _blackened(each, "secret", deepest) if is_value else redacted_json(each, deepest - 1)
                for each, is_value in pairs
            ]
        case str():
            return _redacted_text(value, deepest - 1)
        case int() if value >= SMALLEST_CARD and is_card(str(value)[: MOST_DIGITS + 1]):
            return mark("card number")
        case _:
            return value


def _redacted_depth(value: Any) -> Any:
    """Return what lies too deep, as it is or, where that holds a secret, as a text."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    clean = _without_secrets(text)
    return value if clean == text else clean


def _redacted_text(text: str, deepest: int) -> str:
    """Redact the JSON in a text as JSON, and what stands around it as text."""
    if len(text) < _SHORTEST:
        return text
    if any(map(text.__contains__, POSITIONAL)):
        text = without_positional_values(text)
    if not deepest or ("{" not in text and "[" not in text):
        return _without_secrets(text)
    kept, behind, tries = [], 0, 0
    for found in re.finditer(_JSON, text):
        if found.start() < behind:
            continue
        parsed = _parsed(text, found.start())
        if parsed is None or re.match(_SUBSCRIPT, text[parsed.end : parsed.end + 2]):
            tries += 1
            if tries == _MOST_TRIES:
                break
            continue
        before = text[behind : found.start()]
        kept += [_without_secrets(before), _redacted_part(text[found.start() : parsed.end], parsed, before, deepest)]
        behind = parsed.end
    return "".join((*kept, _without_secrets(text[behind:])))


class _Parsed:
    """JSON in a text: its value, where it ends, and whether it says something twice."""

    def __init__(self, text: str, start: int) -> None:
        self.repeats = False
        decoder = json.JSONDecoder(object_pairs_hook=self._object)
        self.value, self.end = decoder.raw_decode(text, start)

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        fields = dict(pairs)
        self.repeats |= len(fields) < len(pairs)
        return fields


def _parsed(text: str, start: int) -> _Parsed | None:
    try:
        return _Parsed(text, start)
    except (ValueError, RecursionError):
        return None


def _redacted_part(text: str, parsed: _Parsed, before: str, deepest: int) -> str:
    """Redact the JSON that a text is; as it stands where there is nothing to redact."""
    name = name_before(before)
    clean = _blackened(parsed.value, kind_of(name), deepest) if name else redacted_json(parsed.value, deepest)
    # What is said twice has been read once only.
    return text if clean == parsed.value and not parsed.repeats else json.dumps(clean, ensure_ascii=False)


def may_hold_secrets(text: str, small: str) -> bool:
    """Tell whether a text without names of secrets holds anything of what any other one cannot do without.

    `small` is the text in small letters.
    """
    if _may_hold_options(small) or any(map(small.__contains__, _SIGNS)):
        return True
    words = long_words(text)
    if words and (any(map(words.__contains__, IN_LONG_WORDS)) or re.search(VERY_LONG_WORD, words)):
        return True
    return may_be_password_file(text) or any(re.search(each, text) for each in _NUMBERS)


def _may_hold_options(text: str) -> bool:
    """Tell whether a text may hold a program's options; an arrow, which stands in each alarm's reason, begins none."""
    return " -" in text and " -" in text.replace(" ->", "")


def _without_secrets(text: str) -> str:
    """Take out of a text what is known by its form, or by the name before it."""
    if len(text) < _SHORTEST:
        return text
    small = text.casefold()
    small = small if small.isascii() else small.translate(TURKISH)
    is_named = any(map(small.__contains__, WORDS))
    if not (is_named or may_hold_secrets(text, small)):
        return text
    clean = without_tokens(without_address_secrets(text))
    if _may_hold_options(clean):
        clean = without_arguments(clean)
    if is_named if clean == text else may_hold_names(clean):
        clean = without_assigned(without_statements(without_header_secrets(clean)))
    elif any(map(small.__contains__, SIGNS)) or may_be_password_file(clean):
        clean = without_statements(clean)
    return without_personal_numbers(without_secret_keys(clean))


def _redacted_field(name: str, value: Any, deepest: int, *, listed: bool, sensitive: bool) -> Any:
    if listed and name not in _NAMING:
        return _blackened(value, "secret", deepest)
    if not sensitive or (isinstance(value, int) and is_harmless(name, str(value))):
        return redacted_json(value, deepest)
    if name.lower().endswith("tokens") and not isinstance(value, str):
        return redacted_json(value, deepest)
    return _blackened(value, kind_of(name), deepest, name)


def _blackened(value: Any, kind: str, deepest: int, name: str = "") -> Any:
    """Return JSON of the same shape of which nothing can be read; `name` is what it stands under."""
    match value:
        case None | bool():
            return value
        case dict() if deepest:
            return {key: _blackened(each, kind, deepest - 1, name) for key, each in value.items()}
        case list() if deepest:
            return [_blackened(each, kind, deepest - 1, name) for each in value]
        case str() if name and is_harmless(name, value):
            return value
        case _:
            return value if is_nothing(str(value)) else mark(kind)
