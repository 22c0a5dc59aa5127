"""Response times: how long it took until somebody had a problem, and until it was over."""

from collections.abc import Iterable
from typing import Self

from msgspec import Struct


class ResponseTimes(Struct, frozen=True):
    """What `count` episodes took: half of them up to `median` seconds (the lower of two), none more than `longest`."""

    count: int = 0
    median: int = 0
    longest: int = 0

    @classmethod
    def of(cls, seconds: Iterable[int]) -> Self:
        """Add up how long each took."""
        every = sorted(max(0, each) for each in seconds)
        return cls(len(every), every[(len(every) - 1) // 2], every[-1]) if every else cls()


class EpisodeTimes(Struct):
    """One episode of an alert, as far as a week's messages and actions say: when it began, was taken on, and ended."""

    began: int
    taken: int = 0
    ended: int = 0

    @property
    def until_taken(self) -> list[int]:
        """How many seconds passed until somebody had it; nothing where nobody has acknowledged it."""
        return [self.taken - self.began] if self.taken else []

    @property
    def until_ended(self) -> list[int]:
        """How many seconds passed until it was over; nothing where it goes on."""
        return [self.ended - self.began] if self.ended else []
