"""A message names what its owner knows: the bucket, the machine, the caller, and what AWS says in English."""

from typing import Any

import pytest

from tests.gateways.slack.messages import a_composer, an_announcement, judge, judge_harmless, words
from tests.sources.samples import altered, load, read


def announced(raw: Any) -> str:
    message = a_composer().announcement(*an_announcement(read(raw)))
    judge(message)
    judge_harmless(message)
    return words(message)


@pytest.mark.parametrize("order", [1, -1])
def test_of_several_languages_english_is_shown(order: int) -> None:
    texts = {"ja_JP": "\u969c\u5bb3", "en_US": "Queues are slow.", "de_DE": "Warteschlangen sind langsam."}
    said = [{"language": language, "latestDescription": text} for language, text in texts.items()][::order]
    shown = announced(altered("health-issue-open-public", "eventDescription", to=said))

    assert "Queues are slow." in shown
    assert not any(text in shown for language, text in texts.items() if language != "en_US")


def test_without_english_the_first_language_is_shown() -> None:
    said = [{"language": "ja_JP", "latestDescription": "\u969c\u5bb3"}]
    assert "\u969c\u5bb3" in announced(altered("health-issue-open-public", "eventDescription", to=said))


def test_what_is_done_already_is_not_affected() -> None:
    entities = [{"entityValue": "cluster-a", "status": "RESOLVED"}, {"entityValue": "cluster-b", "status": "PENDING"}]
    shown = announced(altered("health-scheduled-change-upcoming", "affectedEntities", to=entities))

    assert "*Affected* `cluster-b`" in shown
    assert "cluster-a" not in shown


def test_a_finding_about_buckets_names_them_all_and_not_its_reader_as_the_resource() -> None:
    raw = load("guardduty-s3")
    raw["detail"]["resource"] |= {"accessKeyDetails": {"userName": "reader"}}
    raw["detail"]["resource"]["s3BucketDetails"] = [{"name": "wages"}, {"name": "copies"}]
    shown = announced(raw)

    assert "`wages`" in shown
    assert "*Also* `copies`" in shown


def test_an_attack_sequence_shows_who_from_where_and_what() -> None:
    sequence = {
        "actors": [{"user": {"name": "deployer"}}],
        "endpoints": [{"ip": "203.0.113.9"}],
        "resources": [{"name": "wages", "resourceType": "S3_BUCKET"}],
        "signals": [{"name": "DeleteTrail"}],
    }
    shown = announced(altered("guardduty-attack-sequence", "service", "detection", "sequence", to=sequence))

    for line in ("*Actors* `deployer`", "*Addresses* `203.0.113.9`", "*Resources* `wages`", "*Signals* `DeleteTrail`"):
        assert line in shown


def test_a_finding_shows_the_domain_and_an_address_of_either_kind() -> None:
    assert "*Domain* `" in announced("guardduty-dns")
    assert "`2001:db8:0:1::5`" in announced("guardduty-root")


def test_an_alarm_shows_of_what_each_metric_is_and_in_whose_account() -> None:
    raw = load("alarm-metric-alarm")
    query = raw["detail"]["configuration"]["metrics"][0]
    query["metricStat"]["metric"]["dimensions"] = {"QueueName": "letters"}
    query["accountId"] = "444455556666"
    shown = announced(raw)

    assert "QueueName `letters`" in shown
    assert "in account `444455556666`" in shown
