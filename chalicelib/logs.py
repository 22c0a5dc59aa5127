"""Logs: one JSON object a line, with the request it belongs to; secrets and raw events never enter."""

import logging
from contextvars import ContextVar

from pythonjsonlogger.json import JsonFormatter

from chalicelib.domain.redaction import redacted

request_id: ContextVar[str] = ContextVar("request_id", default="")


class _Request(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


class _Redacting(JsonFormatter):
    """Takes out what an exception's text or a library may have put in; what we write ourselves names no secret."""

    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))


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
