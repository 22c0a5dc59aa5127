"""Parts: what is done whatever becomes of what was done before it."""

from collections.abc import Callable, Iterable


def run_all(message: str, parts: Iterable[Callable[[], object]]) -> None:
    """Run each part whatever becomes of the others; ExceptionGroup with what went wrong, if anything did."""
    failed: list[Exception] = []
    for part in parts:
        try:
            part()
        except Exception as error:  # noqa: BLE001 - it is raised below
            failed.append(error)
    if failed:
        raise ExceptionGroup(message, failed)
