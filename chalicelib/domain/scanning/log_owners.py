"""Log owners: who writes to a log group, by its name, and which owners are the system's own."""

import re

from msgspec import Struct

LAMBDA_PREFIX = "/aws/lambda/"
# Names of all of the system's functions begin so; Chalice names the hub's API without the hyphen.
OWN_NAME = "monitoring"
# Where services put their logs by themselves, and which of these hold errors:
#   https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
#   https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-logging.html
#   https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
#   https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.Procedural.UploadtoCloudWatch.html
NAMES = (
    (re.compile(r"API-Gateway-Execution-Logs_(?P<id>[^/]+)/.+"), "apigateway", "/restapis/{id}"),
    (re.compile(r"/aws/apigateway/(?P<id>[^/]+)/.+"), "apigateway", "/apis/{id}"),
    (re.compile(r"/aws/vendedlogs/states/(?P<id>.+?)(-Logs)?"), "stepfunctions", "stateMachine:{id}"),
    (re.compile(r"/aws/rds/instance/(?P<id>[^/]+)/(error|postgresql|alert|iam-db-auth-error)"), "rds", "db:{id}"),
    (re.compile(r"/aws/rds/cluster/(?P<id>[^/]+)/(error|postgresql|iam-db-auth-error)"), "rds", "cluster:{id}"),
    (re.compile(LAMBDA_PREFIX + r"(?P<id>.+)"), "lambda", "function:{id}"),
)


class Owner(Struct, frozen=True, order=True):
    """Something that writes to a log group; `tail` is the part of its ARN after the account."""

    log_group: str
    service: str
    resource: str
    tail: str


def owner_by_name(log_group: str) -> Owner | None:
    """Return who writes to a log group, if its name tells; else None."""
    for pattern, service, tail in NAMES:
        if found := pattern.fullmatch(log_group):
            return Owner(log_group, service, found["id"], tail.format(id=found["id"]))
    return None


def is_ours(name: str) -> bool:
    """Return whether a function, family, API or state machine with this name belongs to the system."""
    return name == OWN_NAME or name.startswith(f"{OWN_NAME}-")


def tail_of(arn: str) -> str:
    """Return the part of an ARN after the account; anything else unchanged."""
    return arn.split(":", 5)[-1]
