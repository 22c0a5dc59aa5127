"""Generic names: what a resource would be called in any account that has one like it."""

import re

ANY = "*"
# What a StackSet ends its stacks' names with.
GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
# What CloudFormation ends the names that it makes with: <stack>-<logical id>-<suffix>; the older form is upper case.
SUFFIX = re.compile(r"[A-Z0-9]{12,13}|[A-Za-z0-9]{12}", re.ASCII)
# A suffix in which chance has put no digit has more letters of either case than a word of twelve letters usually has.
LETTERS = 3


def generic(name: str, account: str, region: str) -> str:
    """Return the name with `*` for what tells its copies apart: its own account and region, and random parts.

    Another account's number stays: a function called after whom it serves is not the same as its neighbour.
    """
    for own in filter(None, (account, region)):
        name = re.sub(rf"(?<![0-9A-Za-z]){re.escape(own)}(?![0-9A-Za-z])", ANY, name)
    name = GUID.sub(ANY, name)
    head, _, last = name.rpartition("-")
    _, dash, logical_id = head.rpartition("-")
    return f"{head}-{ANY}" if dash and _is_random(last, logical_id) else name


def _is_random(last: str, logical_id: str) -> bool:
    if not SUFFIX.fullmatch(last):
        return False
    upper, lower = sum(map(str.isupper, last)), sum(map(str.islower, last))
    if upper + lower < len(last):
        return upper > 0
    return min(upper, lower) >= LETTERS and logical_id[:1].isupper()
