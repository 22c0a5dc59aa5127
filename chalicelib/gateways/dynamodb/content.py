"""Content: the fields of an event that no list shows, gzipped, and cut to an excerpt if too large."""

import gzip
import hashlib
import json
from typing import Any

from chalicelib.domain.events.event import LISTED_RESOURCES, UNLISTED, Event
from chalicelib.domain.text import canonical
from chalicelib.gateways.dynamodb.lifecycles import stored_lifecycle

# An item holds 400 kB; the rest of an event stays far below the difference.
LARGEST_CONTENT = 350_000
EXCERPT = 100_000


def pack(event: Event) -> bytes:
    """Return the fields that no list shows as gzipped JSON; the same bytes for the same event.

    Beyond 350 kB compressed, a long detail is replaced by an excerpt, and resources beyond those that lists show are
    left out.
    """
    known = unlisted(event)
    more = {"resources": event.resources} if len(event.resources) > LISTED_RESOURCES else {}
    packed = gzipped({"detail": event.detail} | known | more)
    return packed if len(packed) <= LARGEST_CONTENT else gzipped({"detail": excerpt(event.detail)} | known)


def unlisted(event: Event) -> dict[str, Any]:
    """Return further fields that no list shows, unless they have their usual values."""
    known = {name: getattr(event, name) for name, default in UNLISTED.items() if getattr(event, name) != default}
    return known | stored_lifecycle(event.lifecycle) if "lifecycle" in known else known


def unpack(content: bytes) -> dict[str, Any]:
    """Return what `pack` packed."""
    unpacked: dict[str, Any] = json.loads(gzip.decompress(content))
    return unpacked


def excerpt(detail: Any) -> Any:
    """Return a marked excerpt of a detail whose JSON is longer than 100 kB; a shorter one unchanged."""
    text = canonical(detail)
    if len(text) <= EXCERPT:
        return detail
    return {"excerpt": text[:EXCERPT].decode(), "sha256": hashlib.sha256(text).hexdigest(), "bytes": len(text)}


def gzipped(content: Any) -> bytes:
    """Return JSON as gzipped bytes, the same for equal values."""
    return gzip.compress(canonical(content), mtime=0)
