"""The documents: what they lead to is there, and what they tell people to type exists."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.app.world import views

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\((?!https?://)([^)#\s]*)(?:#([^)\s]+))?\)")
CALL = re.compile(r"(?:get|send (?P<method>[A-Z]+)|-X (?P<given>[A-Z]+) .*?|curl .*?) \"(?:\$API)?(?P<path>/[^\"?]*)")


def anchors(page: Path) -> set[str]:
    """Return a page's headings as GitHub makes anchors of them."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL), re.MULTILINE)
    words = (re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower() for heading in headings)
    return {re.sub(r"[^\w\- ]", "", each).replace(" ", "-") for each in words}


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target, anchor in LINK.findall(page.read_text()):
        leads_to = (page.parent / target) if target else page
        assert leads_to.exists(), target
        assert not anchor or anchor in anchors(leads_to), f"{target}#{anchor}"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_make_target_and_module_is_there(page: Path) -> None:
    targets = set(re.findall(r"^([a-z][a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    text = page.read_text()

    assert set(re.findall(r"(?:`|^)make ([a-z0-9-]+)", text, re.MULTILINE)) <= targets
    for module in re.findall(r"python -m ([\w.]+)", text):
        assert find_spec(module), module


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_region_is_named_as_boto3_and_both_versions_of_the_aws_cli_read_it(page: Path) -> None:
    for block in re.findall(r"```sh\n(.*?)```", page.read_text(), re.DOTALL):
        assert "AWS_REGION=" not in block or "AWS_DEFAULT_REGION=" in block, block


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_call_of_the_api_is_a_route(page: Path) -> None:
    known = [(route.split()[0], re.sub(r"\{\w+\}", "[^/]+", route.split()[1])) for route in views()]

    for call in CALL.finditer(page.read_text()):
        method = call["method"] or call["given"] or "GET"
        assert any(method == verb and re.fullmatch(path, call["path"]) for verb, path in known), call[0]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    named = re.findall(
        r"`((?:\.chalice|\.ci|app|bench|chalicelib|docs|infra|local|templates|tests)(?:/[\w.-]+)*/?)(?:::\w+)?`",
        page.read_text(),
    )

    assert [path for path in named if "/" in path and not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "adr").glob("[0-9]*.md")), ids=name)
def test_a_decision_says_its_number_and_whether_it_still_holds(page: Path) -> None:
    heading, _, status, _ = page.read_text().split("\n", 3)

    assert heading.startswith(f"# {int(page.name[:4])}. ")
    assert re.match(r"\*\*Status:\*\* (accepted|superseded by \[ADR \d+\]\()", status)
    for by in re.findall(r"superseded (?:in part )?by \[ADR \d+\]\(([\w.-]+)\)", status):
        assert re.search(rf"supersedes .*\({page.name}\)", (page.parent / by).read_text().split("\n")[2])
