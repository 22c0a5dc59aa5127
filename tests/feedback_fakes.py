"""What people say of messages, and a stand-in for its store."""

from typing import Any

from msgspec.structs import replace

from chalicelib.domain.notifications.feedback import Feedback
from chalicelib.domain.timestamps import week_of
from tests.domain.given import NOON

FEEDBACK = Feedback(
    fingerprint="a problem",
    episode=1,
    kind="alarm",
    title="queue is full",
    useful=False,
    by="Ann Example",
    person_id="U1",
    at=NOON,
)


def said(**changes: Any) -> Feedback:
    """Return what somebody says of a message."""
    return replace(FEEDBACK, **changes)


class FakeFeedbackStore:
    """What people say of messages, in memory."""

    def __init__(self) -> None:
        self._given: dict[tuple[int, str, int, str], Feedback] = {}

    def save(self, feedback: Feedback) -> None:
        """Write it, in the place of what the same person said of the same episode in the same week."""
        key = (week_of(feedback.at), feedback.fingerprint, feedback.episode, feedback.person_id)
        self._given[key] = feedback

    def in_week(self, start: int, most: int) -> list[Feedback]:
        """Return up to `most` of what was said in the week."""
        return [self._given[key] for key in sorted(self._given) if key[0] == start][:most]
