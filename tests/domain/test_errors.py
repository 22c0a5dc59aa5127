"""What can go wrong, in our own words."""

from chalicelib.domain.errors import Invalid, MonitoringError, Violation


def test_what_is_invalid_names_the_fields() -> None:
    error = Invalid("The query cannot be answered.", Violation("limit", "is above 100"))
    assert [violation.field for violation in error.violations] == ["limit"]
    assert isinstance(error, MonitoringError)
