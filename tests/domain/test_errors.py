"""What can go wrong, in our own words."""

from chalicelib.domain.errors import Invalid, MonitoringError, Problem, Unavailable


def test_whoever_is_unavailable_says_when_to_ask_again() -> None:
    error = Unavailable("slack is busy", retry_after=30)
    assert (str(error), error.retry_after) == ("slack is busy", 30)


def test_what_is_invalid_names_the_fields() -> None:
    error = Invalid("The query cannot be answered.", Problem("limit", "is above 100"))
    assert [problem.field for problem in error.problems] == ["limit"]
    assert isinstance(error, MonitoringError)
