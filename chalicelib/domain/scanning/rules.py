"""Rules: what the scan file says about log messages, beyond what is an error everywhere."""

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

from msgspec import Struct

from chalicelib.domain.logs.levels import Level
from chalicelib.domain.logs.query_filter import filter_expression
from chalicelib.domain.redaction import redacted
from chalicelib.domain.scanning.regex_cost import READ
from chalicelib.domain.scanning.safe_regex import in_query

# Characters of a message that rules examine: they are expressions of a team's own.
EXAMINED = READ


class Rule(Struct, frozen=True):
    """Matches messages that contain `match`, in log groups whose name matches a pattern (none: in all).

    `level` is the level of the error; it means nothing in a rule to ignore messages.
    """

    name: str
    match: re.Pattern[str]
    log_groups: tuple[str, ...] = ()
    level: Level = Level.ERROR

    def fits(self, message: str, log_group: str) -> bool:
        """Return whether this rule matches a message."""
        if self.log_groups and not any(fnmatchcase(log_group, pattern) for pattern in self.log_groups):
            return False
        return self.match.search(message[:EXAMINED]) is not None


class Rules(Struct, frozen=True):
    """All rules; ignored messages are ignored even if another rule calls them errors.

    Secrets never leave the account, e-mail addresses do unless `redact_emails`.
    """

    errors: tuple[Rule, ...] = ()
    ignored: tuple[Rule, ...] = ()
    redact_emails: bool = False

    def level_of(self, message: str, log_group: str) -> Level | None:
        """Return the level of an error; None if a message is none."""
        from chalicelib.domain.logs import classifier  # noqa: PLC0415 - many scans find no line at all

        if _first(self.ignored, message, log_group):
            return None
        rule = _first(self.errors, message, log_group)
        return rule.level if rule else classifier.level_of(message)

    def redacted(self, text: str) -> str:
        """Return a text without what must not leave the account."""
        return redacted(text, emails=self.redact_emails)


NO_RULES = Rules()


def query_filter(rules: Rules = NO_RULES) -> str:
    """Return the condition of a query that finds all possible errors, including those of rules."""
    return filter_expression(*(in_query(rule.match) for rule in rules.errors))


def _first(rules: Iterable[Rule], message: str, log_group: str) -> Rule | None:
    return next((rule for rule in rules if rule.fits(message, log_group)), None)
