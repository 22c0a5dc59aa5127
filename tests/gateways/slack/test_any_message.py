"""Whatever a message is about, Slack takes it, and a digest accounts for every notification."""

import re
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.events.event import Severity
from chalicelib.domain.notifications.digest import DOUBT
from chalicelib.domain.notifications.notification import Notification, Reason
from chalicelib.domain.severity_styles import RESOLVED, STYLES
from chalicelib.gateways.link_signer import SignedLinks
from chalicelib.gateways.slack import blocks
from chalicelib.sources.registry import interpret
from tests.domain.given import NOON, an_event
from tests.examples import examples
from tests.gateways.slack.messages import (
    a_composer,
    an_announcement,
    blocks_of,
    buttons_of,
    judge,
    judge_harmless,
    notifications,
    the_links,
    words,
)
from tests.sources.samples import NAMES, load

HOSTILE = (
    "<!channel> <@U024BE7LH> <https://evil.example|your bank>",
    "```\nrm -rf\n``` `x` *b* _i_ ~s~",
    "&lt;!here&gt; & && &amp;amp; &<>",
    "\x00\x1b[31m\u202e\ud800\f\v\r\n\t",
    "|>|>^}{date}",
    'it\'s "quoted" \\ back\\nslash',
    "<" * 9_000,
    "&" * 40_000,
    "`" * 700,
    "😀" * 4_000,
    "line\n" * 3_000,
    "{{ 7 * 7 }} {% raw %}",
    "",
    " ",
)
FOREIGN = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=40))
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), FOREIGN),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(FOREIGN, inner, max_size=4)),
    max_leaves=12,
)
MANY = examples(1.5, suppress_health_check=list(HealthCheck))
COMPOSER = a_composer(links=the_links())


@st.composite
def damaged_samples(draw: st.DrawFn) -> Any:
    """Draw a sample with hostile JSON in the place of any node of its detail."""
    raw = deepcopy(load(draw(st.sampled_from(NAMES))))
    places: list[tuple[Any, Any]] = [(raw, "detail")]
    for container, key in places:
        node = container[key]
        steps = node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
        places += [(node, step) for step in steps]
    for container, key in draw(st.lists(st.sampled_from(places), min_size=1, max_size=3)):
        container[key] = draw(JSON)
    return raw


@MANY
@given(raw=damaged_samples(), reason=st.sampled_from(Reason))
def test_any_event_makes_a_message_that_slack_takes(raw: Any, reason: Reason) -> None:
    event = interpret(Envelope.parse(raw, NOON))
    message = COMPOSER.announcement(*an_announcement(event, reason))
    judge(message)
    judge_harmless(message)
    assert message.get("blocks"), "fell back to plain"


@MANY
@given(raw=damaged_samples(), kind=st.sampled_from(NAMES))
@example(raw=load("backfill-found") | {"detail": {"found": {"error_groups": "some"}}}, kind="backfill-found")
def test_no_template_trusts_the_shape_of_a_detail(raw: Any, kind: str) -> None:
    """The stored detail may be of another shape than the model accepted: an excerpt, or from an older version."""
    detail = Envelope.parse(raw, NOON).detail
    name = kind.partition("-")[0]
    values = {"event": an_event(kind=name, detail=detail), "detail": detail, "now": NOON}
    COMPOSER._templates.render_source(name, values)  # noqa: SLF001 - failures are caught one level up


@st.composite
def hostile_notifications(draw: st.DrawFn) -> Notification:
    """Draw a notification of which every text is foreign."""
    text: Any = {
        name: draw(FOREIGN) for name in ("id", "receiver", "kind", "title", "event_id", "fingerprint", "account")
    }
    return Notification(
        **text,
        region=draw(FOREIGN),
        body=draw(FOREIGN),
        reason=draw(st.sampled_from(Reason)),
        severity=draw(st.sampled_from(Severity)),
        created_at=draw(st.integers(-(10**12), 10**12)),
        count=draw(st.integers(-1, 10**30)),
        episode=draw(st.integers(-1, 10**30)),
        since=draw(st.integers(-(10**12), 10**12)),
    )


