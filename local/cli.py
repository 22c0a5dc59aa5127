"""The command line: `python -m local` runs the hub on this machine, its commands talk to one that runs."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from local import stack, state
from local.aws import ACCOUNTS, STAGE, Cloud, adopt, environment, find_account
from local.errors import LocalError
from local.stack import Options
from local.ticker import Terminal

DESCRIPTION = """\
Runs the whole monitoring hub on this machine: AWS (moto), Slack (a look-alike), the API, the hub's
functions, and a feed of events from four accounts. Without a command it runs until Ctrl-C; the commands talk to a
stack that runs in another terminal."""

EPILOG = """\
examples:
  python -m local                        run, with the ports 8000 (API), 8001 (Slack) and 8002 (AWS)
  python -m local --no-feed              run, and let nothing happen but what you send
  python -m local send event.json        put your own event in
  python -m local send --account web-staging event.json
  python -m local report [--week]        send a report of the day, or the week, so far
  python -m local backfill --since 2026-11-20T00:00Z
                                         look for errors in the logs of the past"""

PORTS = (
    ("api", stack.API_PORT, "the API"),
    ("slack", stack.SLACK_PORT, "the Slack page"),
    ("receivers", stack.RECEIVERS_PORT, "the page of the other receivers"),
    ("aws", stack.AWS_PORT, "AWS"),
)
# In seconds; nobody watches an opening that is slower.
LONGEST_PACE = 3_600
# What starts a stack beside another one.
ANY_PORTS = tuple(f"--{name}-port=0" for name, _, _ in PORTS)


def parser() -> argparse.ArgumentParser:
    """Return the description of the command line."""
    root = argparse.ArgumentParser(
        prog="python -m local",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_ports(root)
    root.add_argument("--no-feed", action="store_true", help="put no sample events in")
    root.add_argument("--once", action="store_true", help="play the opening, then exit when everything is delivered")
    root.add_argument("--pace", type=_seconds, default=2.0, metavar="SECONDS", help="between two scenes of the opening")
    root.add_argument("--no-color", action="store_true", help="plain lines (also: the variable NO_COLOR)")
    root.add_argument("--state", type=Path, default=state.DEFAULT, help="the file that tells where the stack runs")
    commands = root.add_subparsers(title="commands, for a stack that runs", dest="command", metavar="")
    send = commands.add_parser("send", help="put events in through the bus, and say what became of them")
    send.add_argument("file", type=Path, help="JSON: one event or a list of them; - is standard input")
    names = ", ".join(each.name for each in ACCOUNTS)
    send.add_argument("--account", default="", metavar="NAME_OR_ID", help=f"whose bus: {names}")
    report = commands.add_parser("report", help="send a report of the day so far")
    report.add_argument("--week", action="store_true", help="of the week so far")
    commands.add_parser("scan", help="scan the logs of all accounts now")
    commands.add_parser("checks", help="show canaries, what the day's events add up to, and the archive")
    backfill = commands.add_parser("backfill", help="look for errors in the logs of the past")
    backfill.add_argument("--since", required=True, metavar="TIME", help="such as 2026-11-20T00:00Z")
    backfill.add_argument("--until", metavar="TIME", help="if left out, as far as the scans have come")
    backfill.add_argument("--force", action="store_true", help="scan once more what is done")
    backfill.add_argument("--account", default="", metavar="NAME_OR_ID", help="if left out, all of them")
    return root


def _add_ports(root: argparse.ArgumentParser) -> None:
    for name, port, what in PORTS:
        root.add_argument(
            f"--{name}-port", type=int, default=port, metavar="N", help=f"port for {what} (default {port}, 0: any)"
        )


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1
    if not 0 <= value <= LONGEST_PACE:
        raise argparse.ArgumentTypeError(f"invalid pause {text!r}; expected seconds from 0 to {LONGEST_PACE}")
    return value


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; returns the exit code. What can be expected to go wrong is one line."""
    chosen = parser().parse_args(arguments)
    commands: dict[str | None, Callable[[argparse.Namespace], int]] = {
        None: _run,
        "send": _send,
        "report": _report,
        "scan": _scan,
        "backfill": _backfill,
        "checks": _checks,
    }
    try:
        return commands[chosen.command](chosen)
    except LocalError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read our lines has gone, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _run(chosen: argparse.Namespace) -> int:
    options = Options(
        api_port=chosen.api_port,
        slack_port=chosen.slack_port,
        receivers_port=chosen.receivers_port,
        aws_port=chosen.aws_port,
        feed=not chosen.no_feed,
        once=chosen.once,
        pace=chosen.pace,
        state=chosen.state,
    )
    stack.run(options, Terminal.of(sys.stdout, colours=not (chosen.no_color or os.environ.get("NO_COLOR"))))
    return 0


