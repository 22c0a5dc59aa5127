"""AWS Health events."""

from typing import Any

import pytest

from chalicelib.domain.events.event import Severity, Signal
from chalicelib.domain.timestamps import read_date
from chalicelib.sources.health import EVERY_ACCOUNT
from tests.sources.samples import alike, altered, load, read, without

PUBLIC = "health-issue-open-public"
PLANNED = "health-scheduled-change-upcoming"


def test_one_public_event_through_many_accounts_and_the_backup_region_is_one_event() -> None:
    copies = [read(PUBLIC), read(f"{PUBLIC}-other-account"), read(f"{PUBLIC}-backup-region")]
    copies += [read(altered(PUBLIC, "affectedAccount", to=f"{n:012}") | {"account": f"{n:012}"}) for n in range(1000)]
    assert alike(*copies)


def test_a_public_event_belongs_to_every_account_and_to_the_region_that_is_affected() -> None:
    event = read(f"{PUBLIC}-backup-region")
    assert (event.account, event.region) == (EVERY_ACCOUNT, "eu-west-1")


def test_a_closed_event_resolves_what_was_open() -> None:
    opened, closed = read(PUBLIC), read("health-issue-closed-public")
    assert (closed.severity, closed.signal) == (Severity.LOW, Signal.RESOLVED)
    assert closed.fingerprint == opened.fingerprint
    assert closed.id > opened.id


def test_the_same_event_in_two_accounts_is_two_problems_where_it_is_theirs() -> None:
    other = altered(PLANNED, "affectedAccount", to="111122223333")
    assert read(other).fingerprint != read(PLANNED).fingerprint
    assert read(other).id != read(PLANNED).id


def test_the_affected_account_counts_and_not_the_receiving_one() -> None:
    """An organisation's administrator hears of the events of all its accounts."""
    copy = read(load(PLANNED) | {"account": "123456789012", "region": "us-west-2"})
    assert alike(copy, read(PLANNED))
    assert (copy.account, copy.region) == ("444455556666", "eu-central-1")


def test_without_an_affected_account_the_receiving_one_is_meant() -> None:
    assert read("health-abuse-report").account == "444455556666"


def test_pages_and_communications_are_events_of_their_own_about_one_problem() -> None:
    second_page = read(altered(PLANNED, "page", to="2"))
    correction = read(altered(PLANNED, "communicationId", to="another-1"))
    assert len({read(PLANNED).id, second_page.id, correction.id}) == 3
    assert len({read(PLANNED).fingerprint, second_page.fingerprint, correction.fingerprint}) == 1


def test_a_page_is_the_same_as_text_as_a_number_and_left_out() -> None:
    assert alike(read(PLANNED), read(altered(PLANNED, "page", to=1)), read(without(PLANNED, "page")))


def test_without_a_communication_the_content_distinguishes_events() -> None:
    raw = without(PUBLIC, "communicationId")
    other = without(PUBLIC, "communicationId")
    other["detail"]["eventDescription"][0]["latestDescription"] = "It is worse than we thought."
    elsewhere = raw | {"account": "777788889999", "region": "us-west-2", "id": "another"}
    assert alike(read(raw), read(elsewhere))
    assert read(raw).id != read(other).id


def test_what_is_said_in_two_languages_at_a_time_is_no_update() -> None:
    english, japanese, later = (without(PUBLIC, "communicationId") for _ in range(3))
    japanese["detail"]["eventDescription"] = [{"language": "ja_JP", "latestDescription": "x"}]
    later["detail"]["lastUpdatedTime"] = "Mon, 02 Mar 2026 23:00:00 GMT"

    assert read(english).id != read(japanese).id
    assert read(english).revision == read(japanese).revision != read(later).revision


@pytest.mark.parametrize(
    ("name", "severity", "title"),
    [
        (PUBLIC, Severity.HIGH, "EC2: operational issue (eu-west-1)"),
        ("health-investigation-open", Severity.HIGH, "DIRECTCONNECT: connectivity investigation (eu-west-1)"),
        (PLANNED, Severity.MEDIUM, "EC2: persistent instance retirement scheduled (eu-central-1)"),
        ("health-scheduled-change-open", Severity.MEDIUM, "RDS: maintenance scheduled (us-east-1)"),
        ("health-account-notification", Severity.LOW, "IAM: operational notification (global)"),
        (
            "health-account-notification-action-required",
            Severity.MEDIUM,
            "LAMBDA: runtime deprecation notification (eu-west-1)",
        ),
        ("health-abuse-report", Severity.CRITICAL, "ABUSE: dos report (us-east-1)"),
    ],
)
def test_what_is_not_closed_fires_as_badly_as_its_category(name: str, severity: Severity, title: str) -> None:
    event = read(name)
    assert (event.severity, event.signal, event.title) == (severity, Signal.FIRING, title)


def test_exposed_credentials_are_critical() -> None:
    raw = altered(PLANNED, "service", to="RISK")
    assert read(raw).severity is Severity.CRITICAL


def test_a_category_that_nobody_has_heard_of_is_unknown() -> None:
    assert read(altered(PLANNED, "eventTypeCategory", to="prophecy")).severity is Severity.UNKNOWN


