"""AWS on loopback: moto's server, and the accounts that it plays."""

import logging
import os
import secrets
import socket
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local.errors import LocalError

if TYPE_CHECKING:
    import boto3

LOOPBACK = "127.0.0.1"

# A public Health event comes through the region it is about and through the backup region, us-west-2.
REGIONS = ("us-east-1", "eu-west-1", "us-west-2")
HUB_REGION = "us-east-1"
BACKUP_REGION = "us-west-2"
STAGE = "dev"


@dataclass(frozen=True, slots=True)
class Account:
    """A simulated account; its agents live in `homes`, the first of which is where things happen by default."""

    id: str
    name: str
    homes: tuple[str, ...]


# moto takes credentials that it did not issue itself for those of 123456789012; so that is the hub's own account.
HUB = Account("123456789012", "monitoring-hub", (HUB_REGION,))
PAYMENTS = Account("111122223333", "payments-prod", ("us-east-1", "eu-west-1"))
WEB = Account("444455556666", "web-staging", ("eu-west-1",))
DATA = Account("777788889999", "data-prod", ("us-east-1",))
ACCOUNTS = (PAYMENTS, WEB, DATA, HUB)


def find_account(name_or_id: str) -> Account:
    """Return the account of this name or id; LocalError names those that there are."""
    for account in ACCOUNTS:
        if name_or_id in {account.id, account.name}:
            return account
    known = ", ".join(f"{each.name} ({each.id})" for each in ACCOUNTS)
    raise LocalError(f"There is no account {name_or_id!r} here; there are {known}.")


def account_name(account_id: str) -> str:
    """Return what people call an account; an event of every account has the id `*`."""
    names = {each.id: each.name for each in ACCOUNTS} | {"*": "all accounts"}
    return names.get(account_id, account_id)


def claim_port(port: int, what: str, option: str) -> int:
    """Return a port that nobody listens on, any free one for 0; LocalError where it is taken."""
    with socket.socket() as candidate:
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind((LOOPBACK, port))
        except (OSError, OverflowError) as error:
            reason = error.strerror if isinstance(error, OSError) else "a port lies from 0 to 65535"
            raise LocalError(
                f"Port {port} for {what} is not free ({reason}). Choose another with {option}, or 0 for any."
            ) from None
        number: int = candidate.getsockname()[1]
        return number


def environment(endpoint: str, variables: Mapping[str, str]) -> dict[str, str]:
    """Return `variables` with AWS on loopback, and nothing left that could lead to the real one."""
    kept = {name: value for name, value in variables.items() if not name.startswith("AWS_")}
    loopback = {"NO_PROXY": f"{LOOPBACK},localhost", "no_proxy": f"{LOOPBACK},localhost"}
    return (
        kept
        | loopback
        | {
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_REGION": HUB_REGION,
            "AWS_DEFAULT_REGION": HUB_REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
    )


def adopt(environ: MutableMapping[str, str], variables: Mapping[str, str]) -> None:
    """Make `variables` the whole of `environ`."""
    for name in set(environ) - set(variables):
        del environ[name]
    environ.update(variables)


@contextmanager
def serve_aws(port: int) -> Iterator[str]:
    """Play AWS on a free port while the context lasts; yields its URL."""
    from moto.core.config import default_user_config  # noqa: PLC0415 - half a second, which `--help` need not wait for
    from moto.moto_server.threaded_moto_server import ThreadedMotoServer  # noqa: PLC0415 - the same

    from local.quick_aws import quicken  # noqa: PLC0415 - the same

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    default_user_config["lambda"] = {"use_docker": False}
    quicken()
    server = ThreadedMotoServer(LOOPBACK, port, verbose=False)
    server.start()
    try:
        yield f"http://{LOOPBACK}:{port}"
    finally:
        server.stop()


class Cloud:
    """AWS on loopback as seen from each account; the environment holds the hub's own credentials."""

    def __init__(self) -> None:
        self._sessions: dict[tuple[str, str], boto3.Session] = {}
        self._clients: dict[tuple[str, str, str], Any] = {}

    def session(self, account: Account, region: str) -> "boto3.Session":
        """Return a session as somebody in the account has it; moto tells accounts apart by credentials."""
        key = account.id, region
        if key not in self._sessions:
            self._sessions[key] = self._assume(account, region)
        return self._sessions[key]

    def client(self, service: str, account: Account = HUB, region: str = HUB_REGION) -> Any:
        """Return a boto3 client; the same one each time."""
        key = service, account.id, region
        if key not in self._clients:
            # A session reads each service's description anew, and takes its time; so all regions share one.
            session: Any = self.session(account, HUB_REGION)
            self._clients[key] = session.client(service, region_name=region)
        return self._clients[key]

    def _assume(self, account: Account, region: str) -> "boto3.Session":
        import boto3  # noqa: PLC0415 - a third of a second, which `--help` need not wait for

        from chalicelib.gateways.aws_clients import session as quick_session  # noqa: PLC0415 - the same

        if account == HUB:
            return boto3.Session(botocore_session=quick_session(), region_name=region)
        role = f"arn:aws:iam::{account.id}:role/local"
        issued = self.client("sts").assume_role(RoleArn=role, RoleSessionName="local")["Credentials"]
        return boto3.Session(
            issued["AccessKeyId"],
            issued["SecretAccessKey"],
            issued["SessionToken"],
            botocore_session=quick_session(),
            region_name=region,
        )


def new_token() -> str:
    """Return a token for the API that nobody can guess."""
    return secrets.token_urlsafe(24)
