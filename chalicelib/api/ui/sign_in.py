"""Signing in and out: a token pasted once, or a link that works once; `single_sign_on` has the company's way."""

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
    return form(visit, visit.param("next"))


def enter(visit: Visit) -> replies.PageReply | Response:
    """Take a token, once."""
    onward = visit.field("next")
    try:
        session = visit.services.sign_in.by_token(visit.field("token"), visit.source)
    except TooManyAttempts as error:
        return form(visit, onward, str(error), HTTPStatus.TOO_MANY_REQUESTS)
    except SignInRefused as error:
        return form(visit, onward, str(error), HTTPStatus.FORBIDDEN)
    return welcome(visit, session, onward)


def show_link(visit: Visit) -> replies.PageReply:
    """Show what a link would do; changes nothing, for previews open links as well."""
    return replies.PageReply("sign_in_link", {"claim": visit.services.sign_in.inspect(visit.item)})


def follow_link(visit: Visit) -> Response:
    """Use a link up."""
    return welcome(visit, visit.services.sign_in.by_link(visit.item), "")


def leave(visit: Visit) -> Response:
    """End the session."""
    if visit.session:
        visit.services.sign_in.end(visit.session)
    return replies.redirect(visit.to("sign-in", left="yes"), **replies.cookie("", 0))


def welcome(visit: Visit, session: Session, onward: str) -> Response:
    """Let a browser keep a session, and lead it on."""
    return replies.redirect(_safe(visit, onward), **replies.cookie(session.text, LIFETIME))


def _safe(visit: Visit, onward: str) -> str:
    """Return where to go on: below our own root, whatever somebody has written into the form."""
    is_ours = onward.isascii() and onward.isprintable() and len(onward) <= LONGEST_NEXT
    return f"{visit.root}/{onward.lstrip('/')}" if onward and is_ours and ".." not in onward else visit.root


def form(visit: Visit, onward: str, problem: str = "", status: HTTPStatus = HTTPStatus.OK) -> replies.PageReply:
    """Ask how somebody wants to sign in, and say what was wrong with the last attempt."""
    values = {
        "next": onward[:LONGEST_NEXT],
        "problem": problem,
        "company": visit.services.single_sign_on and visit.to("oidc", next=onward[:LONGEST_NEXT]),
    }
    return replies.PageReply("sign_in", values, status)
