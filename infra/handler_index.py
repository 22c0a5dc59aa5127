"""The index of handlers, written from app.py: those that nobody waits for, and where each one's policy is."""

import json
from collections.abc import Sequence
from typing import Any

from infra.functions import Function, Trigger

HEADER = '"""The handlers of app.py that nobody waits for, written by `make generate`: not to be edited."""\n'
API = "api_handler"


def index(functions: Sequence[Function]) -> str:
    """Return the source of `chalicelib/handlers.py`."""
    events = (f'    "{each.handler}",\n' for each in functions if each.trigger is Trigger.EVENT)
    schedules = (
        f'    "{each.handler}": {each.interval:_},\n' for each in functions if each.trigger is Trigger.SCHEDULE
    )
    return (
        f"{HEADER}\nEVENT_HANDLERS = (\n{''.join(events)})\n"
        f"# Seconds between two runs.\nSCHEDULES = {{\n{''.join(schedules)}}}\n"
    )


def configuration(config: dict[str, Any], functions: Sequence[Function]) -> str:
    """Return `.chalice/config.json` with a policy for each function; what else it says of a function stays."""
    known = config["lambda_functions"]
    names = [each.handler or API for each in functions]
    entries = {name: {"iam_policy_file": f"policy-{name}.json", **known.get(name, {})} for name in names}
    in_order = [*(name for name in known if name in entries), *(name for name in names if name not in known)]
    return json.dumps(config | {"lambda_functions": {name: entries[name] for name in in_order}}, indent=2) + "\n"
