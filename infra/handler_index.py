"""The index of handlers, written from app.py: where their policies are, and which of them are checked."""

import json
from collections.abc import Sequence
from typing import Any

from infra.functions import Function, Trigger

HEADER = '"""The handlers of app.py that nobody waits for, written by `make generate`: not to be edited."""\n'
API = "api_handler"
RULE_NAMES = '''

def rule_names(function: str, count: int) -> tuple[str, ...]:
    """Return what the rules of a function are called: as `chalice deploy` does, and with a number behind it."""
    return (f"{function}-event", *(f"{function}-event-{number}" for number in range(2, count + 1)))


def rules_of(stage: str, handler: str) -> tuple[str, ...]:
    """Return what the rules of a handler are called in a stage."""
    return rule_names(f"monitoring-{stage}-{handler}", RULES.get(handler, 1))
'''
# The statement of the policy of `check_agents` that names every handler which nobody waits for.
CHECK = "CheckFailureDestinations"
ARN = "arn:${AWS::Partition}:%s:${AWS::Region}:${AWS::AccountId}:%s"


def index(functions: Sequence[Function]) -> str:
    """Return the source of `chalicelib/handlers.py`."""
    events = (f'    "{each.handler}",\n' for each in functions if each.trigger is Trigger.EVENT)
    schedules = (
        f'    "{each.handler}": {each.interval:_},\n' for each in functions if each.trigger is Trigger.SCHEDULE
    )
    rules = (f'    "{each.handler}": {each.rules},\n' for each in functions if each.rules > 1)
    return (
        f"{HEADER}\nEVENT_HANDLERS = (\n{''.join(events)})\n"
        f"# Seconds between two runs.\nSCHEDULES = {{\n{''.join(schedules)}}}\n"
        f"# How many rules invoke a handler, where it is more than one.\nRULES = {{\n{''.join(rules)}}}\n{RULE_NAMES}"
    )


def configuration(config: dict[str, Any], functions: Sequence[Function]) -> str:
    """Return `.chalice/config.json` with a policy for each function; what else it says of a function stays."""
    known = config["lambda_functions"]
    names = [each.handler or API for each in functions]
    entries = {name: {"iam_policy_file": f"policy-{name}.json", **known.get(name, {})} for name in names}
    in_order = [*(name for name in known if name in entries), *(name for name in names if name not in known)]
    return json.dumps(config | {"lambda_functions": {name: entries[name] for name in in_order}}, indent=2) + "\n"


def check_policy(policy: dict[str, Any], functions: Sequence[Function]) -> str:
    """Return the policy of `check_agents`, which may see where each handler's failed events go."""
    checked = [each for each in functions if each.is_asynchronous]
    rules = (ARN % ("events", f"rule/{name}") for each in checked for name in each.rule_names("${Stage}"))
    names = (ARN % ("lambda", f"function:{each.name('${Stage}')}") for each in checked)
    resources = [{"Fn::Sub": arn} for arn in (*rules, *names)]
    statements = [each | {"Resource": resources} if each["Sid"] == CHECK else each for each in policy["Statement"]]
    return json.dumps(policy | {"Statement": statements}, indent=2) + "\n"
