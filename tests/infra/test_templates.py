"""Every template is small enough, and what the code would make of it; `make check` says whether it is valid."""

from pathlib import Path

import pytest

from infra.generate import YAML_MARKS, generated, splice
from tests.infra.templates import INFRA, TEMPLATES, read

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
LARGEST_BODY = 51_200
LONGEST_DESCRIPTION = 1_024
GENERATED = generated()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_can_be_sent_without_a_bucket(path: Path) -> None:
    assert len(path.read_bytes()) <= LARGEST_BODY


def test_the_agent_is_plain_as_stacksets_of_an_organisation_want_it() -> None:
    text = (INFRA / "agent.yaml").read_text()

    assert "Transform" not in read("agent.yaml")
    assert "Fn::Transform" not in text
    assert "Fn::ForEach" not in text
    assert "AWS::Include" not in text


@pytest.mark.parametrize("path", GENERATED, ids=lambda path: path.name)
def test_what_is_generated_is_up_to_date(path: Path) -> None:
    assert path.read_text() == GENERATED[path], "run: make generate"


def test_a_template_without_its_marks_is_not_written() -> None:
    with pytest.raises(ValueError, match="marks"):
        splice("Resources:\n", YAML_MARKS, "")


def test_the_table_outlives_its_stack_and_everything_else_that_may_happen_to_it() -> None:
    table = read("hub.yaml")["Resources"]["Table"]

    assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
    assert table["Properties"]["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["Properties"]["SSESpecification"] == {"SSEEnabled": True}


def test_a_creation_that_fails_leaves_no_table_in_the_way_of_the_next() -> None:
    assert "DeletionProtectionEnabled" not in read("hub.yaml")["Resources"]["Table"]["Properties"]
