"""Precompile: writes into an unpacked package what functions would otherwise parse at each cold start.

`python -m infra.precompile FOLDER` writes the templates as Python, and both files of a team's configuration as JSON, so
that no function needs Jinja2's parser or pydantic to read them; and copies the files of Swagger UI beside them.
"""

import argparse
from importlib import import_module
from pathlib import Path
from shutil import copy

from chalicelib.api import swagger_ui
from chalicelib.api.html_templates import Pages
from chalicelib.api.ui.templates import UiTemplates
from chalicelib.config.compiled import SUFFIX
from chalicelib.gateways.email.templates import EmailTemplates
from chalicelib.gateways.slack.templates import Templates
from chalicelib.gateways.templates import COMPILED

# `make generate` has compiled sources.toml already.
COMPILED_FILES = ("routes.toml", "scan.toml")


def compile_configuration(package: Path) -> None:
    """Write beside each file of the configuration what functions read; Invalid where one is wrong."""
    folder = package / "chalicelib" / "config"
    for path in (folder / name for name in COMPILED_FILES if (folder / name).is_file()):
        compiled = import_module(f"chalicelib.config.{path.stem}").compiled(path.read_text("utf-8"), path.name)
        path.with_suffix(SUFFIX).write_bytes(compiled)


def precompile(package: Path) -> None:
    """Compile all of it; an error in any is raised."""
    for templates in (Templates(), UiTemplates(), EmailTemplates(), Pages()):
        templates.compile(package / "templates" / COMPILED)
    (package / "templates" / swagger_ui.PACKAGED.name).mkdir()
    for name in (*swagger_ui.SHIPPED, "LICENSE"):
        copy(swagger_ui.directory() / name, package / "templates" / swagger_ui.PACKAGED.name)
    compile_configuration(package)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m infra.precompile", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where the package is put together")
    precompile(parser.parse_args().folder)
