"""A check: one thing that must hold of a deployed hub, what AWS says of it, and what to do where it does not hold."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

# Who may not ask, or asks a stand-in that cannot tell, has learnt nothing about the hub.
NOT_TELLING = (
    "AccessDenied",
    "AccessDeniedException",
    "UnauthorizedOperation",
    "AuthorizationError",
    "InternalFailure",
    "NotImplemented",
    "UnknownOperationException",
    "404",
    "501",
)


class CheckStatus(StrEnum):
    """What was found."""

    HOLDS = "ok"
    FAILS = "FAILS"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one thing; `detail` says what AWS says, `remedy` what to do where it does not hold."""

    subject: str
    status: CheckStatus
    detail: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        line = f"{self.status:8} {self.subject}"
        if self.status is CheckStatus.HOLDS:
            return line
        return f"{line}: {self.detail}" + (f" - {self.remedy}" if self.remedy else "")


@dataclass(frozen=True, slots=True)
class Check:
    """A topic and what finds out about it; `find` raises AWS's own errors."""

    topic: str
    find: Callable[[], Iterable[Finding]]

    def findings(self) -> Iterator[Finding]:
        """Iterate over what is found; where AWS does not tell, that is a finding, too."""
        try:
            yield from self.find()
        except ResponseParserError:
            yield Finding(self.topic, CheckStatus.UNKNOWN, "the response cannot be read", "is this AWS, or a stand-in?")
        except (ClientError, BotoCoreError) as error:
            text = " ".join(str(error).split())
            if isinstance(error, ClientError) and error.response["Error"]["Code"] not in NOT_TELLING:
                yield Finding(self.topic, CheckStatus.FAILS, text)
            else:
                yield Finding(self.topic, CheckStatus.UNKNOWN, text, "use credentials that may read it")


def judged(subject: str, *, holds: Any, detail: str = "", remedy: str = "") -> Finding:
    """Return a finding that holds or fails."""
    return Finding(subject, CheckStatus.HOLDS if holds else CheckStatus.FAILS, detail, remedy)
