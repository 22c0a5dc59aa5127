"""Compiled configuration of scans: scan.toml as JSON that packaging writes, read without pydantic.

It is a module of its own, as only functions that scan need it.
"""

import re
from collections.abc import Mapping
from typing import Literal, get_args

import msgspec
from msgspec import Struct, field

from chalicelib.domain.scanning.rules import Rule, Rules
from chalicelib.domain.scanning.safe_regex import FLAGS

type Service = Literal["lambda", "ecs", "apigateway", "stepfunctions", "rds"]
SERVICES: tuple[Service, ...] = get_args(Service.__value__)


class ScanFile(Struct, frozen=True):
    """What scan.toml says.

    Scanned are the log groups of `services`, those whose name fits a pattern of `include`, and those that have a tag
    of `tags` with a value that fits one of its patterns; never those whose name fits a pattern of `exclude`. Patterns
    are shell style (`*`, `?`, `[abc]`) and fit the whole text, letter case included.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    services: tuple[str, ...] = SERVICES
    errors: tuple[Rule, ...] = ()
    ignored: tuple[Rule, ...] = ()
    redact_emails: bool = False

    @property
    def rules(self) -> Rules:
        """What it says about log messages."""
        return Rules(self.errors, self.ignored, self.redact_emails)


def scan_file(document: bytes) -> ScanFile:
    """Decode a compiled scan.toml."""
    return msgspec.json.decode(document, type=ScanFile, dec_hook=_expression)


def _expression(_type: type, text: str) -> re.Pattern[str]:
    return re.compile(text, FLAGS)
