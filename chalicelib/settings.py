"""Settings: the only reader of the environment; each one has a name, a default, a range and an error message.

`docs/configuration.md` has the table of them, which is tested against this module.
"""

import re
from collections.abc import Mapping
from typing import Self

from msgspec import Struct

from chalicelib.domain.alerts.alert import FLAP_WINDOW, FLAPS, MOST_FLAPS, Flapping
from chalicelib.domain.aws_console import Console
from chalicelib.domain.errors import Misconfigured
from chalicelib.domain.events.event import Severity
from chalicelib.domain.openid_client import NO_CLIENT, OpenIdClient
from chalicelib.domain.scanning.budget import GIGABYTE, Budget, Excess
from chalicelib.domain.timestamps import DAY

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
LONGEST_TAG_FILTER = 256
# The Origin header of browsers: lower case, no path; never a wildcard.
ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?")
# The addresses of access portals, and the names of permission sets, in IAM Identity Center.
PORTAL = re.compile(r"https://[A-Za-z0-9.-]{1,128}(/[A-Za-z0-9_/-]{0,64})?")
ROLE = re.compile(r"[\w+=,.@-]{1,32}", re.ASCII)
# Addresses of receivers' APIs: https, or this machine.
BASE_URL = re.compile(
    r"https://[A-Za-z0-9.-]{1,253}(/[A-Za-z0-9_/-]{0,64})?|http://127\.0\.0\.1:[0-9]{1,5}(/[a-z]{1,8})?"
)
# OpenID issuers: https, or this machine; a trailing slash is part of the issuer's name.
ISSUER = re.compile(
    r"https://[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]{0,256})?|http://127\.0\.0\.1:[0-9]{1,5}/?"
)
# Never shown, as it may contain a password.
PROXY = re.compile(r"https?://([^\s/@]{1,256}@)?[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?/?")


class Environment:
    """Reads variables by name and type; Misconfigured names the variable and what is allowed."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables

    def text(self, name: str, default: str | None = None) -> str:
        """Return a text; without a default it must be there."""
        value = self._variables.get(name, "").strip()
        if value:
            return value
        if default is None:
            raise Misconfigured(f"{name} is not set")
        return default

    def integer(self, name: str, default: int, lowest: int, highest: int) -> int:
        """Return a whole number from `lowest` to `highest`."""
        value = self.text(name, str(default))
        try:
            number = int(value)
        except ValueError:
            raise Misconfigured(f"{name} is {value!r}: it must be a whole number") from None
        if not lowest <= number <= highest:
            raise Misconfigured(f"{name} is {number}: it must be from {lowest} to {highest}")
        return number

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        """Return one of `choices`, in any letter case."""
        value = self.text(name, default).upper()
        if value not in choices:
            raise Misconfigured(f"{name} is {value!r}: it must be one of {', '.join(choices)}")
        return value

    def tag(self, name: str) -> str:
        """Return a tag as `key=value`, or `key` for any value; may be empty."""
        value = self.text(name, "")
        if value.startswith("=") or len(value) > LONGEST_TAG_FILTER:
            raise Misconfigured(
                f"{name} is {value!r}: it must be key=value or key, of up to {LONGEST_TAG_FILTER} characters"
            )
        return value

    def origin(self, name: str) -> str:
        """Return a web origin such as https://status.example.com; may be empty."""
        value = self.text(name, "")
        if value and not ORIGIN.fullmatch(value):
            raise Misconfigured(
                f"{name} is {value!r}: it must be one origin such as https://status.example.com, or empty"
            )
        return value

    def proxy(self, name: str) -> str:
        """Return a proxy's address; may be empty."""
        value = self.text(name, "")
        if value and not PROXY.fullmatch(value):
            raise Misconfigured(f"{name} must be an address such as http://proxy.example.com:3128, or empty")
        return value

    def base_url(self, name: str, default: str) -> str:
        """Return the address of a receivers' API, without a trailing slash."""
        value = self.text(name, default).rstrip("/")
        if not BASE_URL.fullmatch(value):
            raise Misconfigured(f"{name} is {value!r}: it must be an address such as {default}")
        return value

    def console(self, portal: str, role: str) -> Console:
        """Return the settings of the access portal: two variables, of which both or neither must be set."""
        address, name = self.text(portal, "").rstrip("/"), self.text(role, "")
        if address and not PORTAL.fullmatch(address):
            raise Misconfigured(
                f"{portal} is {address!r}: it must be an access portal such as https://example.awsapps.com/start"
            )
        if name and not ROLE.fullmatch(name):
            raise Misconfigured(f"{role} is {name!r}: it must be a permission set's name such as ReadOnlyAccess")
        if bool(address) is not bool(name):
            raise Misconfigured(f"{portal} and {role} must be set both, or neither")
        return Console(address, name)

    def words(self, name: str, separator: str) -> tuple[str, ...]:
        """Return the words between separators."""
        return tuple(filter(None, (each.strip() for each in self.text(name, "").split(separator))))

    def openid_client(self) -> OpenIdClient:
        """Return the hub's registration at an OpenID provider: three required variables, and options."""
        client = OpenIdClient(
            issuer=self.text("OIDC_ISSUER", ""),
            client_id=self.text("OIDC_CLIENT_ID", ""),
            read_groups=self.words("OIDC_READ_GROUPS", ","),
            write_groups=self.words("OIDC_WRITE_GROUPS", ","),
            groups_claim=self.text("OIDC_GROUPS_CLAIM", NO_CLIENT.groups_claim),
            name_claim=self.text("OIDC_NAME_CLAIM", NO_CLIENT.name_claim),
            scope=self.text("OIDC_SCOPE", NO_CLIENT.scope),
        )
        if client.issuer and not ISSUER.fullmatch(client.issuer):
            raise Misconfigured(
                f"OIDC_ISSUER is {client.issuer!r}: it must be an https address such as https://login.example.com"
            )
        given = (bool(client.issuer), bool(client.client_id), bool(client.read_groups + client.write_groups))
        if any(given) and not all(given):
            raise Misconfigured(
                "OIDC_ISSUER, OIDC_CLIENT_ID, and OIDC_READ_GROUPS or OIDC_WRITE_GROUPS, must be set all, or none"
            )
        if "openid" not in client.scope.split():
            raise Misconfigured(f"OIDC_SCOPE is {client.scope!r}: it must contain openid")
        return client


