"""What is asked of alerts and notifications, and what people have to say about them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from chalicelib.api.requests import (
    EVENT_PARAMETERS,
    LIST_PARAMETERS,
    LONGEST_NAME,
    Form,
    Read,
    line,
    list_query,
    list_query_of,
    matching,
    nothing,
    one_of,
)
from chalicelib.domain.alerts.alert import Status
from chalicelib.domain.errors import NotFound
from chalicelib.domain.notifications.notification import Delivery
from chalicelib.domain.queries import AlertQuery, NotificationQuery

if TYPE_CHECKING:
    from chalice.app import Request

LONGEST_NOTE = 200
ALERT_PARAMETERS: Mapping[str, Read] = {
    "status": one_of(Status),
    **{name: read for name, read in EVENT_PARAMETERS.items() if name != "outcome"},
}
NOTIFICATION_PARAMETERS: Mapping[str, Read] = {
    "status": one_of(Delivery),
    "receiver": line(LONGEST_NAME, shortest=1),
    **LIST_PARAMETERS,
}
NOTE_FIELDS: Mapping[str, Read] = {"note": line(LONGEST_NOTE)}

_digest = matching("[0-9a-f]{32}", "must be 32 hexadecimal digits")


class Remark(NamedTuple):
    """Who does something to an alert, and why."""

    by: str
    note: str


def alert_query(request: "Request") -> AlertQuery:
    """Read which alerts are asked for."""
    return list_query(request, ALERT_PARAMETERS, AlertQuery)


def notification_query(request: "Request") -> NotificationQuery:
    """Read which notifications are asked for; suppressed ones have no receiver."""
    form = Form.query(request, NOTIFICATION_PARAMETERS)
    if form.values.get("status") is Delivery.SUPPRESSED and "receiver" in form.values:
        form.blame("receiver", "must be left out: what was suppressed was owed to nobody")
    return list_query_of(form, NotificationQuery)


def remark(request: "Request") -> Remark:
    """Read the note in the body, if there is one; who makes it is whose token it is."""
    body = _body(request, NOTE_FIELDS)
    return Remark(by=request.context["authorizer"]["name"], note=body.get("note", ""))


def again(request: "Request") -> bool:
    """Read whether what was delivered shall be sent again."""
    wanted: bool = _body(request, {"again": _truth}).get("again", False)
    return wanted


def fingerprint(text: str) -> str:
    """Return an alert's fingerprint as it stands in the path; NotFound where none looks like that."""
    return _id(text, "There is no alert of this fingerprint.")


def notification_id(text: str) -> str:
    """Return a notification's id as it stands in the path; NotFound where none looks like that."""
    return _id(text, "There is no notification of this id.")


def _id(text: str, message: str) -> str:
    try:
        found: str = _digest(text)
    except ValueError:
        raise NotFound(message) from None
    return found


def _body(request: "Request", fields: Mapping[str, Read]) -> dict[str, Any]:
    """Read a body that may be left out."""
    nothing(request)
    return Form.body(request, fields, required=()).settle() if request.raw_body else {}


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")  # noqa: TRY004 - a form collects what is wrong with a value
    return value
