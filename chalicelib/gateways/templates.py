"""Jinja2 environments: their templates are compiled when packaging, or read from files where they are not.

Import this only when a text is due: Jinja2 makes a cold start slower.
"""

from contextlib import nullcontext
from pathlib import Path
from typing import Any

from chalicelib import lambda_runtime

# Beside chalicelib/ in the repository, and in the deployment package too, which unpacks vendor/ there.
ROOT = Path(__file__).parents[2] / "templates"
# Only in the package, where the templates were compiled: parsing them at each cold start would take longer.
COMPILED = "compiled"
# What Jinja2 reads templates with, and keeps what it has read: half of it, and not in the package.
READING = ("bccache", "compiler", "lexer", "parser")

_reading = [f"jinja2.{name}" for name in READING] if (ROOT / COMPILED).is_dir() else []
with lambda_runtime.without_using(*_reading) if _reading else nullcontext():
    from jinja2 import (
        ChainableUndefined,
        Environment,
        FileSystemLoader,
        ModuleLoader,
        StrictUndefined,
        TemplateNotFound,
        pass_environment,
        pass_eval_context,
    )

__all__ = [
    "COMPILED",
    "ROOT",
    "ChainableUndefined",
    "Environment",
    "StrictUndefined",
    "TemplateNotFound",
    "compile_folder",
    "options",
    "pass_environment",
    "pass_eval_context",
]


def options(root: Path) -> dict[str, Any]:
    """Return the options that all environments for templates under `root` share."""
    compiled = root / COMPILED
    return {
        "loader": ModuleLoader(compiled) if compiled.is_dir() else FileSystemLoader(root),
        "autoescape": True,
        "trim_blocks": True,
        "lstrip_blocks": True,
        "auto_reload": False,
    }


def compile_folder(environment: Environment, name: str, compiled: Path) -> None:
    """Compile each template in the folder `name` to Python in `compiled`; raises the first error."""
    environment.compile_templates(
        compiled,
        filter_func=lambda path: path.startswith(f"{name}/") and path.endswith(".j2"),
        zip=None,
        ignore_errors=False,
    )
