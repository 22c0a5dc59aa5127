"""AWS clients: a session that creates clients quickly; credentials, region and endpoints are left to botocore.

boto3 wraps such a session. The hub does not use what it adds (resources, transfers), and each cold start would pay for
its import.
"""

import logging
import os
import zlib
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, override

import msgspec
from botocore.config import Config
from botocore.loaders import JSONFileLoader, Loader
from botocore.session import Session, get_session

log = logging.getLogger(__name__)

# Clients give up within seconds, after a few attempts.
CONFIG = Config(connect_timeout=3, read_timeout=15, retries={"mode": "standard", "max_attempts": 4})
# For callers that have other work to do and retry themselves.
ONCE = Config(connect_timeout=3, read_timeout=15, retries={"mode": "standard", "total_max_attempts": 1})

# For one large request that only the hub makes: AWS checks it anyway, and botocore's check takes milliseconds.
UNCHECKED = CONFIG.merge(Config(parameter_validation=False))
# For notifiers: the next drain retries, and this one must end within the receiver's lease.
SENDING = Config(connect_timeout=3, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 1})


# Tells zlib that the data is gzip.
GZIP = 16 + zlib.MAX_WBITS


class QuickFileLoader(JSONFileLoader):
    """Reads service descriptions with msgspec, in a third of the time that json takes."""

    @override
    def load_file(self, file_path: str) -> Any:
        """Load `file_path`, which has no ending, as JSON; None where there is no such file."""
        with suppress(FileNotFoundError):
            return msgspec.json.decode(Path(f"{file_path}.json").read_bytes())
        with suppress(FileNotFoundError):
            return msgspec.json.decode(zlib.decompress(Path(f"{file_path}.json.gz").read_bytes(), GZIP))
        return None


class QuickLoader(Loader):
    """Finds service and endpoint descriptions without reading about every service that exists."""

    FILE_LOADER_CLASS = QuickFileLoader

    @override
    def list_available_services(self, type_name: str) -> list[str]:
        """List the services that have a folder; whether there is a description of that type shows when it is loaded."""
        return [name for path in self.search_paths if Path(path).is_dir() for name in os.listdir(path)]  # noqa: PTH208 - many names, and no need of their paths

    @override
    def load_data_with_path(self, name: str) -> tuple[Any, str]:
        """Load a description; for `endpoints`, only what all partitions have in common, not 1.3 MB about all services.

        Clients take endpoints from their own service's rules, and need this file only to be created.
        """
        if name != "endpoints":
            return super().load_data_with_path(name)
        described, path = super().load_data_with_path("partitions")
        return {"partitions": [_partition(each) for each in described["partitions"]]}, path


def _partition(described: dict[str, Any]) -> dict[str, Any]:
    """Return one of AWS's partitions in the format of the older of botocore's two descriptions."""
    suffix, dual_stack = (described["outputs"][name] for name in ("dnsSuffix", "dualStackDnsSuffix"))
    host, fips = "{service}.{region}.{dnsSuffix}", "{service}-fips.{region}.{dnsSuffix}"
    variants = [
        {"tags": ["fips"], "hostname": fips, "dnsSuffix": suffix},
        {"tags": ["dualstack"], "hostname": host, "dnsSuffix": dual_stack},
        {"tags": ["dualstack", "fips"], "hostname": fips, "dnsSuffix": dual_stack},
    ]
    return {
        "partition": described["id"],
        "dnsSuffix": suffix,
        "regionRegex": described["regionRegex"],
        "regions": described["regions"],
        "defaults": {"hostname": host, "protocols": ["https"], "signatureVersions": ["v4"], "variants": variants},
        "services": {},
    }


@cache
def loader() -> Loader:
    """Return a loader; botocore's own if the quick one does not work with this version of botocore."""
    quick = QuickLoader()
    try:
        quick.load_data("endpoints")
    except Exception:  # whatever it is: without botocore's own descriptions nothing works
        log.warning("Botocore's files not read quickly; cold starts take longer", exc_info=True)
        return Loader()
    return quick


def session() -> Session:
    """Return a new session; all of them share the loader, so each description is read once."""
    made = get_session()
    made.register_component("data_loader", loader())
    return made


def accepts(client: Any, operation: str, parameter: str) -> bool:
    """Return whether a client knows a parameter: Lambda's botocore may be older than that."""
    return parameter in client.meta.service_model.operation_model(operation).input_shape.members
