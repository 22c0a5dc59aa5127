"""The quiet part of the scan's benchmark; all of it is `make bench-scan`."""

from bench.scan import quiet


def test_a_thousand_log_groups_are_scanned_within_the_benchmarks_goals() -> None:
    assert all(quiet())
