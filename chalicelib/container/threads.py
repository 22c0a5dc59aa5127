"""Threads: several receivers are sent to at once, as each lets a sender wait."""

from collections.abc import Callable, Sequence

# As many receivers as most teams have; of more, the others follow as the first are done.
MOST_AT_ONCE = 20


def run_at_once(message: str, tasks: Sequence[Callable[[], object]]) -> None:
    """Run the tasks, each in a thread of its own where there are several, and wait for all of them.

    ExceptionGroup with what went wrong, if anything did.
    """
    from chalicelib.services.tasks import run_all

    if len(tasks) < 2:  # noqa: PLR2004 - nothing to do at once
        run_all(message, tasks)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(MOST_AT_ONCE) as pool:
        started = [pool.submit(task) for task in tasks]
    run_all(message, [each.result for each in started])
