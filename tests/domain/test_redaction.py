"""Redaction: no secret gets through, in whatever place and form, and what is none stays as it is."""

import json
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec import to_builtins

from chalicelib.domain import redaction
from chalicelib.domain.grouping.parameterization import template
from chalicelib.domain.redaction import redacted, redacted_detail
from chalicelib.domain.scanning.error_groups import ErrorGroup, LogGroup, LogLine
from chalicelib.domain.scanning.rules import Rules
from tests.examples import examples
from tests.secrets import BEGIN, MESSAGES, SECRETS, Planted, left_of

PAY = LogGroup("/aws/lambda/pay", "lambda", "pay")


@given(MESSAGES)
@examples(1.5)
def test_no_secret_in_a_message_gets_through(planted: Planted) -> None:
    assert left_of(planted.secret, redacted(planted.said)) == []


@pytest.mark.parametrize(
    "name", ["stra\u00dfe password", "PASSWORD", "pa\u017f\u017fword", "p\u0131n", "P\u0130N", "to\u212aen"]
)
def test_a_name_is_known_in_whatever_letters_count_as_its_own(name: str) -> None:
    assert "hunter2" not in redacted(f"sent {name}=hunter2")


@pytest.mark.parametrize("kind", SECRETS)
@given(st.data())
@examples(0.25)
def test_no_secret_of_any_kind_reaches_what_leaves_the_account(kind: str, data: st.DataObject) -> None:
    planted = data.draw(SECRETS[kind])

    group = ErrorGroup.of(LogLine(1, PAY.name, planted.said, f"ERROR {planted.said}"), PAY)

    assert group is not None
    assert left_of(planted.secret, to_builtins(group)) == []


@given(MESSAGES)
@examples(1.5)
def test_nothing_that_is_made_of_a_message_holds_a_piece_of_its_secret(planted: Planted) -> None:
    """Samples and titles are cut; half a secret would have no form any more."""
    group = ErrorGroup.of(LogLine(1, PAY.name, "stream", planted.said), PAY)

    assert group is None or left_of(planted.secret, to_builtins(group)) == []


@pytest.mark.parametrize("kind", SECRETS)
@given(st.data())
@examples(0.25)
def test_the_fingerprint_never_depends_on_a_secret(kind: str, data: st.DataObject) -> None:
    planted, other = data.draw(SECRETS[kind]), data.draw(SECRETS[kind])
    # Within another token this is the beginning of one of its own, and marked as such.
    assume(kind == "jwt" or not any("eyJ" in each.secret for each in (planted, other)))
    message = f"ValueError: cannot log in with {planted.said}"

    groups = [
        ErrorGroup.of(LogLine(1, PAY.name, "s", each), PAY)
        for each in (message, message.replace(planted.secret, other.secret))
    ]

    assert len({group.fingerprint for group in groups if group}) == 1


@given(MESSAGES)
def test_redacting_again_changes_nothing(planted: Planted) -> None:
    once = redacted(planted.said)

    assert redacted(once) == once


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("login failed password=hunter2 user=bob", "login failed password=[redacted: password] user=bob"),
        ("Authorization: Bearer abc.def-123 status=401", "Authorization: Bearer [redacted: token] status=401"),
        ("Authorization: Basic dXNlcjpwYXNz", "Authorization: Basic [redacted: credentials]"),
        (
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20251118, Signature=fe5f",
            "AWS4-HMAC-SHA256 [redacted: signature]",
        ),
        ("postgres://app:s3cr3t@db.example.net/x", "postgres://app:[redacted: password]@db.example.net/x"),
        ("card 4111 1111 1111 1111 12/27 declined", "card [redacted: card number] 12/27 declined"),
        ("123 4111 1111 1111 1111 378282246310005", "123 [redacted: card number] [redacted: card number]"),
        ('{"card": 4111111111111111}', '{"card": "[redacted: card number]"}'),
        ('{"password": 12345, "user": "bob"}', '{"password": "[redacted: password]", "user": "bob"}'),
        ('{"dbPassword": null, "token": ""}', '{"dbPassword": null, "token": ""}'),
        ('{"credentials": {"a": "b", "c": ["d", 1, null]}}', None),
        ('{"headers": [{"name": "X-Api-Key", "value": "abc"}]}', None),
        ('{"rawHeaders": ["Authorization", "abc", "Accept", "x"]}', None),
        ("{'password': 'abc', 'user': 'bob'}", "{'password': '[redacted: password]', 'user': 'bob'}"),
        (r"{\"secret\": \"ab\\\"cd\", \"x\": 1}", r"{\"secret\": \"[redacted: secret]\", \"x\": 1}"),
        ('secret="a b c" k=1', 'secret="[redacted: secret]" k=1'),
        ("(token=abc)", "(token=[redacted: token])"),
        ("password=a,b user", "password=[redacted: password] user"),
        ("wrong password 'Tr0ub4dor' for bob", "wrong password '[redacted: password]' for bob"),
        ("invalid token a1b2c3d4", "invalid token [redacted: token]"),
        ("'tokens': ['a', 'b'], x", "'tokens': [[redacted: token]], x"),
        ("curl -u bob:abc https://x", "curl -u bob:[redacted: password] https://x"),
        ("Set-Cookie: a=b; c=d\nnext", "Set-Cookie: [redacted: cookie]\nnext"),
    ],
)
def test_the_rest_of_a_line_stays_readable(text: str, expected: str | None) -> None:
    found = redacted(text)

    assert "[redacted: " in found or found == expected
    assert expected in {None, found}


