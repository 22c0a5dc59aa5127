"""Questions: what is too much for one answer is cut, by time and then by log group."""

from chalicelib.domain.scanning.gaps import GapReason
from chalicelib.domain.scanning.queries import LogQuery, QueryRefused
from chalicelib.domain.scanning.windows import Window

NAMES = ("/a", "/b", "/c")


def test_a_query_is_split_by_time_first() -> None:
    assert LogQuery(NAMES, Window(0, 300), 90).parts(3) == (
        LogQuery(NAMES, Window(0, 100), 90),
        LogQuery(NAMES, Window(100, 200), 90),
        LogQuery(NAMES, Window(200, 300), 90),
    )


def test_within_one_second_it_is_cut_by_log_group() -> None:
    assert LogQuery(NAMES, Window(0, 1)).parts() == (
        LogQuery(NAMES[:1], Window(0, 1)),
        LogQuery(NAMES[1:], Window(0, 1)),
    )


def test_a_second_of_one_log_group_cannot_be_cut() -> None:
    assert LogQuery(NAMES[:1], Window(0, 1)).parts() == ()


def test_a_refusal_says_why_and_is_final_unless_it_says_otherwise() -> None:
    refused = QueryRefused(GapReason.REJECTED)

    assert (refused.reason, refused.is_passing) == (GapReason.REJECTED, False)


def test_a_query_can_leave_out_log_groups() -> None:
    assert LogQuery(NAMES, Window(0, 1), 90).without({"/b"}) == LogQuery(("/a", "/c"), Window(0, 1), 90)
