"""The index of sources, and its tables in docs/sources.md, written from what each module of a source declares."""

import importlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from chalicelib.sources.registry import Source
from chalicelib.sources.schema import Declaration

PACKAGE = "chalicelib.sources"
HEADER = '"""The index of sources, written by `make generate` from what their modules declare: not to be edited."""\n'
SOURCES_HEAD = "| Kind | Source | Detail type | What it is |\n| --- | --- | --- | --- |\n"
IDENTITY_HEAD = "| Kind | Identity | Occurrence | Account, region, time |\n| --- | --- | --- | --- |\n"

type Declared = Mapping[str, Declaration]


def declared(folder: Path) -> Declared:
    """Return what the modules in a folder of sources declare, by the module's name; the others are none."""
    names = sorted(path.stem for path in folder.glob("*.py"))
    modules = {name: importlib.import_module(f"{PACKAGE}.{name}") for name in names if name != "__init__"}
    return {name: module.SOURCE for name, module in modules.items() if hasattr(module, "SOURCE")}


def sources_of(known: Declared, *, sent_by_hub: bool) -> tuple[Source, ...]:
    """Return the sources that come over EventBridge, or those that the hub makes itself."""
    return tuple(
        Source(each.source, detail_type, module)
        for module, each in known.items()
        if each.sent_by_hub == sent_by_hub
        for detail_type in each.all_types
    )


def index(known: Declared) -> str:
    """Return the source of `chalicelib/sources/index.py`."""
    lines = (
        *_assignment("SENT", map(_row, sources_of(known, sent_by_hub=False))),
        *_assignment("OWN", map(_row, sources_of(known, sent_by_hub=True))),
        *_assignment("ENDLESS", _names(known, lambda each: each.endless)),
        *_assignment("WIDESPREAD", _names(known, lambda each: each.widespread)),
        *_deploys(known),
    )
    return HEADER + "\n" + "".join(f"{line}\n" for line in lines)


def sources_table(known: Declared) -> str:
    """Return the table of sources as Markdown: what a module is about, the first line of its docstring says."""
    rows = (
        f"| `{each.module}` | `{each.source}` | {each.detail_type} | {_about(each.module)} |\n"
        for sent_by_hub in (False, True)
        for each in sources_of(known, sent_by_hub=sent_by_hub)
    )
    return SOURCES_HEAD + "".join(rows)


def identity_table(known: Declared) -> str:
    """Return the table of what makes two events the same, as Markdown."""
    rows = (f"| `{name}` | {each.identity} | {each.occurrence} | {each.origin} |\n" for name, each in known.items())
    return IDENTITY_HEAD + "".join(rows)


def _assignment(name: str, items: Iterable[str]) -> list[str]:
    """Return a tuple's lines as the formatter would have them, which keeps a tuple of one on one line."""
    match list(items):
        case [one]:
            return [f"{name} = ({one},)"]
        case many:
            return [f"{name} = (", *(f"    {each}," for each in many), ")"]


def _deploys(known: Declared) -> Iterator[str]:
    """Iterate over the lines of what is deployed, in the words of each kind, as the formatter would have them."""
    yield "DEPLOYS = {"
    for name, each in known.items():
        if each.deploys:
            yield f'    "{name}": ('
            yield f'        "{each.deploys.what}",'
            for words in (each.deploys.done, each.deploys.in_progress):
                stated = [f'            "{state}": "{operation}",' for state, operation in words.items()]
                yield from ("        {", *stated, "        },") if stated else ("        {},",)
            yield "    ),"
    yield "}"


def _row(source: Source) -> str:
    return "(" + ", ".join(f'"{each}"' for each in source) + ")"


def _names(known: Declared, has: Callable[[Declaration], bool]) -> list[str]:
    return [f'"{name}"' for name, each in known.items() if has(each)]


def _about(module: str) -> str:
    """Return the first line of a module's docstring without its heading and its full stop."""
    docstring = importlib.import_module(f"{PACKAGE}.{module}").__doc__ or ""
    return docstring.split("\n")[0].partition(": ")[2].rstrip(".")
