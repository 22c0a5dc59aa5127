"""Secrets to plant, in the forms and places in which logs hold them, and a look for what is left of them."""

import base64
import json
import string
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

ALNUM = string.ascii_letters + string.digits
# Shorter pieces of a secret may stand in any text by chance.
PIECE = 10
# Written so, lest it look as if a key stood here.
BEGIN = "-----" + "BEGIN"


@dataclass(frozen=True, slots=True)
class Planted:
    """A secret, and the words in which it stands."""

    secret: str
    said: str


def _text(alphabet: str, fewest: int, most: int) -> st.SearchStrategy[str]:
    """Draw signs one by one: as a text, they might be a word or a number of this project's, which stands elsewhere."""
    return st.lists(st.sampled_from(alphabet), min_size=fewest, max_size=most).map("".join)


def _digits(fewest: int, most: int) -> st.SearchStrategy[str]:
    return _text(string.digits, fewest, most)


def _of_form(secrets: st.SearchStrategy[str]) -> st.SearchStrategy[Planted]:
    """Plant secrets that are known by their form, wherever they stand."""
    words = st.sampled_from(
        ["{}", "key {} refused", "x={}", "x={}&y=1", "'{}'", "({})", "a,{},b", "url/{}/end", "<{}>"]
    )
    return st.builds(lambda secret, said: Planted(secret, said.format(secret)), secrets, words)


def _named(secrets: st.SearchStrategy[str], *forms: str) -> st.SearchStrategy[Planted]:
    """Plant secrets that are known by what stands before them."""
    return st.builds(lambda secret, said: Planted(secret, said.replace("{}", secret)), secrets, st.sampled_from(forms))


def _card(digits: str, sign: str) -> str:
    number = "4" + digits
    doubled = [int(each) * (2 - at % 2) for at, each in enumerate(number)]
    check = -sum(each - 9 if each > 9 else each for each in doubled) % 10
    return sign.join(f"{number}{check}"[at : at + 4] for at in range(0, 16, 4))


def _mixed(drawn: str) -> str:
    """Return a secret key of AWS: its signs change their sort as often as those of a key do that chance made."""
    return "".join(map("".join, zip(drawn, "4k/T9b+Qa7Zr2Xc5Vn8M", strict=True)))


