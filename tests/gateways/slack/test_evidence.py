"""A message about an error shows how many lines there were, from when to when, and up to three of them."""

from typing import Any

from tests.gateways.slack.messages import a_composer, an_announcement, judge, judge_harmless, words
from tests.sources.samples import altered, read


def announced(*messages: str) -> str:
    samples = [
        {"timestamp": 1_772_445_319 + at, "stream": f"s{at}", "message": each} for at, each in enumerate(messages)
    ]
    raw: Any = altered("error_logs-python", "samples", to=samples)
    message = a_composer().announcement(*an_announcement(read(raw)))
    judge(message)
    judge_harmless(message)
    return words(message)


def test_lines_that_differ_are_shown_up_to_the_third() -> None:
    shown = announced("one\nmore", "two", "three", "four")
    assert [each for each in ("one\nmore", "two", "three", "four") if f"```\n{each}\n```" in shown] == [
        "one\nmore",
        "two",
        "three",
    ]
    assert "*14* error messages from " in shown
    assert shown.count("*Also*") == 2


def test_the_same_line_is_shown_once() -> None:
    shown = announced("one", "one", "two")
    assert (shown.count("```\none\n```"), shown.count("*Also*")) == (1, 1)


def test_of_what_is_long_the_further_lines_are_cut_shorter() -> None:
    shown = announced(*(f"{name}\n" + "line\n" * 50 for name in "abc"))
    assert shown.count("lines left out") == 3
    assert len(shown.splitlines()) < 50


def test_hostile_lines_stay_lines() -> None:
    assert "&lt;!channel&gt;" in announced("one", "``` <!channel> `", "<@U024BE7LH>\n" * 400)
