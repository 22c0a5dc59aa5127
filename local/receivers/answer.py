"""What a look-alike responds with."""

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, a body, and headers beyond the usual ones."""

    status: HTTPStatus
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of_json(cls, status: HTTPStatus, document: Any) -> "Answer":
        """Respond with JSON."""
        return cls(status, json.dumps(document), {"Content-Type": "application/json"})