@MANY
@given(notification=hostile_notifications())
def test_any_notification_makes_a_message_that_slack_takes(notification: Notification) -> None:
    for message in (COMPOSER.announcement(notification, None), COMPOSER.plain(notification)):
        judge(message)
        judge_harmless(message)


@MANY
@given(pending=st.lists(hostile_notifications(), max_size=15))
def test_any_backlog_makes_a_digest_that_slack_takes(pending: list[Notification]) -> None:
    message = COMPOSER.digest(pending)
    judge(message)
    judge_harmless(message)


def test_ten_thousand_hostile_titles_are_all_accounted_for_within_the_limits() -> None:
    pending = [replace(each, title=f"{'&' * 200}{each.id}", account="<" * 30) for each in notifications(10_000)]
    message = a_composer().digest(pending)
    judge(message)
    sections = [block["text"]["text"] for block in message["attachments"][0]["blocks"]]
    assert all(len(text) < blocks.TEXT for text in sections), "something was cut off"
    assert sum(announced(message)) == 10_000


def test_a_digest_of_one_notification_each_counts_alerts_only() -> None:
    backlog = [replace(each, title=f"queue-{number}") for number, each in enumerate(notifications(16)[::2])]
    message = a_composer().digest(backlog)
    assert announced(message) == [1] * 8
    assert message["text"] == "🚨 8 alerts at once, up to CRITICAL"


def test_a_digest_says_where_to_go_on_as_long_as_anything_fires() -> None:
    fires, over = (
        [replace(each, reason=reason) for each in notifications(9)] for reason in (Reason.FIRST, Reason.RESOLVED)
    )
    composer = a_composer(links=the_links())
    assert buttons_of(composer.digest(fires)) == {"See what is firing": "https://hub.example.com/api/ui/alerts"}
    assert buttons_of(composer.digest(over)) == buttons_of(a_composer().digest(fires)) == {}


def test_a_digest_lacks_nothing_but_its_button_where_links_cannot_be_made(caplog: pytest.LogCaptureFixture) -> None:
    unreadable = SignedLinks(lambda _: 1 / 0, "dev")  # type: ignore[arg-type, return-value]
    assert sum(announced(a_composer(links=unreadable).digest(notifications(8)))) == len(notifications(8))
    assert "Links not created" in caplog.text


def test_a_digest_is_shown_whole_on_a_phone_too() -> None:
    message = a_composer().digest(notifications(1_000))
    assert {block["expand"] for block in blocks_of(message) if block["type"] == "section"} == {True}


def test_a_digest_accounts_for_every_notification() -> None:
    message = a_composer().digest(notifications(10_000))
    judge(message)
    assert sum(announced(message)) == 10_000


def test_a_digest_that_people_may_have_read_before_says_so() -> None:
    assert DOUBT in words(a_composer().digest(notifications(8), doubtful=True))
    assert DOUBT not in words(a_composer().digest(notifications(8)))


def test_the_rest_of_a_digest_adds_up_by_account_however_many_there_are() -> None:
    pending = [
        replace(each, title=f"{number}", account=f"{number % 25:012d}", reason=Reason.FIRST)
        for number, each in enumerate(notifications(5_000))
    ]
    rest, by_severity, by_account = words(a_composer().digest(pending)).splitlines()[-3:]
    (left_out,) = re.findall(r"[\d,]+", rest)
    shown = re.findall(r"` ([\d,]+)|others ([\d,]+)", by_account)
    assert sum(int((one or other).replace(",", "")) for one, other in shown) == int(left_out.replace(",", ""))
    assert sum(int(each.replace(",", "")) for each in re.findall(r"[\d,]+", by_severity)) == 5_000 - 12 * 2
    assert "15 others" in by_account


def announced(message: Any) -> list[int]:
    """Return how many notifications each line of a digest says it stands for, and how many the rest are."""
    lines = [line for block in message["attachments"][0]["blocks"] for line in block["text"]["text"].splitlines()]
    begins = tuple(f"{style.emoji} " for style in (*STYLES.values(), RESOLVED))
    found = [re.search(r" · \N{MULTIPLICATION SIGN}([\d,]+)$", line) for line in lines if line.startswith(begins)]
    rest = re.findall(r"And ([\d,]+) more", words(message))
    return [int(each.replace(",", "")) for each in [*(match[1] if match else "1" for match in found), *rest]]
