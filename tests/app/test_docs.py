"""docs/api.md says of the API what a schema cannot say, and nothing that is not so."""

import re

import app
from chalicelib.domain.notifications.notification import Reason
from tests.app.world import ROOT

TEXT = (ROOT / "docs" / "api.md").read_text()


def table(text: str, heading: str) -> set[str]:
    """Return the names in the first column of the tables under a heading."""
    rows = re.findall(rf"^\| {heading} \|.*\n\|.*\n((?:\|.*\n)*)", text, re.MULTILINE)
    return {name for row in "".join(rows).splitlines() for name in re.findall(r"`([^`]+)`", row.split("|")[1])}


def test_every_reason_is_explained_where_the_api_leads_its_readers() -> None:
    page = (ROOT / "docs" / "notifications.md").read_text()

    assert table(page, "reason") == set(Reason)


def test_how_long_a_token_is_remembered_is_as_the_code_says() -> None:
    assert f"and {app.authorize.config.ttl_seconds} seconds more" in TEXT
