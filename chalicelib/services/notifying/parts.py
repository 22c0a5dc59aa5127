"""Parts: what is done whatever becomes of what was done before it."""

from collections.abc import Callable, Iterable


def run_all(message: str, parts: Iterable[Callable[[], object]]) -> None:
    """Run each part whatever becomes of the others; ExceptionGroup with what went wrong, if anything did."""
    if failed := failures_of(parts):
        raise ExceptionGroup(message, failed)


def failures_of(parts: Iterable[Callable[[], object]]) -> list[Exception]:
    """Run each part whatever becomes of the others, and return what went wrong, to be raised by the caller."""
    failed: list[Exception] = []
    for part in parts:
        try:
            part()
        except Exception as error:  # noqa: BLE001 - the caller raises it
            failed.append(error)
    return failed
