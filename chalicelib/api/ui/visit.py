"""Visits: a request for a page, with the session, and the address by which it came."""

from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode

from chalice.app import Request

from chalicelib.api.errors import Forbidden
from chalicelib.container.ui import UiServices, ui_services
from chalicelib.domain.errors import TooLarge
from chalicelib.services.operations.auth import Scope

if TYPE_CHECKING:
    from chalicelib.container.services import Hub
    from chalicelib.services.operations.sign_in import Session

ROOT = "ui"
# `__Host-`: no other host, and no unencrypted page, can have set it.
COOKIE = "__Host-monitoring"
# Bytes: an event may have a megabyte, and browsers encode a character with up to three.
LARGEST_FORM = 3_000_000
MOST_FIELDS = 1_000
# Seconds for which a page shows what the form before it did: later somebody may have changed it.
SAID_FOR = 300
FORM_TOKEN = "form_token"  # noqa: S105 - what the field is called


class Visit:
    """A request for a page; everything in its query and form is foreign text."""

    def __init__(self, hub: "Hub", request: Request, page: str, item: str) -> None:
        self.hub, self.request, self.page, self.item = hub, request, page, item
        self.session: Session | None = None
        self.now = hub.clock.now()

    @property
    def services(self) -> UiServices:
        """Services that only pages need."""
        return ui_services(self.hub)

    @property
    def may_write(self) -> bool:
        """Whether this person may change anything."""
        return self.session is not None and Scope.WRITE in self.session.scopes

    @property
    def name(self) -> str:
        """The name recorded for actions."""
        return self.session.name if self.session else ""

    @cached_property
    def root(self) -> str:
        """The relative address of `/ui`: what precedes it in the address is unknown here."""
        path = str(self.request.context.get("path") or self.request.path)
        depth = self.request.path.count("/") - 1 + path.endswith("/")
        return "../" * depth + ROOT

    def to(self, *parts: str, **query: str) -> str:
        """Return the relative address of a page; empty parts of its query are left out."""
        pairs = urlencode([(name, value) for name, value in query.items() if value])
        return "/".join((self.root, *filter(None, parts))) + (f"?{pairs}" if pairs else "")

    def to_done(self, *parts: str, done: str, **query: str) -> str:
        """Return the relative address of a page that shows for some minutes what a form did."""
        return self.to(*parts, done=done, at=str(self.now), **query)

    @property
    def done(self) -> str:
        """What the form before this page did, as the address says; empty if that was long ago."""
        at = self.param("at")
        is_time = at.isascii() and at.isdecimal() and len(at) <= len(str(self.now))
        return self.param("done") if is_time and 0 <= self.now - int(at) < SAID_FOR else ""

    @cached_property
    def query(self) -> dict[str, list[str]]:
        """The parameters of the address."""
        given = self.request.query_params
        return {str(name): given.getlist(name) for name in given} if given else {}

    @cached_property
    def form(self) -> dict[str, list[str]]:
        """The fields of the form; TooLarge where it has more than ours can have."""
        body: Any = self.request.raw_body
        if len(body) > LARGEST_FORM:
            raise TooLarge("The form is too large.")
        text = body.decode(errors="replace") if isinstance(body, bytes) else body
        try:
            return parse_qs(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
        except ValueError:
            raise TooLarge("The form has too many fields.") from None

    def param(self, name: str) -> str:
        """Return the first value of a parameter, or an empty string."""
        return next(iter(self.query.get(name, [])), "").strip()

    def field(self, name: str) -> str:
        """Return the first value of a field, or an empty string."""
        return next(iter(self.form.get(name, [])), "").strip()

    @property
    def source(self) -> str:
        """The client's network address, as API Gateway saw it."""
        return str((self.request.context.get("identity") or {}).get("sourceIp", ""))

    def cookie(self, wanted: str = COOKIE) -> str:
        """Return a cookie's value, by default the session's, or an empty string."""
        pairs = (each.strip().partition("=") for each in self.request.headers.get("cookie", "").split(";"))
        return next((value for name, _, value in pairs if name == wanted), "")

    def demand_own_site(self) -> None:
        """Raise Forbidden where another site's page sent the form; every current browser says so."""
        if self.request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
            raise Forbidden("The form was sent by a page of another site.")
