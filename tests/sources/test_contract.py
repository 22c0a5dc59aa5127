"""What every source owes: a module, a template, samples, and a pattern that subscribes to them."""

import inspect
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from chalicelib.sources.registry import OWN, UNKNOWN, Source, agent_stack_pattern, event_patterns
from infra import generate, source_index
from infra.event_pattern import matches
from tests.sources.samples import NAMES, QUIET, load, read

ROOT = Path(__file__).parent.parent.parent
DECLARED = source_index.declared(generate.SOURCES)


def samples_of(module: str) -> list[str]:
    return [name for name in NAMES if name.partition("-")[0] == module]


def is_taken(event: Any) -> bool:
    """Return whether a rule of the hub takes an event."""
    return any(matches(pattern, event) for pattern in event_patterns())


OWN_SAMPLES = [name for source in OWN for name in samples_of(source.module)]


@pytest.mark.parametrize("module", DECLARED)
def test_a_source_has_a_model(module: str) -> None:
    detail = DECLARED[module].detail
    assert callable(detail.read)
    assert callable(detail.summary)


def test_only_what_has_no_source_is_unknown() -> None:
    assert [name for name, each in DECLARED.items() if not each.source] == [UNKNOWN]


@pytest.mark.parametrize("path", [generate.INDEX, generate.AGENT, generate.DOCS], ids=lambda path: path.name)
def test_what_follows_from_the_sources_is_up_to_date(path: Path) -> None:
    assert path.read_text() == generate.generated()[path], "run: make generate"


@pytest.mark.parametrize("module", DECLARED)
def test_a_source_has_a_template(module: str) -> None:
    assert (ROOT / "templates" / "slack" / f"{module}.j2").is_file()


@pytest.mark.parametrize(
    "source",
    [each for sent_by_hub in (False, True) for each in source_index.sources_of(DECLARED, sent_by_hub=sent_by_hub)],
    ids=lambda source: source.detail_type,
)
def test_a_source_has_a_sample(source: Source) -> None:
    samples = map(load, samples_of(source.module))
    assert any((raw["source"], raw["detail-type"]) == (source.source, source.detail_type) for raw in samples)


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_is_understood_as_what_it_is_called(name: str) -> None:
    assert read(name).kind == name.partition("-")[0]


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_is_a_whole_envelope(name: str) -> None:
    assert set(load(name)) == {
        *("version", "id", "detail-type", "source", "account"),
        *("time", "region", "resources", "detail"),
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_second_delivery_is_the_same_event(name: str) -> None:
    assert read(name).id == read(load(name), received_at=read(name).received_at + 600).id


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("unknown")])
def test_the_envelopes_id_does_not_matter_once_the_detail_is_understood(name: str) -> None:
    assert read(name).id == read(load(name) | {"id": "00000000-0000-4000-8000-000000000000"}).id


@pytest.mark.parametrize("name", [name for name in NAMES if name not in OWN_SAMPLES])
def test_the_hub_subscribes_to_what_it_understands(name: str) -> None:
    assert is_taken(load(name)) is (name not in QUIET)


@pytest.mark.parametrize("name", OWN_SAMPLES)
def test_nobody_else_may_speak_for_the_hub(name: str) -> None:
    assert not is_taken(load(name))


@pytest.mark.parametrize("module", DECLARED)
def test_a_source_says_when_a_problem_is_over_or_is_known_not_to(module: str) -> None:
    says = "RESOLVED" in inspect.getsource(import_module(f"chalicelib.sources.{module}"))
    assert says or DECLARED[module].endless or DECLARED[module].informational


def test_the_hub_does_not_subscribe_to_what_is_far_too_much() -> None:
    resource = load("stack-update-complete") | {"detail-type": "CloudFormation Resource Status Change"}
    assert not is_taken(resource)


@pytest.mark.parametrize("name", samples_of("stack"))
def test_agents_stacks_and_no_others_are_agents_stacks(name: str) -> None:
    assert matches(agent_stack_pattern(), load(name)) == name.startswith("stack-agent")
