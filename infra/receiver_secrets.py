"""The secrets of receivers: which parameters a routes file needs in a stage, and which of them are missing there."""

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.config.compiled import RoutesFile
from chalicelib.domain.routing.receivers import MORE_SECRETS, secret_of
from chalicelib.services.notifying.receivers import with_report


def parameter(stage: str, receiver: str, file: RoutesFile) -> str:
    """Return the name of the parameter that holds a receiver's secret; nothing where it has none."""
    path = secret_of(receiver, file.receiver(receiver))
    return path and f"/monitoring/{stage}/{path}"


def parameters(stage: str, file: RoutesFile) -> tuple[str, ...]:
    """Return the parameters that the receivers need, each once."""
    receivers = with_report(file.receivers)
    more = [path for each in receivers for path in MORE_SECRETS.get(file.receiver(each).type, ())]
    names = [*(parameter(stage, each, file) for each in receivers), *(f"/monitoring/{stage}/{path}" for path in more)]
    return tuple(dict.fromkeys(filter(None, names)))


def missing(client: Any, stage: str, file: RoutesFile) -> Iterator[str]:
    """Iterate over what is wrong with a stage's parameters, a line each; their values are not read."""
    for name in parameters(stage, file):
        filters = [{"Key": "Name", "Option": "Equals", "Values": [name]}]
        try:
            found = client.describe_parameters(ParameterFilters=filters)["Parameters"]
        except (ClientError, BotoCoreError) as error:
            yield f"{name}: cannot be checked: {type(error).__name__}"
            return
        if not found:
            yield f"{name}: missing; what its receivers are to get stays pending until it is there"
        elif found[0]["Type"] != "SecureString":
            yield f"{name}: is a {found[0]['Type']}; expected a SecureString"
