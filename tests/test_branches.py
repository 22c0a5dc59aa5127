"""How coverage is measured: the quick way finds what the thorough one does."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from coverage import Coverage

# Each branch one way or both, and each way that a function can end.
CODE = """\
def loop(items, wanted):
    for item in items:
        if item == wanted:
            break
        while item > 5:
            item -= 1
            if item == 6: continue
    else:
        return "none"
    return item

def never(value):
    if value:
        return 1

def one_way(value):
    assert value or not value
    if value and value != 7 or value == 9:
        found = [each for each in value if each]
    else:
        found = ()
    return {
        each: None
        for each in found
        if each
    } if found else None

def matched(value):
    match value:
        case {"a": a}:
            return a
        case [first, *_] if first:
            return first
        case None:
            pass
        case _:
            value = 1

def trying(value):
    try:
        if value:
            raise ValueError(value)
    except ValueError as error:
        if error.args == (2,):
            return 2
    finally:
        value = value or 3
    with open(__file__) as file:
        if value == 3:
            return None
        for line in file:
            yield_ = line
    if value == 11: value = 12

def yielding(count):
    while True:
        if not count:
            return
        yield count
        count -= 1

class Empty: pass
class Full:
    def method(self): return 1 if self else 0

many = lambda: any(each for each in (0, 1))
for items, wanted in (([1, 8], 8), ([7], 3), ([], 0)):
    loop(items, wanted)
one_way([0, 1])
for value in ({"a": 1}, [1], [0], 5):
    matched(value)
trying(0), trying(2), trying(1)
for each in yielding(2):
    if each > 5:
        print(each)
Full().method(), many()
"""


@pytest.fixture
def module(tmp_path: Path) -> Path:
    """Return the path of the code that is measured."""
    path = tmp_path / "measured.py"
    path.write_text(CODE)
    return path


def measured(module: Path, core: str) -> Mapping[str, Any]:
    """Return what a core of coverage.py says of the code."""
    coverage = Coverage(data_file=None, config_file=False, branch=True, include=[str(module)])
    coverage.set_option("run:core", core)
    coverage.set_option("run:plugins", ["tests.branches"])
    with coverage.collect():
        exec(compile(module.read_text(), module, "exec"), {"__file__": str(module)})
    report = module.with_suffix(f".{core}.json")
    coverage.json_report(outfile=str(report))
    (found,) = json.loads(report.read_text())["files"].values()
    return {name: found[name] for name in ("executed_lines", "missing_lines", "executed_branches", "missing_branches")}


def test_monitoring_finds_what_tracing_does(module: Path) -> None:
    traced = measured(module, "ctrace")

    assert traced["missing_branches"]
    assert measured(module, "sysmon") == traced
