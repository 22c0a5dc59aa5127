"""The rule of a composite alarm: which alarms it goes into alarm for.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
"""

import re
from collections.abc import Iterator

# AWS takes no longer ones.
LONGEST_RULE = 10_240
# A condition on an alarm's state, whether it is denied, and the alarm: a name or an ARN, perhaps in quotes.
CONDITION = re.compile(r"""(\bNOT\s+)?\bALARM\s*\(\s*("[^"]*"|'[^']*'|[^\s()"']+)\s*\)""", re.IGNORECASE)
QUOTES = ("'", '"')
RESOURCE = ":alarm:"
PLACE = 5


def children_of(rule: str, account: str, region: str) -> Iterator[tuple[str, str, str]]:
    """Iterate over the alarms that make a rule true by being in alarm: each one's account, region and name.

    An alarm that is named without an ARN is in the composite alarm's own account and region.
    """
    for denied, quoted in CONDITION.findall(rule[:LONGEST_RULE]):
        named = quoted[1:-1] if quoted[0] in QUOTES else quoted
        if not denied and named:
            yield _placed(named, account, region)


def _placed(named: str, account: str, region: str) -> tuple[str, str, str]:
    place, is_arn, name = named.partition(RESOURCE)
    parts = place.split(":")
    if not is_arn or len(parts) != PLACE or parts[0] != "arn":
        return account, region, named
    return parts[4], parts[3], name
