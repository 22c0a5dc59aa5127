"""A message about an error that is in many places says where, and which deploy it came with."""

from typing import Any

import pytest

from chalicelib.domain.alerts.affected import AffectedScope, affected
from chalicelib.domain.alerts.suspect_deploy import Deploy
from chalicelib.domain.aws_console import Console
from chalicelib.domain.events.event import Event
from chalicelib.domain.notifications.notification import Reason
from chalicelib.gateways.slack.blocks import SlackMessage
from chalicelib.gateways.slack.messages import ComposerContext, SlackComposer
from tests.domain.given import NOON, an_event
from tests.fakes import FakeClock
from tests.gateways.slack.messages import Names, an_announcement, buttons_of, judge, judge_harmless, words

PAGE = "https://eu-west-1.console.aws.amazon.com/stack"
UPDATED: dict[str, Any] = {
    "what": "stack",
    "name": "shop",
    "operation": "updated",
    "account": "111122223333",
    "region": "eu-west-1",
    "at": NOON - 240,
    "seconds_before": 240,
    "in_progress": False,
    "link": "",
    "event_id": "1-a",
}
NEAR = "🚀 *Deployed shortly before* (near in time, which is no proof): "
THERE = "in payments-production, eu-west-1"


class Known:
    """Whereabouts that are as they are said to be."""

    def __init__(self, where: AffectedScope, *deploys: Deploy) -> None:
        self.where, self.deploys = where, deploys

    def of(self, fingerprint: str, since: int, just_written: Event | None = None) -> AffectedScope:
        """Return where it is."""
        return self.where

    def accounts_at(self, fingerprint: str, since: int, at: int) -> frozenset[str]:
        """Return its accounts."""
        return frozenset(each.account for each in self.where.accounts)

    def deploys_before(self, problem: Any, began: Event | None = None) -> tuple[Deploy, ...]:
        """Return the deploys."""
        return self.deploys


class Broken:
    """Whereabouts that nobody can find out."""

    def of(self, fingerprint: str, since: int, just_written: Event | None = None) -> AffectedScope:
        """Fail."""
        raise TimeoutError

    def deploys_before(self, problem: Any, began: Event | None = None) -> tuple[Deploy, ...]:
        """Fail."""
        raise TimeoutError


def errors(*places: tuple[str, str, int], complete: bool = True) -> AffectedScope:
    events = [
        an_event(NOON, id=f"{NOON}-{account}-{region}", account=account, region=region, lines=lines)
        for account, region, lines in places
    ]
    return affected(events, complete=complete)


def announced(affected: Any, reason: Reason = Reason.FIRST, kind: str = "error_logs") -> SlackMessage:
    composer = SlackComposer(Names(), FakeClock(NOON + 60), composer_context=ComposerContext(affected))
    message = composer.announcement(*an_announcement(an_event(kind=kind), reason))
    judge(message)
    judge_harmless(message)
    return message


THREE = errors(("111122223333", "eu-west-1", 1_200), ("444455556666", "us-east-1", 1), ("777788889999", "eu-west-1", 2))
ONE = errors(("111122223333", "eu-west-1", 1))


@pytest.mark.parametrize("reason", [Reason.FIRST, Reason.STEP, Reason.REMINDER, Reason.REGRESSION, Reason.RESOLVED])
def test_an_error_in_three_accounts_names_them(reason: Reason) -> None:
    message = announced(Known(THREE), reason)
    assert words(message).splitlines()[1] == (
        "*In 3 accounts:* payments-production (eu-west-1) 1,200 lines, 777788889999 (eu-west-1) 2 lines,"
        " web-staging (us-east-1) 1 line"
    )
    assert "· 3 accounts" in message["text"]


def test_of_many_accounts_the_first_few_are_named() -> None:
    everywhere = errors(*((f"{number:012d}", "eu-west-1", 100 - number) for number in range(38)))
    assert "*In 38 accounts:* 000000000000 (eu-west-1) 100 lines, " in words(announced(Known(everywhere)))
    assert "000000000003 (eu-west-1) 97 lines and 34 more" in words(announced(Known(everywhere)))


