"""The rule of a composite alarm: which alarms it goes into alarm for.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
"""

import re
from collections.abc import Iterator

# AWS takes no longer ones.
LONGEST_RULE = 10_240
# What denies, a condition on an alarm's state with its name or ARN, perhaps in quotes, and what groups conditions.
NAME = r"""("[^"]*"|'[^']*'|[^\s()"']+)"""
PART = re.compile(rf"\b(NOT)\b|\b(ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*{NAME}\s*\)|([()])", re.IGNORECASE)
QUOTES = ("'", '"')
IN_ALARM = "ALARM"
RESOURCE = ":alarm:"
PLACE = 5


def children_of(rule: str, account: str, region: str) -> Iterator[tuple[str, str, str]]:
    """Iterate over the alarms that make a rule true by being in alarm: each one's account, region and name.

    An alarm that is named without an ARN is in the composite alarm's own account and region.
    """
    is_denied, groups = False, [False]
    for word, state, quoted, bracket in PART.findall(rule[:LONGEST_RULE]):
        match bracket:
            case "(":
                groups.append(groups[-1] ^ is_denied)
            case ")":
                groups = groups[:-1] or [False]
            case _ if state.upper() == IN_ALARM and not groups[-1] ^ is_denied and (named := _unquoted(quoted)):
                yield _placed(named, account, region)
        is_denied = bool(word) and not is_denied


def _unquoted(name: str) -> str:
    return name[1:-1] if name[0] in QUOTES else name


def _placed(named: str, account: str, region: str) -> tuple[str, str, str]:
    place, is_arn, name = named.partition(RESOURCE)
    parts = place.split(":")
    if not is_arn or len(parts) != PLACE or parts[0] != "arn":
        return account, region, named
    return parts[4], parts[3], name
