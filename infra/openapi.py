"""OpenAPI: writes the document that describes the API, as it is in the repository: `python -m infra.openapi`."""

import json
from pathlib import Path

from app import app
from chalicelib import release
from chalicelib.api import openapi
from infra.argument_types import refuse_arguments

DOCUMENT = Path(__file__).parent.parent / "docs" / "openapi.json"


def text() -> str:
    """Return the document."""
    return json.dumps(openapi.document(app, release.VERSION), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    refuse_arguments("infra.openapi", __doc__)
    DOCUMENT.write_text(text(), encoding="utf-8")
