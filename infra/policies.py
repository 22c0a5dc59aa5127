"""Policies: what each function's role may do, spelt out for one stage.

The files `.chalice/policy-*.json` are written in CloudFormation's words: `{"Fn::Sub": "arn:${AWS::Partition}:…"}`. A
package keeps them, but for the stage. `chalice deploy` talks to IAM itself, which knows no such words, so there every
variable gets its value, and no ARN needs a wildcard for its account or region.

What functions may do for a receiver of the routes file that is reached within AWS is added to what the files say.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, override

import boto3
from chalice.config import Config
from chalice.deploy import deployer, models
from chalice.deploy.deployer import PolicyGenerator

from chalicelib import container
from infra import check_config, mails

SUB = "Fn::Sub"
VARIABLE = re.compile(r"\$\{([A-Za-z:]+)\}")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a stage is deployed."""

    partition: str
    region: str
    account: str

    def variables(self) -> dict[str, str]:
        """Return what CloudFormation would know by itself."""
        return {"AWS::Partition": self.partition, "AWS::Region": self.region, "AWS::AccountId": self.account}


@cache
def here() -> Place:
    """Return the place that credentials and region lead to."""
    session = boto3.Session()
    arn = session.client("sts").get_caller_identity()["Arn"].split(":")
    return Place(partition=arn[1], region=session.region_name, account=arn[4])


def spelt_out(document: Any, variables: Mapping[str, str]) -> Any:
    """Return a document with the values of variables in it; what holds others is left to CloudFormation."""
    match document:
        case {"Fn::Sub": str(text)} if len(document) == 1:
            filled = VARIABLE.sub(lambda match: variables.get(match[1], match[0]), text)
            return {SUB: filled} if "${" in filled else filled
        case dict():
            return {name: spelt_out(each, variables) for name, each in document.items()}
        case list():
            return [spelt_out(each, variables) for each in document]
        case _:
            return document


class Policies(PolicyGenerator):
    """Reads the files as Chalice does, for a package."""

    @override
    def handle_filebasediampolicy(self, config: Config, resource: models.FileBasedIAMPolicy) -> None:
        """Read a policy and write the stage into it."""
        super().handle_filebasediampolicy(config, resource)
        settings = check_config.settings_of(config.chalice_stage)
        receivers = check_config.routes(container.ROUTES, settings).known_receivers
        document: Any = resource.document
        resource.document = spelt_out(mails.with_mails(document, receivers), self.variables(config))

    def variables(self, config: Config) -> dict[str, str]:
        """Return what is known without CloudFormation."""
        return {"Stage": config.chalice_stage}


class ExactPolicies(Policies):
    """Reads the files for `chalice deploy`."""

    @override
    def variables(self, config: Config) -> dict[str, str]:
        """Return what is known of the stage and of its place."""
        return super().variables(config) | here().variables()


def install(*, exact: bool) -> None:
    """Let Chalice read policies as we do, in this process; `exact` where no CloudFormation comes after it."""
    deployer.PolicyGenerator = ExactPolicies if exact else Policies  # type: ignore[misc]  # the one place that reads them
