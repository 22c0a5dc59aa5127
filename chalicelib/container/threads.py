"""Threads: run tasks in parallel, as a sender mostly waits for its receiver."""

from collections.abc import Callable, Sequence

# As many receivers as most teams have; further ones follow as the first are done.
MOST_AT_ONCE = 20


def run_at_once(message: str, tasks: Sequence[Callable[[], object]]) -> None:
    """Run tasks, several ones in a thread each, and wait for all of them.

    Raises an ExceptionGroup of all errors, if any.
    """
    from chalicelib.services.tasks import run_all

    if len(tasks) < 2:  # noqa: PLR2004 - nothing to do at once
        run_all(message, tasks)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(MOST_AT_ONCE) as pool:
        started = [pool.submit(task) for task in tasks]
    run_all(message, [each.result for each in started])
