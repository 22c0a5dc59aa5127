"""AWS: a session whose clients are made quickly; credentials, region and endpoints are botocore's own business.

boto3 wraps such a session. The hub has no use for what it adds (resources, transfers), but each cold start would pay
for its import.
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

# A client gives up within seconds, and tries a few times before it does.
CONFIG = Config(connect_timeout=3, read_timeout=15, retries={"mode": "standard", "max_attempts": 4})
# For whoever has other things to do in the meantime than to wait and try again.
ONCE = Config(connect_timeout=3, read_timeout=15, retries={"mode": "standard", "total_max_attempts": 1})

# For one large request that the hub alone makes: AWS checks it anyway, and botocore would take milliseconds.
UNCHECKED = CONFIG.merge(Config(parameter_validation=False))
# For whoever sends a message: the next drain tries again, and this one must end within the receiver's lease.
SENDING = Config(connect_timeout=3, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 1})


# That a stream is one of gzip, to zlib.
GZIP = 16 + zlib.MAX_WBITS


class QuickFileLoader(JSONFileLoader):
    """Reads a description with msgspec, which takes a third of the time that json takes to order what is ordered."""

    @override
    def load_file(self, file_path: str) -> Any:
        """Load `file_path`, which has no ending, as JSON; None where there is no such file."""
        with suppress(FileNotFoundError):
            return msgspec.json.decode(Path(f"{file_path}.json").read_bytes())
        with suppress(FileNotFoundError):
            return msgspec.json.decode(zlib.decompress(Path(f"{file_path}.json.gz").read_bytes(), GZIP))
        return None


class QuickLoader(Loader):
    """Finds the descriptions of services, and of where they are, without reading about every service that there is."""

    FILE_LOADER_CLASS = QuickFileLoader

    @override
    def list_available_services(self, type_name: str) -> list[str]:
        """List what has a folder: whether it has a description of that type is seen when it is loaded."""
        return [name for path in self.search_paths if Path(path).is_dir() for name in os.listdir(path)]  # noqa: PTH208 - many names, and no need of their paths

    @override
    def load_data_with_path(self, name: str) -> tuple[Any, str]:
        """Load a description; instead of 1.3 MB about the endpoints of all services, what all endpoints have in common.

        A client asks its own service's rules where to send a request, and needs this only to be made.
        """
        if name != "endpoints":
            return super().load_data_with_path(name)
        described, path = super().load_data_with_path("partitions")
        return {"partitions": [_partition(each) for each in described["partitions"]]}, path


def _partition(described: dict[str, Any]) -> dict[str, Any]:
    """Return one of AWS's partitions as the older of botocore's two descriptions would have it."""
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
    """Return a loader that has loaded what each client needs of it, in a way that this botocore still takes."""
    quick = QuickLoader()
    try:
        quick.load_data("endpoints")
    except Exception:  # whatever it is: without botocore's own descriptions nothing works
        log.warning("Botocore's files not read quickly; cold starts take longer", exc_info=True)
        return Loader()
    return quick


def session() -> Session:
    """Return a session; all of them read a description once."""
    made = get_session()
    made.register_component("data_loader", loader())
    return made


def accepts(client: Any, operation: str, parameter: str) -> bool:
    """Return whether a client knows a parameter: Lambda's botocore may be older than the service's newest ones."""
    return parameter in client.meta.service_model.operation_model(operation).input_shape.members