@pytest.mark.parametrize(
    "field",
    [
        *("service", "eventTypeCode", "statusCode", "eventRegion", "eventDescription", "startTime", "lastUpdatedTime"),
        *("affectedEntities", "eventScopeCode", "page", "totalPages", "eventMetadata", "endTime"),
    ],
)
@pytest.mark.parametrize("nothing", [None, ...], ids=["null", "absent"])
def test_an_event_that_says_little_still_fires(field: str, nothing: Any) -> None:
    raw = without(PLANNED, field) if nothing is ... else altered(PLANNED, field, to=nothing)
    event = read(raw)
    assert (event.kind, event.signal, event.fingerprint) == ("health", Signal.FIRING, read(PLANNED).fingerprint)


def test_the_resource_is_the_first_entity() -> None:
    assert read(PLANNED).resource == "i-0a1b2c3d4e5f60718"


def test_without_entities_the_resource_is_the_envelopes_first() -> None:
    event = read(without(PLANNED, "affectedEntities"))
    assert event.kind == "health"
    assert event.resource.endswith("instance/i-0a1b2c3d4e5f60718")
    assert read(PUBLIC).resource == ""


def test_an_event_without_an_arn_is_unknown() -> None:
    assert read(without(PUBLIC, "eventArn")).kind == "unknown"


def test_an_event_that_says_nothing_but_its_arn_has_a_title() -> None:
    raw = load(PUBLIC) | {"region": "", "detail": {"eventArn": "arn:aws:health:x::event/y"}}
    assert read(raw).title == "AWS Health event"


def test_the_time_is_that_of_the_last_update() -> None:
    assert read(PUBLIC).published_at == read_date("Mon, 02 Mar 2026 14:09:41 GMT")


def test_a_start_that_is_past_stands_in_for_the_last_update() -> None:
    assert read(without(PUBLIC, "lastUpdatedTime")).published_at == read_date("Mon, 02 Mar 2026 14:02:00 GMT")


def test_a_start_that_is_still_to_come_is_no_time_of_publication() -> None:
    raw = without(PLANNED, "lastUpdatedTime")
    assert read(raw).published_at == read_date("2026-03-02T06:31:07Z")


def test_the_link_leads_to_the_event() -> None:
    assert read(PUBLIC).link == (
        "https://health.aws.amazon.com/health/home#/account/event-log?eventID=arn:aws:health:eu-west-1::event/EC2/"
        "AWS_EC2_OPERATIONAL_ISSUE/AWS_EC2_OPERATIONAL_ISSUE_VKTXI_EXAMPLE111&eventTab=details"
    )


def test_in_other_partitions_there_is_no_link() -> None:
    assert read(altered(PUBLIC, "eventArn", to="arn:aws-cn:health:cn-north-1::event/EC2/A/A_1")).link == ""


# --- who is still affected


def entities(*statuses: str) -> list[dict[str, str]]:
    return [{"entityValue": f"cluster-{number}", "status": status} for number, status in enumerate(statuses)]


def test_an_entity_that_is_done_is_not_what_the_event_is_about() -> None:
    assert read("health-lifecycle-partly-done").resource.endswith("cluster/green")


@pytest.mark.parametrize(
    ("statuses", "signal"),
    [
        (("RESOLVED", "PENDING"), Signal.FIRING),
        (("RESOLVED", "RESOLVED"), Signal.RESOLVED),
        (("UNIMPAIRED",), Signal.RESOLVED),
        (("IMPAIRED",), Signal.FIRING),
        (("",), Signal.FIRING),
        ((), Signal.FIRING),
    ],
)
def test_an_event_is_over_once_nothing_is_affected(statuses: tuple[str, ...], signal: Signal) -> None:
    event = read(altered("health-scheduled-change-upcoming", "affectedEntities", to=entities(*statuses)))
    assert event.signal is signal
    assert (event.severity is Severity.LOW) is (signal is Signal.RESOLVED)


def test_what_is_done_on_one_page_of_several_says_nothing_of_the_others() -> None:
    raw = altered("health-scheduled-change-upcoming", "affectedEntities", to=entities("RESOLVED"))
    raw["detail"]["totalPages"] = "3"
    assert read(raw).signal is Signal.FIRING


def test_a_further_communication_is_news_of_the_same_problem() -> None:
    first, update = read("health-issue-open-public"), read("health-issue-update-public")
    assert first.fingerprint == update.fingerprint
    assert first.revision != update.revision
    assert first.id != update.id


def test_the_order_of_languages_makes_no_other_event() -> None:
    raw = without("health-issue-update-public", "communicationId")
    turned = without("health-issue-update-public", "communicationId")
    turned["detail"]["eventDescription"].reverse()
    assert read(raw).id == read(turned).id


def test_what_is_said_in_english_is_one_event_whatever_else_it_is_said_in() -> None:
    raw = load("health-issue-update-public")
    english = [{"language": "en_US", "latestDescription": "It is better."}]
    japanese = [{"language": "ja_JP", "latestDescription": "x"}]
    both, alone, foreign = (
        read(raw | {"detail": raw["detail"] | {"eventDescription": each}})
        for each in (japanese + english, english, japanese)
    )

    assert alike(both, alone)
    assert foreign.id != alone.id
    assert (foreign.fingerprint, foreign.revision) == (alone.fingerprint, alone.revision)
