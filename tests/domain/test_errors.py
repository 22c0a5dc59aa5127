"""What can go wrong, in our own words."""

from chalicelib.domain.errors import Invalid, MonitoringError, Problem


def test_what_is_invalid_names_the_fields() -> None:
    error = Invalid("The query cannot be answered.", Problem("limit", "is above 100"))
    assert [problem.field for problem in error.problems] == ["limit"]
    assert isinstance(error, MonitoringError)
