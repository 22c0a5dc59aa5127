"""Texts, subjects and headers of mails, whatever they are given."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.severity_styles import GOOD
from chalicelib.gateways.email.mails import LARGEST, ascii_subject, headers_of, plain_text, thread_subject
from chalicelib.gateways.email.templates import EmailTemplates
from chalicelib.gateways.plain_messages.message import MessageLink, PlainMessage
from chalicelib.gateways.templates import COMPILED, ROOT
from tests.domain.given import an_event
from tests.gateways.slack.messages import an_announcement
from tests.gateways.teams.test_notifier import PLAIN_MESSAGES

# What SNS takes for a subject: printable ASCII of less than 100 characters, and no space first.
SUBJECT = re.compile(r"[!-~][ -~]{0,98}")


@given(PLAIN_MESSAGES)
def test_whatever_a_subject_is_about_sns_takes_it(plain: PlainMessage) -> None:
    assert SUBJECT.fullmatch(ascii_subject(plain))


@given(PLAIN_MESSAGES)
def test_whatever_a_subject_is_about_it_is_one_short_line(plain: PlainMessage) -> None:
    subject = thread_subject(plain)

    assert len(subject) <= 200
    assert subject.isprintable()


@given(PLAIN_MESSAGES)
def test_whatever_a_text_is_about_sns_takes_it(plain: PlainMessage) -> None:
    assert 0 < len(plain_text(plain).encode()) <= LARGEST


def test_what_is_left_out_of_a_text_is_counted() -> None:
    plain = PlainMessage(style=GOOD, title="Report", lines=tuple("\N{PILE OF POO}" * 20_000 for _ in range(30)))
    text = plain_text(plain)

    assert len(text.encode()) <= LARGEST
    assert text.splitlines()[-1] == f"… {34 - len(text.splitlines())} more lines"


@given(st.text(), st.integers())
def test_headers_are_printable_whatever_a_problem_is_called(fingerprint: str, episode: int) -> None:
    notification = an_announcement(an_event(), fingerprint=fingerprint, episode=episode)[0]
    headers = headers_of([notification], "ops", "prod", "hub@example.com")

    assert all(re.fullmatch(r"[ -~]{1,200}", each) for each in headers.values())
    assert ("References" in headers) == bool(fingerprint)


@given(st.text(max_size=300), st.text(max_size=300))
def test_nothing_foreign_becomes_markup(title: str, value: str) -> None:
    hostile = f"{title}<script>{value}"
    plain = PlainMessage(
        style=GOOD,
        title=hostile,
        place=hostile,
        status=hostile,
        lines=(hostile,),
        facts=((hostile, hostile),),
        links=(MessageLink(hostile, 'https://example.com/"><script>'),),
    )

    assert "<script" not in EmailTemplates().render(plain)


def test_the_compiled_template_says_the_same(tmp_path: pytest.TempPathFactory) -> None:
    plain = PlainMessage(style=GOOD, title="checkout fails", facts=(("Kind", "alarm"),))
    root = type(ROOT)(str(tmp_path))
    EmailTemplates().compile(root / COMPILED)

    assert EmailTemplates(root).render(plain) == EmailTemplates().render(plain)
