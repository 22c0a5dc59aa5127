"""Feedback: what people think of messages, a partition for each week; only the weekly report reads it."""

from itertools import islice
from typing import TYPE_CHECKING

from msgspec import Struct

from chalicelib.domain.notifications.feedback import Feedback
from chalicelib.domain.timestamps import week_of
from chalicelib.gateways.dynamodb.expressions import decode, encode
from chalicelib.gateways.dynamodb.table import DynamoTable

if TYPE_CHECKING:
    from chalicelib.services.ports import Clock


class DynamoFeedbackStore(Struct, frozen=True):
    """The feedback, each kept for `keep_for` seconds."""

    table: DynamoTable
    clock: "Clock"
    keep_for: int

    def save(self, feedback: Feedback) -> None:
        """Save feedback, replacing what the same person said about the same episode in the same week."""
        values = {
            "pk": _partition(week_of(feedback.at)),
            "sk": f"{feedback.fingerprint}#{feedback.episode}#{feedback.person_id}",
            "problem": feedback.fingerprint,
            "episode": feedback.episode,
            "kind": feedback.kind,
            "title": feedback.title,
            "useful": int(feedback.useful),
            "by": feedback.by,
            "person": feedback.person_id,
            "at": feedback.at,
            "expired_at": feedback.at + self.keep_for,
        }
        self.table.put(encode(values))

    def in_week(self, start: int, most: int) -> list[Feedback]:
        """Return up to `most` pieces of feedback of the week that begins then."""
        found = (decode(item) for item in islice(self.table.query(_partition(start)), most))
        return [
            Feedback(
                fingerprint=each["problem"],
                episode=each["episode"],
                kind=each["kind"],
                title=each["title"],
                useful=bool(each["useful"]),
                by=each["by"],
                person_id=each["person"],
                at=each["at"],
            )
            for each in found
            if each["expired_at"] > self.clock.now()
        ]


def _partition(week: int) -> str:
    return f"FEEDBACK#{week}"
