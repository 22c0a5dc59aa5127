"""Generic titles: what alike problems of many resources are called together, with `*` for what tells these apart."""

import re

from chalicelib.domain.grouping.resource_names import ANY

TOKEN = re.compile(r"[A-Za-z0-9._-]{2,253}")
# A task of ECS, a request, a volume claim; and an address.
LONG_ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ADDRESS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}")
# What EC2 calls its resources: a word, and 8 or 17 hexadecimal digits.
RESOURCE_ID = re.compile(r"([a-z]{1,10}-)(?:[0-9a-f]{17}|[0-9a-f]{8})")
# What EC2 calls hosts by their addresses.
HOST_ID = re.compile(r"(ip-)[0-9]{1,3}(?:-[0-9]{1,3}){3}")
# What Kubernetes ends the names of pods with: a hash of the template, and a few characters; none is a vowel.
TEMPLATE_HASH, POD_SUFFIX = re.compile(r"[bcdf-hj-np-tv-xz2-9]{8,10}"), re.compile(r"[bcdf-hj-np-tv-xz2-9]{5}")
# What ends in a number and is none of many.
REGION = re.compile(r"[a-z]{2}(?:-[a-z]{2,5})?-(?:north|south|central|east|west){1,2}-[0-9]")
NUMBER, NUMBERED = re.compile(r"[0-9]{1,4}"), re.compile(r"([a-z]{3,32})[0-9]{1,2}")


def generic_title(title: str) -> str:
    """Return a title with `*` in the place of ids of instances, tasks, pods and numbered hosts."""
    return TOKEN.sub(lambda token: _generic(token[0]), title)


def _generic(token: str) -> str:
    if LONG_ID.fullmatch(token) or ADDRESS.fullmatch(token):
        return ANY
    name, dot, domain = token.partition(".")
    for pattern in (RESOURCE_ID, HOST_ID, NUMBERED):
        if found := pattern.fullmatch(name):
            return f"{found[1]}{ANY}{dot}{domain}"
    return f"{_without_end(name)}{dot}{domain}"


def _without_end(name: str) -> str:
    """Return the name of a pod or a host without what only this one has."""
    head, dash, last = name.rpartition("-")
    before, parted, inner = head.rpartition("-")
    if parted and TEMPLATE_HASH.fullmatch(inner) and POD_SUFFIX.fullmatch(last):
        return f"{before}-{ANY}"
    if dash and NUMBER.fullmatch(last) and head[-1:].isalpha() and not REGION.fullmatch(name):
        return f"{head}-{ANY}"
    return name
