"""The index of sources, and its tables in docs/sources.md, written from what each module of a source declares."""

import importlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from chalicelib.domain.events.event import Severity
from chalicelib.domain.events.lifecycle import Lifecycle
from chalicelib.sources.declared import DeclaredSource, Grading
from chalicelib.sources.registry import CUSTOM_PREFIX, Source
from chalicelib.sources.schema import Declaration

PACKAGE = "chalicelib.sources"
HEADER = '"""The index of sources, written by `make generate` from what their modules declare: not to be edited."""\n'
SOURCES_HEAD = "| Kind | Source | Detail type | What it is |\n| --- | --- | --- | --- |\n"
IDENTITY_HEAD = "| Kind | Identity | Occurrence | Account, region, time |\n| --- | --- | --- | --- |\n"

CATALOGUE_HEAD = (
    "| Kind | Group | Source and detail types | What it is | Severity | Lifecycle | Ends with |\n"
    "| --- | --- | --- | --- | --- | --- | --- |\n"
)
CONTENT = "account, region, source, detail type, time, resources, detail"

type Catalogue = Mapping[str, DeclaredSource]
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


def index(known: Declared, catalogue: Catalogue) -> str:
    """Return the source of `chalicelib/sources/index.py`."""
    declared = [
        Source(each.source, detail_type, kind)
        for kind, each in sorted(catalogue.items())
        for detail_type in each.detail_types
    ]
    lines = (
        *_assignment("SENT", map(_row, (*sources_of(known, sent_by_hub=False), *declared))),
        *_assignment("OWN", map(_row, sources_of(known, sent_by_hub=True))),
        *_assignment("ENDLESS", [*_names(known, lambda each: each.endless), *_endless(catalogue)]),
        *_assignment("DECLARED", (f'"{kind}"' for kind in sorted(catalogue))),
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


def catalogue_table(catalogue: Catalogue) -> str:
    """Return the table of declared kinds as Markdown, group by group."""
    in_groups = sorted(catalogue.values(), key=lambda each: (each.group, each.kind))
    return CATALOGUE_HEAD + "".join(f"{_catalogue_row(each)}\n" for each in in_groups)


def identity_table(known: Declared, catalogue: Catalogue) -> str:
    """Return the table of what makes two events the same, as Markdown."""
    rows = {name: (each.identity, each.occurrence, each.origin) for name, each in known.items()}
    for kind, each in catalogue.items():
        identity = f"account, {'' if each.everywhere else 'region, '}{_places(each.identity)}"
        rows[kind] = (identity, _places(each.occurrence) or CONTENT, _origin(each))
    return IDENTITY_HEAD + "".join(f"| `{kind}` | {' | '.join(rows[kind])} |\n" for kind in sorted(rows))


def _catalogue_row(source: DeclaredSource) -> str:
    ends = ", ".join(f"`{each}`" for each in source.ends) or ("noted only" if source.notice else "quiet")
    is_always = source.ends_always or source.forward_all or source.source.startswith(CUSTOM_PREFIX)
    cells = (
        f"`{source.kind}`",
        f"{source.group}, `all` only" if source.quiet else source.group,
        f"`{source.source}`: {'<br>'.join(source.detail_types)}",
        source.about,
        ", ".join(_severities(source.severity)),
        ", ".join(_lifecycles(source)),
        f"{ends} (`all` only)" if source.ends and not is_always else ends,
    )
    return f"| {' | '.join(cells)} |"


def _severities(grading: Grading) -> list[str]:
    """Return the severities that a problem of a source may have, the worst first."""
    graded = {*grading.values.values(), *(name for _, name in (*grading.at_least, *grading.at_most))}
    names = graded if graded and grading.default == Severity.UNKNOWN.name else {*graded, grading.default}
    return sorted(names, key=lambda name: -Severity[name])


def _lifecycles(source: DeclaredSource) -> list[Lifecycle]:
    named = {source.lifecycle_of(each) for each in source.detail_types}
    return sorted({*named, Lifecycle.RECHECKED} if source.rechecked else named)


def _places(places: Iterable[str]) -> str:
    return ", ".join(f"`{each}`".replace(" | ", "` or `") for each in places)


def _origin(source: DeclaredSource) -> str:
    given = (source.account, source.region, source.at)
    return ", ".join(_places([each]) if each else "envelope" for each in given) if any(given) else "envelope"


def _endless(catalogue: Catalogue) -> list[str]:
    """Return the declared kinds that are seen again and again, and whose ends an agent need not forward."""
    return [
        f'"{kind}"'
        for kind, each in sorted(catalogue.items())
        if Lifecycle.RECURRING in _lifecycles(each)
        and not (each.ends and (each.ends_always or each.forward_all or each.quiet))
    ]


def _assignment(name: str, items: Iterable[str]) -> list[str]:
    """Return a tuple's lines as the formatter would have them, which keeps a tuple of one on one line."""
    match list(items):
        case []:
            return [f"{name} = ()"]
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
