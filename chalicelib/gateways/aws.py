"""AWS: a session whose clients are made quickly; credentials, region and endpoints are botocore's own business.

boto3 wraps such a session. The hub has no use for what it adds (resources, transfers), but each cold start would pay
for its import.
"""

import os
from pathlib import Path
from typing import override

from botocore.config import Config
from botocore.loaders import Loader
from botocore.session import Session, get_session

# A client gives up within seconds, and tries a few times before it does.
CONFIG = Config(connect_timeout=3, read_timeout=15, retries={"mode": "standard", "max_attempts": 4})
# For whoever has other things to do in the meantime than to wait and try again.
ONCE = Config(connect_timeout=3, read_timeout=15, retries={"mode": "standard", "total_max_attempts": 1})


class QuickLoader(Loader):
    """Finds the descriptions of services without looking into the folder of every service that there is."""

    @override
    def list_available_services(self, type_name: str) -> list[str]:
        """List what has a folder: whether it has a description of that type is seen when it is loaded."""
        return [name for path in self.search_paths if Path(path).is_dir() for name in os.listdir(path)]  # noqa: PTH208 - many names, and no need of their paths


def session() -> Session:
    """Return a session; one for all clients, as each reads descriptions of its own."""
    made = get_session()
    made.register_component("data_loader", QuickLoader())
    return made
