"""Labels are what rules match of a detail: few, short, and read wherever AWS writes them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.events.labels import LONGEST_VALUE, MOST_ELEMENTS, MOST_VALUES, label_name, labels_of

JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
)
NAMES = st.lists(
    st.sampled_from(["detail.a", "detail.a.b", "detail.b.c.a", "alarm_tag.a", "resource_tag.b"]), unique=True
)


def read(detail: Any, path: str) -> tuple[str, ...]:
    """Return the values at a path."""
    name = label_name("detail", path)
    return labels_of(detail, [name]).get(name, ())


@pytest.mark.parametrize(
    ("detail", "path", "values"),
    [
        ({"service": "EC2"}, "service", ("EC2",)),
        ({"resource": {"instance": {"id": "i-1"}}}, "resource.instance.id", ("i-1",)),
        ({"count": 3, "share": 2.0, "ratio": 0.25}, "count", ("3",)),
        ({"share": 2.0}, "share", ("2",)),
        ({"ratio": 0.25}, "ratio", ("0.25",)),
        ({"archived": False}, "archived", ("false",)),
        ({"parts": [{"id": "a"}, {"id": "b"}, {"id": "a"}, {}]}, "parts.id", ("a", "b")),
        ({"names": ["a", "b"]}, "names", ("a", "b")),
        ({"http.status": 500}, "http.status", ("500",)),
        ({"span": {"http.status": 500}}, "span.http.status", ("500",)),
        ({"service": None}, "service", ()),
        ({"service": ""}, "service", ()),
        ({"service": {"name": "EC2"}}, "service", ()),
        ({}, "service", ()),
        ("text", "service", ()),
        (None, "service", ()),
        ({"note": "two\nlines"}, "note", ("two lines",)),
    ],
)
def test_a_path_leads_to_values(detail: Any, path: str, values: tuple[str, ...]) -> None:
    assert read(detail, path) == values


def test_an_alarm_s_tags_are_in_its_detail() -> None:
    tags = {"alarmTags": {"team": "payments", "cost.center": "7"}, "tags": {"team": "other"}}
    assert labels_of(tags, ["alarm_tag.team", "alarm_tag.cost.center", "alarm_tag.stage"]) == {
        "alarm_tag.team": ("payments",),
        "alarm_tag.cost.center": ("7",),
    }
    assert labels_of([tags], ["alarm_tag.team"]) == {}


@pytest.mark.parametrize(
    "detail",
    [
        {"tags": {"team": "payments"}},
        {"resource": {"instanceDetails": {"tags": [{"key": "team", "value": "payments"}]}}},
        {"resource": {"s3BucketDetails": [{"name": "b", "tags": [{"key": "team", "value": "payments"}]}]}},
        {"findings": [{"Resources": [{"Id": "r", "Tags": {"team": "payments"}}]}]},
        {"affectedEntities": [{"entityValue": "i-1", "tags": {"team": "payments"}}]},
        {"TagList": [{"Key": "stage", "Value": "prod"}, {"Key": "team", "Value": "payments"}]},
        {"resources": [{"tags": [{"name": "team", "value": "payments"}, "text", {"value": "nameless"}]}]},
    ],
)
def test_a_resource_s_tags_are_found_wherever_aws_lists_them(detail: Any) -> None:
    assert labels_of(detail, ["resource_tag.team"]) == {"resource_tag.team": ("payments",)}


@pytest.mark.parametrize(
    "detail",
    [{"tags": "team=payments"}, {"tags": [{"key": "team"}]}, {"alarmTags": {"team": "payments"}}, {"team": "payments"}],
)
def test_what_is_no_tag_of_a_resource_is_none(detail: Any) -> None:
    assert labels_of(detail, ["resource_tag.team"]) == {}


def test_many_values_leave_each_label_its_first() -> None:
    detail = {"many": [f"value {number}" for number in range(50)], "one": "1", "two": ["1", "2"]}
    labels = labels_of(detail, ["detail.many", "detail.one", "detail.two"])
    assert labels["detail.one"] == ("1",)
    assert labels["detail.two"] == ("1", "2")
    assert labels["detail.many"] == tuple(f"value {number}" for number in range(MOST_VALUES - 3))


def test_a_long_value_is_cut() -> None:
    (value,) = read({"text": "x" * 10_000}, "text")
    assert value == "x" * (LONGEST_VALUE - 1) + "…"


@given(JSON, NAMES)
def test_labels_are_few_and_short_whatever_the_detail(detail: Any, names: list[str]) -> None:
    labels = labels_of(detail, names)
    values = [value for each in labels.values() for value in each]
    assert labels.keys() <= set(names)
    assert len(values) <= MOST_VALUES
    assert all(0 < len(value) <= LONGEST_VALUE and value == value.strip() for value in values)
    assert labels == labels_of(detail, names[::-1])


def test_a_list_is_read_so_far() -> None:
    assert read({"parts": [{}] * MOST_ELEMENTS + [{"id": "late"}]}, "parts.id") == ()
