"""Feedback: whether people found an alert's messages useful."""

from msgspec import Struct


class Feedback(Struct, frozen=True, kw_only=True):
    """What a person (`person_id`, named `by`) said at a time about one episode of an alert."""

    fingerprint: str
    episode: int
    kind: str
    title: str
    useful: bool
    by: str
    person_id: str
    at: int
