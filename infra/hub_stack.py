"""The hub's stack: infra/hub.yaml, created or updated; parameters keep their values unless they are given."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError, WaiterError

from infra.errors import DeployError

TEMPLATE = Path(__file__).parent / "hub.yaml"
POLL = {"Delay": 5, "MaxAttempts": 240}
# What the last step of a deployment has to know.
QUEUES = ("UndeliveredArn", "FailedArn")
UNCHANGED = "No updates are to be performed"
# What is left of a first creation that failed: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
DELETABLE_ONLY = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED")

type Outputs = Mapping[str, str]


class HubStack:
    """One stage's stack; `client` is boto3's for `cloudformation`."""

    def __init__(self, client: Any, stage: str) -> None:
        self._client, self._stage = client, stage
        self.name = f"monitoring-{stage}-hub"

    def deploy(self, given: Mapping[str, str]) -> str:
        """Make the stack, or update it; parameters that are not `given` keep their values. Returns what was done."""
        parameters = {"Stage": self._stage, **given}
        before = self._find()
        if before is None:
            self._client.create_stack(**self._request(parameters, ()))
            self._wait("stack_create_complete")
            return "made"
        if before.get("StackStatus") in DELETABLE_ONLY:
            raise DeployError(
                f"The stack {self.name} is {before['StackStatus']} and can only be deleted; its first failure was "
                f"{self._first_failure()}. Mend that, then: aws cloudformation delete-stack --stack-name {self.name}"
            )
        kept = [each["ParameterKey"] for each in before.get("Parameters", ())]
        try:
            self._client.update_stack(**self._request(parameters, [name for name in kept if name not in parameters]))
        except ClientError as error:
            if UNCHANGED in str(error):
                return "as it was"
            raise
        self._wait("stack_update_complete")
        return "updated"

    def outputs(self) -> Outputs:
        """Return the stack's outputs; DeployError where there is no stack, or its outputs lack the queues."""
        stack = self._find()
        if stack is None:
            raise DeployError(f"There is no stack {self.name}: deploy the stage first.")
        outputs = {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", ())}
        if missing := [name for name in QUEUES if name not in outputs]:
            raise DeployError(f"The stack {self.name} has no output {missing[0]}: update it with infra/hub.yaml.")
        return outputs

    def _find(self) -> dict[str, Any] | None:
        try:
            stack: dict[str, Any] = self._client.describe_stacks(StackName=self.name)["Stacks"][0]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise
        return stack

    def _request(self, given: Mapping[str, str], kept: Sequence[str]) -> dict[str, Any]:
        new = [{"ParameterKey": name, "ParameterValue": value} for name, value in given.items()]
        old = [{"ParameterKey": name, "UsePreviousValue": True} for name in kept]
        return {"StackName": self.name, "TemplateBody": TEMPLATE.read_text(), "Parameters": [*new, *old]}

    def _wait(self, until: str) -> None:
        try:
            self._client.get_waiter(until).wait(StackName=self.name, WaiterConfig=POLL)
        except WaiterError:
            raise DeployError(f"The stack {self.name} failed: {self._first_failure()}") from None

    def _first_failure(self) -> str:
        """Return why the last operation failed: of what failed after it, the first; the rest was cancelled with it."""
        reason = "CloudFormation does not say why"
        for event in self._client.describe_stack_events(StackName=self.name)["StackEvents"]:
            if event["ResourceStatus"].endswith("_FAILED"):
                reason = f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}"
            begins = event["ResourceStatus"] in {"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"}
            if begins and event["LogicalResourceId"] == self.name:
                break
        return reason
