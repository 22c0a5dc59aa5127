"""The check of the generated rules by another engine: what it asks, and what it calls a difference."""

import sys
from pathlib import Path
from typing import Any

import pytest

from infra import check_rules
from infra.check_rules import Case, Rule, cases, differences, keys_of

FAILED = {"source": "aws.batch", "detail-type": "Batch Job State Change", "detail": {"status": "FAILED", "jobId": "j"}}
PATTERN = {"source": ["aws.batch"], "detail": {"$or": [{"status": ["FAILED"]}, {"attempts": [{"exists": True}]}]}}
# Stands in for the other engine.
MATCHES_NOTHING = """
import json, sys
given = json.load(sys.stdin)
print(json.dumps([[False for _ in given["patterns"]] for _ in given["events"]]))
"""
RULES = [Rule("agent's jobs", PATTERN, is_hubs=False), Rule("hub's 1", PATTERN, is_hubs=True)]


def case(name: str, event: dict[str, Any] = FAILED) -> Case:
    return Case(name, event, is_sample=True)


def test_what_both_engines_decide_alike_is_no_difference() -> None:
    assert not list(differences(RULES, [case("batch_job-failed")], [[True, True]]))


@pytest.mark.parametrize(("theirs", "which"), [([False, True], "our"), ([True, False], "our")])
def test_what_one_engine_alone_matches_is_a_difference(theirs: list[bool], which: str) -> None:
    found = list(differences(RULES, [case("batch_job-failed")], [theirs]))

    assert f"matches only by {which} engine" in found[0]
    assert "1 rules of an agent" in found[1] or "0 rules of an agent" in found[1]


def test_a_quiet_sample_that_is_forwarded_is_a_difference() -> None:
    (found,) = differences(RULES, [case("batch_job-quiet-failed")], [[True, True]])

    assert found == "batch_job-quiet-failed: 1 rules of an agent and 1 of the hub match"


def test_an_event_is_tried_with_other_values_only_where_rules_match(tmp_path: Path) -> None:
    file = tmp_path / "batch_job-failed.json"
    file.write_text('{"source": "aws.batch", "detail": {"status": "FAILED", "jobId": "j"}}')

    tried = list(cases([file], frozenset(keys_of(PATTERN))))

    assert tried[0].is_sample
    changed = [each.event for each in tried[1:]]
    assert {"source": "aws.batch", "detail": {"jobId": "j"}} in changed
    assert all(
        each["detail"]["jobId"] == "j" for each in changed if isinstance(each.get("detail"), dict) and each["detail"]
    )


def test_an_engine_that_differs_fails_the_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "batch_job-failed.json").write_text((check_rules.SAMPLES / "batch_job-failed.json").read_text())
    engine = tmp_path / "engine.py"
    engine.write_text(MATCHES_NOTHING)
    monkeypatch.setattr(check_rules, "SAMPLES", tmp_path)
    monkeypatch.setattr(check_rules, "ENGINE", engine)

    assert check_rules.main([sys.executable]) == 1
    assert "batch_job-failed: agent's jobs rule matches only by our engine" in capsys.readouterr().out
