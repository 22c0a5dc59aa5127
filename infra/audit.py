"""Audit: asks whether anything that ships has a known vulnerability; exits 1 where it has.

`python -m infra.audit`
"""

import json
import subprocess
import sys
from typing import Any

from infra.argument_types import refuse_arguments
from infra.locked import LOCK

# Seconds that the service may take for each distribution.
PATIENCE = "15"
COMMAND = ("-m", "pip_audit", "--require-hashes", "--disable-pip", "--progress-spinner", "off", "--format", "json")
NOT_REACHED = "Not audited: the service that knows of vulnerabilities cannot be reached from here."
CLEAN = "No known vulnerability in what ships."


def audit() -> list[dict[str, Any]] | None:
    """Return what is known of each distribution in the lock; None where nothing could be learnt."""
    command = [sys.executable, *COMMAND, "--timeout", PATIENCE, "-r", LOCK]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - nothing foreign in it
    try:
        dependencies: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return None
    return dependencies


def report(dependencies: list[dict[str, Any]] | None) -> tuple[int, list[str]]:
    """Return the exit code, and what to say: of each vulnerability a line, and one of what nobody knows."""
    unknown = [each["name"] for each in dependencies or [] if "skip_reason" in each]
    if dependencies is None or len(unknown) == len(dependencies):
        return 0, [NOT_REACHED]
    found = [_line(each, vulnerability) for each in dependencies for vulnerability in each.get("vulns", ())]
    missing = [f"Not audited, as the service does not know them: {', '.join(unknown)}."] if unknown else []
    return (1 if found else 0), [*(found or [CLEAN]), *missing]


def _line(dependency: dict[str, Any], vulnerability: dict[str, Any]) -> str:
    fixed = ", ".join(vulnerability["fix_versions"]) or "no version yet"
    return f"{dependency['name']} {dependency['version']}: {vulnerability['id']}, fixed in {fixed}"


def main() -> int:
    """Audit, and print what there is to say."""
    code, lines = report(audit())
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return code


if __name__ == "__main__":
    refuse_arguments("infra.audit", __doc__)
    sys.exit(main())
