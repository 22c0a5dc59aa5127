"""What ships is pinned with all that it needs, and docs/package.md says under which licences."""

import re
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
PINNED = dict(re.findall(r"^([\w-]+)==([\w.]+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE))
# How metadata of older kinds calls a licence, and its SPDX identifier.
SPDX = {"Apache License 2.0": "Apache-2.0", "BSD License": "BSD-3-Clause"}


def licence_of(name: str) -> str:
    """Return the SPDX identifier of a distribution's licence."""
    about = metadata.metadata(name)
    kinds = [each.rpartition(" :: ")[2] for each in about.get_all("Classifier") or [] if each.startswith("License")]
    stated = about.get("License-Expression") or about.get("License") or kinds[0]
    return SPDX.get(stated, stated)


def test_all_that_a_pinned_distribution_needs_is_pinned_too() -> None:
    for name in PINNED:
        needs = [Requirement(each) for each in metadata.requires(name) or []]
        needed = {each.name.lower() for each in needs if each.marker is None or each.marker.evaluate({"extra": ""})}
        assert {each.replace("_", "-") for each in needed} <= PINNED.keys(), name


def test_the_page_lists_every_licence_and_no_other() -> None:
    page = (ROOT / "docs" / "package.md").read_text(encoding="utf-8")
    table = page.partition("| distribution | licence |")[2].partition("\n\n")[0]

    listed = re.findall(r"\| ([\w-]+) \| ([\w.-]+) \|", table)

    assert listed == [(name, licence_of(name)) for name in sorted({*PINNED, "chalice"})]