class HubSettings(Struct, frozen=True, kw_only=True):
    """The settings of the hub's functions."""

    table_name: str
    stage: str
    log_level: str
    minimum_severity: Severity
    alarm_severity: Severity
    keep_for: int
    repeat_interval: int
    group_wait: int
    quiet_period: int
    flapping: Flapping
    secrets_ttl: int
    cors_origin: str
    https_proxy: str
    no_proxy: str
    ca_bundle: str
    pagerduty_url: str
    slack_url: str
    slack_team: str
    slack_guests: bool
    console: Console
    openid_client: OpenIdClient
    calls_heartbeat_url: bool
    shortfall_percent: int
    is_deployed: bool

    @classmethod
    def load(cls, variables: Mapping[str, str]) -> Self:
        """Read and check all settings of the hub."""
        env = Environment(variables)
        severities = tuple(each.name for each in Severity)
        return cls(
            table_name=env.text("TABLE_NAME"),
            stage=env.text("STAGE"),
            log_level=env.choice("LOG_LEVEL", "INFO", LOG_LEVELS),
            minimum_severity=Severity[env.choice("MINIMUM_SEVERITY", "MEDIUM", severities)],
            alarm_severity=Severity[env.choice("ALARM_SEVERITY", "HIGH", severities[1:])],
            keep_for=env.integer("EVENT_TTL_DAYS", 90, 1, 3_650) * DAY,
            repeat_interval=env.integer("REPEAT_INTERVAL_MINUTES", 240, 5, 10_080) * 60,
            group_wait=env.integer("GROUP_WAIT_SECONDS", 10, 0, 300),
            quiet_period=env.integer("QUIET_PERIOD_MINUTES", 60, 5, 10_080) * 60,
            flapping=Flapping(
                env.integer("FLAP_CHANGES", FLAPS, 3, MOST_FLAPS),
                env.integer("FLAP_WINDOW_MINUTES", FLAP_WINDOW // 60, 5, 1_440) * 60,
            ),
            secrets_ttl=env.integer("SECRETS_TTL_SECONDS", 300, 0, 3_600),
            cors_origin=env.origin("CORS_ORIGIN"),
            https_proxy=env.proxy("HTTPS_PROXY"),
            no_proxy=env.text("NO_PROXY", ""),
            ca_bundle=env.text("CA_BUNDLE", ""),
            slack_team=env.text("SLACK_TEAM", ""),
            slack_guests=env.choice("SLACK_GUESTS", "NO", ("NO", "YES")) == "YES",
            slack_url=env.base_url("SLACK_URL", "https://slack.com/api"),
            pagerduty_url=env.base_url("PAGERDUTY_URL", "https://events.pagerduty.com"),
            console=env.console("CONSOLE_PORTAL", "CONSOLE_ROLE"),
            openid_client=env.openid_client(),
            calls_heartbeat_url=env.choice("CALL_HEARTBEAT_URL", "NO", ("NO", "YES")) == "YES",
            shortfall_percent=env.integer("RECONCILIATION_SHORTFALL_PERCENT", 1, 0, 100),
            # Set by Lambda: elsewhere there are no rules and functions to check.
            is_deployed=bool(env.text("AWS_LAMBDA_FUNCTION_NAME", "")),
        )


class AgentSettings(Struct, frozen=True, kw_only=True):
    """The settings of the scan of one account and region; times are in seconds."""

    stage: str
    log_level: str
    name: str
    tag_filter: str
    window: int
    latency: int
    late_delay: int
    interval: int
    queries: int
    memory: int
    budget: Budget

    @classmethod
    def load(cls, variables: Mapping[str, str]) -> Self:
        """Read and check all settings of an agent."""
        env = Environment(variables)
        return cls(
            stage=env.text("STAGE"),
            log_level=env.choice("LOG_LEVEL", "INFO", LOG_LEVELS),
            name=env.text("AGENT_NAME", ""),
            tag_filter=env.tag("SCAN_TAG"),
            window=env.integer("SCAN_WINDOW_SECONDS", 300, 60, 3_600),
            latency=env.integer("SCAN_LATENCY_SECONDS", 120, 0, 3_600),
            late_delay=env.integer("LATE_PASS_DELAY_MINUTES", 60, 0, 1_440) * 60,
            interval=env.integer("SCAN_INTERVAL_SECONDS", 300, 60, DAY),
            queries=env.integer("SCAN_QUERIES_AT_ONCE", 20, 1, 100),
            memory=env.integer("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", 512, 128, 10_240),
            budget=Budget(
                limit=env.integer("SCAN_BUDGET_GB", 0, 0, 1_000_000) * GIGABYTE,
                excess=Excess[env.choice("SCAN_OVER_BUDGET", Excess.SAMPLE.name, tuple(each.name for each in Excess))],
            ),
        )
