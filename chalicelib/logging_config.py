"""Logs: one JSON object a line, with the request it belongs to; secrets and raw events never enter."""

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
    """Takes out what an exception's text or a library may have put in; what we write ourselves names no secret."""

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        fields: dict[str, Any] = redacted_detail(super().process_log_record(log_data), by_name=True)
        return fields


def configure(level: str) -> None:
    """Write our log lines from `level` up as JSON; whatever handler the runtime had put in place is replaced."""
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
