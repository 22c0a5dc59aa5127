"""Head: what stands above the frames of a stack trace."""

from typing import NamedTuple

from chalicelib.domain.grouping.in_app import Frame


class Head(NamedTuple):
    """An exception's type, what it says with its type before it, and the place that raised it, where the head tells."""

    kind: str = ""
    said: str = ""
    place: Frame | None = None
