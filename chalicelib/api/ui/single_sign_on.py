"""Single sign-on: redirects to the company's provider, and handles its response."""

from http import HTTPStatus

from chalice.app import Response

from chalicelib.api.ui import replies
from chalicelib.api.ui.sign_in import form, welcome
from chalicelib.api.ui.visit import Visit
from chalicelib.domain.errors import NotFound, ProviderFailed, SignInRefused, TooManyAttempts
from chalicelib.services.operations.single_sign_on import LIFETIME, SingleSignOn

# A cookie of its own: the session's is only replaced after a successful sign-in.
COOKIE = "__Host-monitoring-oidc"
# Short enough for a signed token, however JSON escapes it.
LONGEST_ONWARD = 700
PARAMETERS = ("state", "code", "error")
STATUSES = {
    TooManyAttempts: HTTPStatus.TOO_MANY_REQUESTS,
    SignInRefused: HTTPStatus.FORBIDDEN,
    ProviderFailed: HTTPStatus.BAD_GATEWAY,
}


def begin(visit: Visit) -> replies.PageReply | Response:
    """Send somebody to the provider, with a link: the content security policy allows forms only to this site."""
    onward = visit.param("next")
    is_usable = onward.isascii() and onward.isprintable() and len(onward) <= LONGEST_ONWARD
    try:
        start = _service(visit).begin(onward if is_usable else "")
    except ProviderFailed as error:
        return form(visit, onward, str(error), STATUSES[ProviderFailed])
    return replies.redirect(start.address, **replies.cookie(start.signed, LIFETIME, COOKIE))


def finish(visit: Visit) -> replies.PageReply | Response:
    """Handle the provider's response."""
    answer = {name: visit.param(name) for name in PARAMETERS}
    try:
        session, onward = _service(visit).finish(visit.cookie(COOKIE), answer, visit.source)
    except (ProviderFailed, SignInRefused, TooManyAttempts) as error:
        return form(visit, "", str(error), STATUSES[type(error)])
    return welcome(visit, session, onward)


def _service(visit: Visit) -> SingleSignOn:
    service = visit.services.single_sign_on
    if service is None or visit.item not in {"", "callback"}:
        raise NotFound("There is no such page.")
    return service
