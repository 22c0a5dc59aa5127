"""botocore without what no function uses of it: a twelfth of a cold start.

That is what writes the documentation of its clients' methods, and what urllib3 would ask of installed packages where it
spoke HTTP/2. Elsewhere than in Lambda, and where AWS's own botocore wants more of it than it does today, all of it is
imported.
"""

import os
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

from chalicelib.lambda_runtime import StandIn, replaced

SESSION, DOCS, TEXTS, PACKAGES = "botocore.session", "botocore.docs", "botocore.docs.docstring", "importlib.metadata"


def load() -> None:
    """Import botocore the quick way."""
    try:
        with replaced({DOCS: _documentation(), TEXTS: StandIn(TEXTS), PACKAGES: StandIn(PACKAGES)}):
            import_module(SESSION)
    except (ImportError, AttributeError, TypeError):
        for name in [each for each in sys.modules if each.partition(".")[0] == "botocore"]:
            del sys.modules[name]


def _documentation() -> ModuleType:
    package = ModuleType(DOCS)
    # A few of its modules are needed all the same, and found there.
    package.__path__ = [str(Path(str(import_module("botocore").__file__)).parent / "docs")]
    return package


if "_HANDLER" in os.environ and DOCS not in sys.modules:
    load()
