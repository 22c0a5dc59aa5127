"""Every setting has a range, an error that names it, and a true line in docs/configuration.md."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import override

import pytest

from chalicelib import settings
from chalicelib.domain.aws_console import Console
from chalicelib.domain.errors import Misconfigured
from chalicelib.domain.openid_client import OpenIdClient
from chalicelib.settings import LONGEST_TAG_FILTER, AgentSettings, Environment, HubSettings

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "configuration.md").read_text()
NEEDED = {"TABLE_NAME": "monitoring-test", "STAGE": "test"}
NOTHING = "nothing"

type Load = Callable[[Mapping[str, str]], object]


@dataclass(frozen=True)
class RequestedQuery:
    """One setting as it is read: its default, and what is allowed as the page says it (empty: any text)."""

    name: str
    default: str
    allowed: str = ""
    bounds: tuple[int, int] | None = None


class Recording(Environment):
    """An environment that notes what it is asked for."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        super().__init__(variables)
        self.requested: dict[str, RequestedQuery] = {}

    @override
    def text(self, name: str, default: str | None = None) -> str:
        self._note(RequestedQuery(name, "needed" if default is None else default or NOTHING))
        return super().text(name, default)

    @override
    def integer(self, name: str, default: int, lowest: int, highest: int) -> int:
        self._note(RequestedQuery(name, str(default), f"{lowest} to {highest}", (lowest, highest)))
        return super().integer(name, default, lowest, highest)

    @override
    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        self._note(RequestedQuery(name, default, ", ".join(choices)))
        return super().choice(name, default, choices)

    def _note(self, requested: RequestedQuery) -> None:
        self.requested.setdefault(requested.name, requested)


def requested_by(load: Load) -> Iterable[RequestedQuery]:
    """Return what a function's settings ask for, in order."""
    recording = Recording(NEEDED)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "Environment", lambda _: recording)
        load(NEEDED)
    return recording.requested.values()


