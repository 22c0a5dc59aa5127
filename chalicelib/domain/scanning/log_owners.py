"""Owners: who writes to a log group, as far as its name tells, and which of them are our own."""

import re

from msgspec import Struct

LAMBDA_PREFIX = "/aws/lambda/"
# Everything of ours is called so, the hub's functions and the agents'; Chalice calls the hub's API without the hyphen.
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
    """Something that writes to a log group; `tail` is what stands behind the account in its ARN."""

    log_group: str
    service: str
    resource: str
    tail: str


def owner_by_name(log_group: str) -> Owner | None:
    """Return who writes to a log group whose name tells; None for all other names."""
    for pattern, service, tail in NAMES:
        if found := pattern.fullmatch(log_group):
            return Owner(log_group, service, found["id"], tail.format(id=found["id"]))
    return None


def is_ours(name: str) -> bool:
    """Return whether a function, a family, an API or a state machine of this name is part of this monitoring."""
    return name == OWN_NAME or name.startswith(f"{OWN_NAME}-")


def tail_of(arn: str) -> str:
    """Return what stands behind the account in an ARN; all of it where it is none."""
    return arn.split(":", 5)[-1]