def test_lists_and_objects_of_secrets_keep_their_shape() -> None:
    record = {
        "credentials": {"a": "b", "c": ["d", 1, None]},
        "h": [{"name": "X-Api-Key", "value": "v"}],
        "r": ["pwd", "v", "w"],
    }

    assert json.loads(redacted(json.dumps(record))) == {
        "credentials": {"a": "[redacted: secret]", "c": ["[redacted: secret]", "[redacted: secret]", None]},
        "h": [{"name": "X-Api-Key", "value": "[redacted: secret]"}],
        "r": ["pwd", "[redacted: secret]", "w"],
    }


@pytest.mark.parametrize(
    "text",
    [
        *("SyntaxError: Unexpected token } in JSON at position 3", "Invalid token: expired", "password: <nil>"),
        *(
            "commit 2fd4e1c67a2d28fced849ee1bb76e7391b93eb12",
            "order 1234567890123456 lost",
            "tokens: 512 max_tokens=100",
            "token_type=Bearer expires_in=3600 scope=vans",
        ),
        *("Basic authentication failed", "bearer token missing", "shipping: 5", "the keyboard: broken", "author: bob"),
        *("http://a.example:8080/b?mail=x", "id 8c2f1b0e-5d3a-4f57-9a61-0c7be0c6c1d4", "at 1763451730518123456", ""),
        *(
            "bob@example.com",
            '{"usage": {"tokens": 7}}',
            '{"level": "ERROR",   "message": "as it stands"}',
            "/".join("ab" * 40),
        ),
        *(
            "ratio 0.4111111111111111",
            "password=***",
            "secret: [redacted: secret]",
            "token={}",
            "token: [redacted: token]",
            "[1] {",
        ),
    ],
)
def test_what_is_no_secret_stays_as_it_is(text: str) -> None:
    assert redacted(text) == text


def test_e_mail_addresses_are_redacted_where_that_is_wanted() -> None:
    line = LogLine(1, PAY.name, "bob@example.com", "ERROR mail to ann.lee+x@mail.example.co.uk bounced")

    kept, taken = ErrorGroup.of(line, PAY), ErrorGroup.of(line, PAY, Rules(redact_emails=True))

    assert kept is not None
    assert taken is not None
    assert kept.samples[0].message == line.message
    assert taken.samples[0].message == "ERROR mail to [redacted: e-mail] bounced"
    assert taken.samples[0].stream == "[redacted: e-mail]"


def test_a_number_is_masked_alike_whether_or_not_it_might_be_a_card_s() -> None:
    assert template(redacted("order 4111111111111111 lost")) == template(redacted("order 4111111111111112 lost"))


