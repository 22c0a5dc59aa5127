"""Calls: what a handler asks of AWS, as IAM sees it: an action on a resource."""

from collections.abc import Callable, Iterator, Mapping
from email.utils import parseaddr
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from botocore.model import OperationModel
from botocore.session import Session

PARTITION, REGION, ACCOUNT = "aws", "eu-central-1", "123456789012"
VARIABLES = {"AWS::Partition": PARTITION, "AWS::Region": REGION, "AWS::AccountId": ACCOUNT}
# IAM's name of a service, where it is not boto3's.
PREFIXES = {"apigatewayv2": "apigateway", "resourcegroupstaggingapi": "tag", "sesv2": "ses", "stepfunctions": "states"}
# IAM's name of an operation, where it is not that of the API.
ACTIONS = {("lambda", "Invoke"): "InvokeFunction"}
# Needs no permission: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
FREE = {"sts:GetCallerIdentity"}
# What a transaction is allowed by: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
IN_TRANSACTION = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
    "Get": "GetItem",
}
# Whose actions are methods of HTTP, and whose resources belong to no account.
BY_METHOD = "apigateway"
ANY = "*"


def _table_or_index(params: Mapping[str, Any]) -> list[str]:
    index = f"/index/{params['IndexName']}" if "IndexName" in params else ""
    return [f"table/{params['TableName']}{index}"]


def _identity(params: Mapping[str, Any]) -> list[str]:
    """Return what SES sends by: an identity, and the configuration set that it may have."""
    return [f"identity/{parseaddr(params['FromEmailAddress'])[1]}", "configuration-set/any"]


# What an operation is about, of those whose resources IAM can name.
RESOURCES: Mapping[tuple[str, str], Callable[[Mapping[str, Any]], list[str]]] = {
    ("account", ANY): lambda _: ["account"],
    ("apigateway", "GetRestApis"): lambda _: ["/restapis"],
    ("apigateway", "GetStages"): lambda params: [f"/restapis/{params['restApiId']}/stages"],
    ("apigatewayv2", "GetApis"): lambda _: ["/apis"],
    ("apigatewayv2", "GetStages"): lambda params: [f"/apis/{params['ApiId']}/stages"],
    ("dynamodb", ANY): _table_or_index,
    ("dynamodb", "BatchGetItem"): lambda params: [f"table/{name}" for name in params["RequestItems"]],
    ("ecs", "DescribeTasks"): lambda params: [each.rpartition(":")[2] for each in params["tasks"]],
    ("events", "PutEvents"): lambda params: [f"event-bus/{each['EventBusName']}" for each in params["Entries"]],
    ("events", "ListTargetsByRule"): lambda params: [f"rule/{params['Rule']}"],
    ("lambda", "Invoke"): lambda params: [f"function:{params['FunctionName']}"],
    ("lambda", "GetFunctionEventInvokeConfig"): lambda params: [f"function:{params['FunctionName']}"],
    ("logs", "DescribeLogGroups"): lambda _: ["log-group::log-stream:"],
    ("logs", "StartQuery"): lambda params: [f"log-group:{name}:log-stream:" for name in params["logGroupNames"]],
    ("sesv2", "SendEmail"): _identity,
    ("sns", "Publish"): lambda params: [params["TopicArn"].rpartition(":")[2]],
    ("sqs", ANY): lambda params: [params.get("QueueName") or params["QueueUrl"].rpartition("/")[2]],
    ("stepfunctions", "DescribeStateMachine"): lambda params: [params["stateMachineArn"].split(":", 5)[5]],
    ("ssm", ANY): lambda params: [f"parameter{params.get('Name') or params['Path']}"],
    ("ssm", "GetParameters"): lambda params: [f"parameter{each}" for each in params["Names"]],
}


# Which writes of the table IAM can limit to some partitions, and what of them names the item.
KEYED = {"PutItem": "Item", "UpdateItem": "Key", "DeleteItem": "Key"}


class Call(NamedTuple):
    """An action on a resource's ARN, `*` where the action knows none, and the partition that it writes to, if any."""

    action: str
    resource: str
    partition: str = ""


def record(session: Session) -> set[Call]:
    """Return a set that fills with the calls that the session's clients make from now on."""
    made: set[Call] = set()

    def note(**call: Any) -> None:
        model: OperationModel = call["model"]
        calls = _calls(model, call["params"])
        made.update(each for each in calls if each.action not in FREE)

    session.register("before-parameter-build", note)
    return made


def allows(statements: list[dict[str, Any]], call: Call) -> bool:
    """Return whether one of a policy's statements, spelt out, allows a call."""
    return any(
        call.action in each["Action"]
        and any(fnmatchcase(call.resource, pattern) for pattern in each["Resource"])
        and any(fnmatchcase(call.partition, pattern) for pattern in _partitions(each))
        for each in statements
    )


def _partitions(statement: Mapping[str, Any]) -> list[str]:
    """Return the patterns of the partitions that a statement is limited to."""
    limits: Mapping[str, Any] = statement.get("Condition", {}).get("ForAllValues:StringLike", {})
    patterns: list[str] = limits.get("dynamodb:LeadingKeys", [ANY])
    return patterns


def _calls(model: OperationModel, params: Mapping[str, Any]) -> Iterator[Call]:
    service, operation = model.service_model.service_name, model.name
    if operation in {"TransactWriteItems", "TransactGetItems"}:
        for item in params["TransactItems"]:
            ((kind, part),) = item.items()
            action = IN_TRANSACTION[kind]
            yield Call(f"dynamodb:{action}", _arn("dynamodb", f"table/{part['TableName']}"), _partition(action, part))
        return
    prefix = PREFIXES.get(service, service)
    action = model.http["method"] if prefix == BY_METHOD else ACTIONS.get((service, operation), operation)
    named = RESOURCES.get((service, operation)) or RESOURCES.get((service, ANY))
    for resource in [_arn(prefix, each) for each in named(params)] if named else [ANY]:
        yield Call(f"{prefix}:{action}", resource, _partition(operation, params) if prefix == "dynamodb" else "")


def _partition(action: str, params: Mapping[str, Any]) -> str:
    partition: str = params[KEYED[action]]["pk"]["S"] if action in KEYED else ""
    return partition


def _arn(prefix: str, resource: str) -> str:
    region = "" if prefix == "account" else REGION
    account = "" if prefix == BY_METHOD else ACCOUNT
    return f"arn:{PARTITION}:{prefix}:{region}:{account}:{resource}"
