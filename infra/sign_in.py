"""Sign in: prints a link that signs somebody in to the hub's pages, once.

`python -m infra.sign_in --stage prod --name ana`: the name is that of an API token (docs/api.md). The session has the
token's scopes, and ends when it goes. Whoever runs this may read the stage's secrets; nothing is written.
"""

import argparse
import sys
from collections.abc import Sequence
from typing import Any

import boto3

from chalicelib.container import SystemClock
from chalicelib.domain.errors import Misconfigured, NotFound
from chalicelib.gateways.ssm import Parameters
from chalicelib.services.operations.auth import Authenticator
from chalicelib.services.operations.sign_in import LINK_LIFETIME, LinkIssuer
from chalicelib.services.operations.signed_tokens import TokenSigner
from infra.errors import DeployError, in_one_line

MINUTE = 60
LONGEST = 24 * 60


def address(parameters: Any, stage: str, name: str, lifetime: int) -> str:
    """Return a link for the holder of a token; DeployError says what is missing."""
    issuer = LinkIssuer(Authenticator(parameters, stage), TokenSigner(parameters.get_secret, stage), SystemClock())
    try:
        base = parameters.get_secret(f"/monitoring/{stage}/base-url")
        if not base:
            raise DeployError(f"The parameter /monitoring/{stage}/base-url is missing: where is the hub?")
        return f"{base.strip().rstrip('/')}/ui/sign-in/{issuer.link(name, lifetime)}"
    except (Misconfigured, NotFound) as error:
        raise DeployError(str(error)) from None


def minutes(text: str) -> int:
    """Read how long a link is to work, in minutes."""
    value = int(text)
    if not 1 <= value <= LONGEST:
        raise argparse.ArgumentTypeError(f"from 1 to {LONGEST}")
    return value


def main(arguments: Sequence[str]) -> int:
    """Print the link, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m infra.sign_in", description=__doc__.splitlines()[0])
    parser.add_argument("--stage", required=True)
    parser.add_argument("--name", required=True, help="the API token in whose name they act")
    parser.add_argument("--minutes", type=minutes, default=LINK_LIFETIME // MINUTE, help="how long the link works")
    chosen = parser.parse_args(arguments)

    def work() -> int:
        client: Any = boto3.Session().client("ssm")
        parameters = Parameters(lambda: client, SystemClock())
        sys.stdout.write(f"{address(parameters, chosen.stage, chosen.name, chosen.minutes * MINUTE)}\n")
        return 0

    return in_one_line(work)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
