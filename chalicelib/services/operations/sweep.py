"""The sweep: what is done each minute, whether anything happens or not."""

from collections.abc import Callable, Iterable
from functools import partial

from msgspec import Struct

from chalicelib.domain.agents.canary import RECEIVER as CANARY
from chalicelib.services.alerting.evaluator import Evaluator
from chalicelib.services.ingestion.ingest import Ingest
from chalicelib.services.notifying.dispatcher import Dispatcher
from chalicelib.services.notifying.receivers import Receivers


class Sweep(Struct, frozen=True):
    """Merges the events that were stored alone, evaluates the alerts that are due, and sends what is pending."""

    ingest: Ingest
    evaluator: Evaluator
    dispatcher: Dispatcher
    receivers: Receivers
    report_alive: Callable[[], None]

    def __call__(self) -> None:
        """Do all of it, and tell the outside that it ended well.

        Whatever goes wrong with one part keeps none of the others from its turn; then it goes out.
        """
        sending = [partial(self.dispatcher.catch_up, receiver) for receiver in (*self.receivers.named, CANARY)]
        parts: tuple[Callable[[], object], ...] = (self.ingest.merge, self.evaluator, *sending, self.receivers.retire)
        run_all("A sweep failed in part", parts)
        self.report_alive()


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
