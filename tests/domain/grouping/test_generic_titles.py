"""What tells many resources apart is masked in a title, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.grouping.generic_titles import generic_title


@pytest.mark.parametrize(
    ("title", "generic"),
    [
        ("CPU of i-0a1b2c3d4e5f67890 is high", "CPU of i-* is high"),
        ("vol-0a1b2c3d: stuck", "vol-*: stuck"),
        ("task 1f2e3d4c5b6a79881726354453627180 stopped", "task * stopped"),
        ("claim 123e4567-e89b-12d3-a456-426614174000 lost", "claim * lost"),
        ("checkout-7d9f8c6b54-x2x7k restarts", "checkout-* restarts"),
        ("shop-checkout-7d9f8c6b54-x2x7k restarts", "shop-checkout-* restarts"),
        ("web-17.example.com is down", "web-*.example.com is down"),
        ("web-17 is down", "web-* is down"),
        ("node03 is down", "node* is down"),
        ("ip-10-0-3-7.ec2.internal is down", "ip-*.ec2.internal is down"),
        ("10.0.3.7 is down", "* is down"),
    ],
)
def test_what_parts_resources_is_masked(title: str, generic: str) -> None:
    assert generic_title(title) == generic


@pytest.mark.parametrize(
    "title",
    [
        "checkout-5xx rate crossed 5",
        "checkout-billing and checkout-refunds",
        "latency p99 of orders-v2",
        "stack shop-network: update failed, rolling back",
        "eu-west-1 is impaired",
        "s3 in us-gov-west-1 and ap-southeast-2",
    ],
)
def test_names_stay(title: str) -> None:
    assert generic_title(title) == title


@given(st.text(max_size=200))
def test_any_title_has_a_generic_one_that_stays(title: str) -> None:
    assert generic_title(generic_title(title)) == generic_title(title)
