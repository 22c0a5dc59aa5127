"""AWS to deploy to: moto's server in this process, mended where it cannot read what Chalice imports."""

import shutil
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from urllib.request import Request, urlopen

import boto3
import pytest
from moto.apigateway.models import APIGatewayBackend

from local.aws import adopt, claim_port, environment, serve_aws

ROOT = Path(__file__).parent.parent.parent
COPIED = ("chalicelib", "infra", "templates", "vendor")
NOT_COPIED = shutil.ignore_patterns("__pycache__", "deployed", "deployments")

type Document = Mapping[str, Any]


@dataclass
class Aws:
    """What is there; `apis` holds the documents from which the APIs were made, by their ids."""

    apis: dict[str, Document] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        """Return a client as the one has it who deploys."""
        return cast("Any", boto3).client(service)


@contextmanager
def aws_server(monkeypatch: pytest.MonkeyPatch, environ: MutableMapping[str, str]) -> Iterator[Aws]:
    """Play AWS from a clean state, and lead this process and its children there."""
    aws = Aws()
    for name in ("import_rest_api", "put_rest_api"):
        monkeypatch.setattr(APIGatewayBackend, name, _reading(aws, getattr(APIGatewayBackend, name)))
    before = dict(environ)
    with serve_aws(claim_port(0, "AWS", "--aws-port")) as url:
        adopt(environ, environment(url, environ))
        _reset(url)
        try:
            yield aws
        finally:
            _reset(url)
            adopt(environ, before)


def copy_project(folder: Path) -> Path:
    """Copy what a deployment needs, without dependencies: to fetch them takes a network and a minute."""
    shutil.copy(ROOT / "app.py", folder)
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=NOT_COPIED, symlinks=True)
    shutil.copytree(ROOT / ".chalice", folder / ".chalice", ignore=NOT_COPIED)
    (folder / "requirements.lock").write_text("")
    return folder


def _reading(aws: Aws, method: Any) -> Any:
    """Return moto's method as it would be if it read what API Gateway does: Swagger 2, and no description."""

    def read(backend: APIGatewayBackend, *arguments: Any, **named: Any) -> Any:
        place = next(number for number, each in enumerate(arguments) if isinstance(each, dict))
        document = arguments[place]
        readable = {name: each for name, each in document.items() if name != "swagger"} | {
            "openapi": "3.0.1",
            "info": {"description": ""} | document["info"],
        }
        api = method(backend, *arguments[:place], readable, *arguments[place + 1 :], **named)
        aws.apis[api.id] = document
        return api

    return read


def _reset(url: str) -> None:
    with urlopen(Request(f"{url}/moto-api/reset", method="POST")):
        pass
