"""Functions read compiled files, without pydantic, and files as they are where nobody has compiled them."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given

from chalicelib.config import routes, scan
from chalicelib.config.compiled import Defaults, load, routes_file
from chalicelib.config.compiled_scan import SERVICES, scan_file
from chalicelib.domain.events.event import Severity
from chalicelib.domain.routing.receivers import Receiver
from infra.precompile import compile_configuration
from tests.config import test_routes, test_scan
from tests.examples import examples
from tests.services.test_properties import files, read

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "chalicelib" / "config"


def test_what_a_file_leaves_to_the_settings_is_that_of_each_stage() -> None:
    document = routes.compiled(test_routes.WHOLE, "routes.toml")

    quiet, loud = (routes_file(document, Defaults(each, 60)).routes for each in (Severity.CRITICAL, Severity.LOW))

    assert [each.minimum for each in quiet] == [Severity.HIGH, Severity.CRITICAL, Severity.CRITICAL]
    assert [each.minimum for each in loud] == [Severity.HIGH, Severity.LOW, Severity.LOW]
    assert [each.repeat_interval for each in loud] == [5_400, 60, 60]


def test_the_type_of_a_receiver_is_a_webhook_of_slack_unless_the_file_says_otherwise() -> None:
    text = 'default.receivers = "a"\nreceivers.a = { type = "slack_webhook" }'
    file = routes.read(text, "r", Defaults(Severity.LOW, 60))

    assert file.known_receivers == {"a": Receiver(type="slack_webhook")}
    assert file.receiver("b").type == "slack_webhook"


def test_expressions_are_compiled_as_they_were_checked() -> None:
    (rule,) = scan_file(scan.compiled(test_scan.a_rule(r"lost \w+$"), "scan.toml")).errors

    assert rule.match.search("all LOST now")
    assert not rule.match.search("lost \N{LATIN SMALL LETTER E WITH ACUTE}")


@examples(0.3)
@given(files())
def test_the_same_text_is_compiled_to_the_same_bytes(text: str) -> None:
    read(text)
    assert routes.compiled(text, "routes.toml") == routes.compiled(text, "routes.toml")


def test_a_compiled_file_is_what_its_text_says(tmp_path: Path) -> None:
    config = tmp_path / "chalicelib" / "config"
    config.mkdir(parents=True)
    for name, text in (("routes", test_routes.WHOLE), ("scan", test_scan.WHOLE)):
        (config / f"{name}.toml").write_text(text)
    before = [load(config / f"{name}.toml") for name in ("routes", "scan")]

    compile_configuration(tmp_path)
    for path in config.glob("*.toml"):
        path.write_text("read no more")

    assert [load(config / f"{name}.toml") for name in ("routes", "scan")] == before


@pytest.mark.parametrize(("is_compiled", "imported"), [(True, "set()"), (False, "{'pydantic'}")])
def test_pydantic_is_imported_only_where_nobody_has_compiled(tmp_path: Path, is_compiled: bool, imported: str) -> None:
    config = tmp_path / "chalicelib" / "config"
    config.mkdir(parents=True)
    for name in ("routes", "scan"):
        (config / f"{name}.toml").write_bytes((CONFIG / f"{name}.toml").read_bytes())
    if is_compiled:
        compile_configuration(tmp_path)
    script = (
        "import sys; from pathlib import Path; from chalicelib.config import compiled; "
        f"[compiled.load(Path({str(config)!r}) / f'{{name}}.toml') for name in ('routes', 'scan')]; "
        "print({'pydantic'} & set(sys.modules))"
    )

    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == imported


def test_the_services_are_those_that_can_be_scanned() -> None:
    assert scan.LogGroupsTable().services == SERVICES


def test_who_reads_the_routes_need_not_know_how_errors_are_found() -> None:
    script = "import sys, chalicelib.config.compiled; print({'chalicelib.domain.logs.classifier'} & set(sys.modules))"

    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"