def test_json_nested_deeper_than_anybody_reads_is_text() -> None:
    nested = '{"a":' * 60 + '{"password": "hunter2"}' + "}" * 60

    assert "hunter2" not in redacted(nested)
    assert "hunter2" not in redacted('{"a":' * 100_000 + '"password": "hunter2"')
    assert redacted(nested.replace("password", "user")) == nested.replace("password", "user")
    assert "hunter2" not in redacted("[" * 39 + '["password=hunter2"]' + "]" * 39)


def test_a_key_without_an_end_takes_no_more_than_its_own_text() -> None:
    text = json.dumps({"a": f"{BEGIN} PRIVATE KEY-----\nMIIE", "level": "ERROR", "AKIAIOSFODNN7EXAMPLE": 1})

    assert json.loads(redacted(text)) == {"a": "[redacted: private key]", "level": "ERROR", "[redacted: access key]": 1}


def test_of_aws_s_own_details_what_quotes_others_is_redacted_and_an_identifier_stays() -> None:
    detail = {"accessKeyId": "AKIAIOSFODNN7EXAMPLE", "reasons": ["failed with password=hunter2", 7], "token": None}

    assert redacted_detail(detail, by_name=False) == detail | {
        "reasons": ["failed with password=[redacted: password]", 7]
    }
    assert redacted_detail(detail, by_name=True)["accessKeyId"] == "[redacted: secret]"


def test_of_aws_s_own_details_the_addresses_are_redacted_in_single_words() -> None:
    webhook = "https://hooks.sl" + "ack.com/services/T024/B07/" + "a1B2" * 6
    detail = {"subscription": webhook, "url": "https://u:hunter2@example.com/x", "bucket": "https://b.example.com/k"}

    assert redacted_detail(detail, by_name=False) == {
        "subscription": "https://[redacted: webhook]",
        "url": "https://u:[redacted: password]@example.com/x",
        "bucket": "https://b.example.com/k",
    }


@given(st.text() | st.text(alphabet="{}[]\"':=,\\ \npasswordtokenBearer4eyJ-"))
def test_any_text_can_be_redacted(text: str) -> None:
    assert isinstance(redacted(text, emails=True), str)


def shape_of(value: Any) -> Any:
    """Return JSON without what its values say."""
    match value:
        case dict():
            return {name: shape_of(each) for name, each in value.items()}
        case list():
            return [shape_of(each) for each in value]
        case _:
            return None if value is None or isinstance(value, bool) else "value"


SAYINGS = st.sampled_from(
    [
        "wrong password:",
        "token",
        "hunter2",
        "{",
        '{"a": "b"}',
        "\\",
        '"',
        "secret = [",
        "a: b",
        "",
        "password: x1y2z3",
        "é\n",
    ]
)
RECORDS = st.recursive(
    st.none() | st.booleans() | st.integers() | SAYINGS | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["message", "password", "token", "user", "name", "auth", "key"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["message", "password", "user", "apiKey"]), RECORDS, max_size=4), st.booleans())
def test_json_stays_json_of_the_same_shape(record: dict[str, Any], within: bool) -> None:
    text = redacted(f"got {json.dumps(record)} today" if within and record else json.dumps(record))
    clean = text.removeprefix("got ").removesuffix(" today")

    assert shape_of(json.loads(clean)) == shape_of(record)
    assert redacted(text) == text


@given(MESSAGES, st.text("bdfgjlqvz .,-", max_size=40), st.text("bdfgjlqvz .,-", max_size=40))
def test_a_secret_is_gone_wherever_it_is_planted(planted: Planted, before: str, behind: str) -> None:
    assume(not left_of(planted.secret, [before, behind]))
    assert left_of(planted.secret, redacted(f"{before} {planted.said} {behind}")) == []


@pytest.mark.parametrize("start", ["x7", "v4", "V0", "es5", "md5", "hs2", "sha1", "tls1", "ed2"])
@pytest.mark.parametrize("said", ["token={}", "X-Api-Key: {}", "client_secret='{}'", '{{"api_key": "{}"}}'])
def test_a_secret_that_begins_as_an_algorithm_does_is_one_all_the_same(start: str, said: str) -> None:
    secret = f"{start}KqZr2Xc5Vn8MpLw3Tb6Yd"
    assert left_of(secret, redacted(said.format(secret))) == []


