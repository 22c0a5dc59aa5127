"""Configuration files in the package: found, read, and refused with one line where they are wrong."""

from pathlib import Path
from typing import TYPE_CHECKING

from chalicelib.domain.errors import Invalid, Misconfigured

if TYPE_CHECKING:
    from chalicelib.config.compiled import RoutesFile
    from chalicelib.config.compiled_scan import ScanFile
    from chalicelib.settings import HubSettings

CONFIG = Path(__file__).parents[1] / "config"
ROUTES, SCAN = CONFIG / "routes.toml", CONFIG / "scan.toml"


def routes(settings: "HubSettings") -> "RoutesFile":
    """Read the routes file; Misconfigured names each line that is wrong."""
    from chalicelib.config.compiled import Defaults, routes_file

    defaults = Defaults(settings.minimum_severity, settings.repeat_interval, settings.group_wait)
    return routes_file(_compiled(ROUTES), defaults)


def scan_file() -> "ScanFile":
    """Read the scan file; Misconfigured names each line that is wrong."""
    from chalicelib.config import compiled_scan

    return compiled_scan.scan_file(_compiled(SCAN))


def _compiled(path: Path) -> bytes:
    from chalicelib.config import compiled

    try:
        return compiled.load(path)
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{path.name} cannot be read: {error}") from None
    except Invalid as error:
        raise Misconfigured("; ".join(f"{each.field}: {each.message}" for each in error.violations)) from None
