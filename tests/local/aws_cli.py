"""The `aws` command as far as docs/operate.md uses it: `aws SERVICE OPERATION --parameter value`, by botocore's models.

Version 2 of the real one is in no package registry, and version 1 reads a URL that is given as a value. What this does
not know is an error and no guess.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import boto3
import jmespath  # type: ignore[import-untyped]  # botocore brings it, without types
from botocore import xform_name
from botocore.exceptions import ClientError

FAILED = 254
OUTPUT = ("query", "output", "region")


def call(words: Sequence[str]) -> str:
    """Call AWS as a command line says; returns what to print."""
    service, operation, *rest = words
    given = dict(_options(rest))
    chosen = {name: given.pop(name)[0] for name in OUTPUT if name in given}
    client: Any = boto3.Session(region_name=chosen.get("region")).client(service)  # type: ignore[call-overload]
    method = operation.replace("-", "_")
    shape = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[method]).input_shape
    members = {xform_name(name, "-"): (name, each) for name, each in shape.members.items()} if shape else {}
    parameters = dict(_parameter(name, values, members) for name, values in given.items())
    answer = getattr(client, method)(**parameters)
    answer.pop("ResponseMetadata", None)
    found = jmespath.search(chosen["query"], answer) if "query" in chosen else answer
    if chosen.get("output") == "text":
        assert isinstance(found, str), f"text of {found!r}"
        return found
    return json.dumps(found, indent=4, default=str) if found else ""


def _options(words: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    name, values = "", list[str]()
    for word in words:
        if word.startswith("--"):
            if name:
                yield name, values
            name, values = word.removeprefix("--"), []
        else:
            values.append(word)
    if name:
        yield name, values


def _parameter(name: str, values: list[str], members: dict[str, Any]) -> tuple[str, Any]:
    if name not in members:
        known = members[name.removeprefix("no-")]
        assert known[1].type_name == "boolean", name
        return known[0], False
    parameter, shape = members[name]
    match shape.type_name:
        case "boolean":
            return parameter, not values or values == ["true"]
        case "integer" | "long":
            return parameter, int(*values)
        case "string" | "timestamp":
            (value,) = values
            return parameter, value
        case "list" if shape.member.type_name == "string":
            return parameter, values
        case other:
            raise NotImplementedError(f"--{name} is of the type {other}")


def main() -> int:
    """Print the answer; returns the exit code."""
    try:
        said = call(sys.argv[1:])
    except ClientError as error:
        sys.stderr.write(f"{error}\n")
        return FAILED
    sys.stdout.write(f"{said}\n" if said else "")
    return 0


if __name__ == "__main__":
    sys.exit(main())
