"""The receivers that the stack adds to those of the routes file, one of each other type, so that all can be seen."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec.structs import replace

from chalicelib import container
from chalicelib.domain.routing.receivers import Receiver

if TYPE_CHECKING:
    from chalicelib.config.compiled import RoutesFile
    from chalicelib.settings import HubSettings

# What the app is called by on one machine; it protects nothing.
BOT_TOKEN, SIGNING_SECRET = "xoxb-loopback", "loopback-signing-secret"
WEBHOOK_SECRET = "whsec_" + "bG9vcGJhY2sg" * 3
LIVING, CHANNEL = "living", "C0LOOPBACK"
PER_MINUTE = 600
# What SES and SNS know.
DOMAIN, TOPIC = "example.com", "arn:aws:sns:us-east-1:123456789012:ops"
ADDED: Mapping[str, Receiver] = {
    LIVING: Receiver(type="slack", channel=CHANNEL),
    "pager": Receiver(type="pagerduty", per_minute=PER_MINUTE),
    "program": Receiver(type="webhook", per_minute=PER_MINUTE),
    "teams": Receiver(type="teams"),
    "mail": Receiver(type="email", sender=f"hub@{DOMAIN}", to=(f"ops@{DOMAIN}",)),
    "topic": Receiver(type="email", topic=TOPIC),
}

_routes = container.routes


def install() -> None:
    """Let this process's hub have them: they hear of whatever the default route takes."""
    container.routes = _with_added


def _with_added(settings: "HubSettings") -> "RoutesFile":
    file = _routes(settings)
    *routes, default = file.routes
    default = replace(default, receivers=tuple(dict.fromkeys((*default.receivers, *ADDED))))
    return replace(file, routes=(*routes, default), known_receivers={**ADDED, **file.known_receivers})


def mail_services(url: str) -> dict[str, str]:
    """Return the variables that lead AWS's clients to the look-alikes of what sends mails, instead of to moto's."""
    return {"AWS_ENDPOINT_URL_SNS": url, "AWS_ENDPOINT_URL_SESV2": url}


def secrets(url: str) -> dict[str, str]:
    """Return what their parameters hold where the look-alikes are at `url`."""
    return {
        "slack-app/bot-token": BOT_TOKEN,
        "slack-app/signing-secret": SIGNING_SECRET,
        "pagerduty/pager": "loopback".ljust(32, "0"),
        "webhook/program": json.dumps({"url": f"{url}/webhook", "secrets": [WEBHOOK_SECRET]}),
        "teams/teams": f"{url}/teams",
    }
