"""Signing in and out: with a token or a link; `single_sign_on` has the other way."""

from http import HTTPStatus

from chalice.app import Response

from chalicelib.api.ui import replies
from chalicelib.api.ui.visit import Visit
from chalicelib.domain.errors import SignInRefused, TooManyAttempts
from chalicelib.services.operations.sign_in import LIFETIME, Session

# The longest address to return to; ours are shorter.
LONGEST_NEXT = 2_000


def show(visit: Visit) -> replies.PageReply:
    """Ask for a token."""
    return form(visit, visit.param("next"))


def enter(visit: Visit) -> replies.PageReply | Response:
    """Accept a token."""
    onward = visit.field("next")
    try:
        session = visit.services.sign_in.by_token(visit.field("token"), visit.source)
    except TooManyAttempts as error:
        return form(visit, onward, str(error), HTTPStatus.TOO_MANY_REQUESTS)
    except SignInRefused as error:
        return form(visit, onward, str(error), HTTPStatus.FORBIDDEN)
    return welcome(visit, session, onward)


def show_link(visit: Visit) -> replies.PageReply:
    """Show what a link would do; changes nothing, as link previews open it too."""
    return replies.PageReply("sign_in_link", {"claim": visit.services.sign_in.inspect(visit.item)})


def follow_link(visit: Visit) -> Response:
    """Use a link."""
    return welcome(visit, visit.services.sign_in.by_link(visit.item), "")


def leave(visit: Visit) -> Response:
    """End the session."""
    if visit.session:
        visit.services.sign_in.end(visit.session)
    return replies.redirect(visit.to("sign-in", left="yes"), **replies.cookie("", 0))


def welcome(visit: Visit, session: Session, onward: str) -> Response:
    """Set the session's cookie, and redirect the browser."""
    return replies.redirect(_safe(visit, onward), **replies.cookie(session.text, LIFETIME))


def _safe(visit: Visit, onward: str) -> str:
    """Return the address to go to: within our own pages, whatever the form says."""
    is_ours = onward.isascii() and onward.isprintable() and len(onward) <= LONGEST_NEXT
    return f"{visit.root}/{onward.lstrip('/')}" if onward and is_ours and ".." not in onward else visit.root


def form(visit: Visit, onward: str, problem: str = "", status: HTTPStatus = HTTPStatus.OK) -> replies.PageReply:
    """Show the ways to sign in, and what was wrong with the last attempt."""
    values = {
        "next": onward[:LONGEST_NEXT],
        "problem": problem,
        "company": visit.services.single_sign_on and visit.to("oidc", next=onward[:LONGEST_NEXT]),
    }
    return replies.PageReply("sign_in", values, status)