def _jwt(payload: str, signature: str) -> str:
    body = base64.urlsafe_b64encode(json.dumps({"sub": payload}).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJIUzI1NiJ9.{body}.{signature}"


PASSWORDS = st.builds("{}{}{}".format, st.sampled_from("hunTer7"), _text(ALNUM + "!$%^*-_+#?~", 6, 20), st.just("Z"))
LONG = _text(ALNUM, 24, 40)
SECRETS: dict[str, st.SearchStrategy[Planted]] = {
    "access key": _of_form(_text(string.ascii_uppercase + string.digits, 16, 16).map("AKIA{}".format)),
    "temporary access key": _of_form(_text(string.ascii_uppercase + string.digits, 16, 16).map("ASIA{}".format)),
    "secret key": _named(
        st.text(ALNUM, min_size=20, max_size=20).map(_mixed), "{}", "AWS_SECRET_ACCESS_KEY={}", "key '{}'", '"{}"'
    ),
    "session token": _of_form(_text(ALNUM + "/+", 120, 200).map("IQoJb3JpZ2lu{}".format)),
    "jwt": _of_form(st.builds(_jwt, _text(ALNUM, 8, 20), _text(ALNUM + "-_", 20, 43))),
    "slack": _of_form(st.builds("xox{}-{}-{}".format, st.sampled_from("abprs"), _digits(10, 12), LONG)),
    "github": _of_form(st.builds("gh{}_{}".format, st.sampled_from("pousr"), LONG)),
    "stripe": _of_form(st.builds("{}_live_{}".format, st.sampled_from(["sk", "rk"]), LONG)),
    "webhook": _named(LONG, "https://hooks.slack.com/services/T024/B07/{}"),
    "password": _named(
        PASSWORDS,
        *("password={}", "passwd: {}", "DB_PASSWORD={} host=db", "pwd={};timeout=3", "--password {} --quiet"),
        *("'password': '{}'", "password => '{}'", "<password>{}</password>", "adminPassword: '{}'", "?x=1&pass={}&y=2"),
    ),
    "token": _named(LONG, "token={}", "access_token: {}", "api_key={}&x=1", "X-Api-Key: {}", "client_secret='{}'"),
    "header": _named(
        LONG, "Authorization: Bearer {}", "authorization=Bearer {}", "bearer {} refused", "Cookie: sid={}"
    ),
    "basic": _named(LONG.map(lambda each: base64.b64encode(f"u:{each}".encode()).decode()), "Authorization: Basic {}"),
    "url": _named(LONG, "postgres://app:{}@db.example.net:5432/shop", "https://{}@git.example.net/x.git"),
    "private key": _named(
        _text(ALNUM + "+/", 64, 200),
        *(f"{BEGIN} RSA PRIVATE KEY-----\n{{}}\n-----END RSA PRIVATE KEY-----", f"{BEGIN} PRIVATE KEY-----\\n{{}}"),
    ),
    "card": _of_form(st.builds(_card, _digits(14, 14), st.sampled_from(["", " ", "-"]))),
}

HEADER = "2025-11-18T07:42:10.518Z\t8c2f1b0e-5d3a-4f57-9a61-0c7be0c6c1d4\tERROR\t"


def _record(**fields: Any) -> str:
    return json.dumps({"level": "ERROR", **fields})


def _places(said: str) -> tuple[str, ...]:
    """Return messages that hold the words in each place that anything is made of."""
    quoted = said.replace("\n", " ")
    trace = 'Traceback (most recent call last):\n  File "/var/task/app.py", line 3, in pay\n    {}\nValueError: {}'
    return (
        f"ERROR {said}",
        f"ValueError: cannot log in with {said} today",
        f"{HEADER}{said}\n    at pay (/var/task/index.js:3:9)",
        trace.format(quoted, said),
        trace.format(f"login({quoted!r})", "lost"),
        f"java.lang.IllegalStateException: {said}\n\tat org.acme.Pay.pay(Pay.java:7)\nCaused by: a.B: {said}",
        _record(message=said),
        _record(message="lost", context={"headers": [{"deep": [said]}]}),
        _record(message="lost", body=json.dumps({"inner": json.dumps({"text": said})})),
        _record(message="lost", error={"type": "E", "message": said, "stack": f"E: {said}\n    at f (/a/b.js:1:2)"}),
        HEADER + "Invoke Error \t" + json.dumps({"errorType": "E", "errorMessage": said, "stack": [said]}),
        f'level=error msg="lost" detail="{quoted}"',
    )


MESSAGES: st.SearchStrategy[Planted] = st.one_of(list(SECRETS.values())).flatmap(
    lambda planted: st.builds(
        lambda message, before: Planted(planted.secret, message.replace("ERROR ", f"ERROR {before}", 1)),
        st.sampled_from(_places(planted.said)),
        # Up to where titles, samples and endless texts are cut.
        st.one_of(
            st.just(""), *(st.integers(at - 60, at).map(lambda n: "x" * (n - 1) + " ") for at in (200, 2000, 12000))
        ),
    )
)


def texts_in(value: Any) -> Iterator[str]:
    """Iterate over all texts in JSON, names included."""
    match value:
        case dict():
            for name, each in value.items():
                yield from (str(name), *texts_in(each))
        case list() | tuple():
            for each in value:
                yield from texts_in(each)
        case None:
            return
        case _:
            yield str(value)


def left_of(secret: str, value: Any) -> list[str]:
    """Return the pieces of a secret that any text in a value holds, whatever its lines were broken into."""
    size = min(PIECE, len(secret))
    pieces = {secret[at : at + size] for at in range(len(secret) - size + 1)}
    announced = "\0".join(texts_in(value))
    return sorted(piece for piece in pieces if piece in announced)
