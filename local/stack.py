"""The stack: AWS, Slack, the API and the hub's functions, started in order, and ended in reverse whatever happens."""

import hashlib
import json
import logging
import math
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from local import feed, state, tour
from local.api import Api, serve_api
from local.aws import STAGE, Cloud, adopt, claim_port, environment, new_token, serve_aws
from local.errors import LocalError
from local.state import State
from local.ticker import Terminal
from local.world import World

if TYPE_CHECKING:
    from local.hub import Works
    from local.slack import SlackLookalike

API_PORT, SLACK_PORT, AWS_PORT, RECEIVERS_PORT = 8000, 8001, 8002, 8003
TABLE = f"monitoring-{STAGE}"
# The name of the API's token, and for how many seconds a link may sign its holder in.
TOKEN, LINK_LIFETIME = "local", 12 * 3_600
# Seconds between two looks at the queues when nothing is going on.
IDLE = 1.0
# The longest that the opening may take until everything is delivered, in seconds.
LONGEST_OPENING = 180.0
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to run: ports (0: any free one), whether to feed events, and when to stop.

    `once` ends the run when the opening is over and delivered; `pace` is the seconds between two of its scenes.
    """

    api_port: int = API_PORT
    slack_port: int = SLACK_PORT
    receivers_port: int = RECEIVERS_PORT
    aws_port: int = AWS_PORT
    feed: bool = True
    once: bool = False
    pace: float = 2.0
    state: Path = state.DEFAULT


def hub_log(state_file: Path) -> Path:
    """Return the file that the hub's functions log to."""
    return state_file.with_suffix(".hub.log")


def run(options: Options, terminal: Terminal) -> None:
    """Run the stack until it is stopped, or with `once` until the opening is over; LocalError where it cannot."""
    with ending_on_signals(), ExitStack() as up:
        try:
            works, api = _start(options, terminal, up)
            play(works, options, api.obituary)
        except KeyboardInterrupt:
            terminal.write("Stopping …")
        finally:
            for each in ENDINGS:
                signal.signal(each, signal.SIG_IGN)


@contextmanager
def ending_on_signals() -> Iterator[None]:
    """Let every signal that asks for an end interrupt as Ctrl-C does."""

    def interrupt(*_: Any) -> None:
        # Whatever was half made just then would complain, as it is thrown away, of what it has not got yet.
        sys.unraisablehook = _hear_nothing
        # And whoever is still sending would, of a log that is closed.
        logging.raiseExceptions = False
        raise KeyboardInterrupt

    hook, before = sys.unraisablehook, {each: signal.signal(each, interrupt) for each in ENDINGS}
    try:
        yield
    finally:
        sys.unraisablehook = hook
        for each, handler in before.items():
            signal.signal(each, handler)


def _hear_nothing(_: object) -> None:
    """Take note of no complaint."""


def receivers() -> tuple[str, ...]:
    """Return the Slack page's channels: who is notified there; LocalError where the routes file is wrong."""
    from chalicelib import container  # noqa: PLC0415 - only who starts a stack should wait for its parts
    from chalicelib.domain.errors import Misconfigured  # noqa: PLC0415 - the same
    from chalicelib.services.notifying.receivers import with_report  # noqa: PLC0415 - the same
    from chalicelib.settings import HubSettings  # noqa: PLC0415 - the same
    from local.receivers import demo  # noqa: PLC0415 - the same

    demo.install()
    try:
        file = container.routes(HubSettings.load({"TABLE_NAME": TABLE, "STAGE": STAGE}))
        return tuple(each for each in with_report(file.receivers) if file.receiver(each).type.startswith("slack"))
    except Misconfigured as error:
        raise LocalError(str(error)) from None


def _start(options: Options, terminal: Terminal, up: ExitStack) -> tuple["Works", Api]:
    if running := state.find(options.state):
        raise LocalError(f"A stack is running already: {running.slack} and {running.api}. End it with Ctrl-C first.")
    ports = _claim_ports(options)
    terminal.write("Starting AWS, Slack, the API and the hub …")
    options.state.parent.mkdir(parents=True, exist_ok=True)
    from local.receivers import demo  # noqa: PLC0415 - only who starts a stack should wait for its parts
    from local.receivers.server import ReceiversLookalike  # noqa: PLC0415 - the same
    from local.slack import SlackLookalike  # noqa: PLC0415 - the same
    from local.slack.conversations import Conversations  # noqa: PLC0415 - the same
    from local.slack.interactivity import Presser  # noqa: PLC0415 - the same
    from local.table import create_table  # noqa: PLC0415 - the same
    from local.workloads import WORKLOADS, create_workloads, write_past  # noqa: PLC0415 - the same

    aws = up.enter_context(serve_aws(ports.aws))
    others = up.enter_context(ReceiversLookalike(ports.receivers))
    app = Conversations({demo.CHANNEL: demo.LIVING}, demo.BOT_TOKEN, time.time)
    slack = up.enter_context(SlackLookalike(ports.slack, channels=receivers()))
    slack.app = app
    addresses = {"PAGERDUTY_URL": others.url, "SLACK_URL": f"{slack.url}/api", **demo.mail_services(others.url)}
    # One process does here what many functions do in AWS: it would wait for others, and keep them waiting.
    hub = {"TABLE_NAME": TABLE, "STAGE": STAGE, "GROUP_WAIT_SECONDS": "0"}
    adopt(os.environ, environment(aws, os.environ) | hub | addresses)
    cloud = Cloud()
    create_table(cloud.client("dynamodb"), TABLE)
    api = up.enter_context(serve_api(ports.api, os.environ, options.state.with_suffix(".api.log")))
    token = new_token()
    slack.presser = Presser(app, demo.SIGNING_SECRET, api.url)
    _keep_secrets(cloud, slack, token, api.url, demo.secrets(others.url))
    create_workloads(cloud)
    for workload in WORKLOADS:
        write_past(cloud, workload, time.time(), random.Random())  # noqa: S311 - only what requests are called
    from local.hub import Works  # noqa: PLC0415 - imports app.py, which wants the environment in place

    works = Works(cloud, slack, up.enter_context(hub_log(options.state).open("w", encoding="utf-8")), terminal)
    while works.turn():  # the agents report, so that accounts have names before anything about them is announced
        pass
    api.wait()
    here = State(api=api.url, slack=slack.url, aws=aws, token=token, table=TABLE, receivers=others.url)
    up.enter_context(state.published(here, options.state))
    _welcome(terminal, here, options, _sign_in_link(cloud))
    return works, api


