"""Logging: one JSON object per line, with the request's id; secrets and raw events never enter it."""

import logging
from contextvars import ContextVar
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from chalicelib.domain.redaction import redacted_detail

request_id: ContextVar[str] = ContextVar("request_id", default="")


class _Request(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


class _Redacting(JsonFormatter):
    """Redacts what an exception's text or a library may contain; our own messages have no secrets."""

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        fields: dict[str, Any] = redacted_detail(super().process_log_record(log_data), by_name=True)
        return fields


def configure(level: str) -> None:
    """Write log lines of `level` and above as JSON; replaces the runtime's own handler."""
    handler = logging.StreamHandler()
    handler.addFilter(_Request())
    handler.setFormatter(
        _Redacting(
            "{asctime}{levelname}{name}{message}{request_id}",
            style="{",
            rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
            datefmt="%Y-%m-%dT%H:%M:%S%z",
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("chalicelib").setLevel(level)
