"""Feedback: what people say of an alert's messages: whether they were useful."""

from msgspec import Struct


class Feedback(Struct, frozen=True, kw_only=True):
    """What somebody (known by `person_id`, called `by`) said at a time of one episode of an alert."""

    fingerprint: str
    episode: int
    kind: str
    title: str
    useful: bool
    by: str
    person_id: str
    at: int
