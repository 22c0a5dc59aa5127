"""Open alerts: pages of alerts that are not resolved, each with bounded cost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

from chalicelib.domain.alerts.alert import Alert, Status
from chalicelib.domain.pagination import LARGEST_LIMIT
from chalicelib.domain.queries import AlertQuery

if TYPE_CHECKING:
    from chalicelib.services import ports

ALL = AlertQuery()


def pages_of_open(
    store: ports.AlertStore, now: int, most: int, begun_by: int | None = None, among: AlertQuery = ALL
) -> Iterator[tuple[tuple[Alert, ...], bool]]:
    """Iterate over up to `most` pages of open alerts, newest first, each with whether it is the last.

    With `begun_by` (epoch seconds) only over those that were open by then, and of these only over `among`.
    """
    going_on = (Status.FIRING, Status.ACKNOWLEDGED)
    query = replace(among, statuses=going_on, end=begun_by, limit=LARGEST_LIMIT)
    for _ in range(most):
        page = store.page(query, now)
        yield page.items, page.next is None
        if page.next is None:
            return
        query = replace(query, cursor=page.next)
