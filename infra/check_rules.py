"""Check the generated rules by an engine that is not ours: `make check-rules`.

Each sample, and each with another value where a rule looks, is matched against each forwarding rule of an agent and
each rule of the hub, by `infra/event_pattern.py` and by LocalStack's engine. What they decide otherwise, and a sample
that is forwarded although nobody has to hear of it or is not although somebody has, is a line; the exit code is then 1.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from infra import catalogue, generate, source_index
from infra.argument_types import existing_file
from infra.event_files import events_in
from infra.event_pattern import matches
from infra.rules import forwardings, hub_patterns

ENGINE = Path(__file__).with_name("rule_engine.py")
SAMPLES = Path(__file__).parent.parent / "tests" / "samples"
# `<kind>-quiet-<case>`: nobody has to hear of it.
QUIET = "-quiet-"
# What may stand where a rule looks, besides nothing at all.
OTHERS: tuple[Any, ...] = (None, "", "another value", 0, True, [], {})

type Event = dict[str, Any]


class Rule(NamedTuple):
    """A rule, by its name, and whether it is the hub's."""

    name: str
    pattern: Mapping[str, Any]
    is_hubs: bool


class Case(NamedTuple):
    """An event, what it is called, and whether it is as somebody has recorded or written it."""

    name: str
    event: Event
    is_sample: bool


def rules() -> list[Rule]:
    """Return all rules as they are generated, those of agents with every group on."""
    known = source_index.declared(generate.SOURCES)
    declared = catalogue.catalogue(known)
    agents = [Rule(f"agent's {each.name}", each.pattern, is_hubs=False) for each in forwardings(known, declared)]
    hubs = enumerate(hub_patterns(known, declared), 1)
    return [*agents, *(Rule(f"hub's {number}", pattern, is_hubs=True) for number, pattern in hubs)]


def cases(files: Iterable[Path], watched: frozenset[str]) -> Iterator[Case]:
    """Iterate over the events of files, each followed by itself with other values where rules look."""
    for path in files:
        for event in events_in(path):
            yield Case(path.stem, event, is_sample=True)
            for place, changed in _changed(event, watched):
                yield Case(f"{path.stem} with another {place}", changed, is_sample=False)


def keys_of(pattern: Any) -> Iterator[str]:
    """Iterate over the keys at which a pattern looks."""
    if isinstance(pattern, Mapping):
        for key, below in pattern.items():
            yield key
            yield from keys_of(below)
    elif isinstance(pattern, list):
        for each in pattern:
            yield from keys_of(each)


def _changed(value: Event, watched: frozenset[str]) -> Iterator[tuple[str, Event]]:
    for key, below in value.items():
        if key not in watched:
            continue
        yield key, {name: each for name, each in value.items() if name != key}
        yield from ((key, {**value, key: other}) for other in OTHERS)
        if isinstance(below, dict):
            yield from ((f"{key}.{place}", {**value, key: other}) for place, other in _changed(below, watched))


def decisions(checked: Sequence[Rule], events: Sequence[Event], engine: Sequence[str]) -> list[list[bool]]:
    """Return for each event whether each rule matches it, as the other engine decides."""
    given = json.dumps({"patterns": [each.pattern for each in checked], "events": events})
    command = [*engine, str(ENGINE)]
    done = subprocess.run(command, input=given, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603 - ours
    return [list(each) for each in json.loads(done.stdout)]


def differences(checked: Sequence[Rule], tried: Sequence[Case], decided: Sequence[Sequence[bool]]) -> Iterator[str]:
    """Say where the two engines differ, and which samples are not forwarded as they should be."""
    for case, theirs in zip(tried, decided, strict=True):
        for rule, matched in zip(checked, theirs, strict=True):
            if matches(rule.pattern, case.event) is not matched:
                yield f"{case.name}: {rule.name} rule matches only by {'their' if matched else 'our'} engine"
        forwarded = sum(matched for rule, matched in zip(checked, theirs, strict=True) if not rule.is_hubs)
        taken = sum(matched for rule, matched in zip(checked, theirs, strict=True) if rule.is_hubs)
        if case.is_sample and (forwarded != taken or taken > (QUIET not in case.name)):
            yield f"{case.name}: {forwarded} rules of an agent and {taken} of the hub match"


def main(arguments: Sequence[str] | None = None) -> int:
    """Check all rules by the Python that is named, in whose environment the engine is, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m infra.check_rules", description=__doc__.splitlines()[0])
    parser.add_argument("python", type=existing_file, help="in whose environment the engine is")
    engine = [str(parser.parse_args(arguments).python)]
    checked = rules()
    watched = frozenset(key for each in checked for key in keys_of(each.pattern))
    tried = list(cases(sorted(SAMPLES.glob("*.json")), watched))
    found = list(differences(checked, tried, decisions(checked, [each.event for each in tried], engine)))
    sys.stdout.writelines(f"{each}\n" for each in found)
    samples = sum(each.is_sample for each in tried)
    sys.stdout.write(
        f"{len(checked)} rules, {samples} samples and {len(tried) - samples:,} events like them: "
        f"{len(checked) * len(tried):,} pairs, {len(found)} differences\n"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
