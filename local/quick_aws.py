"""AWS's stand-ins as they are, but that what they would find out at each call they find out once."""

import json
import os
from collections import defaultdict
from collections.abc import Iterable
from copy import copy, deepcopy
from functools import cache
from importlib import resources
from threading import RLock
from typing import Any
from uuid import uuid4

import botocore.session
import jsonpath_ng.ext
from botocore.hooks import EventAliaser
from moto import backends
from moto.core import models, responses, utils
from moto.core.serialize import XFormedAttributePicker as Picker
from moto.utilities import utils as files

_alias_of = getattr(EventAliaser, "_alias_event_name")  # noqa: B009 - its stubs do not know it
_aliases: dict[str, str] = {}
_keys_of = Picker.get_possible_keys
_known: dict[tuple[Any, ...], Iterable[str]] = {}
_load = files.load_resource
# What machines there are to be had, and where: parsed whenever something asks for a network.
_MACHINES = "ec2/resources/instance_type"


@cache
def quicken() -> None:
    """Let them remember; nor need moto know what machines there are, or hear what `requests` sends, as nothing does.

    Call it before the first of moto's services is asked for.
    """
    vars(files).update(load_resource=_load_resource)
    os.environ["MOTO_AMIS_PATH"] = str(resources.files("local") / "no_images.json")
    for module in (botocore.session, utils):
        _share(module, "create_loader")  # for each session it parses what a service looks like, and lists all there are
    services = tuple(backends.list_of_moto_modules())
    vars(backends).update(list_of_moto_modules=lambda: services)
    _share(responses, "method_names_from_class")
    _share(jsonpath_ng.ext, "parse")  # it makes a grammar of its own for each path in an event
    vars(models).update(RESPONSES_METHODS=())
    setattr(EventAliaser, "_alias_event_name", _alias_event_name)  # noqa: B010 - mypy knows that methods stay
    setattr(Picker, "get_possible_keys", _get_possible_keys)  # noqa: B010 - the same
    _copy_tables_on_write()
    _take_calls_one_after_the_other()
    _read_patterns_that_are_objects()
    _replay_to_the_rules_that_are_named()


def _share(module: Any, name: str) -> None:
    setattr(module, name, cache(getattr(module, name)))


def _load_resource(name: str) -> Any:
    return {} if name.startswith(_MACHINES) else _load(name)


def _copy_tables_on_write() -> None:
    """Let copies of a table share its items, and an item be copied before it is updated.

    For each write of a transaction moto copies all that is in the table, in case that the transaction fails.
    """
    from moto.dynamodb.models import DynamoDBBackend  # noqa: PLC0415 - one of moto's services
    from moto.dynamodb.models.table import Table  # noqa: PLC0415 - the same

    update = DynamoDBBackend.update_item

    def copy_of(table: Table, _: Any) -> Table:
        made = copy(table)
        made.items = defaultdict(dict, {key: copy(items) for key, items in table.items.items()})
        return made

    def update_item(backend: DynamoDBBackend, name: str, key: dict[str, Any], *rest: Any, **named: Any) -> Any:
        table = backend.get_table(name)
        if key.keys() == set(table.table_key_attrs):
            hash_key, range_key = backend.get_keys_value(table, key)
            items, own = (table.items, hash_key) if range_key is None else (table.items[hash_key], range_key)
            if own in items:
                items[own] = deepcopy(items[own])
        return update(backend, name, key, *rest, **named)

    setattr(Table, "__deepcopy__", copy_of)  # noqa: B010 - mypy knows that methods stay
    setattr(DynamoDBBackend, "update_item", update_item)  # noqa: B010 - the same


def _take_calls_one_after_the_other() -> None:
    """Let the table take one call at a time: moto reads and writes back, and would lose what is written meanwhile."""
    from moto.dynamodb.responses import DynamoHandler  # noqa: PLC0415 - one of moto's services

    call, lock = DynamoHandler.call_action, RLock()

    def call_action(handler: DynamoHandler) -> Any:
        with lock:
            return call(handler)

    setattr(DynamoHandler, "call_action", call_action)  # noqa: B010 - mypy knows that methods stay


def _read_patterns_that_are_objects() -> None:
    """Let an archive take the pattern that a template gives as an object, as CloudFormation does and moto does not."""
    from moto.events.models import EventsBackend  # noqa: PLC0415 - one of moto's services

    create = EventsBackend.create_archive

    def create_archive(backend: EventsBackend, *given: Any) -> Any:
        return create(backend, *(json.dumps(each) if isinstance(each, dict) else each for each in given))

    setattr(EventsBackend, "create_archive", create_archive)  # noqa: B010 - mypy knows that methods stay


def _replay_to_the_rules_that_are_named() -> None:
    """Let a replay send the events of its time, and to the rules that it names, as their targets want them."""
    from moto.events.models import Archive, Replay, ReplayState, events_backends  # noqa: PLC0415 - one of moto's services

    def replay_events(replay: Replay, archive: Archive) -> None:
        backend = events_backends[replay.account_id][replay.region]
        bus = backend.describe_event_bus(replay.destination["Arn"].rpartition("/")[2])
        named = replay.destination.get("FilterArns") or ()
        rules = [each for each in bus.rules.values() if each.arn in named or not (named or each.managed_by)]
        start, end = float(replay.event_start_time), float(replay.event_end_time or 0)
        for event in archive.events:
            if start <= float(event["time"]) < end:
                for rule in rules:
                    rule.send_to_targets({**event, "id": str(uuid4()), "replay-name": replay.name})
        replay.state = ReplayState.COMPLETED

    setattr(Replay, "replay_events", replay_events)  # noqa: B010 - mypy knows that methods stay


def _alias_event_name(aliaser: EventAliaser, name: str) -> str:
    """Return what botocore calls an event today, whose names it would look up for each session and client."""
    if name not in _aliases:
        _aliases[name] = _alias_of(aliaser, name)
    return _aliases[name]


def _get_possible_keys(picker: Picker, context: Any) -> Iterable[str]:
    """Return the names under which an object may hold what a shape asks for: the same for all objects of a type."""
    about = (context.shape, context.key, type(context.obj))
    if about not in _known:
        _known[about] = tuple(dict.fromkeys(_keys_of(picker, context)))
    return _known[about]