LOADS: dict[str, Load] = {"The hub's functions": HubSettings.load, "The agents' scan": AgentSettings.load}
EACH = [(load, requested) for load in LOADS.values() for requested in requested_by(load)]
BOUNDED = [(load, requested.name, *requested.bounds) for load, requested in EACH if requested.bounds]
CHOSEN = [(load, requested.name) for load, requested in EACH if requested.allowed and not requested.bounds]


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the table under a heading of the page, without its head."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    table = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip().replace("`", "") for cell in line.strip("|").split("|")] for line in table[2:]]


def refusal_of(load: Load, name: str, value: str) -> str:
    with pytest.raises(Misconfigured) as refused:
        load(NEEDED | {name: value})
    return str(refused.value)


@pytest.mark.parametrize("heading", LOADS)
def test_the_page_lists_every_variable_with_its_default_and_no_other(heading: str) -> None:
    listed = [(name, default) for name, default, _, _ in rows(heading)]
    assert listed == [(requested.name, requested.default) for requested in requested_by(LOADS[heading])]


@pytest.mark.parametrize("heading", LOADS)
def test_the_page_says_what_is_allowed_and_what_it_is_for(heading: str) -> None:
    for requested, (_, _, allowed, meaning) in zip(requested_by(LOADS[heading]), rows(heading), strict=True):
        assert allowed == requested.allowed or (allowed and not requested.allowed), requested.name
        assert meaning, requested.name


def test_the_page_lists_the_parameters_that_functions_may_read_and_no_other() -> None:
    policies = [path.read_text() for path in (ROOT / ".chalice").glob("policy-*.json")]
    granted = re.findall(
        r"parameter/monitoring/[^/]+/([\w-]+)", "".join(policies) + (ROOT / "infra" / "agent.yaml").read_text()
    )
    assert {row[0].partition("/")[0] for row in rows("Parameters")} == set(granted)


@pytest.mark.parametrize(("load", "name", "lowest", "highest"), BOUNDED)
def test_a_number_is_taken_up_to_its_bounds(load: Load, name: str, lowest: int, highest: int) -> None:
    assert load(NEEDED | {name: str(lowest)}) != load(NEEDED | {name: f" {highest} "})


@pytest.mark.parametrize(("load", "name", "lowest", "highest"), BOUNDED)
def test_a_number_beyond_its_bounds_is_refused_by_name(load: Load, name: str, lowest: int, highest: int) -> None:
    for beyond in (lowest - 1, highest + 1):
        assert refusal_of(load, name, str(beyond)) == f"{name} is {beyond}: it must be from {lowest} to {highest}"


@pytest.mark.parametrize(("load", "name", "lowest", "highest"), BOUNDED)
def test_what_is_no_number_is_refused_by_name(load: Load, name: str, lowest: int, highest: int) -> None:
    assert refusal_of(load, name, f"{lowest}.5") == f"{name} is '{lowest}.5': it must be a whole number"


@pytest.mark.parametrize(("load", "name"), CHOSEN)
def test_a_word_that_is_no_choice_is_refused_by_name(load: Load, name: str) -> None:
    assert refusal_of(load, name, "loud").startswith(f"{name} is 'LOUD': it must be one of ")


@pytest.mark.parametrize("name", NEEDED)
def test_what_is_needed_and_missing_is_named(name: str) -> None:
    assert refusal_of(HubSettings.load, name, " ") == f"{name} is not set"


def test_a_choice_may_be_written_in_any_case() -> None:
    assert HubSettings.load(NEEDED | {"LOG_LEVEL": "debug"}).log_level == "DEBUG"


@pytest.mark.parametrize("tag", ["team=payments", "team", "team=", "=".join(("k", "v" * (LONGEST_TAG_FILTER - 2)))])
def test_a_tag_is_a_key_with_or_without_a_value(tag: str) -> None:
    assert AgentSettings.load(NEEDED | {"SCAN_TAG": tag}).tag_filter == tag


@pytest.mark.parametrize("tag", ["=payments", "k" * (LONGEST_TAG_FILTER + 1)])
def test_a_tag_that_cannot_be_is_refused_by_name(tag: str) -> None:
    assert refusal_of(AgentSettings.load, "SCAN_TAG", tag).startswith("SCAN_TAG is ")


@pytest.mark.parametrize("portal", ["https://d-1234567890.awsapps.com/start", "https://a.portal.eu-west-1.app.aws/"])
def test_the_console_is_reached_through_a_portal_in_a_role(portal: str) -> None:
    console = HubSettings.load(NEEDED | {"CONSOLE_PORTAL": portal, "CONSOLE_ROLE": "ReadOnlyAccess"}).console
    assert (console.portal, console.role) == (portal.rstrip("/"), "ReadOnlyAccess")
    assert HubSettings.load(NEEDED).console == Console()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CONSOLE_PORTAL", "http://example.awsapps.com/start"),
        ("CONSOLE_PORTAL", "https://example.awsapps.com/start/#/?tab=accounts"),
        ("CONSOLE_PORTAL", "https://somebody@example.com/start"),
        ("CONSOLE_PORTAL", "start"),
        ("CONSOLE_ROLE", "Read Only"),
        ("CONSOLE_ROLE", "x" * 33),
    ],
)
def test_a_portal_or_role_that_cannot_be_is_refused_by_name(name: str, value: str) -> None:
    assert refusal_of(HubSettings.load, name, value).startswith(f"{name} is {value!r}: it must be ")


@pytest.mark.parametrize(("name", "value"), [("CONSOLE_PORTAL", "https://a.example.com"), ("CONSOLE_ROLE", "Admin")])
def test_a_portal_without_a_role_leads_nowhere_and_is_refused(name: str, value: str) -> None:
    both = "CONSOLE_PORTAL and CONSOLE_ROLE must be set both, or neither"
    assert refusal_of(HubSettings.load, name, value) == both


OIDC: Mapping[str, str] = {
    "OIDC_ISSUER": "https://login.example.com",
    "OIDC_CLIENT_ID": "hub",
    "OIDC_READ_GROUPS": "staff",
}


@pytest.mark.parametrize(
    "issuer",
    [
        "https://login.microsoftonline.com/0f1e/v2.0",
        "https://example.eu.auth0.com/",
        "https://sso.example.com:8443/realms/our-staff",
        "http://127.0.0.1:9000",
    ],
)
def test_an_openid_provider_is_taken_as_its_issuer_is_written(issuer: str) -> None:
    client = HubSettings.load(
        {**NEEDED, **OIDC, "OIDC_ISSUER": issuer, "OIDC_WRITE_GROUPS": " on call, , *"}
    ).openid_client

    assert (client.issuer, client.client_id) == (issuer, "hub")
    assert (client.read_groups, client.write_groups) == (("staff",), ("on call", "*"))
    assert HubSettings.load(NEEDED).openid_client == OpenIdClient()


@pytest.mark.parametrize("issuer", ["http://login.example.com", "https://a@b.example", "https://a.example/?b", "login"])
def test_an_issuer_that_cannot_be_is_refused_by_name(issuer: str) -> None:
    assert refusal_of(lambda given: HubSettings.load({**OIDC, **given}), "OIDC_ISSUER", issuer).startswith(
        f"OIDC_ISSUER is {issuer!r}: it must be "
    )


@pytest.mark.parametrize("missing", OIDC)
def test_single_sign_on_is_set_in_full_or_not_at_all(missing: str) -> None:
    refusal = refusal_of(lambda given: HubSettings.load({**OIDC, **given}), missing, "")

    assert refusal.endswith("OIDC_READ_GROUPS or OIDC_WRITE_GROUPS, must be set all, or none")


def test_without_the_scope_openid_nobody_would_have_a_name() -> None:
    assert "must contain openid" in refusal_of(HubSettings.load, "OIDC_SCOPE", "email")


@pytest.mark.parametrize("origin", ["https://status.example.com", "http://127.0.0.1:8080", ""])
def test_an_origin_is_one_address_without_a_path(origin: str) -> None:
    assert HubSettings.load(NEEDED | {"CORS_ORIGIN": origin}).cors_origin == origin


@pytest.mark.parametrize("origin", ["*", "https://example.com/", "example.com", "https://a.example,https://b.example"])
def test_an_origin_that_cannot_be_is_refused_by_name(origin: str) -> None:
    assert refusal_of(HubSettings.load, "CORS_ORIGIN", origin).startswith("CORS_ORIGIN is ")


@pytest.mark.parametrize("proxy", ["http://proxy.example.com:3128", "https://me:p%40ss@10.0.0.1/", ""])
def test_a_proxy_is_one_address_that_may_hold_credentials(proxy: str) -> None:
    assert HubSettings.load(NEEDED | {"HTTPS_PROXY": proxy}).https_proxy == proxy


@pytest.mark.parametrize("proxy", ["proxy.example.com", "socks5://secret@a:1", "http://secret:1:2", "http://a/secret"])
def test_a_proxy_that_cannot_be_is_refused_by_name_and_not_shown(proxy: str) -> None:
    refusal = refusal_of(HubSettings.load, "HTTPS_PROXY", proxy)

    assert refusal == "HTTPS_PROXY must be an address such as http://proxy.example.com:3128, or empty"


@pytest.mark.parametrize("stage", ["dev", "test", "prod"])
def test_every_stages_settings_are_good(stage: str) -> None:
    config = json.loads((ROOT / ".chalice" / "config.json").read_text())
    loaded = HubSettings.load(config["stages"][stage]["environment_variables"])
    assert (loaded.stage, loaded.table_name) == (stage, f"monitoring-{stage}")
