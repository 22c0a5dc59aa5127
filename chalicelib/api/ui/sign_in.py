"""Signing in and out: a token pasted once, or a link that works once."""

from http import HTTPStatus

from chalice.app import Response

from chalicelib.api.ui import replies
from chalicelib.api.ui.visit import Visit
from chalicelib.domain.errors import SignInRefused, TooManyAttempts
from chalicelib.services.operations.sign_in import LIFETIME, Session

# Where somebody wanted to go; ours are shorter.
LONGEST_NEXT = 2_000


def show(visit: Visit) -> replies.PageReply:
    """Ask for a token."""
    return _form(visit.param("next"))


def enter(visit: Visit) -> replies.PageReply | Response:
    """Take a token, once."""
    onward = visit.field("next")
    try:
        session = visit.services.sign_in.by_token(visit.field("token"), _source(visit))
    except TooManyAttempts as error:
        return _form(onward, str(error), HTTPStatus.TOO_MANY_REQUESTS)
    except SignInRefused as error:
        return _form(onward, str(error), HTTPStatus.FORBIDDEN)
    return _welcome(visit, session, onward)


def show_link(visit: Visit) -> replies.PageReply:
    """Show what a link would do; changes nothing, for previews open links as well."""
    return replies.PageReply("sign_in_link", {"claim": visit.services.sign_in.inspect(visit.item)})


def follow_link(visit: Visit) -> Response:
    """Use a link up."""
    return _welcome(visit, visit.services.sign_in.by_link(visit.item), "")


def leave(visit: Visit) -> Response:
    """End the session."""
    if visit.session:
        visit.services.sign_in.end(visit.session)
    return replies.redirect(visit.to("sign-in", left="yes"), **replies.cookie("", 0))


def _welcome(visit: Visit, session: Session, onward: str) -> Response:
    return replies.redirect(_safe(visit, onward), **replies.cookie(session.text, LIFETIME))


def _safe(visit: Visit, onward: str) -> str:
    """Return where to go on: below our own root, whatever somebody has written into the form."""
    is_ours = onward.isascii() and onward.isprintable() and len(onward) <= LONGEST_NEXT
    return f"{visit.root}/{onward.lstrip('/')}" if onward and is_ours and ".." not in onward else visit.root


def _form(onward: str, problem: str = "", status: HTTPStatus = HTTPStatus.OK) -> replies.PageReply:
    return replies.PageReply("sign_in", {"next": onward[:LONGEST_NEXT], "problem": problem}, status)


def _source(visit: Visit) -> str:
    return str((visit.request.context.get("identity") or {}).get("sourceIp", ""))