def _send(chosen: argparse.Namespace) -> int:
    from local.send import Sender, read_events  # noqa: PLC0415 - `--help` need not wait for it

    events = read_events(chosen.file)
    here = _enter(chosen.state)
    from local.functions import Functions  # noqa: PLC0415 - imports app.py, which wants the environment in place
    from local.jobs import logging_to  # noqa: PLC0415 - as above

    sender = Sender(here, Cloud(), Functions().patterns())
    failed = 0
    with stack.hub_log(chosen.state).open("a", encoding="utf-8") as log:
        for event in events:
            try:
                with logging_to(log):
                    said = sender.send(event, chosen.account)
                print(said, flush=True)
            except LocalError as error:
                failed = 1
                print(error, file=sys.stderr, flush=True)
    return failed


def _report(chosen: argparse.Namespace) -> int:
    _enter(chosen.state)
    from local.jobs import logging_to, report_today, report_week  # noqa: PLC0415 - as above

    with stack.hub_log(chosen.state).open("a", encoding="utf-8") as log, logging_to(log):
        said = report_week() if chosen.week else report_today()
    print(said)
    return 0


def _scan(chosen: argparse.Namespace) -> int:
    _enter(chosen.state)
    from local.jobs import logging_to  # noqa: PLC0415 - as above
    from local.scans import Scans  # noqa: PLC0415 - as above

    with stack.hub_log(chosen.state).open("a", encoding="utf-8") as log, logging_to(log):
        found = Scans(Cloud()).run()
    print(f"Scanned in {found.agents} places: {found.lines} error lines in {found.groups} groups.")
    return 0


def _checks(chosen: argparse.Namespace) -> int:
    _enter(chosen.state)
    from local import checks  # noqa: PLC0415 - as above
    from local.jobs import logging_to  # noqa: PLC0415 - as above

    with stack.hub_log(chosen.state).open("a", encoding="utf-8") as log, logging_to(log):
        said = list(checks.lines(Cloud()))
    for line in said:
        print(line)
    return 0


def _backfill(chosen: argparse.Namespace) -> int:
    from chalicelib.domain.errors import Invalid  # noqa: PLC0415 - as above
    from infra.command_arguments import backfill_order  # noqa: PLC0415 - as above
    from infra.errors import DeployError  # noqa: PLC0415 - as above

    accounts = (find_account(chosen.account),) if chosen.account else ACCOUNTS
    try:
        order = backfill_order(since=chosen.since, until=chosen.until, force=chosen.force)
        _enter(chosen.state)
        from local.jobs import logging_to  # noqa: PLC0415 - as above
        from local.scans import backfills  # noqa: PLC0415 - as above

        with stack.hub_log(chosen.state).open("a", encoding="utf-8") as log:
            for place, backfill in backfills(Cloud(), accounts):
                steps = backfill.steps(order)
                while True:
                    with logging_to(log):
                        progress = next(steps, None)
                    if progress is None:
                        break
                    print(f"{place}  {progress}", flush=True)
    except DeployError as error:
        raise LocalError(str(error)) from None
    except Invalid as error:
        raise LocalError("; ".join(f"--{each.field} {each.message}" for each in error.violations)) from None
    return 0


def _enter(path: Path) -> state.State:
    """Make the environment of this process that of the running stack."""
    here = state.running(path)
    from local.receivers import demo  # noqa: PLC0415 - `--help` need not wait for it

    demo.install()
    addresses = {
        "PAGERDUTY_URL": here.receivers,
        "SLACK_URL": f"{here.slack}/api",
        **demo.mail_services(here.receivers),
    }
    hub = {"TABLE_NAME": here.table, "STAGE": STAGE, "GROUP_WAIT_SECONDS": "0"}
    adopt(os.environ, environment(here.aws, os.environ) | hub | addresses)
    return here
