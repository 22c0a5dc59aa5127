"""Tasks: several are run, and one that fails does not stop the others."""

from collections.abc import Callable, Iterable


def run_all(message: str, tasks: Iterable[Callable[[], object]]) -> None:
    """Run each task, even after others failed; raise an ExceptionGroup of all errors, called `message`, if any."""
    if failed := failures_of(tasks):
        raise ExceptionGroup(message, failed)


def failures_of(tasks: Iterable[Callable[[], object]]) -> list[Exception]:
    """Run each task, even after others failed, and return the errors for the caller to raise."""
    failed: list[Exception] = []
    for task in tasks:
        try:
            task()
        except Exception as error:  # noqa: BLE001 - the caller raises it
            failed.append(error)
    return failed
