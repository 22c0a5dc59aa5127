"""A browser without JavaScript: keeps cookies, follows redirects, fills in forms as they stand on a page."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import override
from urllib.parse import parse_qsl, urlencode, urljoin

from chalice.test import HTTPResponse

from chalicelib.api.ui.visit import COOKIE
from tests.app.world import BOTH, World

HOST = "https://hub.example.com"
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
SEE_OTHER = 303
# What a page may lead to by a redirect before somebody is led in a circle.
MOST_REDIRECTS = 5


@dataclass
class Form:
    """A form as it stands on a page."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class Parsed(HTMLParser):
    """A page's text, links and forms; `tags` are all its elements with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.forms: list[Form] = []
        self.words: list[str] = []
        self._skipping = self._select = ""
        self.feed(text)

    @property
    def text(self) -> str:
        """All that a person reads."""
        return " ".join(" ".join(self.words).split())

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.tags.append((tag, values))
        match tag:
            case "form":
                self.forms.append(Form(values.get("action", ""), values.get("method", "get")))
            case "input" if self.forms and values.get("name"):
                is_off = values.get("type") in {"checkbox", "radio"} and "checked" not in values
                if not is_off:
                    self.forms[-1].fields.append((values["name"], values.get("value", "")))
            case "button" if self.forms:
                self.forms[-1].buttons.append((values.get("name", ""), values.get("value", "")))
            case "textarea" if self.forms:
                self.forms[-1].fields.append((values["name"], ""))
            case "select":
                self._select = values.get("name", "")
            case "option" if "selected" in values and self.forms:
                self.forms[-1].fields.append((self._select, values.get("value", "")))
            case "script" | "style":
                self._skipping = tag
            case _:
                pass

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag == self._skipping:
            self._skipping = ""

    @override
    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self.words.append(data)


class Browser:
    """Looks at the pages of a world; `page` is the last answer."""

    def __init__(self, world: World, prefix: str = "") -> None:
        self.world, self.prefix, self.cookie, self.address = world, prefix, "", "/ui"

    def sign_in(self, token: str = BOTH) -> "Browser":
        """Sign in as whoever holds a token."""
        self.open("/ui/sign-in")
        self.submit("token", token=token)
        return self

    def open(self, address: str, **headers: str) -> HTTPResponse:
        """Open an address, relative to the page before; follow where it leads."""
        return self._send("GET", urljoin(self.address, address), b"", headers)

    def submit(self, having: str, *extra: tuple[str, str], button: str = "", **fields: str) -> HTTPResponse:
        """Fill in the first form of the page with a field or button of a name, and send it."""
        form = next(each for each in self.parsed.forms if having in {name for name, _ in (*each.fields, *each.buttons)})
        kept = [(name, value) for name, value in form.fields if name not in fields]
        pressed = [each for each in form.buttons if each[0] and each[1] == button]
        pairs = [*kept, *fields.items(), *extra, *pressed]
        address = urljoin(self.address, form.action) if form.action else self.address
        if form.method == "get":
            return self._send("GET", f"{address.partition('?')[0]}?{urlencode(pairs)}", b"", {})
        return self._send("POST", address, urlencode(pairs).encode(), FORM)

    def submit_only_form(self) -> HTTPResponse:
        """Press the button of a page that has one form for whoever is not signed in."""
        (form,) = (each for each in self.parsed.forms if each.method == "post" and "sign-out" not in each.action)
        return self._send("POST", self.address, urlencode(form.fields).encode(), FORM)

    def post(self, address: str, body: bytes, **headers: str) -> HTTPResponse:
        """Send a form that stands on no page."""
        return self._send("POST", address, body, FORM | headers)

    @property
    def parsed(self) -> Parsed:
        """The page before us."""
        return Parsed(self.page.body.decode())

    @property
    def text(self) -> str:
        """What the page says."""
        return self.parsed.text

    @property
    def links(self) -> list[str]:
        """Where the page's links lead, whole."""
        return [urljoin(self.address, values["href"]) for tag, values in self.parsed.tags if tag == "a"]

    def _send(
        self, method: str, address: str, body: bytes, headers: dict[str, str], redirects: int = 0
    ) -> HTTPResponse:
        cookies = {"Cookie": f"other=1; {COOKIE}={self.cookie}"} if self.cookie else {}
        path, _, query = address.partition("?")
        self.page = self.world.call(
            method, path, parse_qsl(query, keep_blank_values=True), token="", headers=cookies | headers, body=body
        )
        self.address = address
        if kept := re.match(rf"{COOKIE}=([^;]*)", str(self.page.headers.get("Set-Cookie", ""))):
            self.cookie = kept[1]
        if self.page.status_code != SEE_OTHER:
            return self.page
        assert redirects < MOST_REDIRECTS, address
        return self._send("GET", urljoin(address, self.page.headers["Location"]), b"", {}, redirects + 1)
