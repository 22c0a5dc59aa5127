"""Jinja2 as functions have it: where templates are compiled, it reads none, and imports nothing that could."""

import subprocess
import sys
from pathlib import Path

import chalicelib
from chalicelib.gateways.slack.templates import Templates
from chalicelib.gateways.templates import COMPILED, READING

RENDERING = f"""
import sys
from chalicelib.gateways.slack.templates import Templates
print(Templates().render("unknown", {{"event": {{"title": "Too many"}}, "detail": {{"n": 7}}}}).sections)
print([name for name in {READING!r} if f"jinja2.{{name}}" in sys.modules])
"""


def test_compiled_templates_are_rendered_without_what_reads_templates(tmp_path: Path) -> None:
    (tmp_path / "chalicelib").symlink_to(Path(chalicelib.__file__).parent)
    Templates().compile(tmp_path / "templates" / COMPILED)

    command = [sys.executable, "-c", RENDERING]
    sections, reading = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout.splitlines()

    assert '"n": 7' in sections
    assert reading == "[]"