@pytest.mark.parametrize("secret", ["shale2026", "vale", "psalpha9", "edbea", "utf-plus-alpha"])
def test_a_chosen_secret_of_what_ends_the_names_of_algorithms_is_none(secret: str) -> None:
    assert secret not in redacted(f"token={secret}")


@pytest.mark.parametrize("secret", ["v" + 23 * "a", "rsasasasasasasasa", "x" + 12 * "le"])
def test_what_goes_on_like_an_algorithm_for_long_is_none(secret: str) -> None:
    assert secret not in redacted(f"token={secret}")


@pytest.mark.parametrize("word", ["kxrnwbTQ", "zzzzzzZ", "QrTvbX"])
def test_no_word_has_capitals_as_this_password_has(word: str) -> None:
    assert word not in redacted(f"cannot log in with password: {word} today")


@pytest.mark.parametrize(
    "algorithm",
    [
        *("HS256", "sha256", "SHA-512", "md5", "aes-256-gcm", "x509", "oauth2", "v1beta1", "scram-sha-256", "argon2id"),
        *("pbkdf2_sha256", "PBKDF2WithHmacSHA256", "SHA256withRSA", "rsa-sha2-512", "ecdsa-sha2-nistp256"),
        *("scram-sha-256-plus", "SHA256withRSAandMGF1", "utf-16-le", "v2alpha1", "RSA-OAEP-256", "x25519"),
    ],
)
def test_the_name_of_an_algorithm_stays(algorithm: str) -> None:
    text = f"token={algorithm} refused"
    assert redacted(text) == text


SIGNS = st.sampled_from(
    [
        "password=",
        "Token: ",
        "P\u0130N ",
        "code=",
        "AKIA",
        "ghp_",
        "sk-",
        " -p ",
        "://a:b@",
        "@tcp(",
        "4111 1111 ",
        "DE89",
        "1",
    ]
)


@given(st.lists(SIGNS | st.from_regex(r"[\w+/=.~:%$-]{1,40}", fullmatch=True) | st.text(), max_size=8).map("".join))
@examples(2)
def test_a_text_with_no_sign_of_a_secret_holds_none(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(redaction, "may_hold_secrets", lambda *_: True)
        thorough = redacted(text)
    assert redacted(text) == thorough


@given(st.text("bdfghjlqvxyz .,;()[]{}\"'<>\n\t=:/-0123", max_size=200))
def test_a_text_that_names_nothing_stays_as_it_is(text: str) -> None:
    assert redacted(text) == text


def test_what_json_says_twice_is_redacted_both_times() -> None:
    assert "hunter2" not in redacted('{"a": "password=hunter2", "a": "x"}')


def test_what_is_no_json_is_tried_a_few_times_and_read_as_text() -> None:
    assert redacted('{"' * 20 + " password=hunter2") == '{"' * 20 + " password=[redacted: password]"


def test_json_in_a_text_is_the_value_of_the_name_before_it() -> None:
    assert redacted('credentials={"user":"bob","n":7} x') == (
        'credentials={"user": "[redacted: secret]", "n": "[redacted: secret]"} x'
    )
    assert redacted('next token: {"user":"bob"}') == 'next token: {"user":"bob"}'


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "a",
            "password=",
            'password="',
            '"',
            "eyJ",
            "4111 ",
            "1-",
            f"{BEGIN} PRIVATE KEY-----",
            "a://",
            'token: \\"',
        ),
        *(
            "Bearer ",
            "AKIA",
            "\\",
            "<password>",
            "--token ",
            "a@a.",
            "x/",
            "{",
            "Cookie: ",
            "secret='\\",
            " ",
            "Basic a1",
            " -p mariadb-",
            "INSERT INTO t (id, password) VALUES (" + 30_000 * "\\'",
        ),
    ],
)
def test_an_endless_line_takes_no_endless_time(piece: str) -> None:
    """100 kB; quadratic patterns would run into the test's time-out in CI."""
    assert redacted("x " + piece * (100_000 // len(piece)), emails=True)


def test_a_megabyte_is_redacted() -> None:
    line = "user bob 4111 1111 1111 1111 password=hunter2 at https://shop.example.com/a?token=a1b2c3 in /srv/app.py:7 "

    assert "hunter2" not in redacted(line * (1_000_000 // len(line)))