@dataclass(frozen=True, slots=True)
class _Ports:
    api: int
    slack: int
    receivers: int
    aws: int


def _claim_ports(options: Options) -> _Ports:
    return _Ports(
        api=claim_port(options.api_port, "the API", "--api-port"),
        slack=claim_port(options.slack_port, "the Slack page", "--slack-port"),
        receivers=claim_port(options.receivers_port, "the page of the other receivers", "--receivers-port"),
        aws=claim_port(options.aws_port, "AWS", "--aws-port"),
    )


def _keep_secrets(
    cloud: Cloud, slack: "SlackLookalike", token: str, base_url: str, of_others: Mapping[str, str]
) -> None:
    """Write the parameters that an operator would write: of receivers, a token's digest, and what buttons need."""
    secrets = {f"slack/{receiver}": slack.webhook(receiver) for receiver in receivers()} | dict(of_others)
    digest = hashlib.sha256(token.encode()).hexdigest()
    secrets[f"api-tokens/{TOKEN}"] = json.dumps({"sha256": digest, "scopes": ["read", "write"]})
    secrets["link-key"] = new_token()
    for name, value in secrets.items():
        cloud.client("ssm").put_parameter(Name=f"/monitoring/{STAGE}/{name}", Value=value, Type="SecureString")
    cloud.client("ssm").put_parameter(Name=f"/monitoring/{STAGE}/base-url", Value=base_url, Type="String")


def _sign_in_link(cloud: Cloud) -> str:
    """Return a link that signs somebody in to the pages, once, made as an operator would make it."""
    from chalicelib.container import SystemClock  # noqa: PLC0415 - only who starts a stack should wait for its parts
    from chalicelib.gateways.ssm import Parameters  # noqa: PLC0415 - the same
    from infra import sign_in  # noqa: PLC0415 - the same

    return sign_in.address(Parameters(lambda: cloud.client("ssm"), SystemClock()), STAGE, TOKEN, LINK_LIFETIME)


def _welcome(terminal: Terminal, here: State, options: Options, sign_in_link: str) -> None:
    python = min(sys.executable, os.path.relpath(sys.executable), key=len)
    command = f"{python} -m local" + ("" if options.state == state.DEFAULT else f" --state {options.state}")
    terminal.write(
        f"""
  Slack   {here.slack}  (living: one message for each problem)
  Others  {here.receivers}  (PagerDuty, Teams, webhooks, mails)
  API     {here.api}
  AWS     {here.aws}  (moto; any credentials are the hub's account)
  Token   {here.token}
  Pages   {sign_in_link}

  curl -H 'Authorization: Bearer {here.token}' '{here.api}/events?limit=5'

  {command} send FILE.json | report | scan   puts an event in, sends a report, scans the logs
  {command} backfill --since TIME            looks for errors in the logs of the past
  {command} checks                           shows canaries, the day's events as AWS counts them, and the archive
  Ctrl-C ends everything. The clock is faster than in AWS: scans and deliveries each 5 seconds.
"""
    )


class Stage(World, Protocol):
    """A world that has to be turned."""

    @property
    def is_settled(self) -> bool:
        """Whether all that happened is dealt with."""
        ...

    def turn(self) -> bool:
        """Deal with what is there; tells whether there was anything."""
        ...


def play(works: Stage, options: Options, obituary: Callable[[], str] = str) -> None:
    """Let things happen and be dealt with, for ever or `once`; LocalError where the opening is never delivered.

    `obituary` is printed as soon as it says something: nothing else would notice the end of the API's process.
    """
    is_reported = False
    scenes = _scenes(works, options)
    begun = next_scene = time.monotonic()
    while True:
        if not is_reported and (said := obituary()):
            works.say(said)
            is_reported = True
        if time.monotonic() >= next_scene:
            pause = next(scenes, None)
            next_scene = math.inf if pause is None else time.monotonic() + pause
        if not works.turn():
            if options.once and next_scene == math.inf and works.is_settled:
                return
            time.sleep(max(0.0, min(IDLE, next_scene - time.monotonic())))
        if options.once and time.monotonic() - begun > LONGEST_OPENING:
            raise LocalError("The opening was not delivered in time.")


def _scenes(world: World, options: Options) -> Iterator[float]:
    if options.feed:
        yield from feed.opening(world, options.pace)
        world.say("That was the opening. From now on something happens every half minute or so.")
        if not options.once:
            yield from tour.around_aws(world)
            yield from feed.everyday(world, random.Random())  # noqa: S311 - for variety, not for secrecy
