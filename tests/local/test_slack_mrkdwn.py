"""Slack's markup is drawn as Slack draws it, and no text can draw anything else."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.slack import emoji
from local.slack.dates import ago, spell
from local.slack.mrkdwn import Reader
from tests.local.markup import read

NOW = datetime(2026, 11, 18, 9, 40, tzinfo=UTC)
READER = Reader(NOW)

TAGS = {"p", "b", "i", "s", "code", "pre", "blockquote", "a", "span", "mark", "time"}
ATTRIBUTES = {"href", "title", "target", "rel", "class", "role", "aria-label"}

SPECIALS = ("<", ">", "&", "&lt;", "&gt;", "&amp;", "*", "_", "~", "`", "```", "\n", "|", "^", '"', "'", " ", "\ue000")
PHRASES = (
    "<!channel>",
    "<!date^0^{date}|then>",
    "<!date^99999999999999999999^{date}|x>",
    "<!subteam^S1|ops>",
    "<@U1>",
    "<#C1|ops>",
    "<https://example.com|label>",
    "<javascript:alert(1)|label>",
    "<script>alert(1)</script>",
    "&lt;script&gt;",
    "`&lt;script&gt;`",
    '" onmouseover="x',
    "https://example.com/",
    ":bell:",
    "<!--",
    "]]>",
)
FOREIGN = st.lists(st.text(max_size=8) | st.sampled_from(SPECIALS + PHRASES), max_size=24).map("".join)


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("plain", "<p>plain</p>"),
        ("*bold*", "<p><b>bold</b></p>"),
        ("_italic_", "<p><i>italic</i></p>"),
        ("~strike~", "<p><s>strike</s></p>"),
        ("*bold and _italic and ~struck~_*", "<p><b>bold and <i>italic and <s>struck</s></i></b></p>"),
        ("(*bold*), _x_!", "<p>(<b>bold</b>), <i>x</i>!</p>"),
        ("`code *not bold*`", "<p><code>code *not bold*</code></p>"),
        ("`&lt;b&gt; &amp; <b>`", "<p><code>&lt;b&gt; &amp; &lt;b&gt;</code></p>"),
        ("```&lt;b&gt; <i>```", "<pre>&lt;b&gt; &lt;i&gt;</pre>"),
        ("*`bold code`*", "<p><b><code>bold code</code></b></p>"),
        ("```\nline 1\n  line 2\n```", "<pre>line 1\n  line 2</pre>"),
        ("before\n```code```\nafter", "<p>before</p><pre>code</pre><p>after</p>"),
        ("> quoted\n> *more*\nnot", "<blockquote>quoted\n<b>more</b></blockquote><p>not</p>"),
        ("&gt; quoted", "<blockquote>quoted</blockquote>"),
        ("• one\n1. two", "<p>• one\n1. two</p>"),
        ("&lt;b&gt; &amp;amp; &quot;", "<p>&lt;b&gt; &amp;amp; &amp;quot;</p>"),
    ],
)
def test_text_is_drawn(text: str, html: str) -> None:
    assert READER.html(text) == html


@pytest.mark.parametrize(
    "text",
    ["snake_case_name", "2*3*4", "* spaced *", "*open", "a ~ b ~ c", "*two\nlines*", "**", "`", "``", "_ _", "~~"],
)
def test_a_lone_or_inner_sign_styles_nothing(text: str) -> None:
    assert READER.html(text) == f"<p>{text}</p>"


@pytest.mark.parametrize(
    ("text", "target", "words"),
    [
        ("<https://example.com/a?b=1&amp;c=2|a *label*>", "https://example.com/a?b=1&c=2", "a *label*"),
        ("<https://example.com>", "https://example.com", "https://example.com"),
        ("<mailto:sre@example.com|sre>", "mailto:sre@example.com", "sre"),
        (
            "see https://example.com/a_b?c=1&amp;d=2.",
            "https://example.com/a_b?c=1&d=2",
            "see https://example.com/a_b?c=1&d=2.",
        ),
        ("*<https://example.com/*|bold link>*", "https://example.com/*", "bold link"),
        ("`<https://example.com|in code>`", "https://example.com", "in code"),
        ("<!date^0^{date_num}^https://example.com|x>", "https://example.com", "1970-01-01"),
        ("https://example.com/:bell:/a", "https://example.com/:bell:/a", "https://example.com/:bell:/a"),
        ("<https://example.com/:bell:>", "https://example.com/:bell:", "https://example.com/:bell:"),
        ("<https://example.com/:bell:|ring :bell:>", "https://example.com/:bell:", "ring 🔔"),
    ],
)
def test_links_lead_where_they_say(text: str, target: str, words: str) -> None:
    seen = read(READER.html(text))
    assert (seen.values("href"), seen.text) == ([target], words)


@pytest.mark.parametrize(
    "text", ["<javascript:alert(1)|x>", "<data:text/html,x>", "<//example.com|x>", "<b>", "<foo|bar>"]
)
def test_what_is_no_web_address_is_no_link(text: str) -> None:
    seen = read(READER.html(text))
    assert (seen.names, seen.text) == ({"p"}, text)


def test_a_verbatim_text_keeps_bare_addresses_unlinked() -> None:
    assert Reader(NOW, verbatim=True).html("https://example.com") == "<p>https://example.com</p>"


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("<!channel>", "@channel"),
        ("<!here|here>", "@here"),
        ("<!everyone>", "@everyone"),
        ("<@U024BE7LH>", "@U024BE7LH"),
        ("<@U024BE7LH|ada>", "@ada"),
        ("<!subteam^SAZ94GDB8|@oncall>", "@oncall"),
        ("`<!channel>`", "@channel"),
        ("```<!channel>```", "@channel"),
    ],
)
def test_a_mention_is_loud_even_in_code(text: str, called: str) -> None:
    seen = read(READER.html(text))
    assert (seen.text, "mark" in seen.names) == (called, True)


def test_a_channel_is_named_without_alarm() -> None:
    assert READER.html("<#C024BE7LR|ops>") == '<p><span class="channel">#ops</span></p>'


def test_an_emoji_is_drawn_by_its_name() -> None:
    assert read(READER.html("*:red_circle: on* :no_such_emoji: 12:30:45")).text == "🔴 on :no_such_emoji: 12:30:45"


def test_code_shows_emoji_names() -> None:
    assert read(READER.html("`:bell:`")).text == ":bell:"


def test_every_emoji_is_found_in_a_text() -> None:
    for name, glyph in emoji.GLYPHS.items():
        assert read(READER.html(f"x :{name}: y")).text == f"x {glyph} y"


AT = datetime(2026, 11, 17, 18, 5, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("template", "spelled"),
    [
        ("{date_num} {time_secs}", "2026-11-17 6:05:09 PM"),
        ("{date_slash}", "11/17/2026"),
        ("on {date} at {time}", "on November 17th, 2026 at 6:05 PM"),
        ("{date_short}", "Nov 17, 2026"),
        ("{date_long}", "Tuesday, November 17th, 2026"),
        ("{date_short_pretty}", "yesterday"),
        ("{ago}", "15 hours ago"),
        ("{no_such_token}", "{no_such_token}"),
        ("{no_such_pretty}", "yesterday"),
    ],
)
def test_a_date_is_spelled(template: str, spelled: str) -> None:
    assert spell(str(int(AT.timestamp())), template, NOW) == spelled


@pytest.mark.parametrize(
    ("days", "spelled"), [(-2, "Nov 16, 2026"), (-1, "yesterday"), (0, "today"), (1, "tomorrow"), (2, "Nov 20, 2026")]
)
def test_only_near_days_are_pretty(days: int, spelled: str) -> None:
    assert spell(str(int(NOW.timestamp()) + days * 86_400), "{date_short_pretty}", NOW) == spelled


@pytest.mark.parametrize(
    ("day", "spelled"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (13, "13th"), (21, "21st")],
)
def test_days_are_ordinal(day: int, spelled: str) -> None:
    epoch = int(datetime(2026, 8, day, tzinfo=UTC).timestamp())
    assert spell(str(epoch), "{date}", NOW) == f"August {spelled}, 2026"


@pytest.mark.parametrize(
    ("seconds", "spelled"),
    [
        (0, "0 seconds ago"),
        (1, "1 second ago"),
        (60, "1 minute ago"),
        (7_200, "2 hours ago"),
        (-172_800, "in 2 days"),
        (63_072_000, "2 years ago"),
    ],
)
def test_a_distance_in_time_is_said_in_its_largest_unit(seconds: float, spelled: str) -> None:
    assert ago(seconds) == spelled


@pytest.mark.parametrize("epoch", ["99999999999999999999", "x"])
def test_an_impossible_date_shows_its_fallback(epoch: str) -> None:
    assert spell(epoch, "{date}", NOW) is None


def test_a_date_in_a_text_falls_back() -> None:
    assert read(READER.html("<!date^99999999999999999999^{date}|once &lt;upon&gt;>")).text == "once <upon>"


@given(FOREIGN)
def test_no_text_draws_a_tag_that_is_not_ours(text: str) -> None:
    seen = read(READER.html(text))
    assert seen.balanced
    assert seen.names <= TAGS
    assert {name for _, attributes in seen.tags for name in attributes} <= ATTRIBUTES
    assert all(str(target).startswith(("http://", "https://", "mailto:")) for target in seen.values("href"))


@given(FOREIGN)
def test_an_escaped_text_calls_nobody_and_hides_no_address(text: str) -> None:
    seen = read(READER.html(escaped(text)))
    assert "mark" not in seen.names
    assert all(str(target) in seen.text for target in seen.values("href"))


@given(st.text(alphabet=st.characters(exclude_characters="*_~`:>\n\r\x00\ue000", exclude_categories=["Cs"])))
def test_a_text_without_signs_is_read_as_it_was_written(text: str) -> None:
    assert read(READER.html(escaped(text))).text == text


@given(FOREIGN)
def test_a_plain_text_draws_nothing_but_emoji(text: str) -> None:
    assert read(emoji.in_plain_text(text)).names <= {"span"}
