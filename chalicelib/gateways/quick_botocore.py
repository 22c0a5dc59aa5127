"""Quick botocore: imports botocore without modules that no function uses, which saves a twelfth of a cold start.

Left out are the modules that document clients' methods, and urllib3's search for HTTP/2 packages. Outside Lambda, and
where AWS's botocore comes to need them, to be imported or to create a client, everything is imported.
"""

import logging
import os
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from chalicelib.lambda_runtime import Later, StandIn, replaced

log = logging.getLogger(__name__)

SESSION, DOCS, TEXTS, PACKAGES = "botocore.session", "botocore.docs", "botocore.docs.docstring", "importlib.metadata"

# What it needs only where credentials come from a file or a program, where a text is a time, where pages or XML are
# read, and for ways to try again and to be watched that are not the hub's.
SELDOM = (
    *("configparser", "getpass", "jmespath", "shutil", "subprocess", "dateutil.parser", "xml.etree.ElementPath"),
    *("botocore.monitoring", "botocore.retries.adaptive", "botocore.retryhandler"),
)


class Tryout:
    """A loader with a service of one operation, for a trial."""

    def load_service_model(self, *_: object, **__: object) -> dict[str, Any]:
        """Describe it."""
        metadata = {"serviceId": "Tryout", "endpointPrefix": "tryout", "protocol": "json", "apiVersion": "2026-11-27"}
        return {"metadata": metadata, "operations": {"Try": {"name": "Try"}}, "shapes": {}}


def load() -> None:
    """Import botocore the quick way, or completely where that does not work."""
    before = set(sys.modules)
    try:
        seldom = {name: Later(name) for name in SELDOM}
        # As an import of it would, which then puts itself in the place of this.
        vars(import_module("dateutil")).setdefault("parser", seldom["dateutil.parser"])
        with replaced({DOCS: _documentation(), TEXTS: StandIn(TEXTS), PACKAGES: StandIn(PACKAGES), **seldom}):
            import_module(SESSION)
        _make_a_client()
    except Exception:  # whatever it is: without botocore nothing works
        log.warning("Botocore imported whole; cold starts take longer", exc_info=True)
        for name in set(sys.modules) - before:
            if name.partition(".")[0] not in sys.stdlib_module_names:
                del sys.modules[name]


def _make_a_client() -> None:
    """Create a client with the replaced modules, as a trial; nothing is read for that."""
    hooks, client = import_module("botocore.hooks"), import_module("botocore.client")
    client.ClientCreator(Tryout(), None, None, hooks.HierarchicalEmitter(), None, None).create_client_class("tryout")


def _documentation() -> ModuleType:
    package = ModuleType(DOCS)
    # A few of its modules are needed all the same, and found there.
    package.__path__ = [str(Path(str(import_module("botocore").__file__)).parent / "docs")]
    return package


if "_HANDLER" in os.environ and DOCS not in sys.modules:
    load()
