"""Check the configuration: whether the routes file and the scan file can be read, and what the routes make of an event.

`python -m infra.check_config`, or `make check-config`. Each mistake is a line such as `routes.toml:12: …`, and the exit
code is then 1. It needs no AWS account, and is part of every deployment. Of a stage that is named it is also checked
that the secrets of its receivers are there, and what sends mails, where there are credentials.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import boto3

from chalicelib import container
from chalicelib.config import routes as routes_file
from chalicelib.config import scan as scan_file
from chalicelib.config.compiled import Defaults, RoutesFile
from chalicelib.domain.errors import Invalid, Misconfigured
from chalicelib.domain.events.envelope import Envelope
from chalicelib.domain.events.event import Event
from chalicelib.domain.timestamps import parse_time
from chalicelib.settings import HubSettings
from chalicelib.sources.registry import interpret
from infra import mails, receiver_secrets
from infra.checks import sign_on
from infra.errors import exit_with
from infra.event_files import WrongError, read_json, read_text
from infra.explanation import Explanation, summary

PROJECT = Path(__file__).parent.parent
RIGHT, WRONG = 0, 1
ANY_STAGE = "<stage>"


def check(stage: str) -> None:
    """Read both files as a stage's functions will; WrongError tells each mistake."""
    routes(container.ROUTES, settings_of(stage))
    _read(container.SCAN, scan_file.read)


def settings_of(stage: str) -> HubSettings:
    """Return a stage's settings, as .chalice/config.json has them; WrongError names the variable that is wrong."""
    config = json.loads((PROJECT / ".chalice" / "config.json").read_text())
    stages: Mapping[str, Any] = config["stages"]
    if stage not in {*stages, ANY_STAGE}:
        raise WrongError(f"{stage!r} is no stage in .chalice/config.json; there are {', '.join(sorted(stages))}")
    variables = stages.get(stage, {}).get("environment_variables", {})
    try:
        everywhere = config.get("environment_variables", {})
        return HubSettings.load({"STAGE": stage, "TABLE_NAME": "any"} | everywhere | variables)
    except Misconfigured as error:
        raise WrongError(f".chalice/config.json: {error}") from None


def routes(path: Path, settings: HubSettings) -> RoutesFile:
    """Read a routes file; WrongError has a line for each mistake."""
    defaults = Defaults(settings.minimum_severity, settings.repeat_interval, settings.group_wait)
    return _read(path, lambda text, name: routes_file.read(text, name, defaults))


def event_of(path: Path, now: int) -> Event:
    """Read the event of a file as the hub would at `now`; WrongError says why there is none."""
    raw = read_json(path)
    if not isinstance(raw, dict) or "source" not in raw:
        raise WrongError(f"{path.name}: invalid event; expected an object with source, detail-type, account and detail")
    return interpret(Envelope.parse(raw, now))


def _read[File](path: Path, read: Callable[[str, str], File]) -> File:
    try:
        return read(read_text(path), path.name)
    except Invalid as error:
        raise WrongError(*(f"{each.field}: {each.message}" for each in error.violations)) from None


def _report(chosen: argparse.Namespace) -> Iterator[str]:
    settings = settings_of(chosen.stage)
    if chosen.file and chosen.file.name.startswith("scan"):
        _read(chosen.file, scan_file.read)
        yield f"{chosen.file.name}: OK"
        return
    path = chosen.file or container.ROUTES
    file = routes(path, settings)
    if chosen.event:
        yield from Explanation(file, settings, event_of(chosen.event, chosen.at), chosen.at).lines()
        return
    if not chosen.file:
        _read(container.SCAN, scan_file.read)
        yield f"{container.SCAN.name}: OK"
    yield f"{path.name}: OK"
    yield from summary(file, chosen.stage)
    yield sign_on.in_words(settings.openid_client)
    if chosen.stage != ANY_STAGE and not chosen.file:
        yield from _secrets(file, chosen.stage)


def _secrets(file: RoutesFile, stage: str) -> Iterator[str]:
    """Check that what a stage's receivers need is there; WrongError has a line for each that is not."""
    if boto3.Session().get_credentials() is None:
        yield "Whether the parameters are there was not checked, as there are no credentials of AWS."
        return
    wrong = (*receiver_secrets.missing(boto3.client("ssm"), stage, file), *mails.wrong(_client, file))
    if wrong:
        raise WrongError(*wrong)
    yield "All of them are there."


def _client(service: str, region: str) -> Any:
    make: Any = boto3.client
    return make(service, region or None)


def moment(text: str) -> int:
    """Read a time that is given to a command."""
    time_of = parse_time(text)
    if time_of is None:
        raise argparse.ArgumentTypeError(f"invalid time {text!r}; expected one such as 2026-03-01T03:00:00+01:00")
    return time_of


def main(arguments: Sequence[str] | None = None) -> int:
    """Check what was chosen, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m infra.check_config", description=__doc__.splitlines()[0])
    parser.add_argument("file", nargs="?", type=Path, help="a routes file, or one that begins with scan; else both")
    parser.add_argument("--stage", default=ANY_STAGE, help="whose settings and parameters, such as prod")
    parser.add_argument("--event", type=Path, metavar="FILE.json", help="explain what the routes make of this event")
    parser.add_argument("--at", type=moment, default=int(time.time()), metavar="TIME", help="at this time, not now")
    chosen = parser.parse_args(arguments)
    try:
        lines = list(_report(chosen))
    except WrongError as error:
        sys.stderr.writelines(f"{line}\n" for line in error.lines)
        return WRONG
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return RIGHT


if __name__ == "__main__":
    exit_with(main)