def test_regions_of_one_account_are_named_together() -> None:
    where = errors(("111122223333", "eu-west-1", 2), ("111122223333", "us-east-1", 1))
    message = announced(Known(where))
    assert "*In 1 account:* payments-production (eu-west-1, us-east-1) 3 lines" in words(message)
    assert "· payments-production (111122223333) 2 regions" in message["text"]


def test_what_was_not_counted_to_the_end_says_so() -> None:
    where = errors(("111122223333", "eu-west-1", 2), ("444455556666", "us-east-1", 1), complete=False)
    assert "*In at least 2 accounts:*" in words(announced(Known(where)))


@pytest.mark.parametrize(
    ("kind", "affected"), [("error_logs", Known(ONE)), ("error_logs", Broken()), ("alarm", Known(THREE))]
)
def test_what_is_in_one_place_or_may_be_in_no_other_names_it_as_ever(kind: str, affected: Any) -> None:
    assert "*payments-production* `111122223333` · eu-west-1" in words(announced(affected, kind=kind))


@pytest.mark.parametrize("reason", [Reason.FIRST, Reason.REGRESSION])
@pytest.mark.parametrize("kind", ["error_logs", "alarm"])
def test_what_was_deployed_before_a_problem_is_named(reason: Reason, kind: str) -> None:
    message = announced(Known(ONE, Deploy(**UPDATED)), reason, kind)
    assert f"{NEAR}stack shop updated 4 min before {THERE}" in words(message).splitlines()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"seconds_before": 59}, "stack shop updated right before in"),
        ({"seconds_before": 59, "in_progress": True}, "stack shop was being updated in"),
        ({"in_progress": True}, "stack shop was being updated 4 min before in"),
    ],
)
def test_how_long_before_it_was_is_said_in_words(changes: dict[str, Any], said: str) -> None:
    assert f"{NEAR}{said}" in words(announced(Known(ONE, Deploy(**UPDATED | changes))))


def test_of_many_deploys_the_newest_are_named() -> None:
    deploys = [Deploy(**UPDATED | {"name": f"s{number}", "what": "pipeline"}) for number in range(5)]
    named = ", ".join(f"pipeline s{number} updated 4 min before" for number in range(3))
    assert f"{NEAR}{named} and 2 more {THERE}" in words(announced(Known(ONE, *deploys)))


def test_a_deploy_is_linked_into_its_account() -> None:
    console = Console("https://example.awsapps.com/start", "ReadOnlyAccess")
    context = ComposerContext(Known(ONE, Deploy(**UPDATED | {"link": PAGE})), console)
    composer = SlackComposer(Names(), FakeClock(NOON + 60), composer_context=context)
    text = words(composer.announcement(*an_announcement(an_event(), Reason.FIRST)))
    assert "stack <https://example.awsapps.com/start/#/console?account_id=111122223333" in text
    assert "|shop> updated" in text


@pytest.mark.parametrize("reason", [Reason.STEP, Reason.RESOLVED])
def test_later_news_does_not_repeat_the_deploys(reason: Reason) -> None:
    assert "🚀" not in words(announced(Known(ONE, Deploy(**UPDATED)), reason))


def test_deploys_that_cannot_be_searched_for_cost_nothing_but_their_line() -> None:
    class Half(Known):
        def deploys_before(self, problem: Any, began: Event | None = None) -> tuple[Deploy, ...]:
            raise TimeoutError

    assert "*payments-production*" in words(announced(Half(ONE)))


def test_hostile_names_stay_words() -> None:
    hostile = "<!channel> `*_"
    message = announced(
        Known(errors((hostile, hostile, 1), ("111122223333", hostile, 2)), Deploy(**UPDATED | {"name": hostile}))
    )
    assert "&lt;!channel&gt;" in words(message)


def test_the_button_leads_through_the_portal_into_the_account() -> None:
    console = Console("https://example.awsapps.com/start", "ReadOnlyAccess")
    composer = SlackComposer(Names(), FakeClock(NOON + 60), composer_context=ComposerContext(console=console))
    message = composer.announcement(*an_announcement(an_event(link="https://console.aws.amazon.com/#a*2f~'b")))
    judge(message)
    (address,) = buttons_of(message).values()
    assert address == (
        "https://example.awsapps.com/start/#/console?account_id=111122223333&role_name=ReadOnlyAccess"
        "&destination=https%3A%2F%2Fconsole.aws.amazon.com%2F%23a%2A2f~%27b"
    )
