"""Lambda updates: a function's code or configuration was changed, or an alias moved, as CloudTrail tells.

EventBridge has these of accounts and regions with a trail of management events.

https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html
"""

from urllib.parse import quote

from msgspec import field

from chalicelib.domain.alerts.suspect_deploy import DeployWords
from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.events.event import Severity, Signal, Summary
from chalicelib.domain.events.lifecycle import Lifecycle
from chalicelib.domain.timestamps import parse_time
from chalicelib.sources.schema import Declaration, Detail, Name, Part, Text, console

DETAIL_TYPE = "AWS API Call via CloudTrail"
# CloudTrail adds the API's version, and more: UpdateFunctionCode20150331v2.
OPERATIONS = {
    "UpdateFunctionCode": "updated",
    "UpdateFunctionConfiguration": "reconfigured",
    "PublishVersion": "published",
    "UpdateAlias": "moved to another version",
}


class RequestParameters(Part, frozen=True, kw_only=True):
    """What was asked for."""

    function: Text = field(name="functionName", default="")


class FunctionUpdate(Detail, frozen=True, kw_only=True):
    """A call of Lambda's API; one that was refused has an error's code."""

    event: Name = field(name="eventName")
    event_id: Text = field(name="eventID", default="")
    time: Text = field(name="eventTime", default="")
    region: Text = field(name="awsRegion", default="")
    account: Text = field(name="recipientAccountId", default="")
    error: Text = field(name="errorCode", default="")
    parameters: RequestParameters = field(name="requestParameters", default=RequestParameters())

    def summary(self, envelope: Envelope) -> Summary:
        """Call it a notice: that something was changed is no problem."""
        account, region = self.account or envelope.account, self.region or envelope.region
        function = _name(self.parameters.function)
        operation = next((each for each in OPERATIONS if self.event.startswith(each)), "")
        refused = f" was refused ({self.error})" if self.error else ""
        words = f"{self.event}{refused}" if refused or not operation else OPERATIONS[operation]
        return Summary(
            title=f"Function {function or 'without a name'}: {words}",
            severity=Severity.LOW,
            identity=(account, region, function),
            occurrence=(account, region, self.event_id or function, self.event, self.time),
            signal=Signal.NOTICE,
            lifecycle=Lifecycle.POINT,
            account=account,
            region=region,
            at=parse_time(self.time),
            resource=function,
            state="" if self.error else operation,
            link=console(region, "lambda", f"/functions/{quote(function, safe='')}") if function else "",
        )


def _name(function: str) -> str:
    """Return the name in a name, an ARN or a part of one, without version or alias."""
    parts = function.split(":")
    if "function" in parts[:-1]:
        return parts[parts.index("function") + 1]
    return parts[1] if parts[0].isdecimal() and len(parts) > 1 else parts[0]


SOURCE = Declaration(
    FunctionUpdate,
    source="aws.lambda",
    group="deployments",
    detail_types=(DETAIL_TYPE,),
    filters={
        DETAIL_TYPE: {"eventSource": ["lambda.amazonaws.com"], "eventName": [{"prefix": each} for each in OPERATIONS]}
    },
    informational=True,
    deploys=DeployWords("function", done=OPERATIONS, in_progress={}),
    identity="account, region, function",
    occurrence="account, region, CloudTrail's id of the call",
    origin="recipient's account, the call's region and time",
)
