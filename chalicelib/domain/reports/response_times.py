"""Response times: how long it took until somebody acknowledged a problem, and until it was over."""

from collections.abc import Iterable
from typing import Self

from msgspec import Struct


class ResponseTimes(Struct, frozen=True):
    """How long `count` episodes took: half of them up to `median` seconds, none more than `longest`."""

    count: int = 0
    median: int = 0
    longest: int = 0

    @classmethod
    def of(cls, seconds: Iterable[int]) -> Self:
        """Summarise durations."""
        every = sorted(max(0, each) for each in seconds)
        return cls(len(every), every[(len(every) - 1) // 2], every[-1]) if every else cls()


class EpisodeTimes(Struct):
    """One episode of an alert within a week: when it began, was acknowledged, and ended."""

    began: int
    taken: int = 0
    ended: int = 0

    @property
    def until_taken(self) -> list[int]:
        """Seconds until it was acknowledged; empty if it was not."""
        return [self.taken - self.began] if self.taken else []

    @property
    def until_ended(self) -> list[int]:
        """Seconds until it was over; empty if it goes on."""
        return [self.ended - self.began] if self.ended else []
